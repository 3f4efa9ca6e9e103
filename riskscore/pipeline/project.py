"""A folder of one's own: where records, definitions and runs lie."""

from __future__ import annotations

from pathlib import Path

from riskscore.definitions.scaffold import new_feature, new_recipe
from riskscore.errors import RecordsError
from riskscore.pipeline.refresh.settings import EXAMPLE
from riskscore.report.atomic import write_text

_STEPS = """# An office's own folder

1. Put the export into `records/`, and draft a mapping from its headers and values:
   `riskscore mapping suggest records/EXPORT.csv --out mapping.toml`. Read it; every line says how sure it is.
2. `riskscore check records --mapping mapping.toml` lists everything that is wrong.
3. `features/own_family.toml` and `models/own_recipe.toml` are examples to change. They are added to those that come
   with riskscore; one of the same name replaces it.
4. `riskscore fit records --mapping mapping.toml --definitions . --recipe own_recipe`
5. `riskscore rank records --mapping mapping.toml`
6. From then on `riskscore refresh refresh.toml` imports a new export, fits again and puts the new run before the gate;
   name mapping and recipe in refresh.toml first.
"""


def make_project(folder: Path) -> list[Path]:
    """Write the folder and return its files.

    Raises
    ------
    RecordsError
        The folder is there and not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise RecordsError("the folder is not empty.", where=str(folder), next="Name a new one.")
    (folder / "records").mkdir(parents=True, exist_ok=True)
    made = [write_text(folder / "README.md", _STEPS),
            write_text(folder / ".gitignore", "runs/\nrecords/\nrecord_store/\nrefreshes/\ndossiers/\n"),
            write_text(folder / "refresh.toml", EXAMPLE)]  # fmt: skip
    return [*made, *new_feature(folder, "own_family"), *new_recipe(folder, "own_recipe")]

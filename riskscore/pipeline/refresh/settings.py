"""The file that says where extracts, records, definitions and runs lie, and what a refresh may let pass."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from riskscore.definitions.toml_file import Section, open_section, read_text
from riskscore.errors import DefinitionError, Problem, is_address, raise_gathered

FIRST_OF_MONTH, NEWEST_VISIT = "first of month", "newest visit"
_SQLITE = "sqlite:///"

EXAMPLE = """\
# What `riskscore refresh refresh.toml` works with. Paths are relative to this file.
extracts    = "records"           # a folder, a workbook, a file or a database URL; "extracts/*" takes one after another
# mapping   = "mapping.toml"      # how the source's columns fill the tables
records     = "record_store"      # what was imported, and when
definitions = "."                 # the folder with features/ or models/ of your own
recipe      = "own_recipe"
as_of       = "first of month"    # of the present one; or "newest visit", the day after it; or a date: 2025-01-01
store       = "runs"
out         = "refreshes"         # a report of each refresh, and refresh.log

[limits]                          # an extract beyond one is refused, and nothing of it imported
rejected = 0.01                   # share of a table's rows that were set aside, or lost a cell
revised  = 0.2                    # share of a table's known rows that say something else than before
"""


@dataclass(frozen=True)
class Settings:
    """What a refresh works with; paths are whole.

    ``extracts`` is a path, a pattern with ``*`` or a database URL; ``as_of`` a date or one of the two rules.
    """

    extracts: str
    mapping: Path | None
    records: Path
    definitions: Path | None
    recipe: str
    as_of: str | dt.date
    store: Path
    out: Path
    rejected: float
    revised: float


def read_settings(path: str | Path) -> Settings:
    """Read the file, strictly.

    Raises
    ------
    DefinitionError
        With everything that is wrong in it; an unknown key is answered with the nearest.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "refresh.toml"
    >>> _ = path.write_text(EXAMPLE)
    >>> found = read_settings(path)
    >>> found.store.relative_to(path.parent.resolve()).as_posix(), found.as_of, found.revised
    ('runs', 'first of month', 0.2)
    """
    where, problems = Path(path), list[Problem]()
    text = read_text(where, problems)
    section = None if text is None else open_section(text, str(where), problems)
    found = None if section is None else _settings(section, where.resolve().parent)
    raise_gathered(problems, DefinitionError, "the refresh cannot start")
    assert found is not None
    return found


def _settings(section: Section, folder: Path) -> Settings:
    extracts = section.text("extracts")
    if extracts.startswith(_SQLITE):
        extracts = _SQLITE + str(folder / extracts.removeprefix(_SQLITE))
    elif not is_address(extracts):
        extracts = str(folder / extracts)
    as_of: str | dt.date | None = None
    if isinstance(section.content.get("as_of"), dt.date):
        as_of = section.date("as_of")
    else:
        as_of = section.text("as_of", required=False, choices=(FIRST_OF_MONTH, NEWEST_VISIT))
    limits = section.section("limits") or Section({}, section.where, section.problems)
    found = Settings(
        extracts=extracts,
        mapping=_path(section, "mapping", folder),
        records=_path(section, "records", folder, required=True) or folder,
        definitions=_path(section, "definitions", folder),
        recipe=section.text("recipe"),
        as_of=as_of or FIRST_OF_MONTH,
        store=_path(section, "store", folder) or folder / "runs",
        out=_path(section, "out", folder) or folder / "refreshes",
        rejected=limits.number("rejected", 0.01, above=-1e-9, most=1),
        revised=limits.number("revised", 0.2, above=-1e-9, most=1),
    )
    limits.close()
    section.close()
    return found


def _path(section: Section, key: str, folder: Path, *, required: bool = False) -> Path | None:
    said = section.text(key, required=required)
    if is_address(said):
        section.problem("an address; a file or folder is wanted.", key=key)
    return folder / said if said else None

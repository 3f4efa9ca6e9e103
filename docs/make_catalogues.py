"""Bring the catalogues of ``riskscore/locale`` up to date with the texts of the code: python docs/make_catalogues.py.

A text that is new stands in each catalogue with an empty translation, which a translator fills; one that the code no
longer says goes. Texts of ``riskscore/explanation`` stand in ``explanation.po``, those of what is watched in
``watch.po``, all others in ``report.po``. Only Python 3.12 and later find a text inside an f-string: write none there.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[1] / "riskscore"
WATCH = ("watch/", "report/watch/", "report/templates/watch/")
KEYWORDS = {"_": None, "marked": None, "plural": (1, 2)}
HEADERS = (
    "Project-Id-Version",
    "Language:",
    "Plural-Forms",
    "MIME",
    "Content",
)  # the others hold days and nobody's name


def texts(catalogue: str) -> Catalog:
    """Return the texts of the code that belong into ``explanation``, ``watch`` or ``report``."""
    found = Catalog(charset="utf-8")
    files = [(p, "python") for p in PACKAGE.rglob("*.py")] + [(p, "jinja2") for p in PACKAGE.rglob("*.html")]
    for path, method in sorted(files):
        name = path.relative_to(PACKAGE).as_posix()
        room = "explanation" if name.startswith("explanation/") else "watch" if name.startswith(WATCH) else "report"
        if room == catalogue:
            for _, message, _, _ in extract_from_file(method, path, keywords=KEYWORDS):
                found.add(message, locations=[(f"riskscore/{name}", 1)])
    return found


def updated(path: Path) -> Catalog:
    """Return a catalogue with the texts that the code has now, its translations kept."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.name)
    catalogue.update(texts(path.stem), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Return the texts that lack a translation, or one of its plural forms."""
    lacking = []
    for message in catalogue:
        forms = message.string if isinstance(message.string, list | tuple) else [message.string]
        if message.id and not all(forms):
            lacking.append(str(message.id))
    return lacking


def written(catalogue: Catalog) -> str:
    """Return a catalogue as the text of its file."""
    made = BytesIO()
    write_po(made, catalogue, width=120, sort_output=True, include_lineno=False)
    head, _, texts = made.getvalue().decode().partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith('"') or line[1:].startswith(HEADERS)]
    return "\n".join(lines) + "\n\n" + texts


def main() -> None:
    """Write every catalogue anew, and say what is not translated yet."""
    for path in sorted((PACKAGE / "locale").glob("*/*.po")):
        catalogue = updated(path)
        path.write_text(written(catalogue), encoding="utf-8")
        for text in untranslated(catalogue):
            sys.stdout.write(f"{path.parent.name}/{path.name}: {text}\n")


if __name__ == "__main__":
    main()

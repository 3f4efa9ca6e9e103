"""What each yearly figure is: read from a file that a lawyer can read and object to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from riskscore.definitions.grammar import Expression
from riskscore.definitions.toml_file import NAME, Section, open_section, read_text
from riskscore.errors import DefinitionError, Problem, nearest, raise_gathered
from riskscore.records.schema import PARENTS, TABLES

KINDS = ("count", "sum", "distinct")
LANGUAGE = "en"  # in which every text stands; another falls back on it


@dataclass(frozen=True)
class Figure:
    """One yearly figure: which rows of a table it takes, and what it makes of them."""

    name: str
    titles: Mapping[str, str]  # by language
    definitions: Mapping[str, str]
    table: str
    kind: str  # one of KINDS
    value: Expression | None = None
    where: Expression | None = None

    def title(self, language: str) -> str:
        """Return what it is called, in English where the language lacks it."""
        return self.titles.get(language, self.titles[LANGUAGE])

    def definition(self, language: str) -> str:
        """Return in a sentence what is counted."""
        return self.definitions.get(language, self.definitions[LANGUAGE])

    @property
    def reads(self) -> frozenset[tuple[str | None, str]]:
        """The columns it reads, (parent or None, column)."""
        expressions = [e for e in (self.value, self.where) if e is not None]
        own = {(None, column) for e in expressions for column in e.columns}
        return frozenset(own | {pair for e in expressions for pair in e.parents})


def load_figures(file: str | Path | None = None) -> tuple[Figure, ...]:
    """Return the figures of a file, or the shipped ones.

    Raises
    ------
    DefinitionError
        Gathering everything that is wrong in the file.

    Examples
    --------
    >>> [figure.name for figure in load_figures()][:2]
    ['sites_visited', 'found_without_contract']
    """
    problems: list[Problem] = []
    if file is None:
        where = "watch/indicators.toml"
        text: str | None = files("riskscore.watch").joinpath("indicators.toml").read_text(encoding="utf-8")
    else:
        where, text = str(file), read_text(Path(file), problems)
    top = None if text is None else open_section(text, where, problems)
    found: list[Figure] = []
    if top is not None:
        for section in top.sections("figure"):
            figure = _figure(section)
            if figure is not None and any(figure.name == other.name for other in found):
                section.problem(f"'{figure.name}' stands there twice.", key="name")
            elif figure is not None:
                found.append(figure)
        top.close()
    raise_gathered(problems, DefinitionError, "yearly figures")
    return tuple(found)


def _figure(section: Section) -> Figure | None:
    name = section.text("name")
    if name and not NAME.fullmatch(name):
        section.problem("a name has small letters, digits and '_', and begins with a letter.", key="name")
    titles, definitions = section.by_language("title"), section.by_language("definition")
    for key, texts in (("title", titles), ("definition", definitions)):
        if LANGUAGE not in texts:
            section.problem(f"'{key}.{LANGUAGE}' is missing.", "People read it in the report.", key=key)
    events = [table.name for table in TABLES.values() if table.kind == "event"]
    table, kind = section.text("table", choices=events), section.text("kind", choices=KINDS)
    value, where = section.expression("value", required=kind in ("sum", "distinct")), section.expression("where")
    if kind == "count" and value is not None:
        section.problem("a count has no value.", 'Leave it out, or write kind = "sum".', key="value")
    section.close()
    if not (name and titles and definitions and table and kind):
        return None
    figure = Figure(name, titles, definitions, table, kind, value, where)
    for parent, _ in sorted(figure.reads, key=str):
        if parent is not None and parent not in PARENTS:
            section.problem(f"there is no parent '{parent}'.", nearest(parent, list(PARENTS)))
    return figure

"""What the tables of records are called on a page."""

from __future__ import annotations

from riskscore.languages import Translator, marked

TABLE_TITLES = {
    "inspections": marked("visit"),
    "findings": marked("finding"),
    "penalties": marked("fine"),
    "cases": marked("case"),
    "permits": marked("permit"),
    "contracts": marked("contract"),
    "links": marked("link"),
    "complaints": marked("report"),
}
"""Table -> what one row of it is called, in the order of a line of time."""


def table_title(table: str, _: Translator) -> str:
    """Return what a row of a table is called; a table of somebody's own by its name."""
    return _(TABLE_TITLES[table]) if table in TABLE_TITLES else table.replace("_", " ")

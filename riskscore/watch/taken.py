"""The rows of a table that a figure takes: whenever they are known, with their date, value and group."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import FOREVER, MISSING, day
from riskscore.definitions.grammar import Values, evaluate, matches
from riskscore.errors import DefinitionError, nearest
from riskscore.history.shared import histories
from riskscore.history.versions import EventTable, Versions
from riskscore.records.model import Records
from riskscore.records.schema import PARENTS
from riskscore.watch.figures import Figure

GROUPS = ("authority", "region", "sector")
_PATHS = {  # where a row's group stands, the nearest first
    "authority": ((None, "authority"), ("inspection", "authority")),
    "region": ((None, "region"), ("site", "region"), ("employer", "region")),
    "sector": (("employer", "sector"),),
}


class Tables:
    """The event tables of records, each made when first asked for."""

    def __init__(self, records: Records) -> None:
        self.records = records
        shared = histories(records)
        self.views, self.index, self.table = shared.views, shared.index, shared.table

    def lacking(self, figure: Figure) -> str:
        """Return what the records lack for a figure, empty where nothing.

        Raises
        ------
        DefinitionError
            A column is in no table of that name, canonical or read.
        """
        for parent, column in [(None, ""), *sorted(figure.reads, key=str)]:
            table = figure.table if parent is None else PARENTS[parent][1]
            if table not in self.views:
                return f"the records have no table '{table}'"
            names = self.views[table].schema.names
            if column and column not in names:
                raise DefinitionError(f"'{table}' has no column '{column}'.", where=f"figure '{figure.name}'",
                                      next=nearest(column, names))  # fmt: skip
            if column and not self.views[table].has(column):
                return f"'{table}' has no column '{column}'"
        return ""


@dataclass(frozen=True)
class Taken:
    """The versions of a table that a figure takes, whenever they are known; arrays of shape (n,)."""

    row: NDArray[np.int64]
    start: NDArray[np.int32]  # known before a day if start < day <= until
    until: NDArray[np.int32]
    date: NDArray[np.int32]
    value: NDArray[np.object_]  # of "distinct" what is told apart; else the amount in whole hundredths
    groups: pd.DataFrame  # authority, region, sector; empty texts where none is told

    def of(self, year: int, known_by: int) -> NDArray[np.bool_]:
        """Return which of them count in a year, as known on a day."""
        return self.between(day(dt.date(year, 1, 1)), day(dt.date(year + 1, 1, 1)), known_by)

    def between(self, first: int, last: int, known_by: int) -> NDArray[np.bool_]:
        """Return which of them are dated in ``[first, last)``, as known on a day."""
        alive = (self.start < known_by) & (known_by <= self.until)
        return np.asarray(alive & (self.date >= first) & (self.date < last))


def take(tables: Tables, figure: Figure) -> Taken:
    """Return the rows that a figure takes; one that lacks a date or a value is left out."""
    events = tables.table(figure.table)
    expressions = [e for e in (figure.value, figure.where) if e is not None]
    own = "inspection" if figure.table == "inspections" else ""  # a visit is no parent of its own
    parents = [p for p in ("inspection", "site", "employer") if p != own and p in tables.index and events.paths(p)]
    versions = events.reading(expressions, (), parents)
    n = versions.start.size

    def cell(parent: str | None, column: str) -> Values:
        return events.cell(versions, parent, column)

    try:
        keep = np.ones(n, dtype=bool) if figure.where is None else matches(figure.where, cell, n)
        amount = None if figure.value is None else evaluate(figure.value, cell, n)
    except DefinitionError as error:
        raise DefinitionError(error.what, where=f"figure '{figure.name}'", next=error.next) from None
    date = events.dates(versions)
    keep &= date != MISSING
    value = np.full(n, 100, dtype=object)
    if amount is not None:
        keep &= ~amount.null()
        if figure.kind == "distinct":
            value = _texts(amount)
        elif amount.kind == "number":
            value = np.round(np.where(keep, amount.data, 0.0) * 100).astype(np.int64).astype(object)
        else:
            raise DefinitionError("a sum needs numbers.", where=f"figure '{figure.name}'")
    until = np.full(n, FOREVER, dtype=np.int32) if versions.until is None else versions.until
    row = np.arange(n) if versions.row is None else versions.row
    groups = pd.DataFrame({by: _group(events, versions, by) for by in GROUPS})
    return Taken(row[keep], versions.start[keep], until[keep], date[keep], value[keep],
                  groups[keep].reset_index(drop=True))  # fmt: skip


def _group(events: EventTable, versions: Versions, by: str) -> NDArray[np.object_]:
    """Return the group of each version by the nearest path that tells one, empty where none does."""
    found = np.full(versions.start.shape, "", dtype=object)
    for parent, column in _PATHS[by]:
        if parent is None:
            there = events.view.has(column) and column in events.view.schema.names
        else:
            there = parent in versions.parents and events.index[parent].view.has(column)
        if there:
            found = np.where(found == "", _texts(events.cell(versions, parent, column)), found)
    return found


def _texts(values: Values) -> NDArray[np.object_]:
    if values.kind == "text":
        words: NDArray[np.object_] = np.append(np.asarray(values.words, dtype=object), "")
        return np.asarray(words[values.data], dtype=object)
    return np.where(values.null(), "", values.data.astype(str).astype(object))

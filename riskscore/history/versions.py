"""Events in time: what each row said, from which day to which.

A row says one thing until a cell with a later clock becomes known, until its parent becomes known or is corrected,
or until it is corrected itself. Each such stretch is a version ``(start, until]``; a row that never changes, nearly
every one, is a single version and is not copied.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import FOREVER, MISSING, Days
from riskscore.definitions.grammar import Expression, Values
from riskscore.errors import DefinitionError
from riskscore.history.tables import ALWAYS, Ids, TableView, null_of, take
from riskscore.history.windows import History, Ints, pack, stretches
from riskscore.records.schema import PARENTS


@dataclass(eq=False)
class Versions:
    """Versions of a table's rows: ``row`` (None: each row once), ``start < as_of <= until``, parents' rows."""

    row: Ints | None
    start: Days
    until: Days | None
    parents: dict[str, Ints] = field(default_factory=dict)
    hidden: dict[str, NDArray[np.bool_]] = field(default_factory=dict)  # clock -> its cells are not yet known

    def at(self, picked: Ints, start: Days, until: Days | None) -> Versions:
        """Return the picked versions with new bounds."""
        return Versions(
            picked if self.row is None else self.row[picked],
            start,
            until,
            {name: rows[picked] for name, rows in self.parents.items()},
            {name: cells[picked] for name, cells in self.hidden.items()},
        )


class ParentIndex:
    """A parent table sorted by (thing, valid from, known), to find what was known of each thing on a day.

    A thing is an entity, whose rows are its versions, or an event with the rows that correct it.
    """

    def __init__(self, view: TableView) -> None:
        self.view = view
        self.entity = view.schema.kind == "entity"

    @cached_property
    def code(self) -> NDArray[np.int32]:
        """The thing that each row is of."""
        return np.asarray(self.view.values(self.view.schema.id).data if self.entity else self.view.root, dtype=np.int32)

    @cached_property
    def valid(self) -> Days:
        """The day from which each row holds."""
        return self.view.date if self.entity else np.full(self.view.n, ALWAYS)

    @cached_property
    def ids(self) -> Ids:
        """The ids by which others refer to the things."""
        view = self.view
        return Ids(pd.Index(np.asarray(view.values(view.schema.id).words, dtype=object) if self.entity else view.ids))

    def codes(self, values: Values) -> NDArray[np.int32]:
        """Return the code of the thing that each reference names, -1 where there is none."""
        found = self.ids.codes(values)
        if self.entity or not self.code.size:
            return found
        return np.where(found < 0, -1, self.code[found]).astype(np.int32)

    @cached_property
    def order(self) -> Ints:
        """Rows by thing, then by the day from which they hold, then by the day they became known."""
        return np.lexsort((self.view.start, self.valid, self.code))

    @cached_property
    def packed(self) -> Ints:
        """(thing, valid from) in that order, as one integer each."""
        return pack(self.code[self.order], self.valid[self.order])

    @cached_property
    def bounds(self) -> Ints:
        """Where each thing's rows begin in that order."""
        return np.searchsorted(self.code[self.order], np.arange(int(self.code.max(initial=-1)) + 2))

    @cached_property
    def first(self) -> Days:
        """The day from which each thing's first row holds; FOREVER where it has none."""
        found = np.full(self.bounds.size, FOREVER, dtype=np.int32)
        some = np.flatnonzero(np.diff(self.bounds))
        found[some] = self.valid[self.order[self.bounds[some]]]
        return found

    @cached_property
    def _history(self) -> History:
        view = self.view
        return History(self.code, self.valid, view.start, view.until, int(self.code.max(initial=-1)) + 1)

    def newest(self, code: NDArray[np.int32], as_of: Days) -> Ints:
        """Return the row that was the newest known of each thing before the day, -1 where there was none."""
        out = np.full(code.shape, -1)
        for part in self._history.parts(code, as_of):
            some = part.stop > part.first
            out[part.rows[some]] = part.order[part.stop[some] - 1]
        return out


def attach(versions: Versions, name: str, code: NDArray[np.int32], date: Days, parent: ParentIndex) -> Versions:
    """Return versions that know their parent's row as it was known; the same object where nothing had to be split."""
    row, hold = np.full(code.shape, -1), np.flatnonzero(code >= 0)
    begin = parent.bounds[code[hold]]
    end = begin + (parent.first[code[hold]] <= date[hold])  # of most things the register has one row
    several = np.flatnonzero(parent.bounds[code[hold] + 1] - begin > 1)
    asked = hold[several]
    end[several] = np.searchsorted(parent.packed, pack(code[asked], date[asked]), side="right")
    some = end > begin
    hold, begin, end = hold[some], begin[some], end[some]
    row[hold] = parent.order[end - 1]
    start, until = parent.view.start[row[hold]], parent.view.until
    changes = (end - begin > 1) | (start > versions.start[hold])
    if until is not None:
        changes |= until[row[hold]] < FOREVER
    if not changes.any():
        versions.parents[name] = row  # true of each version as it stands, so whoever shares them may know it
        return versions
    return _join(versions, name, row, hold[changes], begin[changes], end[changes], parent)


def _join(
    versions: Versions, name: str, row: Ints, split: Ints, begin: Ints, end: Ints, parent: ParentIndex
) -> Versions:
    """Split the versions whose parent is known later or changes; the parent's newest known row holds each day."""
    whole = np.full(versions.start.shape, FOREVER) if versions.until is None else versions.until
    owner, position = stretches(begin, end)
    rows = parent.order[position]
    known = parent.view.start[rows]
    gone = np.full(rows.shape, FOREVER) if parent.view.until is None else parent.view.until[rows]
    known = np.where(known < gone, known, FOREVER)  # corrected before it was known: it never reigns, and ends no reign
    # The smallest day on which a later row of the same owner is known: its reign ends this row's. Owners ascend, so
    # with the owner as the leading digit a running minimum from the right starts anew at each owner.
    lead = (owner.astype(np.int64) << 33) + known
    smallest = np.minimum.accumulate(lead[::-1])[::-1]
    later = np.concatenate([smallest[1:] - (owner[1:] << 33), [int(FOREVER)]])
    later[np.concatenate([owner[1:] != owner[:-1], [True]])] = int(FOREVER)
    first = np.concatenate([[True], owner[1:] != owner[:-1]])
    event = split[owner]
    start = np.maximum(versions.start[event], known)
    until = np.minimum(np.minimum(whole[event], gone), np.minimum(later, int(FOREVER)).astype(np.int32))
    orphan_until = np.minimum(whole[split], (smallest[first] - (owner[first] << 33)).astype(np.int32))
    keep, alone = start < until, versions.start[split] < orphan_until
    untouched = np.setdiff1d(np.arange(versions.start.size), split, assume_unique=True)
    picked = np.concatenate([untouched, split[alone], event[keep]])
    out = versions.at(
        picked,
        np.concatenate([versions.start[untouched], versions.start[split][alone], start[keep]]),
        np.concatenate([whole[untouched], orphan_until[alone], until[keep]]),
    )
    out.parents[name] = np.concatenate([row[untouched], np.full(int(alone.sum()), -1), rows[keep]])
    return out


def reveal(versions: Versions, clock: str, day: Days) -> Versions:
    """Split versions at the day from which their later-clocked cells are known."""
    whole = np.full(versions.start.shape, FOREVER) if versions.until is None else versions.until
    day = np.where(day == MISSING, FOREVER, day).astype(np.int32)
    late = np.flatnonzero(day > versions.start)
    if not late.size:
        return replace(versions, hidden={**versions.hidden, clock: np.zeros(day.shape, dtype=bool)})
    shown = np.flatnonzero(np.maximum(day, versions.start) < whole)
    out = versions.at(
        np.concatenate([shown, late]),
        np.concatenate([np.maximum(day, versions.start)[shown], versions.start[late]]),
        np.concatenate([whole[shown], np.minimum(whole, day)[late]]),
    )
    out.hidden[clock] = np.arange(shown.size + late.size) >= shown.size
    return out


class Coded(Protocol):
    """Whatever turns references into codes."""

    def codes(self, values: Values) -> NDArray[np.int32]:
        """Return the code of each reference, -1 where there is none."""


class EventTable:
    """One event table, ready to be asked for the versions that a definition needs."""

    def __init__(self, view: TableView, parents: Mapping[str, ParentIndex]) -> None:
        self.view, self.index = view, parents
        until = view.until
        self._base = Versions(None, view.start, until)
        self._split: dict[tuple[frozenset[str], frozenset[str]], Versions] = {}
        self._lock = threading.Lock()

    def versions(self, parents: frozenset[str], clocks: frozenset[str]) -> Versions:
        """Return the table's versions with these parents attached and these clocks heeded."""
        wanted = (parents, clocks)
        with self._lock:
            if wanted not in self._split:
                self._split[wanted] = self._made(parents, clocks)
            return self._split[wanted]

    def _made(self, parents: frozenset[str], clocks: frozenset[str]) -> Versions:
        found = self._base
        for clock in sorted(clocks):
            found = reveal(found, clock, take_days(self.view, clock, found))
        for name in ("inspection", "site", "employer"):  # a later one may be reached through an earlier one
            if name in parents and name not in found.parents:
                code, date = self.reference(found, name, self.index[name]), self.dates(found)
                found = attach(found, name, code, date, self.index[name])
        return found

    def reading(
        self, expressions: Iterable[Expression], keys: Iterable[str] = (), also: Iterable[str] = ()
    ) -> Versions:
        """Return the versions in which all that the expressions read, the keys, and further parents can be told."""
        parents: set[str] = {parent for key in keys for parent in self.needs(key)} | set(also)
        clocks: set[str] = set()
        for expression in expressions:
            parents |= {parent for parent, _ in expression.parents}
            clocks |= {self.view.schema.column(name).clock or "" for name in expression.columns}
        for parent in sorted(parents):
            parents |= self.needs(parent)
        return self.versions(frozenset(parents), frozenset(clocks - {""}))

    def dates(self, versions: Versions) -> Days:
        """Return the event's date per version."""
        return self.view.date if versions.row is None else self.view.date[versions.row]

    def paths(self, name: str) -> list[tuple[str | None, str]]:
        """Return the columns by which a parent, or a key of that name, can be reached, nearest first."""
        column = PARENTS[name][0]
        found: list[tuple[str | None, str]] = [(None, column)] if self.view.has(column) else []
        visits = self.index.get("inspection") if self.view.has("inspection_id") else None
        if name != "inspection" and visits is not None and visits.view.has(column):
            found.append(("inspection", column))
        if name == "employer" and "site" in self.index and self.paths("site"):
            found.append(("site", column))
        return found

    def needs(self, name: str) -> frozenset[str]:
        """Return the parents that must be attached before this key can be read."""
        column = PARENTS[name][0]
        if self.view.has(column) and bool(self.view.frame[column].notna().all()):
            return frozenset()
        via = {parent for parent, _ in self.paths(name) if parent}
        return frozenset(via | (self.needs("site") if "site" in via else set()))

    def reference(self, versions: Versions, name: str, among: Coded) -> NDArray[np.int32]:
        """Return the code of the parent (or key) per version, by the nearest path that has a value."""
        code = np.full(versions.start.shape, -1, dtype=np.int32)
        empty = np.ones(code.shape, dtype=bool)
        for parent, column in self.paths(name):
            if (parent is None or parent in versions.parents) and empty.any():
                values = self.cell(versions, parent, column)
                code = np.where(empty, among.codes(values), code)
                # a value that is not among the ids is still a value: whose a row is must not hang on who is asked about
                empty &= values.data < 0
        return code

    def cell(self, versions: Versions, parent: str | None, column: str) -> Values:
        """Return a column of the row, or of its parent, as known in each version."""
        if parent is None:
            values = self.view.values(column)
            if versions.row is not None:
                values = take(values, versions.row)
            clock = self.view.schema.column(column).clock
            if clock is not None and versions.hidden[clock].any():
                data = values.data.copy()
                data[versions.hidden[clock]] = null_of(values)
                values = Values(values.kind, data, values.words)
            return values
        view = self.index[parent].view
        if view.schema.column(column).clock is not None:
            raise DefinitionError(f"'{parent}.{column}' has a clock of its own and cannot be read through a parent.")
        return take(view.values(column), versions.parents[parent])


def take_days(view: TableView, column: str, versions: Versions) -> Days:
    """Return a date column per version."""
    days: Days = view.values(column).data
    return days if versions.row is None else days[versions.row]

"""What is worked out of some records alone: once for each engine, or once for a whole piece of work that keeps it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

import pandas as pd

from riskscore.history.tables import Ids, TableView
from riskscore.history.versions import EventTable, ParentIndex
from riskscore.records.model import Records
from riskscore.records.schema import PARENTS

Given = ParamSpec("Given")
Found = TypeVar("Found")


class Histories:
    """The tables of some records as the engine sees them; nothing in here hangs on who is asked about."""

    def __init__(self, records: Records) -> None:
        self.views = {name: TableView(table) for name, table in records.tables.items()}
        self.index = {
            parent: ParentIndex(self.views[table]) for parent, (_, table) in PARENTS.items() if table in self.views
        }
        self._tables: dict[str, EventTable] = {}

    def table(self, name: str) -> EventTable:
        """Return a table ready for definitions."""
        if name not in self._tables:
            self._tables[name] = EventTable(self.views[name], self.index)
        return self._tables[name]

    def ids_of(self, kind: str, ids: pd.Index[str]) -> Ids:
        """Return ids of sites or employers, ready to be found in any column."""
        return Ids(ids, self.index[kind].ids if kind in self.index else None)


class _Kept:
    def __init__(self, records: Records) -> None:
        self.records, self.histories, self.keepers = records, Histories(records), 0


_kept: dict[int, _Kept] = {}
_lock = threading.Lock()


@contextmanager
def keeping(records: Records) -> Iterator[None]:
    """Keep what is worked out of some records until the end; meanwhile nobody may change them.

    Examples
    --------
    >>> records = Records({})
    >>> with keeping(records):
    ...     histories(records) is histories(records)
    True
    >>> histories(records) is histories(records)
    False
    """
    with _lock:
        kept = _kept.setdefault(id(records), _Kept(records))
        kept.keepers += 1
    try:
        yield
    finally:
        with _lock:
            kept.keepers -= 1
            if not kept.keepers:
                del _kept[id(records)]


def keeps(work: Callable[Given, Found]) -> Callable[Given, Found]:
    """Return a function of some records that works everything out of them once in each of its calls."""

    @wraps(work)
    def call(*given: Given.args, **named: Given.kwargs) -> Found:
        with keeping(next(one for one in (*given, *named.values()) if isinstance(one, Records))):
            return work(*given, **named)

    return call


def histories(records: Records) -> Histories:
    """Return what is worked out of some records: what is kept, or anew where nobody keeps it."""
    with _lock:
        kept = _kept.get(id(records))
    return Histories(records) if kept is None else kept.histories


def view_of(records: Records, table: str) -> TableView:
    """Return a table's view; RecordsError where the records lack the table."""
    return histories(records).views[records[table].schema.name]

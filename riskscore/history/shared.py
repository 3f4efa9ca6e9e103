"""What is worked out of some records once, however many cohorts ask about them, and forgotten with them."""

from __future__ import annotations

import threading
import weakref

from riskscore.history.tables import TableView
from riskscore.history.versions import EventTable, ParentIndex
from riskscore.records.model import Records
from riskscore.records.schema import PARENTS

_kept: dict[int, Histories] = {}
_lock = threading.Lock()


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


def view_of(records: Records, table: str) -> TableView:
    """Return a table's view; RecordsError where the records lack the table."""
    return histories(records).views[records[table].schema.name]


def histories(records: Records) -> Histories:
    """Return the histories of some records, which must not change any more; made once for each `Records`.

    Examples
    --------
    >>> records = Records({})
    >>> histories(records) is histories(records), histories(records) is histories(Records({}))
    (True, False)
    """
    with _lock:
        if id(records) not in _kept:
            _kept[id(records)] = Histories(records)
            weakref.finalize(records, _kept.pop, id(records), None)
        return _kept[id(records)]

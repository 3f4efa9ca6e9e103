"""Records in memory: canonical frames with what was said about them when they were read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import RecordsError, nearest
from riskscore.records.schema import TableSchema

ALWAYS = dt.date(1900, 1, 1)
"""``known_on`` of a register's row that bears no date: known before any date that is asked about."""

REJECT_COLUMNS = ("file", "row", "table", "column", "value", "reason")


def no_rejects() -> pd.DataFrame:
    """Return the empty frame of rejected rows; a row with an empty ``column`` was set aside whole."""
    return pd.DataFrame({c: pd.Series([], dtype="int64" if c == "row" else "str") for c in REJECT_COLUMNS})


@dataclass(frozen=True, eq=False)
class Origin:
    """Where each row of a frame was read: ``pieces`` are (file, first position, its line)."""

    pieces: tuple[tuple[str, int, int], ...]
    positions: NDArray[np.int64]

    def place(self, row: int) -> tuple[str, int]:
        """Return file and line of the frame's row.

        Examples
        --------
        >>> Origin((("a.csv", 0, 2), ("b.csv", 10, 2)), np.array([0, 11])).place(1)
        ('b.csv', 3)
        """
        position = int(self.positions[row])
        file, start, line = max((p for p in self.pieces if p[1] <= position), key=lambda p: p[1])
        return file, line + position - start


@dataclass(frozen=True)
class RecordTable:
    """One table as read.

    ``frame`` has one column for every column of ``schema`` (a column that the source lacks is all missing):
    own ids and text ``str``; references to other tables and categories ``category`` with text categories in sorted
    order; integers ``Int64``; numbers and money ``float64`` (money to two decimals); dates ``datetime64[s]``;
    flags ``boolean``. ``known_on`` is never missing; ``valid_from`` of an entity may be.
    """

    schema: TableSchema
    frame: pd.DataFrame
    covers_from: dt.date | None = None  # the table is complete from this day on; None: from the beginning
    as_of_now: bool = False  # a register with one row per entity, as it stands today
    present: frozenset[str] = frozenset()  # the columns that the source really has
    file: str = ""  # where it was read from
    origin: Origin | None = field(default=None, compare=False)  # valid while the frame has the rows that were read


@dataclass(frozen=True)
class Records:
    """Everything an office knows, as canonical tables.

    Examples
    --------
    >>> Records({}).has("inspections")
    False
    """

    tables: Mapping[str, RecordTable]
    source: str = ""
    rejected: Mapping[str, int] = field(default_factory=dict)  # reason -> rows kept aside, or cells emptied
    rejected_rows: pd.DataFrame = field(default_factory=no_rejects, compare=False)  # one row per rejected row or cell
    filtered: Mapping[str, int] = field(default_factory=dict)  # table -> rows that the mapping's filter leaves out
    notes: tuple[str, ...] = ()  # what else was noticed when reading, for the check and the manifest
    as_known_at: dt.date | None = None  # of a record store: the day of the last step that counts

    def has(self, name: str) -> bool:
        """Say whether the table is there (an absent table switches its features off)."""
        return name in self.tables

    def __getitem__(self, name: str) -> RecordTable:
        """Return one table, or raise RecordsError naming those that are there."""
        if name not in self.tables:
            raise RecordsError(f"there is no table '{name}'.", where=self.source, next=nearest(name, list(self.tables)))
        return self.tables[name]

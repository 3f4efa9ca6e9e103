"""From columns of whole numbers to canonical frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from riskscore.dates import MISSING, to_dates
from riskscore.records.model import RecordTable
from riskscore.records.schema import TABLES, Column
from riskscore.simulate.draws import Flags, Ints

PREFIX = {
    "employers": "E", "sites": "S", "inspections": "V", "findings": "F", "penalties": "P", "complaints": "C",
    "permits": "W", "contracts": "K", "cases": "R", "links": "L", "regimes": "G", "counts": "N",
}  # fmt: skip
UNIT = {
    "latitude": 10_000, "longitude": 10_000, "selection_probability": 1_000_000, "confidence": 100,
    "amount_azn": 100, "paid_azn": 100, "value": 1,
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Rows of one table as whole numbers; -1 is no value.

    ``columns`` holds the canonical columns (dates as days, references as positions, categories as positions in
    ``labels``, numbers in the units of ``UNIT``), ``id`` (position of the row, or of the entity whose version it
    is) and ``replaces`` (such a position). ``texts`` holds text columns as they are.
    """

    columns: Mapping[str, Ints]
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def take(self, rows: Ints | Flags) -> Rows:
        """Return some of the rows."""
        return Rows(
            {n: v[rows] for n, v in self.columns.items()}, self.labels, {n: v[rows] for n, v in self.texts.items()}
        )


def record_table(name: str, rows: Rows, widths: Mapping[str, int]) -> RecordTable:
    """Return the canonical table of ``rows``.

    Parameters
    ----------
    name : str
        The canonical table.
    rows : Rows
        In the order in which they shall stand.
    widths : mapping
        Table to the number of digits in its ids, so that ids sort as numbers do.
    """
    schema = TABLES[name]
    frame = pd.DataFrame({c.name: _column(name, c, rows, widths) for c in schema.columns})
    present = frozenset(c for c in schema.names if not frame[c].isna().all())
    return RecordTable(schema, frame, present=present)


def _column(table: str, column: Column, rows: Rows, widths: Mapping[str, int]) -> pd.Series[Any]:
    if column.name in rows.texts:
        return pd.Series(pd.array(rows.texts[column.name], dtype="str"))
    source = "id" if column.name == TABLES[table].id else column.name
    values = rows.columns.get(source, np.full(len(rows), -1))
    if column.name in rows.labels:
        return _labelled(values, rows.labels[column.name], column.type == "category")
    if source in ("id", "replaces"):
        return pd.Series(ids(values, table, widths[table]))
    if column.refers:
        used = np.unique(values[values >= 0])
        codes = np.where(values >= 0, np.searchsorted(used, values), -1)
        categories = pd.Index(ids(used, column.refers, widths[column.refers]))
        return pd.Series(pd.Categorical.from_codes(codes, categories=categories))
    if column.type == "date":
        return to_dates(np.where(values < 0, int(MISSING), values).astype(np.int32))
    if column.type == "integer":
        return pd.Series(pd.arrays.IntegerArray(values.astype(np.int64), values < 0))
    if column.type == "flag":
        return pd.Series(pd.arrays.BooleanArray(values > 0, values < 0))
    if column.type in ("number", "money"):
        return pd.Series(np.where(values < 0, np.nan, values / UNIT[column.name]))
    return _labelled(values, (), column.type == "category")


def _labelled(values: Ints, labels: Sequence[str], category: bool) -> pd.Series[Any]:
    """Return texts for positions in ``labels``, as categories in sorted order or as plain text."""
    used = np.unique(values[values >= 0])
    names = np.array([labels[i] for i in used], dtype=object)
    order = np.argsort(names, kind="stable")
    rank = np.zeros(int(used.max()) + 1 if len(used) else 1, dtype=np.int64)
    rank[used[order]] = np.arange(len(used))
    codes = np.where(values >= 0, rank[np.maximum(values, 0)], -1)
    made = pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names[order], dtype="str")))
    return made if category else made.astype("str")


def ids(numbers: Ints, table: str, width: int) -> Any:
    """Return ids such as ``S00042``; -1 is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    digits = pc.utf8_lpad(pa.array(numbers + 1, mask=numbers < 0).cast(pa.string()), width, "0")
    return pd.array(pc.binary_join_element_wise(PREFIX[table], digits, ""), dtype="str")

"""What differs between two extracts, row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from riskscore.dates import MISSING, to_days
from riskscore.records.model import Records, RecordTable

SOURCE, DIGEST = "_source", "_digest"  # columns of a stored table: the row's key in its source, and its content there


@dataclass(frozen=True)
class Difference:
    """How a table of a later extract differs from an earlier one: keys of rows, sorted.

    The key is the row's id; of an entity with several versions, id, valid_from and known_on.
    """

    table: str
    new: tuple[str, ...]
    revised: tuple[str, ...]
    gone: tuple[str, ...]
    same: int


def difference(earlier: Records, later: Records) -> tuple[Difference, ...]:
    """Return what differs, table by table.

    Examples
    --------
    >>> import riskscore as rs
    >>> records = rs.sample_records()
    >>> sum(len(d.new) + len(d.revised) + len(d.gone) for d in difference(records, records))
    0
    """
    found = []
    for name in sorted({*earlier.tables, *later.tables}):
        before, after = (
            dict(zip(*_keyed(r.tables[name]), strict=True)) if name in r.tables else {} for r in (earlier, later)
        )
        found.append(compared(name, before, after))
    return tuple(found)


def compared(table: str, before: Mapping[str, str], after: Mapping[str, str]) -> Difference:
    """Return how contents by key differ from earlier ones."""
    shared = before.keys() & after.keys()
    revised = {key for key in shared if before[key] != after[key]}
    return Difference(
        table, tuple(sorted(after.keys() - shared)), tuple(sorted(revised)), tuple(sorted(before.keys() - shared)),
        len(shared) - len(revised),
    )  # fmt: skip


def _keyed(table: RecordTable) -> tuple[list[str], list[str]]:
    return keys_of(table), digests_of(table)


def keys_of(table: RecordTable) -> list[str]:
    """Return each row's key in its source."""
    ids = table.frame[table.schema.id].astype(str)
    if table.schema.kind != "entity":
        return ids.to_list()
    if table.as_of_now:
        again = ids.groupby(ids).cumcount()  # one row each is wanted; doubles are the check's to tell
        return [f"{key} #{n + 1}" if n else key for key, n in zip(ids, again, strict=True)]
    days = [table.frame[c].dt.strftime("%Y-%m-%d").fillna("") for c in ("valid_from", "known_on")]
    return [" ".join(parts) for parts in zip(ids, *days, strict=True)]


def digests_of(table: RecordTable) -> list[str]:
    """Return a 128-bit hash of each row's content; missing cells, and the day of import, do not count."""
    columns = sorted(c.name for c in table.schema.columns if c.name != "recorded_on")
    cells = [_cells(table.frame[name], table.schema.column(name).type) for name in columns]
    found = []
    for row in zip(*cells, strict=True):
        said = {name: cell for name, cell in zip(columns, row, strict=True) if cell is not None}
        found.append(hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest())
    return found


def _cells(column: pd.Series[Any], type: str) -> list[Any]:
    if type == "date":
        return [None if d == MISSING else d for d in to_days(column).tolist()]
    if type in ("integer", "flag"):
        return [None if v is pd.NA else v for v in column.tolist()]
    if type in ("number", "money"):
        return [None if np.isnan(v) else v + 0.0 for v in column.tolist()]
    return [None if v is None or v is pd.NA or v != v else str(v) for v in column.tolist()]


def as_frame(found: Sequence[Difference]) -> pd.DataFrame:
    """Return a row per table with counts."""
    return pd.DataFrame(
        [
            {"table": d.table, "new": len(d.new), "revised": len(d.revised), "same": d.same, "gone": len(d.gone)}
            for d in found
        ],
        columns=["table", "new", "revised", "same", "gone"],
    )


def rows_frame(found: Sequence[Difference]) -> pd.DataFrame:
    """Return a row for each row that differs: table, what became of it, key."""
    rows = [
        (d.table, what, key)
        for d in found
        for what, keys in (("new", d.new), ("revised", d.revised), ("gone", d.gone))
        for key in keys
    ]
    return pd.DataFrame(rows, columns=["table", "became", "row"])

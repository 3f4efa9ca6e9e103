"""A place or an employer that is in no register, added by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from riskscore.errors import RecordsError, nearest
from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import TABLES


def with_entity(records: Records, kind: str, entity: str, cells: Mapping[str, str], known_on: dt.date) -> Records:
    """Return the records with one more row in the register of sites or employers.

    Parameters
    ----------
    kind : {"site", "employer"}
    cells : mapping of column to value
        Written as in a file: dates as 2024-01-31, numbers with a point.
    known_on : date

    Raises
    ------
    RecordsError
        There is no such register or column, the id is taken, or a value does not fit its column.

    Examples
    --------
    >>> import datetime as dt, riskscore as rs
    >>> more = with_entity(rs.sample_records(), "site", "NEW-1", {"region": "Bakı"}, dt.date(2024, 12, 31))
    >>> more["sites"].frame.iloc[-1]["site_id"]
    'NEW-1'
    """
    table = records[f"{kind}s"]
    schema = table.schema
    if entity in set(table.frame[schema.id]):
        raise RecordsError(f"'{entity}' is in the register already.", where=schema.name, next="Leave --place away.")
    row: dict[str, object] = {schema.id: entity, "known_on": pd.Timestamp(known_on)}
    for name, text in cells.items():
        if name not in schema.names or name in (schema.id, "known_on", "recorded_on", "replaces"):
            free = [n for n in schema.names if n in TABLES[schema.name].names]
            raise RecordsError(f"'{name}' is no column to fill in.", where=schema.name, next=nearest(name, free))
        row[name] = _cell(schema.column(name).type, name, text)
    one = {name: _column(table.frame[name], row.get(name)) for name in schema.names}
    frame = pd.concat([table.frame.astype({n: c.dtype for n, c in one.items()}), pd.DataFrame(one)], ignore_index=True)
    widened: RecordTable = replace(table, frame=frame, present=table.present | set(row))
    return replace(records, tables={**records.tables, schema.name: widened})


def _column(like: pd.Series[Any], cell: object) -> pd.Series[Any]:
    """Return a column of one cell with the type of another column, a new category added where needed."""
    if not isinstance(like.dtype, pd.CategoricalDtype):
        return pd.Series([cell], dtype=like.dtype)
    words = like.cat.categories if cell is None or cell in like.cat.categories else like.cat.categories.union([cell])
    return pd.Series(pd.Categorical([cell], categories=words))


def _cell(type: str, name: str, text: str) -> object:
    try:
        if type == "date":
            return pd.Timestamp(dt.date.fromisoformat(text))
        if type in ("number", "money", "integer"):
            found = float(text)
            if not np.isfinite(found):
                raise ValueError(text)
            return int(found) if type == "integer" else found
        return text.lower() in ("true", "yes", "1") if type == "flag" else text
    except ValueError:
        raise RecordsError(f"'{text[:60]}' is no {type}.", where=f"--place {name}") from None

"""The type of a further column, inferred from its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from riskscore.dates import MISSING
from riskscore.records.cells import Words, numbers
from riskscore.records.schema import ColumnType
from riskscore.records.written_dates import parse_dates

_MOST_CATEGORIES = 2000  # more different texts than that are no categories


def infer_type(column: Any, words: Callable[[], Words], decimal: str) -> ColumnType:
    """Return the type that all values of a column have.

    Digits that begin with 0, or are ten or more, are no quantity (ids, tax numbers): they stay text.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = None if column is None else column.type
    if kind is not None and not _is_text(kind):
        if pa.types.is_boolean(kind):
            return "flag"
        if pa.types.is_integer(kind):
            return "integer"
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            return "number"
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            return "date"
    found = words()
    distinct = len(found.words)
    if not distinct:
        return "text"
    if set(found.words.to_pylist()[:3]) <= {"true", "false", "True", "False"} and distinct <= 2:
        return "flag"
    code_like = pc.any(pc.match_substring_regex(found.words, r"^0\d|^\d{10,}$")).as_py()
    values, bad = numbers(None, found, decimal)
    if not bad.any() and not code_like:
        seen = values[~np.isnan(values)]
        return "integer" if bool((seen == np.floor(seen)).all()) else "number"
    if not code_like or distinct <= len(found.codes):
        first = found.words.slice(0, 200).to_pandas().astype("str")
        if (parse_dates(first).days != MISSING).all() and (
            parse_dates(found.words.to_pandas().astype("str")).days != MISSING
        ).all():
            return "date"
    rows = int((found.codes >= 0).sum())
    return "category" if distinct <= min(_MOST_CATEGORIES, max(20, rows // 2)) else "text"


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))

"""The rows that a mapping's ``where`` lets through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import to_days
from riskscore.definitions.grammar import Values, evaluate, parse
from riskscore.errors import DefinitionError, MappingError, nearest


def holds(text: str, frame: pd.DataFrame, where: str) -> NDArray[np.bool_]:
    """Return where an expression over the table's columns is true (unknown is not true).

    Examples
    --------
    >>> frame = pd.DataFrame({"amount_azn": [0.0, 500.0, np.nan]})
    >>> holds("amount_azn > 0", frame, "tables.penalties.where").tolist()
    [False, True, False]
    """

    def resolve(parent: str | None, column: str) -> Values:
        if parent is not None or column not in frame:
            name = column if parent is None else f"{parent}.{column}"
            raise DefinitionError(f"there is no column '{name}'.", next=nearest(name, list(frame.columns)))
        return as_values(frame[column])

    try:
        found = evaluate(parse(text), resolve, len(frame))
    except DefinitionError as error:
        raise MappingError(error.what, where=where, next=error.next) from None
    if found.kind != "truth":
        raise MappingError("is no condition.", where=where, next='Write for example "amount_azn > 0".')
    return np.asarray(np.broadcast_to(found.data, (len(frame),)) == 1)


def as_values(column: pd.Series[Any]) -> Values:
    """Return one column of a table as the grammar's values."""
    kind = str(column.dtype)
    if kind.startswith("datetime64"):
        return Values("day", to_days(column))
    if kind == "boolean":
        return Values("truth", column.astype("Int8").fillna(-1).to_numpy(dtype=np.int8))
    if kind in ("float64", "Int64"):
        return Values("number", column.to_numpy(dtype=np.float64, na_value=np.nan))
    codes = column.astype("category").cat
    return Values("text", codes.codes.to_numpy().astype(np.int32), tuple(codes.categories))

"""A feature frame as the numbers that a booster reads: float32, missing as NaN, categories as codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import FitError

Categories = Mapping[str, list[Any]]
_BLOCK = 8_192  # rows written at a time: a column is spread over them while they lie in the processor's cache


def observed_categories(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return for each category column the categories that its rows hold, in the column's own order.

    A category that the column allows but no row holds is left out: nothing can be learned of it, so it must count
    as missing later.

    Examples
    --------
    >>> kind = pd.Categorical(["shop", "farm"], categories=["farm", "mine", "shop"])
    >>> observed_categories(pd.DataFrame({"kind": kind, "visits": [1, 2]}))
    {'kind': ['farm', 'shop']}
    """
    return {
        str(name): column.cat.remove_unused_categories().cat.categories.tolist()
        for name, column in frame.items()
        if isinstance(column.dtype, pd.CategoricalDtype)
    }


def encode(frame: pd.DataFrame, categories: Categories) -> NDArray[np.float32]:
    """Return the frame as an array.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        Numbers, flags and categories.
    categories : mapping of column name to its categories in the order of their codes

    Returns
    -------
    float32 array, shape (n, p), C order
        A missing value and an unknown category are NaN.

    Raises
    ------
    FitError
        A column is neither a number nor a known category column.

    Examples
    --------
    >>> frame = pd.DataFrame({"kind": pd.Categorical(["shop", "mine"]), "visits": [1, None]})
    >>> encode(frame, {"kind": ["farm", "shop"]}).tolist()
    [[1.0, 1.0], [nan, nan]]
    """
    columns = [_numbers(column, str(name), categories) for name, column in frame.items()]
    table = np.empty(frame.shape, dtype=np.float32)
    for begin in range(0, len(table), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        for j, column in enumerate(columns):
            table[rows, j] = column[rows]
    return table


def _numbers(column: pd.Series[Any], name: str, categories: Categories) -> NDArray[Any]:
    if name in categories:
        given = column.astype("category").cat
        known = pd.Index(categories[name]).get_indexer(given.categories).astype(np.float32)
        known[known < 0] = np.nan
        return np.append(known, np.float32(np.nan))[given.codes]  # pandas' code -1, missing, is the last
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise FitError(
            f"holds {column.dtype}, a number or a category that was there in training is needed.",
            where=f"column '{name}'",
            next="Convert it, for instance with astype('category'), before fitting.",
        )
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy()
    return column.to_numpy(dtype=np.float32, na_value=np.nan)

"""Rows as XGBoost compares them: 32-bit floats, missing as NaN, columns in the model's order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import ExplanationError, nearest


def float_columns(X: Any, n_features: int, names: Sequence[str]) -> NDArray[np.float32]:
    """Return the rows as an array of shape (n_rows, n_features).

    Raises
    ------
    ExplanationError
        The shape is not the model's, columns have other names, or text or categories stand where numbers should.
    """
    if isinstance(X, pd.DataFrame):
        _check_names([str(c) for c in X.columns], names)
        texts = [(c, kind) for c, kind in X.dtypes.items() if not pd.api.types.is_numeric_dtype(kind)]
        if texts:
            raise ExplanationError(
                f"column '{texts[0][0]}' is of type {texts[0][1]}, and numbers are needed.",
                next="Give categories by their codes in the training data.",
            )
        X = X.to_numpy(dtype=np.float64, na_value=np.nan)
    with np.errstate(over="ignore"):  # a value beyond the 32-bit floats is infinite for XGBoost too
        found = np.asarray(X, dtype=np.float32)
    if found.ndim != 2 or found.shape[1] != n_features:
        raise ExplanationError(f"the rows have shape {found.shape}, and the model knows {n_features} features.")
    return found


def _check_names(columns: Sequence[str], names: Sequence[str]) -> None:
    if not names or list(columns) == list(names):
        return
    for place, name in enumerate(names):
        seen = columns[place] if place < len(columns) else "nothing"
        if seen != name:
            raise ExplanationError(
                f"column {place} of the rows is '{seen}', and the model's is '{name}'.", next=nearest(name, columns)
            )

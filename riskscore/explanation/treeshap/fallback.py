"""What is asked of a booster object: its bytes, and its own contributions where the fast way does not apply."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import ExplanationError


class SlowExplanation(UserWarning):
    """XGBoost's own, slower contributions were used; the text says why."""


def model_bytes(booster: Any) -> bytes:
    """Return the stored form of a booster, an estimator, or bytes as they are."""
    if isinstance(booster, bytes | bytearray | memoryview):
        return bytes(booster)
    if hasattr(booster, "to_bytes"):
        return bytes(booster.to_bytes())
    if hasattr(booster, "get_booster"):
        booster = booster.get_booster()
    if hasattr(booster, "save_raw"):
        return bytes(booster.save_raw("ubj"))
    raise ExplanationError(
        f"a {type(booster).__name__} is no XGBoost model.", next="Give a booster, an estimator, or its bytes."
    )


def slow_contributions(
    booster: Any, X: Any, base_margin: NDArray[np.float64] | None, reason: str
) -> NDArray[np.float64]:
    """Return XGBoost's own contributions and warn that they were used, and why.

    Raises
    ------
    ExplanationError
        There are only bytes and no object to ask.
    """
    if hasattr(booster, "get_booster"):
        booster = booster.get_booster()
    if not hasattr(booster, "predict"):
        raise ExplanationError(f"{reason}, which only XGBoost explains.", next="Give the booster, not its bytes.")
    warnings.warn(f"{reason}: XGBoost's own contributions are used, which are slower.", SlowExplanation, stacklevel=4)
    # The module that defines the booster also defines the matrix it reads; nothing is imported here.
    matrix = sys.modules[type(booster).__module__].DMatrix(X, base_margin=base_margin)
    found = np.asarray(booster.predict(matrix, pred_contribs=True), dtype=np.float64)
    margin = np.asarray(booster.predict(matrix, output_margin=True), dtype=np.float64).reshape(found.shape[:-1])
    gap = np.abs(found.sum(axis=-1) - margin)
    if not (gap <= 1e-3 * (1.0 + np.abs(found).sum(axis=-1))).all():
        raise ExplanationError(f"XGBoost's own contributions miss the margin by up to {gap.max():.3g}.")
    return found

"""The chance that a visit finds something, for every row of a cohort of which some were visited."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import FitError
from riskscore.learn.folds import folds_of

Floats = NDArray[np.float64]
FEWEST = 20  # finds, and visits that found nothing
MARGIN = "selection.margin"  # no feature can be called so
_SETTINGS = {
    "eta": 0.05, "max_depth": 3, "min_child_weight": 10, "subsample": 0.5, "colsample_bytree": 0.3, "reg_lambda": 5.0,
}  # fmt: skip
_ROUNDS = 60


def cross_fit_finds(
    frame: pd.DataFrame, y: Floats, groups: NDArray[Any], margin: Floats, *, folds: int = 5, seed: int = 0
) -> Floats:
    """Return the chance of a find of each row by models that saw no visit to its group.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    y : array of 1, 0 and NaN, shape (n,)
        NaN where nobody went.
    groups : array, shape (n,)
        Rows of one group (an employer) are held out together.
    margin : array, shape (n,)
        Of the model of earlier dates: most of what can be known stands in it, and a few trees put it right.
    folds : int
    seed : int
        Of the draw that shares out groups.

    Returns
    -------
    float64 array, shape (n,)

    Raises
    ------
    FitError
        There are fewer than `FEWEST` visits of either kind.

    Examples
    --------
    >>> row = np.arange(2000)
    >>> y = np.where(row % 2 == 0, (row % 100 > 80).astype(float), np.nan)
    >>> found = cross_fit_finds(pd.DataFrame({"size": row % 100}), y, row // 2, np.zeros(2000))
    >>> bool(found[row % 100 > 85].min() > found[row % 100 < 75].max())
    True
    """
    from riskscore.learn.estimator import RiskClassifier

    seen = ~np.isnan(y)
    positives = int(y[seen].sum())
    if min(positives, int(seen.sum()) - positives) < FEWEST:
        raise FitError(
            f"{positives} of {int(seen.sum())} visits found something.",
            where="selection",
            next=f"At least {FEWEST} visits of either kind are needed.",
        )
    told = frame.assign(**{MARGIN: margin})
    told = told.loc[:, told[seen].notna().any()]
    chance = np.empty(y.shape)
    for own in folds_of(groups, folds, seed=seed):
        learned = ~own & seen
        made = RiskClassifier(rounds=_ROUNDS, **_SETTINGS)  # type: ignore[arg-type]
        chance[own] = made.fit(told[learned], y[learned].astype(np.int64)).predict_proba(told[own])[:, 1]
    return chance

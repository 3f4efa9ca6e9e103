"""Whether a score gives away who the workers are, beyond what the employer's breaches already tell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.bootstrap import paired_bootstrap
from riskscore.learn.curve import Curve
from riskscore.learn.metrics import Interval

Floats = NDArray[np.float64]
MOST = 100_000  # rows; of a larger register whole employers are drawn
FOLDS = 5


@dataclass(frozen=True)
class Proxy:
    """How well a forbidden attribute can be told from the allowed breaches, and from breaches and score together.

    ``breaches`` and ``with_score`` are cross-validated AUCs, ``gain`` is what the score adds; all with 95 % intervals.
    ``refusal`` is why there is no figure, empty where there is one; the figures are then NaN.
    """

    rows: int
    positives: int
    breaches: Interval
    with_score: Interval
    gain: Interval
    refusal: str = ""


def proxy(
    attribute: Floats,
    score: Floats,
    breaches: pd.DataFrame,
    employers: NDArray[np.object_],
    *,
    fewest: int = 30,
    draws: int = 500,
    seed: int = 0,
) -> Proxy:
    """Return how much better breaches and score together tell an attribute than breaches alone.

    Both are logistic regressions, tested on employers that they have not seen; the score enters as a cubic spline of
    its rank, so that a score which gives the attribute away in its middle is found too.

    Parameters
    ----------
    attribute : array of 1, 0 and NaN (not known), shape (n,)
    score : array, shape (n,)
    breaches : DataFrame, shape (n, b)
        Numbers, 0 and more; missing counts as none.
    employers : array, shape (n,)
        Rows of one employer are held out, and resampled, together.
    fewest : int
        With fewer employers on either side there is no figure.

    Examples
    --------
    >>> score = np.random.default_rng(0).normal(size=1000)
    >>> found = proxy((score > 1.0) * 1.0, score, pd.DataFrame(index=range(1000)), np.arange(1000), draws=100)
    >>> round(found.breaches.value, 2), found.gain.value > 0.4
    (0.5, True)
    """
    from scipy.stats import rankdata
    from sklearn.preprocessing import SplineTransformer

    rows = _drawn(np.flatnonzero(~np.isnan(attribute) & ~np.isnan(score)), employers, seed)
    y, whose = attribute[rows] == 1, employers[rows].astype(str)
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    sides = [np.unique(whose[side]).size for side in (y, ~y)]
    if min(sides) < fewest:
        said = f"{min(sides)} employers on the smaller side, at least {fewest} are needed"
        return Proxy(rows.size, int(y.sum()), nothing, nothing, nothing, said)
    counts = np.nan_to_num(breaches.to_numpy(dtype=np.float64)[rows])
    known = np.hstack([counts > 0, np.log1p(np.maximum(counts, 0))])
    place = rankdata(score[rows])[:, None] / rows.size
    splines = SplineTransformer(n_knots=4, include_bias=False).fit_transform(place)
    without = _out_of_fold(known, y, whose, seed)
    together = _out_of_fold(np.hstack([known, splines]), y, whose, seed)
    found = paired_bootstrap(Curve.auc, y, together, without, whose, draws=draws, seed=seed)
    return Proxy(rows.size, int(y.sum()), found.b, found.a, found.difference)


def _out_of_fold(columns: Floats, y: NDArray[np.bool_], whose: NDArray[np.str_], seed: int) -> Floats:
    """Return the rank of each row's prediction within its fold: levels of different folds do not compare."""
    from scipy.stats import rankdata
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold

    out = np.full(y.size, 0.5)
    if not columns.shape[1]:
        return out
    scale = columns.std(axis=0)
    standard = (columns - columns.mean(axis=0)) / np.where(scale > 0, scale, 1.0)
    for train, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed).split(standard, y, whose):
        model = LogisticRegression(max_iter=1000).fit(standard[train], y[train])
        out[test] = rankdata(model.decision_function(standard[test]).round(9)) / test.size
    return out


def _drawn(rows: NDArray[np.intp], employers: NDArray[np.object_], seed: int) -> NDArray[np.intp]:
    """Return the rows, or those of employers drawn until there are about as many as can be worked on."""
    if rows.size <= MOST:
        return rows
    _, code = np.unique(employers[rows].astype(str), return_inverse=True)
    order = np.random.default_rng(seed).permutation(int(code.max()) + 1)
    kept = order[: max(1, int(order.size * MOST / rows.size))]
    return np.asarray(rows[np.isin(code, kept)])

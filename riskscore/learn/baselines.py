"""What an office could do without a model; every backtest shows these beside it.

Each function returns a score for each row, the highest visited first. The caller gives the columns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import FitError
from riskscore.learn.encode import Categories, encode, observed_categories

Floats = NDArray[np.float64]


def random_order(entities: Sequence[str], seed: int) -> Floats:
    """Return a number in [0, 1) for each entity that depends on its id and the seed alone; shape (n,).

    Examples
    --------
    >>> a, b = random_order(["S-1", "S-2"], seed=1), random_order(["S-2", "S-1"], seed=1)
    >>> bool(a[0] == b[1] and a[0] != a[1])
    True
    """
    codes, names = pd.factorize(np.asarray(entities, dtype=object))
    drawn = [hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest() for name in names]
    return np.array([int.from_bytes(d, "big") >> 11 for d in drawn], dtype=np.float64)[codes] / 2.0**53


def last_finding(last: ArrayLike, never_visited: float) -> Floats:
    """Return what the newest visit found; a place never visited gets the stated value, for unseen is not clean.

    Parameters
    ----------
    last : array, shape (n,)
        Outcome of the newest visit known before as_of; NaN: never visited.
    never_visited : float
        For instance the mean over the training rows.

    Examples
    --------
    >>> last_finding([2.0, np.nan, 0.0], never_visited=0.5).tolist()
    [2.0, 0.5, 0.0]
    """
    found = np.asarray(last, dtype=np.float64)
    return np.where(np.isnan(found), never_visited, found)


def prior_rate(total: ArrayLike, visits: ArrayLike, *, prior: float, smoothing: float) -> Floats:
    """Return the mean outcome of all earlier visits, shrunk: the prior weighs as ``smoothing`` visits.

    Parameters
    ----------
    total, visits : array, shape (n,)
        Sum of outcomes and number of visits known before as_of; NaN counts as no visit.
    prior : float
        Mean outcome of a visit over the training rows.
    smoothing : float

    Examples
    --------
    >>> prior_rate([3.0, 0.0, np.nan], [3, 0, np.nan], prior=0.2, smoothing=1.0).tolist()
    [0.8, 0.2, 0.2]
    """
    sums, counts = np.nan_to_num(np.asarray(total, dtype=np.float64)), np.nan_to_num(np.asarray(visits, np.float64))
    weight = counts + smoothing
    return np.divide(sums + smoothing * prior, weight, out=np.full(weight.shape, prior), where=weight > 0)


def complaint_order(days_since: ArrayLike) -> Floats:
    """Return scores by which the newest complaint is visited first, and places without one last.

    Parameters
    ----------
    days_since : array, shape (n,)
        Days from the newest complaint known before as_of; NaN: none.

    Examples
    --------
    >>> complaint_order([1.0, np.nan, 3.0]).tolist()
    [0.5, 0.0, 0.25]
    """
    days = np.asarray(days_since, dtype=np.float64)
    return np.where(np.isnan(days), 0.0, 1 / (1 + np.nan_to_num(days)))


@dataclass(frozen=True)
class LogisticPoints:
    """A logistic regression on the same features: the points system that an office could work out by hand.

    Numbers are filled with their median, with a column that says where, and scaled to unit variance; categories are
    one column each. Made by `fit_logistic`.
    """

    columns: tuple[str, ...]
    categories: Categories
    median: Floats  # of each number column
    gaps: NDArray[np.intp]  # number columns that had missing values
    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def score(self, frame: pd.DataFrame) -> Floats:
        """Return the log-odds of each row, shape (n,)."""
        design = _design(encode(frame[list(self.columns)], self.categories), self)
        margins: Floats = (design - self.mean) / self.scale @ self.weights + self.intercept
        return margins


def fit_logistic(frame: pd.DataFrame, y: ArrayLike, *, strength: float = 1.0) -> LogisticPoints:
    """Return the logistic regression fitted to the frame.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        Numbers, flags and categories.
    y : array of 0 and 1, shape (n,)
    strength : float
        scikit-learn's C: smaller is more strongly regularised.

    Examples
    --------
    >>> frame = pd.DataFrame({"fines": [0, 3, None, 4] * 20, "kind": pd.Categorical(["farm", "shop"] * 40)})
    >>> points = fit_logistic(frame, [0, 1, 0, 1] * 20)
    >>> bool(points.score(frame)[1] > points.score(frame)[0])
    True
    """
    from sklearn.linear_model import LogisticRegression

    outcome = np.asarray(y)
    if len(np.unique(outcome)) != 2:
        raise FitError("the logistic baseline needs outcomes of both kinds.", next="Choose more as-of dates.")
    categories = observed_categories(frame)
    table = encode(frame, categories)
    numbers = table[:, [j for j, name in enumerate(frame.columns) if name not in categories]].astype(np.float64)
    missing = np.isnan(numbers)
    median = np.array([np.median(c[~m]) if not m.all() else 0.0 for c, m in zip(numbers.T, missing.T, strict=True)])
    shape = {"columns": tuple(map(str, frame.columns)), "categories": categories, "median": median}
    nothing = np.zeros(0)
    empty = LogisticPoints(**shape, gaps=np.flatnonzero(missing.any(axis=0)), mean=nothing, scale=nothing,
                           weights=nothing, intercept=0.0)  # fmt: skip
    design = _design(table, empty)
    mean, scale = design.mean(axis=0), design.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=strength, max_iter=1000).fit((design - mean) / scale, outcome)
    return LogisticPoints(**shape, gaps=empty.gaps, mean=mean, scale=scale, weights=model.coef_[0],
                          intercept=float(model.intercept_[0]))  # fmt: skip


def _design(table: NDArray[np.float32], points: LogisticPoints) -> Floats:
    """Return filled numbers, their gaps, and one column for each category; shape (n, q)."""
    numbers = table[:, [j for j, name in enumerate(points.columns) if name not in points.categories]]
    missing = np.isnan(numbers)
    parts: list[NDArray[Any]] = [np.where(missing, points.median, numbers), missing[:, points.gaps]]
    for j, name in enumerate(points.columns):
        if name in points.categories:
            parts.append(table[:, j : j + 1] == np.arange(len(points.categories[name])))
    return np.hstack(parts).astype(np.float64)

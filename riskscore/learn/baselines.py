"""What an office could do without a model; every backtest shows these beside it.

Each function returns a score for each row, the highest visited first. The caller gives the columns. The logistic
regression, which learns, stands in `riskscore.learn.logistic`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

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
    rate: Floats = np.divide(sums + smoothing * prior, weight, out=np.full(weight.shape, prior), where=weight > 0)
    return rate


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

"""The exploring share of a plan: places drawn with known probabilities, spread over strata and over the map.

The local pivotal method (Grafström, Lundström and Schelin 2012): two places near each other settle between them which
one keeps a chance, so that one that is drawn makes its neighbours unlikely. Every place keeps exactly the probability
that was set for it. Within each stratum first; what is left undecided there is settled across strata.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from riskscore.planning.offices import PlanError

Floats = NDArray[np.float64]
TINY = 1e-9


def inclusion_probabilities(size: Floats, draws: int) -> Floats:
    """Return probabilities proportional to a size, at most 1 each, that sum to the number of draws.

    Parameters
    ----------
    size : array of positive numbers, shape (n,)
    draws : int
        At most n.

    Examples
    --------
    >>> inclusion_probabilities(np.array([1.0, 1.0, 10.0]), 2).tolist()
    [0.5, 0.5, 1.0]
    """
    if draws > size.size:
        raise PlanError(f"{draws} places cannot be drawn from {size.size}.", next="Lower --explore.")
    found = np.zeros(size.shape)
    sure = np.zeros(size.shape, dtype=bool)
    while draws > 0:
        left = draws - int(sure.sum())
        found = np.where(sure, 1.0, 0.0)
        if not left:
            break
        found[~sure] = left * size[~sure] / size[~sure].sum()
        over = (found > 1 - TINY) & ~sure
        if not over.any():
            break
        sure |= over
    return found


def draw(
    probability: Floats, points: Floats, strata: Sequence[str], seed: int, groups: Sequence[NDArray[np.bool_]] = ()
) -> NDArray[np.bool_]:
    """Draw places, each with its own probability.

    Parameters
    ----------
    probability : array, shape (n,)
        Sums to a whole number: so many are drawn.
    points : array, shape (n, 2)
        Where they lie, in the same unit both ways.
    strata : sequence of str, length n
        From each stratum as many are drawn as its probabilities sum to, give or take one.
    seed : int
    groups : sequence of bool arrays, shape (n,)
        Whole strata each, settled before the rest: of each as many are drawn as its probabilities sum to, or the next
        whole number.

    Returns
    -------
    bool array, shape (n,)
    """
    rng = np.random.default_rng(seed)
    left = probability.astype(np.float64).copy()
    names = np.asarray(strata, dtype=object)
    for name in sorted(set(strata)):
        _settle(left, np.flatnonzero(names == name), points, rng)
    for group in groups:
        _settle(left, np.flatnonzero(group), points, rng)
    _settle(left, np.arange(left.size), points, rng)
    open_ = np.flatnonzero((left > TINY) & (left < 1 - TINY))
    left[open_] = rng.random(open_.size) < left[open_]  # probabilities that sum to no whole number leave one
    return np.asarray(left > 0.5)


def _settle(left: Floats, rows: NDArray[np.int64], points: Floats, rng: np.random.Generator) -> None:
    """Let neighbours settle between each other until at most one of the rows is undecided."""
    open_ = rows[(left[rows] > TINY) & (left[rows] < 1 - TINY)]
    while open_.size > 1:
        i = int(rng.integers(open_.size))
        away = ((points[open_] - points[open_[i]]) ** 2).sum(axis=1)
        away[i] = np.inf
        near = np.flatnonzero(away <= away.min())
        a, b = int(open_[i]), int(open_[near[int(rng.integers(near.size))]])
        both = left[a] + left[b]
        if both < 1:
            first, second = (both, 0.0) if rng.random() * both < left[a] else (0.0, both)
        else:
            first, second = (1.0, both - 1) if rng.random() * (2 - both) < 1 - left[b] else (both - 1, 1.0)
        left[a], left[b] = first, second
        for row in (a, b):
            if left[row] <= TINY or left[row] >= 1 - TINY:
                left[row] = round(left[row])
                open_ = open_[open_ != row]


def effective_size(probability: Floats) -> float:
    """Return what a draw is worth for an estimate of the whole frame: so many equal draws would be as exact.

    The weights are 1 / probability (Kish 1965); places that cannot be drawn are not spoken for.

    Examples
    --------
    >>> effective_size(np.array([0.5, 0.5, 0.5, 0.5]))
    2.0
    """
    drawn = probability[probability > 0]
    return float(drawn.size**2 / (1 / drawn).sum()) if drawn.size else 0.0

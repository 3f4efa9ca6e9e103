"""Between which ranks an entity moves when the model is fitted again on other draws of the same employers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.booster import Booster

if TYPE_CHECKING:
    from riskscore.learn.estimator import RiskClassifier

Floats = NDArray[np.float64]
SHARE = 0.9  # of the refits, that a range holds


@dataclass(frozen=True)
class RankRanges:
    """Ranks over the refits, shape (n,) each: the middle one, and the range of the middle nine tenths."""

    middle: Floats
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def refit(
    estimator: RiskClassifier, frame: pd.DataFrame, y: Floats, groups: NDArray[Any], refits: int,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Booster, ...]:  # fmt: skip
    """Return one booster for each draw, with replacement, of as many groups as there are.

    Parameters
    ----------
    estimator : RiskClassifier
        Its parameters are used; each refit has one seed, its own number.
    frame : DataFrame, shape (n, p)
    y : array of 1 and 0, shape (n,)
    groups : array, shape (n,)
        Rows of one group (an employer) are drawn together.
    refits : int
    """
    from sklearn.base import clone

    code, ids = pd.factorize(groups, sort=True)
    made = []
    for k in range(refits):
        drawn = np.bincount(np.random.default_rng(k).integers(0, len(ids), len(ids)), minlength=len(ids))
        # all rows, those not drawn with weight 0: the columns and categories stay those of the model
        fitted = clone(estimator).set_params(seeds=(k + 1,)).fit(frame, y.astype(np.int64), sample_weight=drawn[code])
        made += fitted.boosters_
        if progress is not None:
            progress(k + 1, refits)
    return tuple(made)


def rank_ranges(margins: Floats) -> RankRanges:
    """Return each row's ranks over the refits; equal margins take the order of the rows.

    Parameters
    ----------
    margins : array, shape (B, n)

    Examples
    --------
    >>> found = rank_ranges(np.array([[2.0, 1.0, 0.0], [1.0, 2.0, 0.0], [2.0, 1.0, 0.0]]))
    >>> found.low.tolist(), found.middle.tolist(), found.high.tolist()
    ([1, 1, 3], [1.0, 2.0, 3.0], [2, 2, 3])
    """
    ranks = np.empty(margins.shape, dtype=np.int64)
    for own, margin in zip(ranks, margins, strict=True):
        own[np.argsort(-margin, kind="stable")] = np.arange(1, margin.size + 1)
    tail = (1 - SHARE) / 2
    low = np.quantile(ranks, tail, axis=0, method="lower")
    high = np.quantile(ranks, 1 - tail, axis=0, method="higher")
    return RankRanges(np.median(ranks, axis=0), low.astype(np.int64), high.astype(np.int64))


def tie_marks(ranges: RankRanges) -> NDArray[np.int64]:
    """Return a mark for each place of a list, 0 where it has none; places that share a mark are tied two by two.

    Two places are tied if each one's middle rank lies in the other's range. That does not carry over (a with b and b
    with c, and yet not a with c), so marks are dealt from the top: a place joins the mark above it while it is tied
    with every place that bears it, and otherwise begins one. A mark is the position of its first place. Places at the
    border of two marks may be tied too: their ranges show it.

    Parameters
    ----------
    ranges : RankRanges
        In the order of the list.

    Examples
    --------
    >>> middle, low, high = np.array([1.0, 2, 3, 9]), np.array([1, 1, 2, 8]), np.array([2, 3, 4, 10])
    >>> tie_marks(RankRanges(middle, low, high)).tolist()
    [1, 1, 0, 0]
    """
    marks = np.zeros(ranges.middle.size, dtype=np.int64)
    first, least, most, low, high = 0, np.inf, -np.inf, -np.inf, np.inf
    for i, (middle, own_low, own_high) in enumerate(zip(ranges.middle, ranges.low, ranges.high, strict=True)):
        if not (i and low <= middle <= high and own_low <= least and most <= own_high):
            first, least, most, low, high = i, np.inf, -np.inf, -np.inf, np.inf
        marks[i] = first + 1
        least, most = min(least, middle), max(most, middle)
        low, high = max(low, own_low), min(high, own_high)
    alone = np.bincount(marks, minlength=marks.size + 1)[marks] == 1
    return np.where(alone, 0, marks)

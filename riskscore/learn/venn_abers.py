"""Inductive Venn-Abers prediction: how uncertain a calibration is (Vovk, Petej and Fedorova, 2015).

A new row with margin s is added to the calibration rows, once as a negative and once as a positive, and a rising line
is fitted to each; the two values at s are p0 <= p1. One of them is perfectly calibrated if the rows are exchangeable,
so the true chance among rows like it lies about there. Both depend only on where s falls among the margins, so they
are worked out once for every margin and every gap between two. Where there are very many margins, they are first
rounded down to a few thousand of them: any score may be calibrated, a rounded one too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MOST = 4_000  # different margins; more are rounded


@dataclass(frozen=True)
class VennAbers:
    """``low`` and ``high`` (p0 and p1) before the first knot, at it, between it and the next, ..., after the last.

    Parameters
    ----------
    knots : tuple of float, m of them, rising
    low, high : tuple of float, 2 m + 1 each

    Examples
    --------
    >>> low, high = fit_venn_abers([0.0, 1.0, 2.0, 3.0], [0, 0, 1, 1]).interval([-1.0, 3.0])
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([0.0, 0.67], [0.33, 1.0])
    """

    knots: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    def interval(self, margin: ArrayLike) -> tuple[Floats, Floats]:
        """Return p0 and p1 of each margin, shape (n,) each."""
        given = np.asarray(margin, dtype=np.float64)
        # left + right counts a knot below twice and one that is met once: 0, 1, 2, ... as the values stand
        place = np.searchsorted(self.knots, given, "left") + np.searchsorted(self.knots, given, "right")
        return np.array(self.low)[place], np.array(self.high)[place]


def fit_venn_abers(margin: ArrayLike, y: ArrayLike) -> VennAbers:
    """Return p0 and p1 wherever a margin may fall.

    Parameters
    ----------
    margin : array, shape (n,)
    y : array of 0 and 1, shape (n,)
    """
    given = np.asarray(margin, dtype=np.float64)
    rounded = np.unique(given).size > MOST
    if rounded:
        steps = np.unique(np.quantile(given, np.linspace(0, 1, MOST), method="lower"))
        given = steps[np.searchsorted(steps, given, "right") - 1]
    knots, of = np.unique(given, return_inverse=True)
    weight = np.bincount(of, minlength=knots.size)
    total = np.bincount(of, weights=np.asarray(y, dtype=np.float64), minlength=knots.size)
    line = _Line(np.append(0, np.cumsum(weight)).tolist(), np.append(0.0, np.cumsum(total)).tolist())
    places = range(2 * knots.size + 1)
    low, high = (np.array([line.value(place, label) for place in places]) for label in (0.0, 1.0))
    if rounded:  # a new margin is rounded too: what lies between two knots counts as the lower one
        low[2::2], high[2::2] = low[1::2], high[1::2]
    # A knot where nothing changes from the gap before it to the gap after it need not be kept.
    changes = [bool(np.ptp(p[2 * k : 2 * k + 3]) > 0) for k in range(knots.size) for p in (low, high)]
    kept = np.flatnonzero(np.reshape(changes, (-1, 2)).any(axis=1))
    at = np.append(0, np.stack([2 * kept + 1, 2 * kept + 2], axis=1).ravel())
    return VennAbers(tuple(knots[kept].tolist()), tuple(low[at].tolist()), tuple(high[at].tolist()))


class _Line:
    """Rising lines (pool adjacent violators) through all rows before a place, and through all rows after it.

    ``first[k]`` is where the last block of the line through knots 0 to k begins, ``end[k]`` where the first block of
    the line through knots k to the last one ends; the blocks beyond are those of the shorter lines. Numbers are asked
    for one at a time, so they stand in plain lists.
    """

    def __init__(self, weight: list[int], total: list[float]) -> None:
        self.weight, self.total, m = weight, total, len(weight) - 1
        self.first, self.end = list(range(m)), list(range(1, m + 1))
        for k in range(m):
            while self.first[k] and self._mean(self.first[self.first[k] - 1], self.first[k]) >= (
                self._mean(self.first[k], k + 1)
            ):
                self.first[k] = self.first[self.first[k] - 1]
        for k in range(m - 1, -1, -1):
            while self.end[k] < m and self._mean(k, self.end[k]) >= self._mean(self.end[k], self.end[self.end[k]]):
                self.end[k] = self.end[self.end[k]]

    def _mean(self, first: int, end: int) -> float:
        return (self.total[end] - self.total[first]) / (self.weight[end] - self.weight[first])

    def value(self, place: int, label: float) -> float:
        """Return the line's value at a row with this label, put between knots (even place) or on one (odd place)."""
        first, end, m = place // 2, (place + 1) // 2, len(self.first)
        while True:
            mean = (self.total[end] - self.total[first] + label) / (self.weight[end] - self.weight[first] + 1)
            if end < m and mean >= self._mean(end, self.end[end]):
                end = self.end[end]
            elif first and mean <= self._mean(self.first[first - 1], first):
                first = self.first[first - 1]
            else:
                return mean

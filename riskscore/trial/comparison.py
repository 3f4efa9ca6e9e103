"""The difference of two arms, its chance value and its interval, all by drawing the allocation again.

If the arms do not differ, every allocation that could have been drawn would have seen the same finds. How often a new
draw gives a difference as large as the one seen is then an exact p-value, for places, offices and weeks alike: nothing
is assumed of how alike visits of one office are. The interval holds every difference that the test does not refuse.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.trial.allocation import Codes, draw

Floats = NDArray[np.float64]
AT_A_TIME = 1_000  # draws held in memory
TINY = 1e-12


@dataclass(frozen=True)
class Difference:
    """Share of the first arm less that of the second; an end of the interval is infinite where nothing bounds it."""

    estimate: float
    low: float
    high: float
    p: float


def difference(
    found: Floats, visits: Floats, first: NDArray[np.bool_], strata: Codes, rows: Codes, rng: np.random.Generator,
    draws: int, alpha: float,
) -> Difference:  # fmt: skip
    """Return the difference of the arms' shares of visits with a find.

    Parameters
    ----------
    found, visits : arrays, shape (n,)
        Of the units that had visits.
    first : bool array, shape (n,)
        Units in the first arm.
    strata : array of codes, one for every unit of the trial
    rows : array of positions, shape (n,)
        Where the units with visits stand among all units.
    rng : Generator
    draws : int
    alpha : float
        The interval holds the differences whose p-value is above it.

    Notes
    -----
    Were the true difference t, units would have found ``found - t * visits * first`` the other way. Drawn again, the
    arms then differ by ``a - b t``, where ``a`` is the difference of the finds and ``b`` that of the share of visits in
    units that truly were in the first arm. A draw is as far out as what was seen, ``d - t``, for t between
    ``(d - a) / (1 - b)`` and ``(d + a) / (1 + b)``, so that the p-value of every t is known at once, and sinks on both
    sides of d.

    Examples
    --------
    >>> first = np.arange(40) < 20
    >>> found = np.where(first, np.arange(40) % 2 == 0, np.arange(40) % 4 == 0).astype(float)
    >>> seen = difference(found, np.ones(40), first, np.zeros(40, dtype=np.int64), np.arange(40),
    ...                   np.random.default_rng(1), 1999, 0.05)
    >>> seen.estimate, seen.low < 0 < seen.high, seen.p > 0.05
    (0.25, True, True)
    """
    if not visits[first].sum() or not visits[~first].sum():
        return Difference(math.nan, -math.inf, math.inf, 1.0)
    seen = _shares(first[None, :].astype(np.float64), found, visits)[0]
    lows, highs, beyond = [], [], 0
    for begin in range(0, draws, AT_A_TIME):
        again = draw(strata, rng, min(AT_A_TIME, draws - begin), rows).astype(np.float64)
        a, b = _shares(again, found, visits), _shares(again, visits * first, visits)
        lost = np.isnan(a)  # an arm without visits: as far out as can be
        beyond += int((lost | (np.abs(np.where(lost, 0.0, a)) >= abs(seen) - TINY)).sum())
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.stack([(seen - a) / (1 - b), (seen + a) / (1 + b)])
        lost |= np.abs(b) > 1 - TINY  # the allocation itself, or its mirror: no difference is ruled out by it
        lows.append(np.where(lost, -np.inf, ends.min(axis=0)))
        highs.append(np.where(lost, np.inf, ends.max(axis=0)))
    # p(t) = (1 + draws as far out) / (draws + 1): the ends are where it passes alpha
    place = max(0, math.floor(alpha * (draws + 1) - 1))
    low, high = np.sort(np.concatenate(lows))[place], np.sort(np.concatenate(highs))[::-1][place]
    return Difference(float(seen), float(low), float(high), (1 + beyond) / (draws + 1))


def _shares(first: Floats, found: Floats, visits: Floats) -> Floats:
    """Return the difference of the arms' shares under each of some allocations, shape (draws,)."""
    n, f = first @ visits, first @ found
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(f / n - (found.sum() - f) / (visits.sum() - n))

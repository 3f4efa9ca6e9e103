"""How far a metric may be off if visits followed signs that the columns do not hold.

At equal columns the odds of a find where nobody went may differ from those where somebody did by a factor of up to
Gamma, either way (the sensitivity model of Robins, Rotnitzky and Scharfstein 2000; for policies Kallus and Zhou 2018).
With ``m`` the chance of a find at a visited place, an unvisited one has at most

    g(m) = Gamma m / (1 - m + Gamma m),      and at least the same with 1 / Gamma.

Both are reached, row by row, so the bounds are sharp where a metric's worst rows can be told (see `bounds`). The row's
expected outcome at an end (y where visited, g(m) elsewhere) is corrected to first order for errors of ``m``, as the
doubly robust one is:

    phi = V y + (1 - V) g(m) + V (1 - e) / e g'(m) (y - m)

At Gamma 1 that is the doubly robust outcome. Where nobody may go, ``e`` is 0 and there is no second term: the model's
chance is stretched and nothing vouches for it, so only bounds are given there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from riskscore.learn.curve import Floats, Order
from riskscore.learn.selection.corrected import ExpectedCurve, Tally

LARGEST = 20.0  # Gamma beyond which nobody is asked to believe in
_CUTS = 17  # places in the order at which the two ends are tried to meet, at a time
_STEPS = 40


def tilted(chance: Floats, gamma: float) -> Floats:
    """Return chances whose odds are ``gamma`` times the given ones.

    Examples
    --------
    >>> tilted(np.array([0.5, 0.2]), 2.0).round(4).tolist()
    [0.6667, 0.3333]
    """
    return np.asarray(gamma * chance / (1 - chance + gamma * chance))


def outcome_at(find: Floats, visit: Floats, y: Floats, gamma: float) -> Floats:
    """Return the expected outcome of each row if unseen odds of a find were ``gamma`` times those of visited places.

    Parameters
    ----------
    find : array, shape (n,)
        Chance that a visit finds something, by models that did not see the row's employer.
    visit : array, shape (n,)
        Chance of a visit; 0 where nobody may go, and nothing vouches for the row.
    y : array of 1, 0 and NaN, shape (n,)
    gamma : float
        Above 1: more than was seen at such places; below 1: less.

    Examples
    --------
    >>> outcome_at(np.array([0.5, 0.5]), np.array([0.5, 0.0]), np.array([1.0, np.nan]), 2.0).round(3).tolist()
    [1.444, 0.667]
    """
    seen = ~np.isnan(y)
    phi = tilted(find, gamma)
    m, e = find[seen], np.maximum(visit[seen], 1e-12)
    slope = gamma / (1 - m + gamma * m) ** 2
    vouched = visit[seen] > 0
    phi[seen] = y[seen] + np.where(vouched, (1 - e) / e * slope * (y[seen] - m), 0.0)
    return phi


def bounds(metric: Callable[[ExpectedCurve], Floats], low: Floats, high: Floats, score: Floats) -> tuple[Tally, Tally]:
    """Return the tallies of expected outcomes at which a metric is least and greatest.

    A metric gains where high scores find and low scores do not: somewhere in the order the rows change from one end to
    the other, and the best such place is searched. For precision, recall, lift and AUC no other choice of the rows'
    outcomes between their ends goes further; for average precision another may, by about a hundredth of its value.

    Parameters
    ----------
    metric : callable
        From a curve to one value for each draw: ``Curve.auc``.
    low, high : array, shape (n,)
        Expected outcome of each row at either end of Gamma.
    score : array, shape (n,)
    """
    order = Order.of(np.full(score.shape, np.nan), score)
    place = np.empty(score.size, dtype=np.intp)
    place[order.order] = np.arange(score.size)

    def ends(cut: int, least: bool) -> Tally:
        first, last = (low, high) if least else (high, low)
        return Tally.of_expected(np.where(place < cut, first, last), order)

    def value(cut: int, least: bool) -> float:
        found = float(metric(ends(cut, least).curve())[0])
        return np.inf if np.isnan(found) else found if least else -found

    least, greatest = (ends(_least(partial(value, least=end), score.size), end) for end in (True, False))
    return least, greatest


def _least(value: Callable[[int], float], n: int) -> int:
    """Return the cut from 0 to n with the least value: the best of some, then closer and closer around it."""
    low, high = 0, n
    while True:
        cuts = np.unique(np.linspace(low, high, _CUTS).round().astype(int))
        best = int(np.argmin([value(int(cut)) for cut in cuts]))
        if cuts.size == high - low + 1:
            return int(cuts[best])
        low, high = int(cuts[max(0, best - 1)]), int(cuts[min(cuts.size - 1, best + 1)])


def least_lead(find: Floats, visit: Floats, y: Floats, ours: Floats, theirs: Floats, gamma: float) -> float:
    """Return by how many finds one choice of places is ahead of another at the worst that Gamma allows.

    Parameters
    ----------
    find, visit, y : array, shape (n,)
        As for `outcome_at`.
    ours, theirs : array, shape (n,)
        Share of each row in either choice (`share_of_seats`).
    gamma : float
        At least 1.

    Examples
    --------
    >>> find, nobody, ours = np.array([0.5, 0.3]), np.full(2, np.nan), np.array([1.0, 0.0])
    >>> [round(least_lead(find, np.full(2, 0.5), nobody, ours, 1 - ours, g), 3) for g in (1.0, 1.5, 2.0)]
    [0.2, 0.009, -0.128]
    """
    lead = ours - theirs
    worst = np.where(lead > 0, outcome_at(find, visit, y, 1 / gamma), outcome_at(find, visit, y, gamma))
    return float((lead * worst).sum())


def stops_leading_at(find: Floats, visit: Floats, y: Floats, ours: Floats, theirs: Floats) -> float:
    """Return the Gamma from which one choice of places need not be ahead of another; parameters as `least_lead`.

    Returns
    -------
    float
        1 where it is not ahead even if visits followed the columns alone; infinity where it is ahead at `LARGEST`.
    """

    def lead(gamma: float) -> float:
        return least_lead(find, visit, y, ours, theirs, gamma)

    return lost_at(lead)


def lost_at(lead: Callable[[float], float]) -> float:
    """Return the Gamma at which a lead that shrinks with Gamma is gone; 1 and infinity as `stops_leading_at`.

    Examples
    --------
    >>> round(lost_at(lambda gamma: 3.0 - gamma), 3)
    3.0
    """
    if lead(1.0) <= 0:
        return 1.0
    if lead(LARGEST) > 0:
        return float("inf")
    low, high = 1.0, LARGEST
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if lead(middle) > 0 else (low, middle)
    return float((low * high) ** 0.5)

"""How good a ranking is: at a capacity of k visits, over all, with ties and with outcomes nobody saw.

Scores rank downwards: the highest is visited first. An outcome is 1, 0, or NaN where nobody looked: such rows take
their place in the ranking and count neither for nor against it. A metric that has no value is NaN, never an error,
so that one group without positives does not lose the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from riskscore.errors import FitError
from riskscore.learn.curve import Order


@dataclass(frozen=True)
class Interval:
    """A value with its interval, both ends inclusive."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Ties:
    """A metric when the ties at the last place fall as badly, on average, and as well as they can."""

    worst: float
    expected: float
    best: float


@dataclass(frozen=True)
class TopK:
    """The first k places of a ranking.

    ``precision`` is positives over places with a known outcome, ``recall`` positives over all known positives,
    ``lift`` precision over the base rate. ``expected`` is the exact mean over all orders of the tied rows.
    """

    k: int
    labelled: float  # places with a known outcome, expected over the orders of ties
    base_rate: float
    precision: Ties
    recall: Ties
    lift: Ties


def auc(y: ArrayLike, score: ArrayLike) -> float:
    """Return the chance that a positive scores above a negative, ties counting one half.

    Examples
    --------
    >>> auc([1, 0, 1, np.nan], [0.9, 0.2, 0.2, 0.5])
    0.75
    """
    return float(Order.of(y, score).curve().auc()[0])


def average_precision(y: ArrayLike, score: ArrayLike) -> float:
    """Return the mean precision over the positives, a group of ties being one step.

    Examples
    --------
    >>> round(average_precision([1, 0, 1], [0.9, 0.5, 0.1]), 4)
    0.8333
    """
    return float(Order.of(y, score).curve().average_precision()[0])


def top_k(y: ArrayLike, score: ArrayLike, k: int) -> TopK:
    """Return precision, recall and lift of the k highest scores.

    Parameters
    ----------
    y : array of 1, 0 and NaN (outcome unknown), shape (n,)
    score : array, shape (n,)
    k : int
        Number of visits that can be made; more than n means all.

    Raises
    ------
    FitError
        k is less than 1, or scores and outcomes do not match.

    Examples
    --------
    >>> top_k([1, 0, 1, 0], [0.9, 0.5, 0.5, 0.1], k=2).precision
    Ties(worst=0.5, expected=0.75, best=1.0)
    >>> top_k([1, np.nan, 0], [3, 2, 1], k=2).precision.expected
    1.0
    """
    ranked = Order.of(y, score)
    k = min(int(k), len(ranked.order))
    if k < 1:
        raise FitError(f"there is no top {k}.", next="Give a k of at least 1.")
    end = int(ranked.last[np.searchsorted(ranked.last, k - 1)]) + 1  # past the group of ties that holds place k
    start = int(np.append(ranked.last[ranked.last < k - 1][-1:] + 1, 0)[0])
    seats, tied = k - start, end - start
    hits, misses = int(ranked.hits[:start].sum()), int(ranked.misses[:start].sum())
    more_hits, more_misses = int(ranked.hits[start:end].sum()), int(ranked.misses[start:end].sum())
    unseen = tied - more_hits - more_misses
    known = more_hits + more_misses

    fewest, most = max(0, seats - more_misses - unseen), min(seats, more_hits)
    worst = _divide(hits + fewest, hits + fewest + misses + min(seats, more_misses))
    best = _divide(hits + most, hits + most + misses + max(0, seats - more_hits - unseen))
    # Given how many known rows are drawn, hits are linear in it: one sum over that number is exact.
    drawn = np.arange(max(0, seats - unseen), min(seats, known) + 1)
    chance = _chances(drawn, tied, known, seats)
    share = more_hits / known if known else 0.0
    counted = hits + misses + drawn
    chance = np.where(counted > 0, chance, 0.0)
    mean = float((chance * (hits + drawn * share) / np.maximum(counted, 1)).sum())
    precision = Ties(worst, _divide(mean, float(chance.sum())), best)

    positives = int(ranked.hits.sum())
    base = _divide(positives, positives + int(ranked.misses.sum()))
    expected = hits + seats * more_hits / tied
    return TopK(
        k=k,
        labelled=hits + misses + seats * known / tied,
        base_rate=base,
        precision=precision,
        recall=Ties(*(_divide(h, positives) for h in (hits + fewest, expected, hits + most))),
        lift=Ties(*(_divide(p, base) for p in (precision.worst, precision.expected, precision.best))),
    )


def wilson(positives: float, n: float, level: float = 0.95) -> Interval:
    """Return a share with its Wilson score interval; numbers of rows that count in part need not be whole.

    Examples
    --------
    >>> found = wilson(4, 43)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.093, 0.037, 0.216)
    """
    if n <= 0:
        return Interval(float("nan"), 0.0, 1.0)
    z, share = NormalDist().inv_cdf((1 + level) / 2), positives / n
    middle, half = share + z * z / (2 * n), z * np.sqrt(share * (1 - share) / n + (z / (2 * n)) ** 2)
    scale = 1 + z * z / n
    return Interval(share, max(0.0, float((middle - half) / scale)), min(1.0, float((middle + half) / scale)))


def exact(positives: int, n: int, level: float = 0.95) -> Interval:
    """Return a share with its exact binomial (Clopper-Pearson) interval, for few cases.

    Examples
    --------
    >>> found = exact(0, 10)
    >>> found.low, round(found.high, 3)
    (0.0, 0.308)
    """
    from scipy.stats import beta

    if n <= 0:
        return Interval(float("nan"), 0.0, 1.0)
    tail = (1 - level) / 2
    low = float(beta.ppf(tail, positives, n - positives + 1)) if positives else 0.0
    high = float(beta.ppf(1 - tail, positives + 1, n - positives)) if positives < n else 1.0
    return Interval(positives / n, low, high)


def _chances(drawn: np.typing.NDArray[np.int_], tied: int, known: int, seats: int) -> np.typing.NDArray[np.float64]:
    """Return the chance of each number of known rows among ``seats`` drawn from the tied ones."""
    if len(drawn) == 1:
        return np.ones(1)
    from scipy.stats import hypergeom

    return np.asarray(hypergeom.pmf(drawn, tied, known, seats), dtype=np.float64)


def _divide(above: float, below: float) -> float:
    return above / below if below else float("nan")

"""Integer draws through tables of our own: the same values on every Python, numpy and processor.

Every draw is a function of the seed, the name of its stream and integer keys (a site's number, a year), so no
draw depends on the order of the others. Chances are parts per billion; log-odds are thousandths.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
BILLION = 1_000_000_000
LIMIT = 8_000  # log-odds are cut at plus and minus 8

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the splitmix64 finalizer of each word."""
    bits = (bits ^ (bits >> np.uint64(30))) * _M1
    bits = (bits ^ (bits >> np.uint64(27))) * _M2
    return bits ^ (bits >> np.uint64(31))


def _name_bits(stream: str) -> int:
    """Return the FNV-1a hash of a stream's name; Python's own hash() changes from run to run."""
    found = 0xCBF29CE484222325
    for byte in stream.encode():
        found = ((found ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return found


@dataclass(frozen=True)
class Draws:
    """All draws of one simulation.

    Examples
    --------
    >>> Draws(1).below("example", 100, np.arange(5)).tolist()
    [21, 25, 46, 26, 8]
    """

    seed: int

    def bits(self, stream: str, *keys: ArrayLike) -> NDArray[np.uint64]:
        """Return 64 random bits for each combination of keys (keys broadcast)."""
        word = np.array([(self.seed * 0x2545F4914F6CDD1D + _name_bits(stream)) & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64)
        word = _mix(word)
        for key in keys:
            numbers = np.atleast_1d(np.asarray(key, dtype=np.int64)).astype(np.uint64)
            word = _mix(word + (numbers + np.uint64(1)) * _GOLDEN)
        return word

    def below(self, stream: str, bound: ArrayLike, *keys: ArrayLike) -> Ints:
        """Return whole numbers from 0 to bound - 1 (bound below 2**31, one or one per key)."""
        top = self.bits(stream, *keys) >> np.uint64(32)
        return ((top * np.asarray(bound, dtype=np.int64).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)

    def between(self, stream: str, low: ArrayLike, high: ArrayLike, *keys: ArrayLike) -> Ints:
        """Return whole numbers from low to high, both included."""
        first = np.asarray(low, dtype=np.int64)
        return first + self.below(stream, np.maximum(np.asarray(high, dtype=np.int64) - first + 1, 1), *keys)

    def happens(self, stream: str, chance: ArrayLike, *keys: ArrayLike) -> Flags:
        """Return True with each chance (parts per billion)."""
        return np.asarray(self.below(stream, BILLION, *keys) < np.asarray(chance), dtype=np.bool_)

    def pick(self, stream: str, weights: ArrayLike, *keys: ArrayLike) -> Ints:
        """Return positions in a table of whole weights, each as often as it weighs."""
        ends = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(ends, self.below(stream, ends[-1], *keys), side="right").astype(np.int64)

    def normal(self, stream: str, deviation: int, *keys: ArrayLike) -> Ints:
        """Return bell-shaped whole numbers around 0: the sum of four uniform draws, cut at 3.4 deviations."""
        word = self.bits(stream, *keys)
        mask = np.uint64(0xFFFF)
        total = sum((((word >> np.uint64(shift)) & mask).astype(np.int64) for shift in (0, 16, 32, 48)), -131_070)
        return np.asarray(total * deviation // 37_837, dtype=np.int64)

    def systematic(self, stream: str, chances: Ints, count: int, keys: Ints) -> Flags:
        """Choose exactly ``count`` members, each with a chance in proportion to its own.

        The members are laid end to end in a random order, each as long as its chance, and every ``count``-th part
        of the whole picks the member it falls in. Members whose chance times count exceeds the whole are sure.
        """
        order = np.argsort(self.bits(stream, keys), kind="stable")
        chosen = np.zeros(len(chances), dtype=np.bool_)
        chosen[order] = spread(min(count, len(chances)), chances[order]) > 0
        missing = min(count, len(chances)) - int(chosen.sum())
        if missing > 0:  # a sure member was hit twice: the next in the random order stands in
            chosen[order[~chosen[order]][:missing]] = True
        return chosen


@cache
def _logistic() -> Ints:
    """Return 1 / (1 + exp(-x)) in parts per billion for x in thousandths; decimal exp is exact everywhere."""
    with localcontext() as context:
        context.prec = 30
        step, values, power = (Decimal(1) / 1000).exp(), [], Decimal(-LIMIT // 1000).exp()
        for _ in range(2 * LIMIT + 1):
            values.append(int(power / (1 + power) * BILLION + Decimal("0.5")))
            power *= step
    return np.array(values, dtype=np.int64)


def chance_of(log_odds: Ints) -> Ints:
    """Return chances in parts per billion for log-odds in thousandths.

    Examples
    --------
    >>> chance_of(np.array([-1000, 0, 1000])).tolist()
    [268941421, 500000000, 731058579]
    """
    return _logistic()[np.clip(log_odds, -LIMIT, LIMIT) + LIMIT]


def offset_for(log_odds: Ints, share: int) -> int:
    """Return what to add to all log-odds so that the mean chance comes to ``share`` (parts per billion)."""
    if not len(log_odds):
        return 0
    low, high = -2 * LIMIT, 2 * LIMIT
    while low < high:
        middle = (low + high) // 2
        if int(chance_of(log_odds + middle).sum()) < share * len(log_odds):
            low = middle + 1
        else:
            high = middle
    return low


def spread(total: int, weights: Ints) -> Ints:
    """Share a whole number out by weights; the parts are whole and add up to it.

    Examples
    --------
    >>> spread(10, np.array([1, 1, 2])).tolist()
    [2, 3, 5]
    """
    if not len(weights) or total <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    weights = np.maximum(weights, 1)
    whole = int(weights.sum())
    shrink = max(1, whole * total // 2**62 + 1)  # keeps the products within 64 bits
    ends = np.cumsum(weights) // shrink
    parts = ends * total // int(ends[-1])
    return np.diff(parts, prepend=0)

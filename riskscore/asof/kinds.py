"""What is computed over a window: one function per kind, each exact and independent of other keys.

Numbers are summed as integers: counts as they are, money in qəpik, anything else in millionths. A sum therefore has
no rounding that depends on order, on blocks, or on the rows of others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from riskscore.dates import Period
from riskscore.errors import RecordsError
from riskscore.history.windows import Ints, Part, Positions, stretches

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_WEIGHT_BITS, _SPLIT_BITS = 24, 16


@dataclass(frozen=True)
class Inputs:
    """The expressions of one feature over the events, and its settings; ``None`` where the feature has none.

    ``value`` is float64 with NaN, or int32 codes (-1 missing) where ``text``; the truths are boolean.
    """

    where: Bools | None
    there: Bools | None = None  # rows that match and have a value; None: all
    value: Floats | NDArray[np.int32] | None = None
    text: bool = False
    scale: int = 1
    of: Bools | None = None
    per: Floats | None = None
    per_scale: int = 1
    holds: Bools | None = None
    half_life: int = 0


@dataclass(frozen=True)
class Stretch:
    """The events of each row that match, in the window: positions ``[lo, hi)`` among the events that match."""

    part: Part
    lo: Ints
    hi: Ints
    kept: Positions  # position among matching events -> event

    @classmethod
    def of(cls, part: Part, begin: Ints, mask: Bools | None) -> Stretch:
        """Cut the row's stretches down to the events for which ``mask`` holds."""
        if mask is None:
            return cls(part, begin, part.stop, part.order)
        before, kept = part.matching(mask)
        return cls(part, before[begin].astype(np.int64), before[part.stop].astype(np.int64), kept)

    @property
    def n(self) -> Ints:
        """How many events match, per row."""
        return self.hi - self.lo

    def total(self, values: Floats, there: Bools | None, scale: int) -> Floats:
        """Sum values exactly over each stretch: as integers, ``scale`` to the one."""

        def run() -> Ints:
            whole = _whole(values[self.kept], scale)
            running = np.zeros(self.kept.size + 1, dtype=np.int64)
            running[1:] = whole  # made integers on the way, so that there is one copy less
            return np.cumsum(running, out=running)

        running = self.part.once((values, there, run.__code__), run)
        total: Floats = (running[self.hi] - running[self.lo]).astype(np.float64)
        return total if scale == 1 else total / scale

    def at_newest(self) -> tuple[Bools, Positions]:
        """Return where there is an event, and the newest one there."""
        some = self.n > 0
        return some, self.kept[self.hi[some] - 1]


def whole_numbers(values: Floats, scale: int) -> Ints:
    """Return ``values * scale`` as integers; RecordsError where their sum could leave 63 bits."""
    return _whole(values, scale).astype(np.int64)


def _whole(values: Floats, scale: int) -> Floats:
    scaled = values * scale
    np.rint(scaled, out=scaled)
    if scaled.size and max(float(scaled.max()), -float(scaled.min())) * scaled.size > 2.0**62:
        raise RecordsError("values are too large to be summed exactly.", next="Bring them in a larger unit.")
    return scaled


def _divide(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0), dtype=np.float64)


def count(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """How many rows match."""
    return Stretch.of(part, begin, x.where).n.astype(np.float64)


def exists(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Whether a row matches."""
    return (Stretch.of(part, begin, x.where).n > 0).astype(np.float64)


def _sum_and_n(part: Part, begin: Ints, there: Bools | None, values: Floats, scale: int) -> tuple[Floats, Ints]:
    kept = Stretch.of(part, begin, there)
    return kept.total(values, there, scale), kept.n


def _number(x: Inputs) -> Floats:
    assert x.value is not None
    return x.value.astype(np.float64, copy=False)


def sum_(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Return the sum; missing where rows match and none has a value."""
    total, n = _sum_and_n(part, begin, x.there, _number(x), x.scale)
    return np.where(n > 0, total, np.nan)


def mean(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Return the mean over rows that have a value."""
    total, n = _sum_and_n(part, begin, x.there, _number(x), x.scale)
    return _divide(total, n.astype(np.float64))


def _extreme(part: Part, begin: Ints, x: Inputs, sign: float) -> Floats:
    values = _number(x)
    kept = Stretch.of(part, begin, x.there)
    some = kept.n > 0
    out = np.full(some.shape, np.nan)
    if some.any():
        bounds = np.stack([kept.lo[some], kept.hi[some]], axis=1).ravel()
        padded = part.once((values, x.there, sign), lambda: np.append(values[kept.kept] * sign, -np.inf))
        out[some] = np.maximum.reduceat(padded, bounds)[::2] * sign
    return out


def max_(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Return the largest value."""
    return _extreme(part, begin, x, 1.0)


def min_(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Return the smallest value."""
    return _extreme(part, begin, x, -1.0)


def _newest(kept: Stretch, x: Inputs) -> Floats:
    some, event = kept.at_newest()
    out = np.full(some.shape, np.nan)
    assert x.value is not None
    picked = x.value[event].astype(np.float64)
    out[some] = np.where(picked < 0, np.nan, picked) if x.text else picked
    return out


def last(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Return the value on the newest row that matches."""
    return _newest(Stretch.of(part, begin, x.where), x)


def latest_of(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Return the newest value that is not missing."""
    assert x.value is not None
    return _newest(Stretch.of(part, begin, x.there), x)


def days_since(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Days from the newest row that matches to as_of."""
    kept = Stretch.of(part, begin, x.where)
    some = kept.n > 0
    out = np.full(some.shape, np.nan)
    dates = part.date if x.where is None else part.date[x.where[part.order]]
    out[some] = (part.as_of[some] - dates[kept.hi[some] - 1]).astype(np.float64)
    return out


def overdue(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Days by which as_of lies past the newest date in value.

    A date still to come gives 0: a permit that runs is no breach, and how long it runs must not tell who works there.
    """
    return np.maximum(part.as_of - _extreme(part, begin, x, 1.0), 0.0)


def distinct(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """How many different values there are; a pair-wise pass, in blocks."""
    assert x.value is not None
    kept = Stretch.of(part, begin, x.there)
    _, code = np.unique(x.value[kept.kept], return_inverse=True)
    out = np.zeros(kept.n.shape)
    for cut, owner, position in _blocks(kept):
        pairs = np.unique(owner.astype(np.int64) * (int(code.max(initial=0)) + 1) + code[position])
        out[cut] = np.bincount(pairs // (int(code.max(initial=0)) + 1), minlength=out[cut].size)
    return out


def decayed_sum(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Sum of values halved with every half-life of age; weights are integers of 24 bits."""
    values = _number(x)
    kept = Stretch.of(part, begin, x.there)
    numbers = whole_numbers(values[kept.kept], x.scale)
    dates = part.date if x.there is None else part.date[x.there[part.order]]
    weights = _weights(x.half_life)
    out = np.full(kept.n.shape, np.nan)
    for cut, owner, position in _blocks(kept):
        age = np.minimum(part.as_of[cut][owner] - dates[position], weights.size - 1)
        # Two halves, each with room for millions of events, so that no product or sum can overflow.
        high, low = np.divmod(numbers[position], 1 << _SPLIT_BITS)
        sums = [np.zeros(out[cut].size, dtype=np.int64) for _ in range(2)]
        for total, half in zip(sums, (high, low), strict=True):
            np.add.at(total, owner, half * weights[age])
        some = np.bincount(owner, minlength=out[cut].size) > 0
        whole = (sums[0].astype(np.float64) * (1 << _SPLIT_BITS) + sums[1]) / ((1 << _WEIGHT_BITS) * float(x.scale))
        out[cut] = np.where(some, whole, np.nan)
    return out


@cache
def _weights(half_life: int) -> Ints:
    """Return the weight of each age in days, 2 ** 24 for a new event; after 25 half-lives none is left."""
    ages = range((_WEIGHT_BITS + 1) * half_life)
    return np.array([round(2.0 ** (_WEIGHT_BITS - age / half_life)) for age in ages], dtype=np.int64)


def share(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Rows that match, among those that count."""
    both = x.where if x.of is None or x.where is None else x.where & x.of
    above = Stretch.of(part, begin, both).n.astype(np.float64)
    return _divide(above, Stretch.of(part, begin, x.of).n.astype(np.float64))


def rate(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Sum of value over sum of per, over the rows that have both."""
    assert x.per is not None
    above, _ = _sum_and_n(part, begin, x.there, _number(x), x.scale)
    below, _ = _sum_and_n(part, begin, x.there, x.per, x.per_scale)
    return _divide(above, below)


def trend(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Sum in the newer half of the window less that in the older half."""
    # A window of an odd number of months is halved in days.
    half = (
        Period(months=window.months // 2)
        if window.months and window.months % 2 == 0
        else Period(days=(window.days or window.months * 30) // 2)
    )
    whole, n = _sum_and_n(part, begin, x.there, _number(x), x.scale)
    newer, _ = _sum_and_n(part, part.begin(half), x.there, _number(x), x.scale)
    return np.where(n > 0, 2 * newer - whole, np.nan)


def streak(part: Part, begin: Ints, x: Inputs, window: Period) -> Floats:
    """Newest rows that match, counted until the first for which ``holds`` is not true."""
    assert x.holds is not None
    kept = Stretch.of(part, begin, x.where)
    broken = np.where(~x.holds[kept.kept], np.arange(kept.kept.size), -1)
    last_broken: Ints = np.concatenate([[-1], np.maximum.accumulate(broken)]) if broken.size else np.array([-1])
    return (kept.hi - np.maximum(last_broken[kept.hi] + 1, kept.lo)).astype(np.float64)


def _blocks(kept: Stretch, pairs: int = 4_000_000):  # type: ignore[no-untyped-def]
    """Yield (rows, owner within them, position) in blocks of bounded size."""
    total, cut = np.cumsum(kept.n), 0
    while cut < total.size:
        done = int(total[cut - 1]) if cut else 0
        upto = max(cut + 1, int(np.searchsorted(total, done + pairs, side="right")))
        owner, position = stretches(kept.lo[cut:upto], kept.hi[cut:upto])
        yield slice(cut, upto), owner, position
        cut = upto


Kind = Callable[[Part, Ints, Inputs, Period], Floats]
WINDOW_KINDS: Mapping[str, Kind] = {
    "count": count, "exists": exists, "sum": sum_, "mean": mean, "min": min_, "max": max_, "last": last,
    "latest_of": latest_of, "days_since": days_since, "overdue": overdue, "distinct": distinct,
    "decayed_sum": decayed_sum, "share": share, "rate": rate, "trend": trend, "streak": streak,
}  # fmt: skip
NEWEST_KINDS = frozenset({"last", "latest_of", "streak"})
"""Kinds whose result depends on the order of events on one day."""

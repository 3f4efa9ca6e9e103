"""The numeric kernel: which events of a key are visible on a day and fall in a window.

Events are sorted by (key, date). Where the events of a key became known in the order in which they happened, those
visible before ``as_of`` are a prefix, found by binary search, and running sums stay exact. The other keys (late or
corrected rows) take a pair-wise pass: each row's visible events are laid out as a segment of its own, and from
there on the same code serves both. Every result depends on the events of its own key alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.dates import FOREVER, Days, Period

Ints = NDArray[np.int64]
Positions = NDArray[np.int32] | Ints  # of events
PAIRS = 8_000_000  # (row, event) pairs laid out at once in the pair-wise pass


def pack(key: NDArray[np.int32], day: Days) -> Ints:
    """Return one integer per (key, day) that sorts as the pair does."""
    packed = key.astype(np.int64) << 32
    packed += day
    packed += 2**31
    return packed


def _order(packed: Ints) -> Ints:
    """Return the positions that sort ``packed``; one plain sort where position and value fit into 63 bits."""
    if not packed.size:
        return np.array([], dtype=np.int64)
    days = packed & 0xFFFFFFFF
    first = int(days.min())
    day_bits = (int(days.max()) - first).bit_length()
    bits = (packed.size - 1).bit_length()
    if packed.min() >= 0 and int(packed.max() >> 32).bit_length() + day_bits + bits <= 62:
        tight = packed >> 32
        tight <<= day_bits
        days -= first
        tight += days
        tight <<= bits
        tight += np.arange(packed.size, dtype=np.int64)
        tight.sort()
        return tight & ((1 << bits) - 1)
    return np.argsort(packed, kind="stable")


def _narrow(n: int) -> Any:
    """Return the type of positions below n: half the memory wherever it is enough."""
    return np.int32 if n < 2**31 else np.int64


@dataclass
class Part:
    """Some rows with their events laid out so that each row's visible events are one contiguous stretch.

    ``rows`` are positions in the caller's rows; ``order`` maps a position here to an event; ``first`` and ``stop``
    delimit each row's visible events.
    """

    rows: Ints
    as_of: Days
    order: Positions
    date: Days
    first: Ints
    stop: Ints
    _begins: dict[Period, Ints] = field(default_factory=dict)
    _kept: dict[tuple[int, ...], tuple[tuple[object, ...], Any]] = field(default_factory=dict)

    def begin(self, window: Period) -> Ints:
        """Return for each row the position of its first event in ``[as_of - window, as_of)``."""
        if window not in self._begins:
            self._begins[window] = self.since(window.before(self.as_of)) if not window.everything else self.first
        return self._begins[window]

    def once(self, about: tuple[object, ...], make: Callable[[], Any]) -> Any:
        """Return what ``make`` gives for these objects, made once for all windows of a feature.

        Columns come sorted by feature, so the last two results are enough, and the memory stays bounded.
        """
        key = tuple(id(a) for a in about)
        if key not in self._kept:
            while len(self._kept) >= 2:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = about, make()
        self._kept[key] = self._kept.pop(key)  # asked for last, so let go last
        return self._kept[key][1]

    def forget(self) -> None:
        """Free what was kept for the windows, so that the next part does not stand on top of it."""
        self._kept.clear()
        self._begins.clear()

    def matching(self, mask: NDArray[np.bool_]) -> tuple[Positions, Positions]:
        """Return how many matching events lie before each position, and the matching events in order."""

        def cut() -> tuple[Positions, Positions]:
            here = mask[self.order]
            before = np.zeros(here.size + 1, dtype=_narrow(here.size))
            np.cumsum(here, out=before[1:])
            return before, self.order[here]

        found: tuple[Positions, Positions] = self.once((mask,), cut)
        return found

    def since(self, day: Days) -> Ints:
        """Return for each row the position of its first visible event on or after the day."""
        return first_not_before(self.date, day, self.first, self.stop)


class History:
    """The events of one table under one key, sorted once.

    Parameters
    ----------
    key : int32 array, shape (n,)
        Code of the key; events with -1 are left out.
    date, start, until : int32 arrays, shape (n,)
        Day of the event; an event is visible at ``as_of`` if ``start < as_of <= until`` and ``date < as_of``.
    keys : int
        Codes are below this number.
    tie : callable, optional
        Given events, returns integers that order those of one key, date and start; needed only by kinds that ask
        for the newest row.
    """

    def __init__(
        self,
        key: NDArray[np.int32],
        date: Days,
        start: Days,
        until: Days | None,
        keys: int,
        tie: Callable[[Positions], Ints] | None = None,
    ) -> None:
        used = np.flatnonzero((key >= 0) & (start < FOREVER))
        whole = used.size == key.size
        packed = pack(key, date) if whole else pack(key[used], date[used])
        order = _order(packed)
        packed = packed[order]
        self.order = (order if whole else used[order]).astype(_narrow(key.size), copy=False)
        self._settle_ties(packed, start, tie)
        code = (packed >> 32).astype(np.int32)
        del packed
        self.date, self.start = date[self.order], start[self.order]
        self.until = None if until is None else until[self.order]
        steps = (self.start[1:] < self.start[:-1]) & (code[1:] == code[:-1])
        tangled = np.zeros(keys, dtype=bool)
        tangled[code[1:][steps]] = True
        if self.until is not None:
            tangled[code[self.until < FOREVER]] = True
        self.tangled = tangled
        self.bounds = np.searchsorted(code, np.arange(keys + 1, dtype=np.int32))
        self._known_rank_is_date = bool((self.start >= self.date).all())

    def _settle_ties(self, packed: Ints, start: Days, tie: Callable[[Positions], Ints] | None) -> None:
        """Order the events of one key and date by the day they became known, then by ``tie``."""
        same = packed[1:] == packed[:-1]
        if not same.any():
            return
        at = np.flatnonzero(np.concatenate([same, [False]]) | np.concatenate([[False], same]))
        events = self.order[at]
        last = tie(events) if tie is not None else events
        self.order[at] = events[np.lexsort((last, start[events], packed[at]))]

    def parts(self, key: NDArray[np.int32], as_of: Days) -> Iterator[Part]:
        """Yield the rows, each exactly once, with their visible events; rows of unknown key (-1) are left out."""
        known = key >= 0
        tangled = np.zeros(key.shape, dtype=bool)
        tangled[known] = self.tangled[key[known]]
        straight = np.flatnonzero(known & ~tangled)
        if straight.size:
            yield self._straight(straight, key, as_of)
        yield from self._pairs(np.flatnonzero(tangled), key, as_of)

    def _straight(self, rows: Ints, key: NDArray[np.int32], as_of: Days) -> Part:
        rows = rows[_order(pack(key[rows], as_of[rows]))]
        segment, day = key[rows], as_of[rows]
        own = slice(int(self.bounds[segment[0]]), int(self.bounds[segment[-1] + 1]))  # the events of these rows' keys
        first, end = self.bounds[segment] - own.start, self.bounds[segment + 1] - own.start
        stop = first_not_before(self.start[own], day, first, end)
        if not self._known_rank_is_date:
            stop = first_not_before(self.date[own], day, first, stop)
        return Part(rows, day, self.order[own], self.date[own], first, stop)

    def _pairs(self, rows: Ints, key: NDArray[np.int32], as_of: Days) -> Iterator[Part]:
        begin, end = self.bounds[key[rows]], self.bounds[key[rows] + 1]
        total = np.cumsum(end - begin)
        cut = 0
        while cut < rows.size:
            done = int(total[cut - 1]) if cut else 0
            upto = max(cut + 1, int(np.searchsorted(total, done + PAIRS, side="right")))
            yield self._lay_out(rows[cut:upto], begin[cut:upto], end[cut:upto], as_of)
            cut = upto

    def _lay_out(self, rows: Ints, begin: Ints, end: Ints, as_of: Days) -> Part:
        owner, event = stretches(begin, end)
        day = as_of[rows][owner]
        visible = (self.start[event] < day) & (self.date[event] < day)
        if self.until is not None:
            visible &= day <= self.until[event]
        owner, event = owner[visible], event[visible]
        date = self.date[event]
        stop = np.cumsum(np.bincount(owner, minlength=rows.size))
        first = np.concatenate([[0], stop[:-1]])
        return Part(rows, as_of[rows], self.order[event], date, first, stop)


def first_not_before(days: Days, day: Days, begin: Ints, end: Ints) -> Ints:
    """Return for each stretch ``[begin[i], end[i])`` of rising days the first position on or after ``day[i]``.

    All stretches are searched together, so that no array of the events' size is made.

    Examples
    --------
    >>> days = np.array([1, 5, 9, 2], dtype=np.int32)
    >>> first_not_before(days, np.array([5, 3], dtype=np.int32), np.array([0, 3]), np.array([3, 4])).tolist()
    [1, 4]
    """
    last = begin - 1  # the last position known to be earlier; it grows by halves, quarters and so on of the longest
    steps = int((end - begin).max(initial=0)).bit_length()
    for step in (1 << k for k in reversed(range(steps))):
        probe = last + step
        earlier = days.take(probe, mode="clip") < day
        earlier &= probe < end
        np.add(last, step, out=last, where=earlier)
    return last + 1


def stretches(begin: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return (owner, position) pairs that list every position of ``[begin[i], end[i])``, owner by owner.

    Examples
    --------
    >>> [x.tolist() for x in stretches(np.array([3, 0]), np.array([5, 1]))]
    [[0, 0, 1], [3, 4, 0]]
    """
    length = np.maximum(end - begin, 0)
    owner = np.repeat(np.arange(begin.size), length)
    offset = np.arange(owner.size) - np.repeat(np.cumsum(length) - length, length)
    return owner, begin[owner] + offset

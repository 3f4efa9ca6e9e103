"""Linked employers: the events of an employer's neighbours, as events under the employer's own key."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import FOREVER, Days
from riskscore.definitions.grammar import Values
from riskscore.history.tables import TableView, positions
from riskscore.history.versions import Coded, EventTable, Versions
from riskscore.history.windows import Ints, stretches


class Everyone:
    """Codes for every employer that a table or the links mention."""

    def __init__(self, *columns: Values) -> None:
        words = [np.asarray(c.words, dtype=object) for c in columns]
        self.index = pd.Index(np.unique(np.concatenate([*words, np.array([], dtype=object)]).astype(str)))

    def codes(self, values: Values) -> NDArray[np.int32]:
        """Return the code of each employer, -1 where there is none."""
        return positions(values, self.index)


def neighbours(
    links: EventTable, rows: Coded, events: EventTable, versions: Versions
) -> tuple[Ints, NDArray[np.int32], Days, Days | None]:
    """Return linked employers' events under the key of those they are linked to.

    A neighbour's event is visible from the day on which both it and the link are known. Two links between the same
    employers count once, from the earlier of them.

    Returns
    -------
    event : int array, shape (m,)
        Position among the versions.
    code, start : int32 arrays, shape (m,)
        The employer that the event is a neighbour's of, and the day from which it is visible.
    until : int32 array, shape (m,), or None
    """
    view = links.view
    everyone = Everyone(view.values("employer_a"), view.values("employer_b"))
    a, b, known, until = _pairs(view, everyone)
    own = rows.codes(Values("text", a, tuple(everyone.index)))
    wanted = own >= 0
    own, b, known, until = own[wanted], b[wanted], known[wanted], until[wanted]
    whose = events.reference(versions, "employer", everyone)
    order = np.argsort(whose, kind="stable")
    bounds = np.searchsorted(whose[order], np.arange(len(everyone.index) + 1))
    link, position = stretches(bounds[b], bounds[b + 1])
    event = order[position]
    start = np.maximum(versions.start[event], known[link])
    ends = until[link] if versions.until is None else np.minimum(until[link], versions.until[event])
    keep = start < ends
    never = bool((ends == FOREVER).all())
    return event[keep], own[link][keep], start[keep], None if never else ends[keep]


def _pairs(view: TableView, everyone: Everyone) -> tuple[NDArray[np.int32], NDArray[np.int32], Days, Days]:
    """Return (a, b, known, until) both ways round; on any day at most one link holds for a pair."""
    one, other = everyone.codes(view.values("employer_a")), everyone.codes(view.values("employer_b"))
    a, b = np.concatenate([one, other]), np.concatenate([other, one])
    known = np.concatenate([view.start, view.start])
    until = np.full(view.n, FOREVER, dtype=np.int32) if view.until is None else view.until
    until = np.concatenate([until, until])
    use = (a >= 0) & (b >= 0) & (a != b)
    order = np.flatnonzero(use)[np.lexsort((known[use], b[use], a[use]))]
    a, b, known, until = a[order], b[order], known[order], until[order]
    return _once(a, b, known, until)


def _once(
    a: NDArray[np.int32], b: NDArray[np.int32], known: Days, until: Days
) -> tuple[NDArray[np.int32], NDArray[np.int32], Days, Days]:
    """Cut the links of each pair so that no two hold on one day: a later one begins where all before it have ended.

    A link of ``(10, 50]`` and one of ``(20, FOREVER]`` become ``(10, 50]`` and ``(50, FOREVER]``: on day 30 nobody
    knows that the first will be corrected on day 50, and nothing may be counted twice because of it.
    """
    new = np.ones(a.size, dtype=bool)
    new[1:] = (a[1:] != a[:-1]) | (b[1:] != b[:-1])
    # pairs ascend, so with the pair as the leading digit a running maximum starts anew at each pair
    lead = np.cumsum(new, dtype=np.int64) << 33
    ended = np.maximum.accumulate(lead + until) - lead
    begin = known.copy()
    begin[1:] = np.where(new[1:], known[1:], np.maximum(known[1:], ended[:-1]))
    keep = begin < until
    return a[keep], b[keep], begin[keep], until[keep]

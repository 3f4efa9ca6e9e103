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
    """Return (a, b, known, until) both ways round, once per pair: the link known first."""
    one, other = everyone.codes(view.values("employer_a")), everyone.codes(view.values("employer_b"))
    a, b = np.concatenate([one, other]), np.concatenate([other, one])
    known = np.concatenate([view.start, view.start])
    until = np.full(view.n, FOREVER, dtype=np.int32) if view.until is None else view.until
    until = np.concatenate([until, until])
    use = (a >= 0) & (b >= 0) & (a != b)
    order = np.flatnonzero(use)[np.lexsort((known[use], b[use], a[use]))]
    first = np.ones(order.size, dtype=bool)
    first[1:] = (a[order][1:] != a[order][:-1]) | (b[order][1:] != b[order][:-1])
    # a corrected link ends; the next one between the same two takes over
    first |= np.concatenate([[False], until[order][:-1] < FOREVER])[: order.size]
    order = order[first]
    return a[order], b[order], known[order], until[order]

"""The visit behind each row of a cohort: why it was made, and the logged chance of a draw."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.recipe import Recipe
from riskscore.history.shared import histories
from riskscore.history.tables import Ids
from riskscore.history.versions import EventTable
from riskscore.history.windows import Ints, pack
from riskscore.records.model import Records

RANDOM = "random"
PROMPTED = ("complaint", "hotline")  # triggers of visits that a report brought about


@dataclass(frozen=True)
class Visits:
    """What is known of the visits behind the rows of a cohort; shape (n,) each.

    Parameters
    ----------
    trigger : array of str
        Why the visit was made; empty where there was none, or the records do not say.
    drawn : float array
        Logged probability of the first visit of the horizon that was drawn at random; NaN where there is none.
    """

    trigger: NDArray[Any]
    drawn: NDArray[np.float64]


def visits_of(records: Records, recipe: Recipe, cohort: Cohort, known_by: dt.date) -> Visits:
    """Return why each row was visited, as known before a day; see `visit_of_rows`."""
    events, known = inspections(records), day(known_by)
    view = events.view
    nobody = np.full(cohort.as_of.shape, "", dtype=object)
    drawn = np.full(cohort.as_of.shape, np.nan)
    if not view.has("trigger"):
        return Visits(nobody, drawn)
    trigger = view.values("trigger")
    words = np.append(np.asarray(trigger.words, dtype=object), "")
    why = words[np.append(trigger.data, -1)[visit_of_rows(events, recipe, cohort, known)]]
    if view.has("selection_probability"):
        logged = np.append(view.values("selection_probability").data, np.nan)
        among = (words[trigger.data] == RANDOM) & (logged[:-1] > 0)
        drawn = logged[visit_of_rows(events, recipe, cohort, known, among)]
    return Visits(why, drawn)


def inspections(records: Records) -> EventTable:
    """Return the visits, ready to be asked whose they are."""
    return events_of(records, "inspections")


def events_of(records: Records, table: str) -> EventTable:
    """Return a table of events, ready to be asked whose they are."""
    return histories(records).table(table)


def unprompted(visits: EventTable) -> NDArray[np.bool_] | None:
    """Return the visits that no report brought about, shape (number of visits,); None where no trigger was noted."""
    if not visits.view.has("trigger"):
        return None
    trigger = visits.view.values("trigger")
    words = np.append(np.asarray(trigger.words, dtype=object), "")[trigger.data].astype(str)
    return ~np.isin(words, PROMPTED)


def visit_of_rows(
    visits: EventTable, recipe: Recipe, cohort: Cohort, known: int, among: NDArray[np.bool_] | None = None
) -> Ints:
    """Return the row of the visit behind each row of the cohort, -1 where there is none; shape (n,).

    It is the row's own visit where the cohort is made of visits, else the first visit in ``[as_of, as_of + horizon)``.

    Parameters
    ----------
    visits : EventTable
    recipe : Recipe
    cohort : Cohort of n rows
    known : int
        Day number; what became known on it or later is not used.
    among : bool array, shape (number of visits,), optional
        The visits that count.
    """
    view, register = visits.view, visits.index.get(cohort.kind)
    alive = view.start < known
    if view.until is not None:
        alive &= view.until >= known
    if among is not None:
        alive &= among
    if cohort.visit is not None:
        newest = np.full(view.n + 1, -1)
        newest[view.root[alive]] = np.flatnonzero(alive)
        own = pd.Index(view.ids).get_indexer(pd.Index(cohort.visit))
        return np.asarray(newest[view.root[own]])
    versions = visits.reading([], [cohort.kind])
    row = np.arange(view.n) if versions.row is None else versions.row
    shown = alive[row] & (versions.start < known)
    if versions.until is not None:
        shown &= versions.until >= known
    code = visits.reference(versions, cohort.kind, Ids(cohort.ids, None if register is None else register.ids))
    picked = np.flatnonzero(shown & (code >= 0))
    packed = pack(code[picked], view.date[row[picked]])
    order = np.lexsort((view.tie(row[picked]), packed))
    first = np.searchsorted(packed[order], pack(cohort.code, cohort.as_of))
    end = np.searchsorted(packed[order], pack(cohort.code, recipe.horizon.after(cohort.as_of)))
    return np.where(first < end, np.append(row[picked][order], -1)[first], -1)

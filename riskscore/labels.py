"""What came out: the rung of the ladder that each entity reached in the horizon, and what nobody has seen.

Labels look forward, ``[as_of, as_of + horizon)``, and features look back; the two meet in learning alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.cohorts import Cohort
from riskscore.dates import FOREVER, MISSING, Days, day, days_between
from riskscore.definitions.grammar import matches
from riskscore.definitions.recipe import Condition, Recipe
from riskscore.history.shared import histories
from riskscore.history.windows import Ints, pack, stretches
from riskscore.records.model import Records
from riskscore.side_by_side import FEW, side_by_side


@dataclass(frozen=True)
class Labels:
    """Outcomes of a cohort.

    ``frame`` has the index (entity, as_of) and the columns ``visited`` (bool), ``level`` (the highest rung reached in
    the horizon, 0 for a visit that found nothing, NaN for unseen) and, for each rung k, ``target_k``: 1 if level k or
    more was reached, 0 if a visit did not, NaN where nobody looked or the outcome is still open.
    """

    frame: pd.DataFrame
    counts: Mapping[str, int]  # rows, visited, open, and how many reached each rung

    def target(self, level: int) -> NDArray[np.float64]:
        """Return the target of one rung, shape (n,)."""
        return self.frame[f"target_{level}"].to_numpy(dtype=np.float64)


class _Outcomes:
    """The tables as known on the day the labels are made."""

    def __init__(self, records: Records, cohort: Cohort, known_by: int) -> None:
        shared = histories(records)
        self.cohort, self.known_by, self.ids = cohort, known_by, shared.ids_of(cohort.kind, cohort.ids)
        self.views, self.visits = shared.views, shared.index["inspection"]
        self.events = {name: shared.table(name) for name in self.views}

    def rows(self, condition: Condition) -> tuple[NDArray[np.int32], Days, NDArray[np.int32]]:
        """Return (entity code, date, code of the distinct value) of every row that meets the condition and is known.

        What a visit led to, a fine a month later, say, counts on the day of the visit.
        """
        if condition.table not in self.events:
            nothing = np.array([], dtype=np.int32)
            return nothing, nothing, nothing
        events = self.events[condition.table]
        linked = condition.table != "inspections" and events.view.has("inspection_id")
        key = "visit" if self.cohort.visit is not None else self.cohort.kind
        also = ["inspection"] if linked else []
        versions = events.reading([condition.where] if condition.where else [], [] if key == "visit" else [key], also)
        alive = versions.start < self.known_by
        if versions.until is not None:
            alive &= versions.until >= self.known_by
        if condition.where is not None:
            alive &= matches(condition.where, lambda p, c: events.cell(versions, p, c), versions.start.size)
        date = events.dates(versions)
        if linked and versions.parents["inspection"].size:
            visit = versions.parents["inspection"]
            date = np.where(visit >= 0, self.visits.view.date[visit], date)
        code = self._visit_code(condition.table, versions.row, versions.parents) if key == "visit" else (
            events.reference(versions, key, self.ids)
        )  # fmt: skip
        alive &= (code >= 0) & (date != MISSING)
        value = np.zeros(date.shape, dtype=np.int32)
        if condition.distinct:
            value = events.cell(versions, None, condition.distinct).data
        return code[alive], date[alive].astype(np.int32), value[alive]

    def _visit_code(self, table: str, row: Ints | None, parents: Mapping[str, Ints]) -> NDArray[np.int32]:
        """Return the cohort's row of the visit that each record belongs to, -1 where there is none."""
        assert self.cohort.visit is not None
        view = self.visits.view
        own = pd.Series(np.arange(view.n), index=view.ids).reindex(self.cohort.visit).to_numpy()
        of_chain = np.full(view.n + 1, -1, dtype=np.int32)
        of_chain[self.visits.code[own]] = np.arange(own.size)
        if table == "inspections":
            at = np.arange(view.n) if row is None else row
        else:
            at = parents.get("inspection", np.full(self.views[table].n, -1))
        return np.where(at >= 0, of_chain[self.visits.code[at] if view.n else at], -1).astype(np.int32)


def label(records: Records, recipe: Recipe, cohort: Cohort, known_by: dt.date) -> Labels:
    """Return what came out for each row of the cohort, from what was known before ``known_by``.

    A rung is open, not negative, until the horizon and the rung's reporting delay have passed. A dropped case is no
    row of its rung, so the visit's own finding stands. A case without a visit is a positive that nobody visited.

    Raises
    ------
    RecordsError
        If there are no inspections.
    """
    records["inspections"]  # the one table that outcomes cannot do without
    known = day(known_by)
    outcomes = _Outcomes(records, cohort, known)
    key = np.arange(cohort.as_of.size, dtype=np.int32) if cohort.visit is not None else cohort.code
    begin, end = cohort.as_of, recipe.horizon.after(cohort.as_of)
    if cohort.visit is not None:
        begin, end = np.full(begin.shape, MISSING + 1, np.int32), np.full(end.shape, FOREVER, np.int32)
    visited = _met(key, begin, end, *outcomes.rows(Condition("inspections")), 1)
    level = np.where(visited, 0.0, np.nan)
    asked = [(rung.level, condition) for rung in recipe.ladder for condition in rung.any]
    found = side_by_side(
        lambda one: _met(key, begin, end, *outcomes.rows(one[1]), one[1].at_least), asked, worth=key.size > FEW
    )
    reached = {rung.level: np.zeros(key.shape, dtype=bool) for rung in recipe.ladder}
    for (of, _), met in zip(asked, found, strict=True):
        reached[of] |= met
    for of, met in reached.items():
        level[met] = of
    columns: dict[str, Any] = {"visited": visited, "level": level}
    counts = {"rows": int(key.size), "visited": int(visited.sum())}
    for rung in recipe.ladder:
        at_least = np.logical_or.reduce([reached[k] for k in reached if k >= rung.level])
        ready = rung.delay.after(recipe.horizon.after(cohort.as_of)) <= known
        target = np.where(at_least, 1.0, np.where(visited, 0.0, np.nan))
        columns[f"target_{rung.level}"] = np.where(ready, target, np.nan)
        counts[f"open at {rung.name}"] = int((visited & ~ready).sum())
        counts[rung.name] = int(np.nansum(columns[f"target_{rung.level}"]))
    return Labels(pd.DataFrame(columns, index=cohort.index), counts)


def days_to_first(records: Records, recipe: Recipe, cohort: Cohort, known_by: dt.date) -> NDArray[np.float64]:
    """Return the days from as_of to the first find of the rung that ranks, or a graver one, within the horizon.

    NaN where none was known before ``known_by``; shape (n,).
    """
    outcomes = _Outcomes(records, cohort, day(known_by))
    by_visit = cohort.visit is not None
    key = np.arange(cohort.as_of.size, dtype=np.int32) if by_visit else cohort.code
    end = np.full(key.shape, FOREVER, np.int32) if by_visit else recipe.horizon.after(cohort.as_of)
    begin = np.full(key.shape, MISSING + 1, np.int32) if by_visit else cohort.as_of
    first = np.full(key.shape, FOREVER, dtype=np.int32)
    for rung in recipe.ladder:
        for condition in rung.any if rung.level >= recipe.rank_by else ():
            first = np.minimum(first, _first(key, begin, end, *outcomes.rows(condition), condition.at_least))
    return np.where(first < FOREVER, days_between(cohort.as_of, first), np.nan)


def _first(
    key: NDArray[np.int32], begin: Days, end: Days, code: NDArray[np.int32], date: Days, value: NDArray[np.int32],
    at_least: int,
) -> NDArray[np.int32]:  # fmt: skip
    """Return the day on which so many different values had fallen in ``[begin, end)``, FOREVER where they never did."""
    packed = pack(code, date)
    order = np.argsort(packed, kind="stable")
    first, stop = (np.searchsorted(packed[order], pack(key, edge)) for edge in (begin, end))
    owner, position = stretches(first, stop)
    found = pd.DataFrame({"owner": owner, "value": value[order][position], "date": date[order][position]})
    found = found[found["value"] >= 0].drop_duplicates(["owner", "value"])  # in the order of dates: the first of each
    reached = found[found.groupby("owner").cumcount() == at_least - 1]
    out = np.full(key.shape, FOREVER, dtype=np.int32)
    out[reached["owner"]] = reached["date"]
    return out


def _met(
    key: NDArray[np.int32], begin: Days, end: Days, code: NDArray[np.int32], date: Days, value: NDArray[np.int32],
    at_least: int,
) -> NDArray[np.bool_]:  # fmt: skip
    """Say where so many different values fall in ``[begin, end)`` under the row's key."""
    met = np.zeros(key.shape, dtype=bool)
    named = np.zeros(int(max(key.max(initial=-1), code.max(initial=-1))) + 1, dtype=bool)
    named[code] = True
    rows = np.flatnonzero(named[key])  # most outcomes are rare: most rows have none to be sought
    packed = pack(code, date)
    order = np.argsort(packed, kind="stable")
    first, stop = (np.searchsorted(packed[order], pack(key[rows], edge[rows])) for edge in (begin, end))
    if at_least == 1:
        met[rows] = first < stop
        return met
    owner, position = stretches(first, stop)
    found = value[order][position]
    pairs = np.unique(np.stack([owner, found], axis=1)[found >= 0], axis=0)
    met[rows] = np.bincount(pairs[:, 0], minlength=rows.size) >= at_least
    return met

"""Who is scored, and when: (entity, as_of) pairs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import FOREVER, MISSING, Days, as_date, dates_every, day, to_dates
from riskscore.definitions.grammar import Expression, Values, matches
from riskscore.definitions.recipe import Recipe
from riskscore.errors import RecordsError
from riskscore.history.shared import histories, view_of
from riskscore.history.tables import TableView
from riskscore.history.windows import Ints
from riskscore.records.model import Records


@dataclass(frozen=True)
class Cohort:
    """Pairs of an entity and a date, in the order of the rows to come.

    Parameters
    ----------
    kind : {"site", "employer"}
    entity : array of str, shape (n,)
    as_of : int32 array, shape (n,)
        Day numbers.
    visit : array of str, shape (n,), optional
        The visit of each row, where the cohort is "each visit less a lead".
    """

    kind: str
    entity: NDArray[Any]
    as_of: Days
    visit: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        """Refuse ids that are no text: they would match nothing, and everybody would seem unseen."""
        if self.entity.size and not isinstance(self.entity[0], str):
            raise RecordsError(f"ids are text, not {type(self.entity[0]).__name__}.", where="cohort",
                               next="Give them as '00123', as they stand in the records.")  # fmt: skip

    @classmethod
    def of_codes(cls, kind: str, code: Ints, ids: NDArray[Any], as_of: Days, visit: Any = None) -> Cohort:
        """Return the cohort of entities that are known by their place among ids, which are different and sorted."""
        named = np.zeros(len(ids), dtype=bool)
        named[code] = True
        used = ids[named]
        place = (np.cumsum(named, dtype=np.int32) - 1)[code]
        found = cls(kind, used[place], as_of, visit)
        found.__dict__["_coded"] = place, pd.Index(used)
        return found

    @cached_property
    def _coded(self) -> tuple[NDArray[np.int32], pd.Index[str]]:
        code, ids = pd.factorize(self.entity, sort=True)
        return code.astype(np.int32), pd.Index(ids)

    @property
    def code(self) -> NDArray[np.int32]:
        """The position of each row's entity in ``ids``."""
        return self._coded[0]

    @property
    def ids(self) -> pd.Index[str]:
        """The different entities, sorted."""
        return self._coded[1]

    @property
    def index(self) -> pd.MultiIndex:
        """The index (entity, as_of) of frames made for this cohort."""
        place, days = pd.factorize(self.as_of, sort=True)
        levels, codes = (self.ids, pd.Index(to_dates(days))), (self.code, place)
        return pd.MultiIndex(levels, codes, names=["entity", "as_of"], verify_integrity=False)  # type: ignore[arg-type]

    def pick(self, rows: NDArray[Any]) -> Cohort:
        """Return some of the rows (a mask or positions)."""
        visit = None if self.visit is None else self.visit[rows]
        if "_coded" in self.__dict__:
            return Cohort.of_codes(self.kind, self.code[rows], np.asarray(self.ids, object), self.as_of[rows], visit)
        return Cohort(self.kind, self.entity[rows], self.as_of[rows], visit)


def cohort_of(records: Records, recipe: Recipe, as_of: Sequence[dt.date] | None = None) -> Cohort:
    """Return the recipe's cohort: the register at dates, or each visit less a lead.

    Parameters
    ----------
    as_of : sequence of date, optional
        The register on these dates instead of the recipe's own dates.

    Raises
    ------
    RecordsError
        If the records lack the table that the cohort is made of.
    """
    rule = recipe.cohort
    if rule.kind == "visits" and as_of is None:
        found = visits(records, recipe)
        if not found.as_of.size:
            raise RecordsError("no visit matches the cohort of the recipe.", where="inspections",
                               next="Compare [cohort] where, first and last with the records.")  # fmt: skip
        return found
    if as_of is None:
        as_of = dates_of(recipe, view_of(records, "inspections").date)
    return register(records, recipe.entity, as_of, rule.where if rule.kind == "register" else None)


def dates_of(recipe: Recipe, visited: Days) -> list[dt.date]:
    """Return the recipe's own dates for a register, given the days of the visits (or the first and the last)."""
    rule = recipe.cohort
    first = rule.first or as_date(int(visited[visited != MISSING].min()))
    return dates_every(first, rule.last or as_date(int(visited.max())), rule.every)


def register(records: Records, kind: str, dates: Sequence[dt.date], where: Expression | None = None) -> Cohort:
    """Return every entity that was known and open on each date."""
    table = records.tables.get(f"{kind}s")
    if table is None:
        return _seen(records, kind, dates)
    index = histories(records).index[kind]
    view = index.view
    words = np.asarray(view.values(view.schema.id).words, dtype=object)
    every, found = np.arange(words.size, dtype=np.int32), []
    for date in dates:
        on = np.full(words.size, day(date), dtype=np.int32)
        rows = index.newest(every, on)
        keep = rows >= 0
        keep[keep] &= _open(view, rows[keep], day(date), where)
        found.append((every[keep], on[keep]))
    if not found:
        return Cohort(kind, np.array([], dtype=object), np.array([], dtype=np.int32))
    code, as_of = (np.concatenate(part) for part in zip(*found, strict=True))
    return Cohort.of_codes(kind, code, words, as_of)


def _open(view: TableView, rows: NDArray[Any], on: int, where: Expression | None) -> NDArray[np.bool_]:
    begins = "opened_on" if view.schema.name == "sites" else "registered_on"
    opened, closed = view.values(begins).data[rows], view.values("closed_on").data[rows]
    # a missing opening is no reason to leave a place out; MISSING is the smallest day
    keep = (opened < on) & ((closed == MISSING) | (closed >= on))
    if where is not None:
        keep &= matches(where, lambda _, column: _at(view.values(column), rows), rows.size)
    return np.asarray(keep)


def _at(values: Values, rows: NDArray[Any]) -> Values:
    return Values(values.kind, values.data[rows], values.words)


def _seen(records: Records, kind: str, dates: Sequence[dt.date]) -> Cohort:
    """Without a register: whoever had a visit known before the date."""
    view = view_of(records, "inspections")
    values = view.values(f"{kind}_id")
    words = np.asarray(values.words, dtype=object)
    first = np.full(words.size, FOREVER, dtype=np.int32)
    there = values.data >= 0
    np.minimum.at(first, values.data[there], view.start[there])
    found = [(words[first < day(d)], day(d)) for d in dates]
    entity = np.concatenate([ids for ids, _ in found]) if found else np.array([], dtype=object)
    as_of = np.concatenate([np.full(ids.size, d, dtype=np.int32) for ids, d in found] or [np.array([], dtype=np.int32)])
    return Cohort(kind, entity, as_of)


def visits(records: Records, recipe: Recipe) -> Cohort:
    """Return each visit that the recipe's cohort is made of, less its lead; there may be none."""
    rule = recipe.cohort
    view = view_of(records, "inspections")
    values = view.values(f"{recipe.entity}_id")
    keep = (values.data >= 0) & (view.date != MISSING)
    if view.until is not None:
        keep &= view.until == FOREVER
    if rule.where is not None:
        keep &= matches(rule.where, lambda _, column: view.values(column), view.n)
    if rule.first is not None:
        keep &= view.date >= day(rule.first)
    if rule.last is not None:
        keep &= view.date <= day(rule.last)
    rows = np.flatnonzero(keep)
    rows = rows[np.lexsort((view.tie(rows), view.date[rows]))]
    words = np.asarray(values.words, dtype=object)
    return Cohort(recipe.entity, words[values.data[rows]], rule.lead.before(view.date[rows]), view.ids[rows])

"""Comparable places: what is known of a group on a day, the own employer's rows left out.

A group is one combination of declared columns (sector and region, say), an event belongs to the group that its
place or employer was in on the event's date. With D different dates an event counts on a run of them, so that a
group's totals on all dates are one cumulative sum; late and corrected rows need no second pass. Means, shares and
rates are shrunken towards the wider group, that one towards the next, and the widest towards everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.engine import Engine, window_of
from riskscore.asof.inputs import Evaluated
from riskscore.asof.kinds import Inputs, Stretch, whole_numbers
from riskscore.asof.matrix import FeatureColumn
from riskscore.cohorts import Cohort
from riskscore.dates import FOREVER, Days, Period
from riskscore.errors import DefinitionError
from riskscore.history.tables import TableView, take
from riskscore.history.windows import History, Ints
from riskscore.side_by_side import FEW, side_by_side

SMOOTHED = ("mean", "share", "rate")
PEER_KINDS = ("count", "sum", *SMOOTHED)


EVERYBODY = -1  # the place of the widest group, after the levels 0, 1, ...


@dataclass(frozen=True)
class GroupTotals:
    """Totals of all records, for an engine that sees only a part of them.

    ``grids`` holds, for each column and level, one array of shape (groups, days + 1) for each number that is summed;
    ``days`` are all the different dates of the whole cohort.
    """

    days: Days
    grids: Mapping[tuple[str, int], tuple[Ints, ...]]


def peer_columns(
    engine: Engine, columns: list[FeatureColumn], table: str, totals: GroupTotals | None = None
) -> dict[str, NDArray[Any]]:
    """Return every peers' column of one table for the whole cohort.

    Without ``totals`` they are made from the engine's own records. With them, the records need hold no more than the
    rows of the cohort's own employers, and every category's words must be those of all records.
    """
    pairs, days = Pairs(engine), np.unique(engine.cohort.as_of)
    made = {c.name: (c, *_levels(engine, c, table)) for c in columns}
    for kind in engine.index.keys() & set(_order(engine)):  # what threads share is made before they start
        engine.newest(kind)
    engine.key(_own(engine))
    shared = {}
    for c, levels, evaluated in made.values():
        for place in _places(c, levels):
            level = None if place == EVERYBODY else levels[place]
            shared[id(evaluated), () if level is None else level.columns] = evaluated, level
    worth = engine.cohort.as_of.size > FEW
    side_by_side(lambda one: pairs.of(*one), shared.values(), worth=worth)

    def column(name: str) -> NDArray[Any]:
        c, levels, evaluated = made[name]
        of = totals or GroupTotals(days, _grids(days, c, levels, evaluated))
        return _smoothed(pairs, c, levels, evaluated, of)

    return dict(zip(made, side_by_side(column, made, worth=worth), strict=True))


def group_totals(
    engine: Engine, columns: Iterable[FeatureColumn], days: Days, counted: Mapping[str, NDArray[np.bool_]] | None = None
) -> GroupTotals:
    """Return the totals that `peer_columns` asks for.

    Parameters
    ----------
    engine : Engine
    columns : FeatureColumns
    days : int32 array
        All the different dates of the whole cohort, ascending.
    counted : mapping of table to bool array, optional
        The rows that count, where rows of a part are in other parts too.
    """
    grids: dict[tuple[str, int], tuple[Ints, ...]] = {}
    for c in columns:
        if c.key == "peers" and not c.absent:
            rows = None if counted is None else counted[c.feature.table]
            grids.update(_grids(days, c, *_levels(engine, c, c.feature.table), rows))
    return GroupTotals(days, grids)


def _levels(engine: Engine, c: FeatureColumn, table: str) -> tuple[list[_Level], Evaluated]:
    if c.feature.kind not in PEER_KINDS or not c.feature.peers:
        raise DefinitionError(f"peers give {', '.join(PEER_KINDS)} and need 'peers = [...]'.", where=c.name)
    levels = [_Level(engine, tuple(level)) for level in c.feature.peers if _possible(engine, level)]
    groups = {level.parent(n) for level in levels for n in level.columns}
    return levels, engine.evaluated([c], table, {*groups, _own(engine)}, groups)


def _own(engine: Engine) -> str:
    """Return the key whose rows are left out: the employer, or the site where employers are not known."""
    return "employer" if "employer" in engine.index or engine.cohort.kind == "employer" else "site"


def _possible(engine: Engine, level: tuple[str, ...]) -> bool:
    return all(any(_has(engine, parent, c) for parent in _order(engine)) for c in level)


def _order(engine: Engine) -> tuple[str, ...]:
    return ("site", "employer") if engine.cohort.kind == "site" else ("employer",)


def _has(engine: Engine, parent: str, column: str) -> bool:
    return parent in engine.index and engine.index[parent].view.has(column)


class _Level:
    """One set of columns: the group of every row of the cohort, and of every event."""

    def __init__(self, engine: Engine, columns: tuple[str, ...]) -> None:
        self.engine, self.columns = engine, columns

    def parent(self, column: str) -> str:
        return next(p for p in _order(self.engine) if _has(self.engine, p, column))

    def _view(self, column: str) -> TableView:
        return self.engine.index[self.parent(column)].view

    def size(self) -> int:
        return int(np.prod([len(self._view(c).values(c).words) for c in self.columns], dtype=np.int64))

    def of_rows(self) -> Ints:
        """Return the group of each row of the cohort, as of its date."""
        engine, codes = self.engine, []
        for column in self.columns:
            parent = self.parent(column)
            rows = engine.newest(parent)
            codes.append(take(self._view(column).values(column), rows).data)
        return self._join(codes)

    def of_events(self, evaluated: Evaluated) -> Ints:
        """Return the group of each event, on its own date."""
        versions = evaluated.versions
        return self._join([take(self._view(c).values(c), versions.parents[self.parent(c)]).data for c in self.columns])

    def _join(self, codes: list[NDArray[np.int32]]) -> Ints:
        group = np.zeros(codes[0].shape, dtype=np.int64)
        known = np.ones(codes[0].shape, dtype=bool)
        for column, code in zip(self.columns, codes, strict=True):
            group = group * len(self._view(column).values(column).words) + code
            known &= code >= 0
        return np.where(known, group, -1)


def _parts(c: FeatureColumn, inputs: Inputs, n: int) -> tuple[tuple[Ints, int], tuple[Ints, int]]:
    """Return what is summed above and below the line, as integers with their scale, zero where a row does not count."""
    one = np.ones(n, dtype=np.int64)
    if c.feature.kind == "share":
        both = _masked(_masked(one, inputs.where), inputs.of)
        return (both, 1), (_masked(one, inputs.of), 1)
    if c.feature.kind == "count":
        return (_masked(one, inputs.where), 1), (one, 1)
    assert inputs.value is not None
    filled = np.where(np.isnan(inputs.value), 0.0, inputs.value)
    above = _masked(whole_numbers(filled, inputs.scale), inputs.there)
    if c.feature.kind == "rate":
        assert inputs.per is not None
        per = whole_numbers(np.where(np.isnan(inputs.per), 0.0, inputs.per), inputs.per_scale)
        return (above, inputs.scale), (_masked(per, inputs.there), inputs.per_scale)
    return (above, inputs.scale), (_masked(one, inputs.there), 1)


def _masked(values: Ints, mask: NDArray[np.bool_] | None) -> Ints:
    return values if mask is None else np.where(mask, values, 0)


class Pairs:
    """The events of (group, own employer) pairs, sorted once for all columns that read the same versions."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._found: dict[tuple[int, tuple[str, ...]], tuple[History, NDArray[np.int32], Ints]] = {}

    def of(self, evaluated: Evaluated, level: _Level | None) -> tuple[History, NDArray[np.int32], Ints]:
        """Return the sorted events, each row's pair, and each row's group; no level is everybody in one group."""
        at = (id(evaluated), () if level is None else level.columns)  # the engine keeps what it evaluated
        if at not in self._found:
            engine, versions = self.engine, evaluated.versions
            group = np.zeros(evaluated.n, dtype=np.int64) if level is None else level.of_events(evaluated)
            rows = np.zeros(engine.cohort.as_of.shape, dtype=np.int64) if level is None else level.of_rows()
            own, own_code = engine.key(_own(engine))
            of_event = evaluated.table.reference(versions, _own(engine), own)
            date = evaluated.table.dates(versions)
            made = _own_pairs(group, of_event, rows, own_code, date, versions.start, versions.until)
            self._found[at] = *made, rows
        return self._found[at]


def _smoothed(
    pairs: Pairs, c: FeatureColumn, levels: list[_Level], evaluated: Evaluated, totals: GroupTotals
) -> NDArray[np.float64]:
    inputs, _ = evaluated.inputs(c.feature)
    window = window_of(c)
    (above, scale), (below, below_scale) = _parts(c, inputs, evaluated.n)

    def of_level(place: int, numbers: tuple[Ints, ...]) -> list[NDArray[np.float64]]:
        history, pair, rows = pairs.of(evaluated, None if place == EVERYBODY else levels[place])
        return _of_rows(
            pairs.engine.cohort, history, pair, rows, totals.days, totals.grids[c.name, place], numbers, window
        )

    if c.feature.kind not in SMOOTHED:
        return of_level(0 if levels else EVERYBODY, (above,))[0] / scale
    everyone = of_level(EVERYBODY, (above, below))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(everyone[1] > 0, (everyone[0] / scale) / (everyone[1] / below_scale), np.nan)
        for place in reversed(range(len(levels))):
            top, bottom = of_level(place, (above, below))
            k = c.feature.smoothing
            mean = np.where(np.isnan(top), mean, (top / scale + k * mean) / (bottom / below_scale + k))
    return mean


def _places(c: FeatureColumn, levels: list[_Level]) -> list[int]:
    """Return the places of the levels that a column reads, the widest group first."""
    if c.feature.kind in SMOOTHED:
        return [EVERYBODY, *range(len(levels))]
    return [0] if levels else [EVERYBODY]


def _grids(
    days: Days, c: FeatureColumn, levels: list[_Level], evaluated: Evaluated, counted: NDArray[np.bool_] | None = None
) -> dict[tuple[str, int], tuple[Ints, ...]]:
    """Return each level's totals of all groups on all dates, the own employer's rows among them."""
    inputs, _ = evaluated.inputs(c.feature)
    versions = evaluated.versions
    (above, _), (below, _) = _parts(c, inputs, evaluated.n)
    date = evaluated.table.dates(versions)
    first = np.searchsorted(days, np.maximum(versions.start, date), side="right")
    last = np.searchsorted(window_of(c).before(days.astype(np.int32)), date, side="right")
    if versions.until is not None:
        last = np.minimum(last, np.searchsorted(days, versions.until, side="right"))
    everybody = np.zeros(evaluated.n, dtype=np.int64)
    counts = np.True_ if counted is None else counted if versions.row is None else counted[versions.row]
    wide, out = days.size + 1, {}
    for place in _places(c, levels):
        group, groups = everybody, 1
        if place != EVERYBODY:
            group, groups = levels[place].of_events(evaluated), levels[place].size()
        use = np.flatnonzero((group >= 0) & (first < last) & counts)
        grids = []
        for values in (above, below) if c.feature.kind in SMOOTHED else (above,):
            grid = np.zeros(groups * wide, dtype=np.int64)
            for edge, sign in ((first, 1), (last, -1)):
                np.add.at(grid, group[use] * wide + edge[use], sign * values[use])
            grids.append(grid.reshape(groups, wide).cumsum(axis=1))
        out[c.name, place] = tuple(grids)
    return out


def _of_rows(
    cohort: Cohort, history: History, pair: NDArray[np.int32], rows: Ints, days: Days, grids: tuple[Ints, ...],
    numbers: tuple[Ints, ...], window: Period,
) -> list[NDArray[np.float64]]:  # fmt: skip
    """Return each row's group total of each number in its window, less the row's own; NaN where it has no group."""
    at = np.searchsorted(days, cohort.as_of)
    found = [np.where(rows >= 0, totals[np.maximum(rows, 0), at], 0).astype(np.float64) for totals in grids]
    of_own = [values.astype(np.float64) for values in numbers]
    for part in history.parts(pair, cohort.as_of):
        kept = Stretch.of(part, part.begin(window), None)
        for total, own in zip(found, of_own, strict=True):
            total[part.rows] -= kept.total(own, None, 1)
    return [np.where(rows >= 0, total, np.nan) for total in found]


def _own_pairs(
    group: Ints, own_event: NDArray[np.int32], rows: Ints, own_row: NDArray[np.int32], date: Days, start: Days,
    until: Days | None,
) -> tuple[History, NDArray[np.int32]]:  # fmt: skip
    """Return the events of (group, own employer) pairs that the cohort has, and each row's pair."""
    base = int(own_row.max(initial=0)) + 1
    row_pair = np.where((rows >= 0) & (own_row >= 0), rows * base + own_row, -1)
    pairs = np.unique(row_pair[row_pair >= 0])
    event_pair = np.where((group >= 0) & (own_event >= 0) & (own_event < base), group * base + own_event, -1)

    def code(pair: Ints) -> NDArray[np.int32]:
        at = np.searchsorted(pairs, pair)
        at[at == pairs.size] = 0
        hit = (pair >= 0) & (pairs.size > 0)
        if pairs.size:
            hit &= pairs[at] == pair
        return np.where(hit, at, -1).astype(np.int32)

    whole = np.full(start.shape, FOREVER, dtype=np.int32) if until is None else until
    return History(code(event_pair), date, start, None if until is None else whole, pairs.size), code(row_pair)

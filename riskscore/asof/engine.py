"""One table's features at a time: events under a key, windows, values, and what stands where nothing matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.columns import expressions
from riskscore.asof.inputs import Evaluated
from riskscore.asof.kinds import WINDOW_KINDS, Inputs, Stretch
from riskscore.asof.matrix import FeatureColumn
from riskscore.asof.network import neighbours
from riskscore.cohorts import Cohort
from riskscore.dates import Period, day
from riskscore.definitions.grammar import Values
from riskscore.errors import DefinitionError
from riskscore.history.shared import histories
from riskscore.history.tables import Ids
from riskscore.history.versions import EventTable, Versions
from riskscore.history.windows import History, Ints, Part, Positions
from riskscore.records.model import Records
from riskscore.side_by_side import side_by_side

EVER = Period(everything=True)
Wanted = tuple[list[FeatureColumn], str, str, bool]  # columns of one table under a key, and whether by newest row


@dataclass(eq=False)
class Keyed:
    """Events under one key: ``event`` (None: all) are positions in the versions, sorted in ``history``."""

    history: History
    event: Ints | None

    def pick(self, values: NDArray[Any] | None) -> NDArray[Any] | None:
        """Bring an array over versions into the order of the key's events."""
        return values if values is None or self.event is None else values[self.event]


class Engine:
    """Everything about some records that many columns share: views, parents, keys, sorted histories."""

    def __init__(self, records: Records, cohort: Cohort) -> None:
        self.records, self.cohort = records, cohort
        self.shared = histories(records)
        self.views, self.index = self.shared.views, self.shared.index
        self._evaluated: dict[int, Evaluated] = {}
        self._keyed: dict[tuple[int, str, bool], Keyed] = {}
        self._keys: dict[str, tuple[Ids, NDArray[np.int32]]] = {}
        self._rows: dict[str, NDArray[np.int32]] = {}
        self._newest: dict[str, Ints] = {}
        self._held: list[Versions] = []  # keeps ids of versions from being used again

    def table(self, name: str) -> EventTable:
        """Return a table ready for definitions."""
        return self.shared.table(name)

    def key(self, name: str) -> tuple[Ids, NDArray[np.int32]]:
        """Return the ids of a key and the code of each row of the cohort."""
        if name not in self._keys:
            if name == self.cohort.kind:
                self._keys[name] = self.shared.ids_of(name, self.cohort.ids), self.cohort.code
            elif name == "employer":
                held = self.holder("employer_id")
                words = pd.Index(np.asarray(held.words, dtype=object))
                used = np.unique(held.data[held.data >= 0])
                place = np.full(len(words) + 1, -1, dtype=np.int32)
                place[used] = np.arange(used.size)
                self._keys[name] = self.shared.ids_of(name, words[used]), place[held.data]
            else:
                raise DefinitionError("a feature by site has no meaning for an employer.", where=name)
        return self._keys[name]

    def holder(self, column: str) -> Values:
        """Return a column of the newest version of each row's site, known before as_of (its employer, say)."""
        if "site" in self.index:
            index = self.index["site"]
            rows = self.newest("site")
            values = index.view.values(column)
            data = np.where(rows >= 0, values.data[rows], -1) if index.view.n else np.full(rows.shape, -1)
            return Values("text", data.astype(np.int32), values.words)
        # Without a register of sites, the newest visit says whose site it is.
        view = self.views["inspections"]
        codes = Ids(self.cohort.ids).codes(view.values("site_id"))
        history = History(codes, view.date, view.start, view.until, len(self.cohort.ids), view.tie)
        values = view.values(column)
        data = np.full(self.cohort.as_of.shape, -1, dtype=np.int32)
        for part in history.parts(self.cohort.code, self.cohort.as_of):
            some = part.stop > part.first
            data[part.rows[some]] = values.data[part.order[part.stop[some] - 1]]
        return Values("text", data, values.words)

    def row_codes(self, kind: str) -> NDArray[np.int32]:
        """Return each row's site or employer as a code of its register, -1 where there is none."""
        if kind not in self._rows:
            ids, codes = self.key(kind)
            self._rows[kind] = np.append(ids.among, -1).astype(np.int32)[codes]
        return self._rows[kind]

    def newest(self, kind: str) -> Ints:
        """Return for each row its site's or employer's row of the register as known before as_of, -1: none."""
        if kind not in self._newest:
            self._newest[kind] = self.index[kind].newest(self.row_codes(kind), self.cohort.as_of)
        return self._newest[kind]

    def evaluated(
        self, columns: Iterable[FeatureColumn], table: str, keys: Iterable[str], parents: Iterable[str] = ()
    ) -> Evaluated:
        """Return the table's versions with whatever the features' expressions and these keys and parents read."""
        events = self.table(table)
        versions = events.reading([e for c in columns for e in expressions(c.feature).values()], keys, parents)
        if id(versions) not in self._evaluated:
            self._held.append(versions)
            self._evaluated[id(versions)] = Evaluated(events, versions)
        return self._evaluated[id(versions)]

    def keyed(self, evaluated: Evaluated, key: str, ordered: bool) -> Keyed:
        """Return the table's events under a key (site, employer or network), sorted."""
        at = (id(evaluated.versions), key, ordered)
        if at not in self._keyed:
            self._keyed[at] = self._sort(evaluated, key, ordered)
        return self._keyed[at]

    def _sort(self, evaluated: Evaluated, key: str, ordered: bool) -> Keyed:
        events, versions = evaluated.table, evaluated.versions
        name = "employer" if key == "network" else key
        ids, _ = self.key(name)
        date, start, until, event = events.dates(versions), versions.start, versions.until, None
        if key == "network":
            employers = self.table("links")
            event, code, start, until = neighbours(employers, ids, events, versions)
            date = date[event]
        else:
            code = events.reference(versions, name, ids)
        # a key that is read from a parent is known when the parent is; until then its code is -1

        def tie(positions: Positions) -> Ints:
            rows = positions if event is None else event[positions]
            return events.view.tie(rows if versions.row is None else versions.row[rows])

        return Keyed(History(code, date, start, until, len(ids.index), tie if ordered else None), event)

    def prepare(self, wanted: Iterable[Wanted]) -> None:
        """Make what calls of `windows` share, so that several may be worked out at once."""
        sorts: dict[tuple[int, str, bool], tuple[Evaluated, str, bool]] = {}

        def evaluate(asked: Sequence[Wanted]) -> None:
            for columns, table, key, ordered in asked:
                own = "employer" if key == "network" else key
                evaluated = self.evaluated(columns, table, [own])
                for c in columns:
                    evaluated.inputs(c.feature)
                made = [(evaluated, key, ordered)]
                looked = {c.feature.opportunity for c in columns} & self.views.keys()
                made += [(self.evaluated([], opportunity, [own]), key, False) for opportunity in looked]
                sorts.update({(id(e.versions), k, o): (e, k, o) for e, k, o in made})

        by_table: dict[str, list[Wanted]] = {}
        for one in wanted:
            by_table.setdefault(one[1], []).append(one)
            self.key("employer" if one[2] == "network" else one[2])
        rows = {table: self.views[table].n for table in by_table}
        side_by_side(evaluate, sorted(by_table.values(), key=lambda asked: -rows[asked[0][1]]))
        side_by_side(lambda one: self.keyed(*one), sorted(sorts.values(), key=lambda one: -one[0].n))

    def windows(self, wanted: Wanted, rows: Ints, into: Mapping[str, NDArray[np.float64]]) -> None:
        """Write some rows of every column of one table and key, ``none`` and ``unseen`` filled in.

        ``into`` holds an array for each column, of the cohort's length, filled with what stands where nothing matched.
        """
        columns, table, key, ordered = wanted
        evaluated = self.evaluated(columns, table, ["employer" if key == "network" else key])
        keyed = self.keyed(evaluated, key, ordered)
        codes, as_of = self.key("employer" if key == "network" else key)[1][rows], self.cohort.as_of[rows]
        matched = {c.name: np.zeros(as_of.shape, dtype=bool) for c in columns if c.feature.opportunity}
        for part in keyed.history.parts(codes, as_of):
            at = rows[part.rows]
            for c in columns:
                found, some = _compute(c, part, keyed, evaluated)
                if c.feature.none is not None:
                    found = np.where(some, found, c.feature.none)
                elif c.feature.kind in ("count", "exists", "distinct", "streak"):
                    found[~some] = np.nan
                into[c.name][at] = found
                if c.feature.opportunity:
                    matched[c.name][part.rows] = some
            part.forget()
        looked = cache(lambda opportunity, window: self.visible(opportunity, key, window, rows) > 0)
        for c in columns:
            seen = self._seen(c, key, rows, matched.get(c.name), looked)
            if not seen.all():
                into[c.name][rows[~seen]] = np.nan if c.feature.unseen is None else c.feature.unseen

    def _seen(
        self, c: FeatureColumn, key: str, rows: Ints, matched: NDArray[np.bool_] | None,
        looked: Callable[[str, Period], NDArray[np.bool_]],
    ) -> NDArray[np.bool_]:  # fmt: skip
        """Say where the entity had an opportunity in the window, and the window lies in the table's coverage."""
        as_of, window = self.cohort.as_of[rows], window_of(c)
        seen = self.key("employer" if key == "network" else key)[1][rows] >= 0
        if matched is not None:
            seen &= matched | looked(c.feature.opportunity, window)
        covers = self.records[c.feature.table].covers_from
        if covers is not None:
            begins = as_of if window.everything else window.before(as_of)
            seen &= begins >= day(covers) if not window.everything else begins > day(covers)
        return np.asarray(seen)

    def visible(
        self, table: str, key: str, window: Period = EVER, rows: Ints | slice = slice(None)
    ) -> NDArray[np.int64]:
        """Return how many rows of a table are visible in a window, for some rows of the cohort."""
        if table not in self.views:
            return np.zeros(self.cohort.as_of[rows].shape, dtype=np.int64)
        evaluated = self.evaluated([], table, ["employer" if key == "network" else key])
        history = self.keyed(evaluated, key, False).history
        codes, as_of = self.key("employer" if key == "network" else key)[1][rows], self.cohort.as_of[rows]
        out = np.zeros(as_of.shape, dtype=np.int64)
        for part in history.parts(codes, as_of):
            out[part.rows] = part.stop - part.begin(window)
        return out


def window_of(column: FeatureColumn) -> Period:
    """Return the window of a column."""
    return next(w for w in column.feature.windows if w.name == column.window)


def _compute(
    c: FeatureColumn, part: Part, keyed: Keyed, evaluated: Evaluated
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the kind's values for a part's rows, and where a row of the table matched at all."""
    inputs, value = evaluated.inputs(c.feature)
    if keyed.event is not None:
        inputs = Inputs(
            where=keyed.pick(inputs.where),
            there=keyed.pick(inputs.there),
            value=keyed.pick(inputs.value),
            text=inputs.text,
            scale=inputs.scale,
            of=keyed.pick(inputs.of),
            per=keyed.pick(inputs.per),
            per_scale=inputs.per_scale,
            holds=keyed.pick(inputs.holds),
            half_life=inputs.half_life,
        )
    window = window_of(c)
    begin = part.begin(window)
    found = WINDOW_KINDS[c.feature.kind](part, begin, inputs, window)
    if value is not None and value.kind == "day" and c.feature.kind in ("min", "max", "last", "latest_of"):
        found = part.as_of - found  # a day is shown as days before as_of
    if c.feature.kind in ("count", "exists"):
        return found, found > 0
    if c.feature.kind in ("share", "rate"):
        return found, ~np.isnan(found)
    return found, Stretch.of(part, begin, inputs.where).n > 0


def blocks(n: int, size: int) -> Iterable[slice]:
    """Yield slices of at most ``size`` rows."""
    for begin in range(0, n, size):
        yield slice(begin, min(n, begin + size))


def shares(code: NDArray[np.int32], parts: int) -> list[Ints]:
    """Return rows in parts, those of one key together and neighbouring keys too, so that each part has its own events.

    Examples
    --------
    >>> [rows.tolist() for rows in shares(np.array([0, 3, 2, -1, 1, 3], dtype=np.int32), 2)]
    [[0, 3, 4], [1, 2, 5]]
    """
    if parts < 2:
        return [np.arange(code.size)]
    edges = np.linspace(0, int(code.max(initial=0)) + 1, parts + 1).astype(np.int32)[1:-1]
    part = np.searchsorted(edges, code, side="right")
    return [rows for rows in (np.flatnonzero(part == k) for k in range(parts)) if rows.size]

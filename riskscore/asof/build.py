"""From records to the feature matrix."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.columns import columns_of, expressions, parts_of
from riskscore.asof.engine import Engine, Wanted, shares
from riskscore.asof.inputs import numbers
from riskscore.asof.kinds import NEWEST_KINDS
from riskscore.asof.matrix import FeatureColumn, FeatureMatrix
from riskscore.asof.peers import GroupTotals, peer_columns
from riskscore.cohorts import Cohort
from riskscore.dates import Days
from riskscore.definitions.feature import Family
from riskscore.definitions.grammar import Values, evaluate
from riskscore.history.tables import null_of, take
from riskscore.records.model import Records
from riskscore.side_by_side import FEW, side_by_side

BLOCK = 250_000  # rows of the cohort that a processor works on at once

Progress = Callable[[str], None]


def build(
    records: Records,
    families: Iterable[Family],
    cohort: Cohort,
    progress: Progress | None = None,
    totals: GroupTotals | None = None,
) -> FeatureMatrix:
    """Return every feature of the families for every (entity, as_of) of the cohort.

    A row of the records is visible when ``max(known_on, the clocks of its cells, its links' known_on) < as_of``; it
    falls in a window ``[as_of - w, as_of)`` by its own date. Values do not depend on the order of rows, on blocks, or,
    peers aside, on other entities' rows. Where the records are only a part of all, ``totals`` are those of all groups.

    Raises
    ------
    DefinitionError
        If a definition names what neither the canonical tables nor the records have.
    """
    engine = Engine(records, cohort)
    columns = columns_of(families, cohort.kind, records)
    groups, found = list(_groups(columns.values())), dict[str, Any]()
    if _parts(cohort.as_of.size) > 1:
        engine.prepare(one for (table, key), group in groups for one in _windows(engine, group, table, key))
    for (table, key), group in groups:
        if progress is not None:
            progress(f"{table} by {key}")
        found.update(_compute(engine, group, table, key, totals))
    for c in columns.values():
        if c.feature.kind == "ratio" and not c.absent:
            found[c.name] = ratio(c, found)
    missing = np.full(cohort.as_of.shape, np.nan)
    frame = pd.DataFrame({name: found.get(name, missing) for name in columns}, index=cohort.index, copy=False)
    return FeatureMatrix(frame, columns)


def _groups(columns: Iterable[FeatureColumn]) -> Iterable[tuple[tuple[str, str], list[FeatureColumn]]]:
    """Yield the columns of one table and key together, those of one condition side by side."""

    def place(c: FeatureColumn) -> tuple[str, str]:
        return ("", "calendar") if c.feature.kind == "calendar" else (c.feature.table, c.key)

    wanted = [c for c in columns if not c.absent and c.feature.kind != "ratio"]
    ordered = sorted(wanted, key=lambda c: (place(c), c.feature.where.text if c.feature.where else "", c.name))
    for at, group in groupby(ordered, key=place):
        yield at, list(group)


def _compute(
    engine: Engine, group: list[FeatureColumn], table: str, key: str, totals: GroupTotals | None
) -> dict[str, Any]:
    if key == "calendar":
        return {c.name: _calendar(c, engine.cohort.as_of) for c in group}
    attributes = [c for c in group if c.feature.kind == "attribute"]
    out: dict[str, Any] = {c.name: _attribute(engine, c, key) for c in attributes}
    if key == "peers":
        return out | peer_columns(engine, [c for c in group if c.feature.kind != "attribute"], table, totals)
    for wanted in _windows(engine, group, table, key):
        n = engine.cohort.as_of.size
        values = {c.name: np.full(n, np.nan if c.feature.none is None else c.feature.none) for c in wanted[0]}
        rows = shares(engine.key("employer" if key == "network" else key)[1], _parts(n))
        side_by_side(partial(engine.windows, wanted, into=values), rows)
        out |= {c.name: _categorical(engine, c, values[c.name]) for c in wanted[0]}
    return out


def _windows(engine: Engine, group: list[FeatureColumn], table: str, key: str) -> Iterator[Wanted]:
    """Yield what is asked of the windows of one table under one key."""
    columns = [c for c in group if c.feature.kind not in ("attribute", "calendar")]
    if columns and key != "peers":
        ordered = any(c.feature.kind in NEWEST_KINDS for c in columns)
        for together in _same_sort(engine, columns, table):
            yield together, table, key, ordered


def _parts(n: int) -> int:
    """Return into how many parts n rows are cut for the processors to share."""
    return max(-(-n // BLOCK), min(os.cpu_count() or 1, n // FEW), 1)


def _same_sort(engine: Engine, group: list[FeatureColumn], table: str) -> Iterable[list[FeatureColumn]]:
    """Split columns by the clocks and parents they read: only those that need a split of rows pay for it."""
    schema, kept = engine.views[table].schema, dict[tuple[str, ...], list[FeatureColumn]]()
    for c in group:
        reads = set()
        for expression in expressions(c.feature).values():
            reads |= {f"{parent}." for parent, _ in expression.parents}
            reads |= {schema.column(name).clock or "" for name in expression.columns}
        kept.setdefault(tuple(sorted(reads - {""})), []).append(c)
    return kept.values()


def _categorical(engine: Engine, c: FeatureColumn, values: NDArray[np.float64]) -> Any:
    """Return a category where the value is text, the number otherwise."""
    if c.feature.value is None or c.feature.kind not in ("last", "latest_of"):
        return values
    evaluated = engine.evaluated([c], c.feature.table, ())
    value = evaluated.value(c.feature.value)
    return values if value.kind != "text" else _category(np.where(np.isnan(values), -1, values).astype(np.int32), value)


def _category(codes: NDArray[np.int32], value: Values) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=pd.Index(np.asarray(value.words, dtype=object)))


def _attribute(engine: Engine, c: FeatureColumn, key: str) -> Any:
    """Return a value of the newest version of the entity's own row, known before as_of."""
    as_of, index = engine.cohort.as_of, engine.index[key]
    rows = engine.newest(key)
    view = index.view

    def resolve(parent: str | None, column: str) -> Values:
        values = take(view.values(column), rows)
        clock = view.schema.column(column).clock
        if clock is not None:
            known = take(view.values(clock), rows).data
            data = values.data.copy()
            data[known >= as_of] = null_of(values)
            values = Values(values.kind, data, values.words)
        return values

    assert c.feature.value is not None
    found = evaluate(c.feature.value, resolve, rows.size)
    if found.kind == "text":
        return _category(found.data, found)
    out = as_of - numbers(found) if found.kind == "day" else numbers(found).copy()
    unseen = np.nan if c.feature.unseen is None else c.feature.unseen
    none = np.nan if c.feature.none is None else c.feature.none
    return np.where(rows < 0, unseen, np.where(np.isnan(out), none, out))


def _calendar(c: FeatureColumn, as_of: Days) -> NDArray[np.float64]:
    assert c.feature.value is not None
    month = as_of.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    whole = month if c.feature.value.text == "month" else (month - 1) // 3 + 1
    return whole.astype(np.float64)


def ratio(c: FeatureColumn, found: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return a ratio's values from those of its two parts, by the parts' names; missing where it divides by zero."""
    above, below = (np.asarray(found[part], dtype=np.float64) for part in parts_of(c))
    return np.asarray(np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0), dtype=np.float64)

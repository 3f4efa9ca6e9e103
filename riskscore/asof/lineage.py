"""From a value back to the rows of the records behind it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.columns import expressions, parts_of
from riskscore.asof.engine import Engine, window_of
from riskscore.asof.kinds import Stretch
from riskscore.asof.matrix import FeatureColumn
from riskscore.history.windows import Ints

_NEWEST_ONLY = ("last", "latest_of", "days_since")


def rows_behind(engine: Engine, columns: Mapping[str, FeatureColumn], name: str, row: int) -> list[tuple[str, int]]:
    """Return the rows of the records that one value rests on.

    Parameters
    ----------
    engine : Engine
        Of the records and a cohort; one engine serves many values.
    columns : mapping of name to FeatureColumn
        Of the matrix; a ratio rests on what its two columns rest on.
    name : str
    row : int
        Position in the cohort.

    Returns
    -------
    list of (table, position in the table)
        Newest first. Peers have none: they are given as count and rate, not as other employers' records.
    """
    column = columns[name]
    feature = column.feature
    if column.absent or column.key == "peers" or feature.kind == "calendar":
        return []
    if feature.kind == "ratio":
        return list(
            dict.fromkeys(found for part in parts_of(column) for found in rows_behind(engine, columns, part, row))
        )
    at = _of_register(engine, column, row) if feature.kind == "attribute" else _of_events(engine, column, row)
    return [(feature.table, int(i)) for i in at]


def _of_register(engine: Engine, column: FeatureColumn, row: int) -> Ints:
    code = engine.row_codes(column.key)[row : row + 1]
    found = engine.index[column.key].newest(code, engine.cohort.as_of[row : row + 1])
    return found[found >= 0]


def _of_events(engine: Engine, column: FeatureColumn, row: int) -> Ints:
    feature = column.feature
    key = "employer" if column.key == "network" else column.key
    evaluated = engine.evaluated([column], feature.table, [key])
    keyed = engine.keyed(evaluated, column.key, True)
    codes = np.full(engine.cohort.as_of.shape, -1, dtype=np.int32)
    codes[row] = engine.key(key)[1][row]
    for part in keyed.history.parts(codes, engine.cohort.as_of):
        mask = _counted(engine, column)
        stretch = Stretch.of(part, part.begin(window_of(column)), None)
        events = stretch.kept[stretch.lo[0] : stretch.hi[0]][::-1]
        versions = events if keyed.event is None else keyed.event[events]
        if mask is not None:
            versions = versions[mask[versions]]
        if feature.kind in _NEWEST_ONLY:
            versions = versions[:1]
        rows = versions if evaluated.versions.row is None else evaluated.versions.row[versions]
        return np.array(list(dict.fromkeys(rows.tolist())), dtype=np.int64)
    return np.array([], dtype=np.int64)


def _counted(engine: Engine, column: FeatureColumn) -> NDArray[np.bool_] | None:
    """Return which versions the value rests on: for a share, all that count; else those that match and have a value."""
    key = "employer" if column.key == "network" else column.key
    evaluated = engine.evaluated([column], column.feature.table, [key])
    inputs, _ = evaluated.inputs(column.feature)
    if column.feature.kind == "share":
        return inputs.of
    needs_value = "value" in expressions(column.feature) and column.feature.kind != "last"
    return inputs.there if needs_value else inputs.where

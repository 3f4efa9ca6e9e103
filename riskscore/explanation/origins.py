"""Where the signals behind a score come from: own visits, visits elsewhere, what people reported, registers.

A place that was visited has a record of visits, and may rank high because of it: visited because visited before. The
shares say how far a score rests on that. A column's table decides, and whose rows it counts; no list of names does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.columns import parts_of
from riskscore.asof.matrix import FeatureColumn

OWN_VISITS = "visits to it or its employer"
OTHER_VISITS = "visits to comparable or linked employers"
REPORTED = "what people reported or filed"
REGISTERS = "registers and the calendar"
ORIGINS = (OWN_VISITS, OTHER_VISITS, REPORTED, REGISTERS)
_VISITS = frozenset({"inspections", "findings", "penalties"})
_REPORTED = frozenset({"complaints", "cases", "permits", "contracts"})


def origin(column: FeatureColumn, columns: Mapping[str, FeatureColumn]) -> str:
    """Return which of `ORIGINS` a column's signal comes from; a ratio rests on a visit where one of its parts does.

    Parameters
    ----------
    column : FeatureColumn
    columns : mapping of name to FeatureColumn
        Of the matrix; the two columns that a ratio divides are among them.
    """
    feature = column.feature
    if feature.kind == "calendar":
        return REGISTERS
    tables = {feature.table}
    if feature.kind == "ratio":
        tables = {columns[part].feature.table for part in parts_of(column)}
    if tables & _VISITS:
        return OWN_VISITS if column.key in ("site", "employer") else OTHER_VISITS
    return REPORTED if tables & _REPORTED else REGISTERS


def shares(
    values: NDArray[np.float64], names: Sequence[str], columns: Mapping[str, FeatureColumn]
) -> dict[str, NDArray[np.float64]]:
    """Return for each origin the share of each row's SHAP values, by their size; they sum to 1.

    Parameters
    ----------
    values : array, shape (n, p)
        SHAP values without the base value.
    names : sequence of str
        The p columns.
    columns : mapping of name to FeatureColumn

    Returns
    -------
    dict of origin to array, shape (n,)
        0 everywhere for a row without any value.
    """
    size = np.abs(values)
    total = size.sum(axis=1)
    of = np.array([origin(columns[name], columns) for name in names], dtype=object)
    total[total == 0] = 1.0
    return {o: size[:, of == o].sum(axis=1) / total for o in ORIGINS}

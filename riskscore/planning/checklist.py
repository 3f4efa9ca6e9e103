"""Which of the 11 indicators would change the assessment of a place most, were inspectors to find it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from riskscore.asof.build import build
from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort
from riskscore.dates import as_date
from riskscore.definitions.indicators import INDICATORS
from riskscore.explanation.reasons import explained
from riskscore.learn.fit import Model
from riskscore.planning.draw import Floats
from riskscore.records.model import Records, RecordTable


def changes(model: Model, records: Records, members: Cohort, base: FeatureMatrix) -> Mapping[str, Floats]:
    """Return for each indicator how far the margin of each place would move; shape (n,) each.

    A visit on the day before the list that finds the indicator is compared with a visit on that day that finds nothing.
    Peers and linked employers stay as they are, so that no place changes by what is found at another.

    Parameters
    ----------
    model : Model
    records : Records
    members : Cohort of n rows
    base : FeatureMatrix
        The features of these rows as the records stand.
    """
    own = [name for name, column in base.columns.items() if column.key in ("site", "employer")]

    def margin(indicator: str) -> Floats:
        visited = build(_with_visit(records, members, indicator), model.families, members)
        frame = base.frame.copy()
        for name in own:
            frame[name] = visited.frame[name].to_numpy() if name not in _texts(frame) else visited.frame[name].array
        return explained(model, FeatureMatrix(frame, base.columns))[0]

    clean = margin("")
    if not records.has("findings"):
        return {indicator: np.zeros(clean.shape) for indicator in INDICATORS}
    return {indicator: margin(indicator) - clean for indicator in INDICATORS}


def ordered(found: Mapping[str, Floats], row: int) -> list[tuple[str, float]]:
    """Return the indicators of one place, the largest change first; equal ones in the order of the ILO."""
    pairs = [(name, float(found[name][row])) for name in INDICATORS]
    return sorted(pairs, key=lambda pair: -round(abs(pair[1]), 9))


def _texts(frame: pd.DataFrame) -> set[str]:
    return {str(name) for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)}


def _with_visit(records: Records, members: Cohort, indicator: str) -> Records:
    """Return the records with one more visit to each place, which found the indicator, or nothing."""
    dates = pd.Timestamp(as_date(int(members.as_of[0]) - 1))
    ids = [f"visit that may be {i}" for i in range(members.entity.size)]
    visits: dict[str, Sequence[Any]] = {"inspection_id": ids, "site_id": list(members.entity)}
    sites = records["sites"].frame.drop_duplicates("site_id", keep="last").set_index("site_id")["employer_id"]
    visits["employer_id"] = [sites.get(e) for e in members.entity]
    tables = {**records.tables, "inspections": _longer(records["inspections"], visits, dates)}
    if indicator:
        found = {"finding_id": ids, "inspection_id": ids, "indicator": [indicator] * len(ids)}
        tables["findings"] = _longer(records["findings"], found, dates)
    return replace(records, tables=tables)


def _longer(table: RecordTable, cells: Mapping[str, Sequence[Any]], date: pd.Timestamp) -> RecordTable:
    n, columns = len(next(iter(cells.values()))), {}
    for name, old in table.frame.items():
        new: Sequence[Any] = [date] * n if name in ("date", "known_on") else cells.get(str(name), [None] * n)
        if isinstance(old.dtype, pd.CategoricalDtype):
            words = pd.Index(sorted({*old.cat.categories, *(w for w in new if w is not None)}), dtype="str")
            old = old.cat.set_categories(words)
            added = pd.Series(pd.Categorical(list(new), categories=words))
        else:
            added = pd.Series(list(new), dtype=old.dtype)
        columns[name] = pd.concat([old, added], ignore_index=True)
    return replace(table, frame=pd.DataFrame(columns), origin=None)

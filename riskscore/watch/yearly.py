"""The figures of a year, with their change on the year before, from what was known on a day.

A row counts in the year of its date once it is known; the row of a correction stands in place of the row it corrects.
So a figure may change after it was printed: what became known since an earlier day is counted beside it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import day
from riskscore.definitions.grammar import parse
from riskscore.errors import RiskscoreError
from riskscore.records.model import Records
from riskscore.watch.figures import Figure, load_figures
from riskscore.watch.taken import GROUPS, Tables, Taken, take

ALL = "all"
COUNTS = "counts"
WITHOUT_IDS = "complaints"  # an id could be looked up, and with it the day of a call


@dataclass(frozen=True)
class YearlyIndicators:
    """The figures of a year.

    ``frame`` has one row per figure and group. Columns: figure, by ("all", "authority", "region" or "sector"), group
    (empty for "all", and where a row tells none), value, before (the year before), change (NaN where one of both is
    not known), rows (behind the value), table (the figures of ``counts`` were counted by others; empty where nothing is
    known), was (the value as known on ``since``, or on the day where that comes first; NaN where it was not known),
    rows_since (of the year, known or corrected since), note (why there is no value, or what it lacks; in English).

    ``rows`` has one row per row of the records behind a figure: figure, table, row_id (empty for reports), value,
    authority, region, sector. Neither holds a name.
    """

    year: int
    as_of: dt.date
    since: dt.date
    figures: tuple[Figure, ...]
    frame: pd.DataFrame
    rows: pd.DataFrame


def yearly_indicators(
    records: Records, year: int, as_of: dt.date, since: dt.date | None = None, figures: Sequence[Figure] | None = None
) -> YearlyIndicators:
    """Return a year's figures from rows known before a day.

    Parameters
    ----------
    records : Records
    year : int
    as_of : date
        Exclusive: rows known on it or later do not count.
    since : date, optional
        An earlier day, that of the printed report, say: ``was`` and ``rows_since`` compare with it. Default: the first
        day after the year.
    figures : sequence of Figure, optional
        Default: the shipped ones.

    Raises
    ------
    RiskscoreError
        The year had not begun on that day.
    DefinitionError
        A figure reads a column that there is not.
    """
    if as_of <= dt.date(year, 1, 1):
        raise RiskscoreError(f"{year} had not begun on {as_of}.", next="Give a later --as-of, or an earlier --year.")
    told = since or dt.date(year + 1, 1, 1)
    chosen = tuple(load_figures() if figures is None else figures)
    tables = Tables(records)
    frames, rows = [], []
    for figure in chosen:
        frame, behind = _one(tables, figure, year, day(as_of), day(told))
        frames.append(frame)
        rows.append(behind)
    every = pd.concat(frames, ignore_index=True)
    return YearlyIndicators(year, as_of, told, chosen, every, pd.concat(rows, ignore_index=True))


def _one(tables: Tables, figure: Figure, year: int, as_of: int, since: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a figure's rows of ``frame`` and of ``rows``."""
    asked, lacking = figure, tables.lacking(figure)
    if lacking and COUNTS in tables.views:
        figure = _counted(figure)
        if not take(tables, figure).row.size:
            figure = asked
    note = lacking
    if figure is not asked:
        note = f"{lacking}: taken from '{COUNTS}'"
    elif lacking:
        return _unknown(figure, lacking), _behind(tables, figure, None, None)
    taken = take(tables, figure)
    now, was = taken.of(year, as_of), taken.of(year, min(since, as_of))
    past = taken.of(year - 1, as_of)
    covers = tables.records[figure.table].covers_from
    short = [y for y in (year, year - 1) if covers is not None and covers > dt.date(y, 1, 1)]
    if year in short:
        note = f"'{figure.table}' is complete only from {covers} on"
    by_others = figure.table == COUNTS  # one year without a figure is no zero
    comparable = not short and not (by_others and not past.any())
    found = []
    for by in (ALL, *GROUPS):
        names = pd.Series("", index=taken.groups.index) if by == ALL else taken.groups[by]
        if by != ALL and not (names[now | past] != "").any():
            continue
        for group in sorted(set(names[now | past])) if by != ALL else [""]:
            here = (names == group).to_numpy()
            value, before = (_total(figure, taken, here & part) for part in (now, past))
            if by_others and not (here & now).any():
                value = np.nan
            earlier = _total(figure, taken, here & was)
            fresh = set(taken.row[here & now]) ^ set(taken.row[here & was])
            found.append({
                "figure": figure.name, "by": by, "group": group, "value": value,
                "before": before if comparable else np.nan,
                "change": value - before if comparable else np.nan, "rows": int((here & now).sum()),
                "table": figure.table, "was": np.nan if by_others and not (here & was).any() else earlier,
                "rows_since": len(fresh), "note": note or ("counts has no such figure" if np.isnan(value) else ""),
            })  # fmt: skip
    return pd.DataFrame(found), _behind(tables, figure, taken, now)


def _counted(figure: Figure) -> Figure:
    """Return the figure as somebody else counted it: a row of ``counts`` that bears its name."""
    where = parse(f"indicator = '{figure.name}'")
    return Figure(figure.name, figure.titles, figure.definitions, COUNTS, "sum", parse("value"), where)


def _total(figure: Figure, taken: Taken, rows: NDArray[np.bool_]) -> float:
    """Return what a figure makes of some of its rows; money in whole qəpik, so that no order changes a sum."""
    if figure.kind == "distinct":
        return float(len(set(taken.value[rows])))
    return float(sum(taken.value[rows]) / 100)


def _unknown(figure: Figure, why: str) -> pd.DataFrame:
    return pd.DataFrame([{
        "figure": figure.name, "by": ALL, "group": "", "value": np.nan, "before": np.nan, "change": np.nan, "rows": 0,
        "table": "", "was": np.nan, "rows_since": 0, "note": why,
    }])  # fmt: skip


def _behind(tables: Tables, figure: Figure, taken: Taken | None, now: NDArray[np.bool_] | None) -> pd.DataFrame:
    columns = ["figure", "table", "row_id", "value", *GROUPS]
    if taken is None or now is None:
        return pd.DataFrame({c: pd.Series([], dtype="float64" if c == "value" else "str") for c in columns})
    ids = tables.views[figure.table].ids[taken.row[now]].astype(str)
    amount = np.ones(ids.size) if figure.kind != "sum" else np.array([v / 100 for v in taken.value[now]], dtype=float)
    frame = pd.DataFrame({
        "figure": figure.name, "table": figure.table, "row_id": "" if figure.table == WITHOUT_IDS else ids,
        "value": amount, **{by: taken.groups.loc[now, by].to_numpy() for by in GROUPS},
    })  # fmt: skip
    return (
        frame.sort_values("row_id", kind="stable")[columns]
        .reset_index(drop=True)
        .astype({c: "float64" if c == "value" else "str" for c in columns})
    )

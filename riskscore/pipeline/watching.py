"""Yearly figures, drift and coverage: what is watched while the tool runs for years."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort, register
from riskscore.dates import Period, as_date, day
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import parse
from riskscore.definitions.recipe import Recipe
from riskscore.errors import RiskscoreError
from riskscore.history.tables import take as history_take
from riskscore.labels import label
from riskscore.learn.selection.circumstances import circumstances
from riskscore.pipeline.prepare import default_day
from riskscore.records.model import Records
from riskscore.store import Run
from riskscore.watch.coverage import Coverage, Places, coverage_of
from riskscore.watch.drift import Difference, Drift, Limits, compare, judged, missing, of_counts, realised
from riskscore.watch.figures import Figure, load_figures
from riskscore.watch.taken import Tables, take
from riskscore.watch.yearly import YearlyIndicators, yearly_indicators


def indicators(
    records: Records,
    year: int,
    as_of: str | dt.date | None = None,
    *,
    since: str | dt.date | None = None,
    figures: str | Path | None = None,
) -> YearlyIndicators:
    """Return the figures of a year with their change on the year before.

    Parameters
    ----------
    as_of : date, optional
        Exclusive: rows known on it or later do not count. Default: the day after the newest visit.
    since : date, optional
        The day of an earlier report; each figure then says what it was on that day. Default: the end of the year.
    figures : path, optional
        A file of one's own definitions; default: the shipped ones.

    Examples
    --------
    >>> import riskscore as rs
    >>> found = rs.indicators(rs.sample_records(), 2023)
    >>> found.frame.query("figure == 'hotline_calls'")[["value", "change"]].to_numpy().tolist()
    [[1925.0, -40.0]]
    """
    on = as_date(day(as_of)) if as_of is not None else default_day(records)
    told = None if since is None else as_date(day(since))
    return yearly_indicators(records, year, on, told, load_figures(figures))


def drift(
    run: Run,
    records: Records,
    as_of: str | dt.date | None = None,
    *,
    against: str | dt.date | None = None,
    limits: Limits | None = None,
) -> Drift:
    """Return what differs between an earlier day and now: features, missing values, scores, visits, finds.

    Parameters
    ----------
    run : Run
        Its own definitions and model measure both days.
    as_of : date, optional
        Default: the day after the newest visit.
    against : date, optional
        The earlier day. Default: the day of the run.
    limits : Limits, optional
        When a difference is an alarm.

    Raises
    ------
    RiskscoreError
        The earlier day is not earlier.
    """
    rule, recipe = limits or Limits(), run.model.recipe
    on = as_date(day(as_of)) if as_of is not None else default_day(records)
    then = as_date(day(against if against is not None else str(run.manifest["as_of"])))
    if then >= on:
        raise RiskscoreError(f"{then} is not before {on}.", next="Give an earlier --against, or a later --as-of.")
    where = recipe.cohort.where if recipe.cohort.kind == "register" else None
    members = register(records, recipe.entity, [then, on], where)
    matrix = build(records, run.model.families, members)
    old, margin = members.as_of == day(then), run.model.margin(matrix)
    seasons = [n for n, c in matrix.columns.items() if c.feature.kind == "calendar" or c.absent]
    frame = matrix.frame.drop(columns=seasons)
    found = compare(frame[old], frame[~old], "feature", rule)
    found += missing(frame[old], frame[~old], rule)
    scores = pd.DataFrame({"margin": margin})
    found += compare(scores[old], scores[~old], "score", rule)
    found += _visits(records, recipe, then, on, rule)
    found.append(_finds(records, recipe, then, on, rule))
    notes = []
    if run.model.refusal:
        notes.append(f"finds are not compared with percentages: {run.model.refusal}")
    else:
        found.append(_realised(run, records, members.pick(old), margin[old], on, rule))
    return judged(found, rule, notes)


def _visits(records: Records, recipe: Recipe, then: dt.date, on: dt.date, rule: Limits) -> list[Difference]:
    """Compare who was visited, and why, in the horizon before either day."""
    what = "trigger" if "trigger" in records["inspections"].present else "inspection_id"
    taken = take(Tables(records), Figure("visits", {}, {}, "inspections", "distinct", parse(what)))
    frame = taken.groups.assign(trigger=taken.value) if what == "trigger" else taken.groups
    frame = frame.replace("", None)
    first = [recipe.horizon.before(np.array([day(d)], dtype=np.int32))[0] for d in (then, on)]
    old, new = (frame[taken.between(int(a), day(d), day(d))] for a, d in zip(first, (then, on), strict=True))
    told = [c for c in frame.columns if frame[c].notna().any()]
    return compare(old[told], new[told], "visited", rule)


def _finds(records: Records, recipe: Recipe, then: dt.date, on: dt.date, rule: Limits) -> Difference:
    """Compare the share of visited places with a find, over the newest horizon whose results were in by either day."""
    counts = []
    rung = recipe.rung(recipe.rank_by)
    for known_by in (then, on):
        start = recipe.horizon.before(rung.delay.before(np.array([day(known_by)], dtype=np.int32)))
        members = register(records, recipe.entity, [as_date(int(start[0]))])
        labels = label(records, recipe, members, known_by)
        target = labels.target(recipe.rank_by)[labels.frame["visited"].to_numpy(dtype=bool)]
        counts.append(pd.Series({"nothing": int((target == 0).sum()), "found": int((target == 1).sum())}))
    return of_counts(rung.name, "finds", counts[0], counts[1], rule)


def _realised(
    run: Run, records: Records, members: Cohort, margin: NDArray[np.float64], on: dt.date, rule: Limits
) -> Difference:
    """Compare what was found with what the run foretold on the earlier day, at places visited since."""
    recipe = run.model.recipe
    delay = recipe.rung(recipe.rank_by).delay
    told = int(delay.before(np.array([day(on)], dtype=np.int32))[0]) - int(members.as_of[0])
    whole = int(recipe.horizon.after(members.as_of[:1])[0]) - int(members.as_of[0])
    soon = replace(recipe, horizon=Period(days=max(1, min(told, whole))))  # results come in before the horizon ends
    labels = label(records, soon, members, on)
    target = labels.target(recipe.rank_by)
    seen = labels.frame["visited"].to_numpy(dtype=bool) & ~np.isnan(target)
    return realised(run.model.calibrator.probability(margin[seen]), target[seen], rule)


def coverage(run: Run, records: Records, as_of: str | dt.date | None = None) -> Coverage:
    """Return the places of a day by the time since any visit, and how much of the estimated risk lies there.

    Parameters
    ----------
    run : Run
        Its cohort, and its estimate of the chance of a find.
    as_of : date, optional
        Default: the day after the newest visit.
    """
    model, recipe = run.model, run.model.recipe
    on = as_date(day(as_of)) if as_of is not None else default_day(records)
    where = recipe.cohort.where if recipe.cohort.kind == "register" else None
    members = register(records, recipe.entity, [on], where)
    since = Feature("since", "days_since", "inspections", by=(recipe.entity,))
    days = build(records, [Family("past", "Past", "inspections", "", "", (since,))], members).frame.iloc[:, 0]
    margin = model.margin(build(records, model.families, members))
    unknown = np.full(margin.shape, np.nan)
    chance, low, high = unknown, unknown, unknown
    if not model.refusal:
        chance, (low, high) = model.calibrator.probability(margin), model.calibrator.interval(margin)
    engine = Engine(records, members)
    keys = [("sector", "employer"), ("region", recipe.entity), ("site_type", "site")]
    told = {by: _told(engine, kind, by) for by, kind in keys if _has(engine, kind, by)}
    there = [_told(engine, "site", c) if _has(engine, "site", c) else unknown for c in ("latitude", "longitude")]
    places = Places(
        days.to_numpy(dtype=np.float64), circumstances(records, members).closed, low, chance, high, told, *there
    )
    return coverage_of(places, on, model.refusal)


def _has(engine: Engine, kind: str, column: str) -> bool:
    reached = kind == engine.cohort.kind or kind == "employer"
    return reached and kind in engine.index and engine.index[kind].view.has(column)


def _told(engine: Engine, kind: str, column: str) -> NDArray[Any]:
    """Return what the newest row known of each place, or of its employer, says; empty, or NaN, where nothing."""
    values = history_take(engine.index[kind].view.values(column), engine.newest(kind))
    if values.kind == "number":
        return values.data
    words: NDArray[Any] = np.append(np.asarray(values.words, dtype=object), "")
    return np.asarray(words[values.data])

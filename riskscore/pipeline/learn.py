"""Fit and backtest."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort
from riskscore.dates import as_date, day, to_days
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe, SplitRule
from riskscore.errors import FitError
from riskscore.history.shared import keeps
from riskscore.learn.backtest import Backtest, backtest
from riskscore.learn.device import device
from riskscore.learn.fit import Model, with_refits, with_rungs
from riskscore.learn.nuisance import nuisance_of
from riskscore.learn.selection.circumstances import circumstances
from riskscore.learn.selection.response import draws_of
from riskscore.learn.selection.visits import visits_of
from riskscore.pipeline.beyond_visits import beyond_visits, with_chances
from riskscore.pipeline.card import Fitted, card_of
from riskscore.pipeline.prepare import Outcomes, choose, default_day, groups_of, outcomes, past_of
from riskscore.pipeline.selection import learn_visits, sample
from riskscore.pipeline.work import HERE, Say, Work
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records
from riskscore.side_by_side import FEW, side_by_side
from riskscore.splits import Split, fit_split, rolling_origins
from riskscore.store import Run, save_run


@keeps
def fit(
    records: Records,
    recipe: str | Recipe,
    as_of: str | dt.date | None = None,
    *,
    definitions: str | Path | None = None,
    store: str | Path | None = None,
    say: Say = lambda text: None,
    work: Work = HERE,
    now: dt.datetime | None = None,
) -> Run | Model:
    """Train a recipe on what was known before a day.

    Parameters
    ----------
    records : Records
    recipe : str or Recipe
    as_of : date, optional
        Exclusive: rows known on it or later are not used. Default: the day after the newest visit.
    definitions : path, optional
        A folder with features/ or models/ of one's own.
    store : path, optional
        Where the run is kept; without it the model alone is returned.
    say : callable
        Told what is being done.
    work : Work
        Where features are built and trees grown: this machine, or an engine.
    now : datetime, optional
        The moment that the run notes as its own, with a time zone. Default: the present.

    Returns
    -------
    Run, or Model where nothing is stored

    Raises
    ------
    FitError
        If there is too little to learn from.

    Examples
    --------
    >>> import riskscore as rs
    >>> model = rs.fit(rs.sample_records(), recipe="site_risk", as_of="2024-01-01")
    >>> model.counts["training positives"] > 100
    True
    """
    on = as_date(day(as_of)) if as_of is not None else default_day(records)
    chosen = choose(recipe, definitions)
    if chosen.recipe.nuisance and work is not HERE:
        raise FitError("an engine cannot average out nuisance columns.", where=f"recipe '{chosen.recipe.name}'",
                       next="Leave out --engine, or 'nuisance' in the recipe.")  # fmt: skip
    found = outcomes(records, chosen.recipe, on)
    split = final_split(found, chosen.recipe, on)
    seen, drawn = _rows(found, [split]), sample(found, split)
    wanted = seen if drawn is None else seen | drawn.rows
    used = found.pick(wanted)
    say(f"features of {int(seen.sum()):,} rows with a known outcome")
    rounds = chosen.recipe.model.rounds * len(chosen.recipe.model.seeds)
    groups, above = groups_of(records, used.cohort), _above(used, chosen.recipe)
    model, matrix = work.train(records, chosen.families, used.cohort, used.target, groups, split, chosen.recipe, say)
    if above:
        say("the rarer rungs")
        model = with_rungs(model, matrix, used.target, above, split, used.cohort.as_of, groups)
    if chosen.recipe.model.refits:
        model = with_refits(model, matrix, used.target, split, used.cohort.as_of, groups,
                            lambda done, of: say(f"refits: {done} of {of}"))  # fmt: skip
    if drawn is not None:
        say("who was visited")
        model = replace(model, visits=learn_visits(records, used, matrix, groups, drawn.weight[wanted]))
    missed = _drawn_and_missed(records, chosen.recipe, found, split)
    if missed:
        model = replace(model, counts={**model.counts, "places drawn for calibration and not visited": missed})
    if store is None:
        return model
    say(f"{rounds} trees grown; measuring them on later dates beside the baselines")
    noted = {
        "as_of": on.isoformat(),
        "created": (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).isoformat(timespec="seconds"),
        **measured(Fitted(records, used, matrix, groups, split, model), found.labels.counts, on),
        "versions": versions(),
        "device": device(),
    }
    return save_run(Path(store), model, chosen.catalog.phrases, noted)


def measured(fitted: Fitted, counts: Mapping[str, int], on: dt.date) -> dict[str, Any]:
    """Return the card of a fit and the fingerprint of its records, which have nothing to do with each other."""
    made: dict[str, Callable[[], Any]] = {
        "card": lambda: card_of(fitted, counts, on),
        "records": lambda: fingerprint(fitted.records),
    }
    found = side_by_side(lambda make: make(), made.values(), worth=fitted.used.target.size > FEW)
    return dict(zip(made, found, strict=True))


def run_backtest(
    records: Records,
    recipe: str | Recipe,
    as_of: str | dt.date | None = None,
    *,
    definitions: str | Path | None = None,
    origins: int | None = None,
    say: Say = lambda text: None,
) -> Backtest:
    """Return rolling origins of a recipe beside random, last finding, prior rate, newest report and logistic.

    Parameters
    ----------
    origins : int, optional
        Number of past dates to test on; default: the recipe's.

    Examples
    --------
    >>> import riskscore as rs
    >>> found = rs.backtest(rs.sample_records(), recipe="site_risk", origins=1)
    >>> sorted(set(found.frame.model))
    ['last finding', 'logistic', 'model', 'newest report', 'prior rate', 'random']
    >>> bool(len(found.rows) > found.rows.visited.sum() > 0)
    True
    >>> sorted(set(found.coverage.by))
    ['region', 'sector']
    """
    on = as_date(day(as_of)) if as_of is not None else default_day(records)
    chosen = choose(recipe, definitions)
    return backtest_of(records, chosen.recipe, chosen.families, on, say, origins)


@keeps
def backtest_of(
    records: Records, recipe: Recipe, families: Sequence[Family], on: dt.date, say: Say, origins: int | None = None
) -> Backtest:
    """Return the backtest of a recipe with these families, of what was known before a day."""
    rule = recipe.splits if origins is None else replace(recipe.splits, origins=origins)
    tested, matrix, used = _tested(records, recipe, families, rule, on, say)
    tested = beyond_visits(records, recipe, tested, matrix, used, on, say)
    return replace(tested, rows=_with_circumstances(records, recipe, tested.rows, on))


@keeps
def past_rows(records: Records, recipe: Recipe, families: Sequence[Family], on: dt.date, say: Say) -> Backtest:
    """Return a backtest's rows with what corrections rest on, and none of the figures that are made of them."""
    tested, matrix, used = _tested(records, recipe, families, recipe.splits, on, say)
    rows, notes = with_chances(records, recipe, tested.rows, matrix, used, on, say)
    return replace(tested, rows=rows, notes=notes)


def _tested(
    records: Records, recipe: Recipe, families: Sequence[Family], rule: SplitRule, on: dt.date, say: Say
) -> tuple[Backtest, FeatureMatrix, Outcomes]:
    """Return what the visits say of a recipe on past dates, with the rows that this was made from."""
    found = outcomes(records, recipe, on)
    delay = recipe.rung(recipe.rank_by).delay
    kind = "period" if recipe.cohort.kind == "visits" else "date"
    splits = rolling_origins(found.cohort.as_of, rule, recipe.horizon, delay, on, test=kind)  # type: ignore[arg-type]
    whole = np.logical_or.reduce([split.masks(found.cohort.as_of)[2] for split in splits])
    used = found.pick(_rows(found, splits) | whole)
    say(f"features of {used.target.size:,} rows for {len(splits)} past dates")
    matrix = build(records, families, used.cohort)
    tested = backtest(
        matrix, used.target, past_of(records, recipe, used.cohort), groups_of(records, used.cohort), used.cohort.as_of,
        splits, recipe, families, lambda done, of: say(f"past date {done} of {of}"),
        nuisance=nuisance_of(records, recipe, used.cohort, on),
    )  # fmt: skip
    return tested, matrix, used


def _with_circumstances(records: Records, recipe: Recipe, rows: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """Return the rows with why each was visited and the rule about visiting under which it was."""
    members = Cohort(recipe.entity, rows["entity"].to_numpy(dtype=object), to_days(rows["as_of"]))
    trigger = visits_of(records, recipe, members, on).trigger
    return rows.assign(trigger=np.where(rows["visited"], trigger, ""), era=circumstances(records, members).rule)


def _drawn_and_missed(records: Records, recipe: Recipe, found: Outcomes, split: Split) -> int:
    """Return how many rows of the calibration dates a plan drew that have no outcome."""
    _, later, _ = split.masks(found.cohort.as_of)
    drawn = draws_of(records, recipe, found.cohort.pick(np.flatnonzero(later)), split.origin).drawn
    return int((drawn & np.isnan(found.target[later])).sum())


def final_split(found: Outcomes, recipe: Recipe, on: dt.date) -> Split:
    """Return the dates that a model made on a day learns from and is calibrated on."""
    delay = recipe.rung(recipe.rank_by).delay
    dates = np.unique(found.cohort.as_of[~np.isnan(found.target)])
    return fit_split(dates, recipe.splits, recipe.horizon, delay, on)


def _above(found: Outcomes, recipe: Recipe) -> dict[int, NDArray[np.float64]]:
    """Return the targets of the rungs above the one that ranks, of visited places alone."""
    visited = found.labels.frame["visited"]
    levels = [rung.level for rung in recipe.ladder if rung.level > recipe.rank_by]
    return {level: np.where(visited, found.labels.target(level), np.nan) for level in levels}


def _rows(found: Outcomes, splits: list[Split]) -> Any:
    """Return the rows that a fit needs: those of its dates that have an outcome."""
    rows = np.zeros(found.target.shape, dtype=bool)
    for split in splits:
        rows |= np.logical_or.reduce(split.masks(found.cohort.as_of))
    return rows & ~np.isnan(found.target)


def versions() -> dict[str, str]:
    """Return the versions that a number may depend on."""
    names = ("riskscore", "numpy", "pandas", "scikit-learn", "xgboost", "shap")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}

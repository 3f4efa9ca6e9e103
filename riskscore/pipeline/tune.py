"""Tune: search settings on past dates, and write them into a new recipe with what they were tuned on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.matrix import FeatureMatrix
from riskscore.dates import Period, as_date, day
from riskscore.definitions.fingerprint import fingerprint as of_definitions
from riskscore.definitions.recipe import ModelRule, Recipe
from riskscore.definitions.recipe_text import retuned, short_names
from riskscore.errors import DefinitionError, FitError
from riskscore.learn.fit import estimator_of
from riskscore.learn.metrics import auc, average_precision
from riskscore.learn.nuisance import grow, nuisance_of
from riskscore.learn.search import Found, require, search
from riskscore.pipeline.learn import versions
from riskscore.pipeline.prepare import Chosen, Outcomes, choose, default_day, outcomes
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records
from riskscore.report.atomic import write_text
from riskscore.splits import Split, fit_split, rolling_origins

Say = Callable[[str], None]
METRICS: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.float64]], float]] = {
    "auc": auc,
    "average precision": average_precision,
}
DEFAULTS = 100  # rounds of XGBoost's scikit-learn estimator, with every parameter at XGBoost's default


@dataclass(frozen=True)
class Tuned:
    """What came out: the new recipe's file, its settings, and the metric of each kind of settings.

    ``frame`` has the columns settings ("tuned", "before", "defaults"), folds (mean over the folds, which the choice
    saw) and later (on the calibration dates, which it did not see; NaN where the recipe has none).
    """

    file: Path
    found: Found
    metric: str
    frame: pd.DataFrame


def tune(
    records: Records,
    recipe: str | Recipe,
    as_of: str | dt.date | None = None,
    *,
    out: str | Path,
    trials: int = 50,
    folds: int | None = None,
    metric: str = "auc",
    seed: int = 1,
    study: str | Path | None = None,
    definitions: str | Path | None = None,
    say: Say = lambda text: None,
) -> Tuned:
    """Search the recipe's settings on rolling origins inside its training dates, and write a new recipe.

    Parameters
    ----------
    records : Records
    recipe : str or Recipe
    as_of : date, optional
        Exclusive: rows known on it or later are not used. Default: the day after the newest visit.
    out : path
        File of the new recipe, ``NAME.toml``; one that is there is never overwritten.
    trials : int
        In all, those that the study already holds included.
    folds : int, optional
        Number of test dates; default: the recipe's origins. Each trial learns what had ended before the date.
    metric : "auc" or "average precision"
        Its mean over the folds is maximised; the trials use the recipe's first seed, the figures all.
    study : path, optional
        SQLite file of the trials; default: beside ``out``. A search that was cut off goes on from it.

    Returns
    -------
    Tuned

    Raises
    ------
    MissingExtra
        Optuna is not installed.
    DefinitionError
        ``out`` is there already, or cannot name a recipe.
    FitError
        There are no past dates to test on, or the study was made for something else.
    """
    require()
    target, on = Path(out), as_date(day(as_of)) if as_of is not None else default_day(records)
    if target.exists() or target.suffix != ".toml":
        what = "it is there already." if target.exists() else "a recipe's file ends in .toml."
        raise DefinitionError(what, where=str(target), next="Name another file with --out.")
    chosen = choose(recipe, definitions)
    rule = chosen.recipe
    before = replace(rule.model, params=short_names(rule.model.params))
    retuned(rule, before, "a trial", target.stem)  # what cannot be written in the end is said before the work
    trial = _trial(records, chosen, on, folds, metric, say)
    first = replace(before, seeds=before.seeds[:1])
    read = fingerprint(records)
    about = {
        "records": read, "definitions": of_definitions(rule, chosen.families), "metric": metric,
        "folds": [d.isoformat() for d in trial.dates], "xgboost": versions()["xgboost"],
    }  # fmt: skip
    path = target.with_suffix(".study.sqlite") if study is None else Path(study)
    found = search(trial.value, len(trial.folds), first, trials=trials, study=path, about=about, seed=seed, tell=say)
    found = replace(found, model=replace(found.model, seeds=before.seeds))
    settings = {"tuned": found.model, "before": before, "defaults": replace(before, rounds=DEFAULTS, params={})}
    rows = []
    for name, model in settings.items():
        say(f"measuring: {name}")
        on_folds = float(np.mean([trial.value(model, k) for k in range(len(trial.folds))]))
        rows.append({"settings": name, "folds": on_folds, "later": trial.later_value(model)})
    made = Tuned(target, found, metric, pd.DataFrame(rows))
    write_text(target, retuned(rule, found.model, _said(made, trial, read, seed), target.stem))
    return made


@dataclass(frozen=True)
class _Trial:
    """Rows with a known outcome, their features built once, and the dates to learn from and to test on."""

    recipe: Recipe
    matrix: FeatureMatrix
    used: Outcomes
    folds: tuple[Split, ...]
    split: Split
    metric: str
    nuisance: pd.DataFrame | None

    @property
    def dates(self) -> list[dt.date]:
        """The day on which each fold's model could have been made."""
        return [fold.origin for fold in self.folds]

    def value(self, model: ModelRule, k: int) -> float:
        """Return the metric of settings on one fold."""
        train, _, test = self.folds[k].masks(self.used.cohort.as_of)
        return self._measured(model, train, test)

    def later_value(self, model: ModelRule) -> float:
        """Return the metric on the calibration dates, after learning from all training dates."""
        train, later, _ = self.split.masks(self.used.cohort.as_of)
        return self._measured(model, train, later) if later.any() else float("nan")

    def _measured(self, model: ModelRule, train: NDArray[np.bool_], test: NDArray[np.bool_]) -> float:
        frame, y = self.matrix.frame, self.used.target
        rows = frame[train]
        rows = rows.loc[:, rows.notna().any()]
        estimator = estimator_of(replace(self.recipe, model=model), {n: self.matrix.columns[n] for n in rows.columns})
        who = None if self.nuisance is None else self.nuisance[train]
        estimator = grow(estimator, rows, who, y[train].astype(np.int64))
        return METRICS[self.metric](y[test], estimator.decision_function(frame.loc[test, list(rows.columns)]))


def _trial(records: Records, chosen: Chosen, on: dt.date, folds: int | None, metric: str, say: Say) -> _Trial:
    recipe = chosen.recipe
    delay = recipe.rung(recipe.rank_by).delay
    found = outcomes(records, recipe, on)
    used = found.pick(~np.isnan(found.target))
    dates = used.cohort.as_of
    split = fit_split(dates, recipe.splits, recipe.horizon, delay, on)
    # Settings are chosen before the calibration dates begin, so these stay dates that no choice has seen.
    rule = replace(recipe.splits, calibration=Period(), origins=folds or recipe.splits.origins)
    end = split.calibrate[0] if split.calibrate else on
    inside = dates[split.masks(dates)[0]]
    kind = "period" if recipe.cohort.kind == "visits" else "date"
    tested = rolling_origins(inside, rule, recipe.horizon, delay, end, test=kind)  # type: ignore[arg-type]
    usable = tuple(fold for fold in tested if _both(fold, used))
    if not usable:
        raise FitError("no past date has outcomes of both kinds to learn from and to test on.", where="folds",
                       next="Begin the cohort earlier, or rank by a lower rung.")  # fmt: skip
    rows = np.logical_or.reduce([mask for part in (split, *usable) for mask in part.masks(dates)])
    used = used.pick(rows)
    say(f"features of {used.target.size:,} rows for {len(usable)} folds")
    who = nuisance_of(records, recipe, used.cohort, on)
    return _Trial(recipe, build(records, chosen.families, used.cohort), used, usable, split, metric, who)


def _both(fold: Split, used: Outcomes) -> bool:
    train, _, test = fold.masks(used.cohort.as_of)
    return all(np.unique(used.target[rows]).size == 2 for rows in (train, test))


def _said(made: Tuned, trial: _Trial, records: Mapping[str, str], seed: int) -> str:
    """Return what a reader of the recipe must know of where its settings come from."""
    value = made.frame.set_index("settings")
    name = "AUC" if made.metric == "auc" else made.metric
    days, split = ", ".join(d.isoformat() for d in trial.dates), trial.split
    train = split.masks(trial.used.cohort.as_of)[0]
    text = (
        f"{int(train.sum()):,} outcomes of visited {trial.recipe.entity}s with dates {split.train[0]} to "
        f"{split.train[-1]} (inspections {records['inspections'][:12]}), {len(trial.folds)} temporal folds tested from "
        f"{days}; {made.found.whole + made.found.cut_short} trials (Optuna, seed {seed}), {made.found.cut_short} of "
        f"them cut short. Mean {name} over the folds, which the choice saw, {value.folds['tuned']:.3f}; beside it the "
        f"settings before {value.folds['before']:.3f} and XGBoost's defaults {value.folds['defaults']:.3f}."
    )
    if split.calibrate:
        text += (
            f" On the later dates {split.calibrate[0]} to {split.calibrate[-1]}, which it did not see: "
            f"{value.later['tuned']:.3f}, {value.later['before']:.3f} and {value.later['defaults']:.3f}."
        )
    return text

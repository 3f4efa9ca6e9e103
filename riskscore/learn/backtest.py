"""Rolling origins: what the model would have found on past dates, beside what an office could do without it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureMatrix
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe
from riskscore.learn import baselines
from riskscore.learn.bootstrap import Metric, compare
from riskscore.learn.curve import Curve
from riskscore.learn.fit import Model, Progress, fit_model
from riskscore.learn.logistic import fit_logistic
from riskscore.splits import Split

Floats = NDArray[np.float64]
DRAWS = 300
LOGISTIC_ROWS = 50_000  # a hundred weights need no more, and its table of gaps and categories would fill the memory
MODEL = "model"


@dataclass(frozen=True)
class Past:
    """What the baselines know of each row: outcomes of its past visits, and its newest report; shape (n,) each."""

    last: Floats
    total: Floats
    visits: Floats
    report_age: Floats


@dataclass(frozen=True)
class Backtest:
    """``frame``: one row per origin, model and metric, with its interval and its lead over the model (paired).

    Columns: origin, model, metric, share (of the places visited after the origin; NaN where none), value, low, high,
    behind, behind_low, behind_high (how far the row's model lies behind ours), visited, positives. All figures are of
    places that somebody visited: what the others would have shown, they do not tell.

    ``rows``: one row per origin and member of its test cohort that the matrix holds, visited or not. Columns: origin,
    entity, as_of, group (its employer), target (1, 0; NaN where nobody looked), visited, new_employer (no row of its
    group was learned from), each model's score by its name, and probability with probability_low and probability_high:
    the model's, by the calibration that it had on that day (NaN where it refuses percentages); from `rs.backtest` also
    trigger (why the first visit of the horizon was made), era (the rule about visiting in force on the day), own_accord
    (visited without a report after the day), and where the register could be corrected for visit_probability (of such a
    visit; 0 where no rule allows one), outcome_probability (that it finds something) and overlap.

    The other frames are of the register's past dates, empty where the cohort is made of visits or was not asked.
    ``corrected``: origin, way ("corrected", "drawn visits", "bounds", "bounds of everybody"), gamma, model, metric,
    share, value, low, high, behind, behind_low, behind_high, places, visits. ``leads``: origin, share, rival (the rule
    that finds most), gamma (from which the model need not find more; 20: not even there). ``new_employers``: as
    ``frame``, of employers from which nothing was learned. ``capacity``: as `at_capacity`, with its origin.
    ``coverage``: origin, by ("region" or "sector"), name, and the shares of register, visits and list. ``notes``: what
    could not be done.
    """

    frame: pd.DataFrame
    rows: pd.DataFrame
    corrected: pd.DataFrame = field(default_factory=pd.DataFrame)
    leads: pd.DataFrame = field(default_factory=pd.DataFrame)
    new_employers: pd.DataFrame = field(default_factory=pd.DataFrame)
    capacity: pd.DataFrame = field(default_factory=pd.DataFrame)
    coverage: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()

    def mean(self) -> pd.DataFrame:
        """Return each metric's mean over the origins, a column per model."""
        table = self.frame.assign(
            metric=[named(m, s) for m, s in zip(self.frame.metric, self.frame.share, strict=True)]
        )
        return table.pivot_table(index="metric", columns="model", values="value", aggfunc="mean", sort=False)


def backtest(
    matrix: FeatureMatrix,
    target: Floats,
    past: Past,
    groups: NDArray[np.object_],
    as_of: NDArray[np.int32],
    splits: Sequence[Split],
    recipe: Recipe,
    families: Sequence[Family],
    progress: Progress | None = None,
    *,
    nuisance: pd.DataFrame | None = None,
) -> Backtest:
    """Fit at each origin, score its test dates, and measure the model beside the baselines.

    Parameters
    ----------
    matrix : FeatureMatrix of n rows
    target : array of 1, 0 and NaN, shape (n,)
        NaN where nobody looked; such rows are used neither to learn nor to test, and are scored for ``rows``.
    past : Past
    groups : array, shape (n,)
        Rows of one group (an employer) are resampled together.
    as_of : int32 array, shape (n,)
    splits : sequence of Split
    nuisance : DataFrame of n rows, optional
        Who looked, where the recipe names such columns.
    """
    found = []
    for at, split in enumerate(splits):
        model = fit_model(matrix, target, split, as_of, recipe, families, groups=groups, nuisance=nuisance)
        train, _, test = split.masks(as_of)
        found.append(measure(model, matrix, target, past, groups, train, test, split.origin, seed=at))
        if progress is not None:
            progress(at + 1, len(splits))
    frames, rows = (pd.concat([getattr(one, part) for one in found], ignore_index=True) for part in ("frame", "rows"))
    return Backtest(frames, rows)


def measure(
    model: Model,
    matrix: FeatureMatrix,
    target: Floats,
    past: Past,
    groups: NDArray[np.object_],
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
    origin: dt.date,
    *,
    seed: int = 0,
) -> Backtest:
    """Return how well a model and the baselines rank some rows that it did not see, one row per model and metric.

    Parameters
    ----------
    model : Model
    train, test : bool arrays, shape (n,)
        The rows that the baselines learn from, and those that are ranked.
    origin : date
        The day that the figures are noted under.
    seed : int
        Of the bootstrap.
    """
    metrics, known = metrics_of(model.recipe), ~np.isnan(target)
    train = train & known
    every = {MODEL: model.estimator.decision_function(matrix.frame.loc[test, model.columns])}
    every |= dict(baseline_scores(matrix, target, past, train, test, model.columns))
    ranked = _rows(origin, matrix, target, groups, train, test, _chances(model, every[MODEL])).assign(**every)
    scores, test = {name: score[known[test]] for name, score in every.items()}, test & known
    return Backtest(figures(metrics, target[test], scores, groups[test], origin, seed=seed), ranked)


def figures(
    metrics: Sequence[tuple[str, float, Metric]], target: Floats, scores: Mapping[str, Floats],
    groups: NDArray[np.object_], origin: dt.date, *, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return every metric of every ranking with its interval and its lead over the model; columns as `Backtest.frame`.

    Parameters
    ----------
    metrics : sequence of (name, share, measure)
    target : array of 1, 0 and NaN, shape (n,)
    scores : mapping of name to array, shape (n,)
    groups : array, shape (n,)
    """
    measures = {f"{metric} {share}": metric_of for metric, share, metric_of in metrics}
    found = compare(measures, target, scores, MODEL, groups, draws=DRAWS, seed=seed)
    rows = []
    for metric, share, _ in metrics:
        for name in scores:
            one = found[f"{metric} {share}", name]
            rows.append({
                "origin": origin, "model": name, "metric": metric, "share": share,
                "value": one.a.value, "low": one.a.low, "high": one.a.high,
                "behind": -one.difference.value, "behind_low": -one.difference.high,
                "behind_high": -one.difference.low,
                "visited": int((~np.isnan(target)).sum()), "positives": int(np.nansum(target)),
            })  # fmt: skip
    return pd.DataFrame(rows)


def _rows(
    origin: dt.date, matrix: FeatureMatrix, target: Floats, groups: NDArray[np.object_], train: NDArray[np.bool_],
    test: NDArray[np.bool_], chances: Mapping[str, Floats],
) -> pd.DataFrame:  # fmt: skip
    """Return who was to be ranked at an origin, and what came out."""
    index, (code, ids) = matrix.frame.index[test], pd.factorize(groups)
    learned = np.zeros(len(ids), dtype=bool)
    learned[code[train]] = True
    return pd.DataFrame({
        "origin": origin, "entity": index.get_level_values("entity").to_numpy(),
        "as_of": index.get_level_values("as_of").to_numpy(), "group": groups[test], "target": target[test],
        "visited": ~np.isnan(target[test]), **chances, "new_employer": ~learned[code[test]],
    })  # fmt: skip


def _chances(model: Model, margin: Floats) -> dict[str, Floats]:
    refused = np.full(margin.shape, np.nan)
    low, high = (refused, refused) if model.refusal else model.calibrator.interval(margin)
    chance = refused if model.refusal else model.calibrator.probability(margin)
    return {"probability": chance, "probability_low": low, "probability_high": high}


def baseline_scores(
    matrix: FeatureMatrix, target: Floats, past: Past, train: NDArray[np.bool_], test: NDArray[np.bool_],
    columns: list[str],
) -> Iterator[tuple[str, Floats]]:  # fmt: skip
    """Give what an office could do without a model: each way's name, and its score of the rows that are ranked.

    Parameters
    ----------
    target : array of 1 and 0 in the rows of training, shape (n,)
    train, test : bool arrays, shape (n,)
    columns : list of str
        Those that the logistic regression reads.
    """
    entities = matrix.frame.index.get_level_values("entity")[test]
    yield "random", baselines.random_order(list(entities), seed=0)
    known = ~np.isnan(past.last[train])
    usual = float(past.last[train][known].mean()) if known.any() else 0.0
    yield "last finding", baselines.last_finding(past.last[test], usual)
    visits, total = np.nansum(past.visits[train]), np.nansum(past.total[train])
    prior = float(total / visits) if visits else 0.0
    yield "prior rate", baselines.prior_rate(past.total[test], past.visits[test], prior=prior, smoothing=5.0)
    if not np.isnan(past.report_age).all():
        yield "newest report", baselines.complaint_order(past.report_age[test])
    some = np.flatnonzero(train)
    if some.size > LOGISTIC_ROWS:
        some = some[np.linspace(0, some.size - 1, LOGISTIC_ROWS).astype(np.intp)]
    points = fit_logistic(matrix.frame[columns].iloc[some], target[some])
    yield "logistic", points.score(matrix.frame.loc[test, columns])


def metrics_of(recipe: Recipe) -> list[tuple[str, float, Metric]]:
    """Return the metrics that a recipe asks for: name, share of the places that can be visited (NaN: all), measure."""
    found: list[tuple[str, float, Metric]] = [
        ("auc", np.nan, Curve.auc),
        ("average precision", np.nan, Curve.average_precision),
    ]
    for share in recipe.capacity:
        found.append(("precision", share, partial(Curve.precision_at, share=share)))
        found.append(("recall", share, partial(Curve.recall_at, share=share)))
        found.append(("lift", share, partial(Curve.lift_at, share=share)))
    return found


def named(metric: str, share: float) -> str:
    """Return the metric's name with the share of places that can be visited."""
    return metric if np.isnan(share) else f"{metric} in the top {share:.0%}"


def summary(found: Backtest) -> Mapping[str, Mapping[str, float]]:
    """Return mean values as plain data: metric -> model -> value."""
    table = found.mean()
    return {str(m): {str(c): float(table.loc[m, c]) for c in table.columns} for m in table.index}

"""The short card of a run: what it learned from, how well it ranked later dates, and both in words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureMatrix
from riskscore.dates import as_date
from riskscore.definitions.recipe import Recipe
from riskscore.learn.backtest import MODEL, measure, named, summary
from riskscore.learn.fit import PARTS, Model
from riskscore.learn.ladder import told_of_cases
from riskscore.learn.nuisance import nuisance_of, spread_by_office
from riskscore.learn.paired import REACH, chance_to_pass
from riskscore.pipeline.prepare import Outcomes, past_of
from riskscore.records.model import Records
from riskscore.splits import Split

SHOWN = ("auc", "average precision")


@dataclass(frozen=True)
class Fitted:
    """A model with the rows that it and the chance of a visit were learned from.

    ``groups`` has the employer of each, shape (n,).
    """

    records: Records
    used: Outcomes
    matrix: FeatureMatrix
    groups: NDArray[np.object_]
    split: Split
    model: Model


def card_of(fitted: Fitted, outcomes: Mapping[str, int], on: dt.date) -> dict[str, Any]:
    """Return the card as plain data.

    The trees are measured on the newest date of calibration, all of them where the cohort is of visits: outcomes that
    no tree has seen, and of which calibration changes no rank. So the figures are those of the model that is kept.
    A recipe without such dates has no figures.

    Parameters
    ----------
    fitted : Fitted
    outcomes : mapping
        Counts of the outcomes of the whole cohort.
    on : date
        The day of the fit.
    """
    split, model = fitted.split, fitted.model
    return {
        "cohort": model.recipe.cohort.kind,
        "training": [split.train[0].isoformat(), split.train[-1].isoformat()],
        "calibration": [d.isoformat() for d in (split.calibrate[:1] + split.calibrate[-1:])],
        "outcomes": dict(outcomes),
        "rungs": [
            {
                "name": r.name,
                "positives": r.positives,
                "calibration positives": r.calibrator.positives,
                "form": r.correction.form,
                "log losses": dict(r.correction.losses),
                "refusal": r.refusal,
                "cases": told_of_cases(r.name, r.cases, max(model.recipe.capacity)) if r.cases else "",
            }
            for r in model.rungs
        ],
        "overlap": None if model.visits is None else model.visits.overlap.to_state(),
        **_measured(fitted),
        **_averaged(fitted, on),
    }


def _measured(fitted: Fitted) -> dict[str, Any]:
    used, recipe = fitted.used, fitted.model.recipe
    train, later, _ = fitted.split.masks(used.cohort.as_of)
    later &= ~np.isnan(used.target)
    if not later.any():
        return {"tested on": None, "metrics": {}, "intervals": {}}
    if recipe.cohort.kind == "register":
        later &= used.cohort.as_of == used.cohort.as_of[later].max()
    origin = as_date(int(used.cohort.as_of[later].min()))
    past = past_of(fitted.records, recipe, used.cohort)
    found = measure(fitted.model, fitted.matrix, used.target, past, fitted.groups, train, later, origin)
    frame, means = found.frame, summary(found)
    return {
        "tested on": origin.isoformat(),
        "metrics": {m: {k: _none(v) for k, v in row.items()} for m, row in means.items()},
        "intervals": {
            named(r.metric, r.share): [_none(r.low), _none(r.high)]  # type: ignore[arg-type]
            for r in frame[frame.model == MODEL].itertuples()
        },
        "visited": int(frame.visited.iloc[0]),
        "positives": int(frame.positives.iloc[0]),
        "power": _power(frame, recipe),
    }


def _power(frame: pd.DataFrame, recipe: Recipe) -> dict[str, Any] | None:
    """Return how probably a truly better recipe would be told from this one, judged by how rankings differ here."""
    rule = recipe.gate
    rivals = frame[(frame["metric"] == rule.metric) & ~frame["model"].isin([MODEL, "random"])]
    if rule.metric == "precision":
        rivals = rivals[rivals["share"] == max(recipe.capacity)]
    best = rivals.sort_values("value", ascending=False, kind="stable").iloc[0]
    error = float(best["behind_high"] - best["behind_low"]) / (2 * REACH)
    if not error > 0:  # no value, or the same list
        return None
    chance = chance_to_pass(rule.worthwhile, 0.0, error)
    return {
        "metric": rule.metric,
        "beside": best["model"],
        "error": error,
        "better by": rule.worthwhile,
        "chance": chance,
    }


def _averaged(fitted: Fitted, on: dt.date) -> dict[str, Any]:
    """Return what was averaged out, and how the offices' scores still differ at equal records."""
    model, matrix = fitted.model, fitted.matrix
    who = nuisance_of(fitted.records, model.recipe, fitted.used.cohort, on)
    if who is None:
        return {}
    offices: dict[str, float] = {}
    if "office" in who:
        offices = spread_by_office(model.estimator, model.features(matrix), matrix.columns, who["office"])
    return {"nuisance": {"columns": list(who), "offices": offices}}


def _none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def card_lines(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines of a run's card: data, counts, and metrics beside the baselines with their intervals.

    Examples
    --------
    >>> list(card_lines({"recipe": "r", "as_of": "2025-01-01", "counts": {"training rows": 3, "training positives": 1,
    ... "calibration rows": 2, "calibration positives": 1, "columns": 4}, "refusal": "no percentage: too few cases",
    ... "card": {"training": ["2018-01-01", "2022-01-01"], "calibration": ["2023-01-01", "2023-07-01"],
    ... "tested on": "2023-12-31", "visited": 10, "positives": 2, "metrics": {}, "intervals": {}}}))[0]
    'r, as of 2025-01-01'
    """
    card, counts = manifest["card"], manifest["counts"]
    yield f"{manifest['recipe']}, as of {manifest['as_of']}"
    yield (f"  training     {card['training'][0]} to {card['training'][1]}: {counts['training rows']:,} outcomes, "
           f"{counts['training positives']:,} positive, {counts['columns']} columns")  # fmt: skip
    if PARTS in counts:
        yield f"  {'':12} so many that each of {counts[PARTS]} boosters learned from other employers alone"
    calibration = " to ".join(card["calibration"]) or "none"
    yield (f"  calibration  {calibration}: {counts['calibration rows']:,} outcomes, "
           f"{counts['calibration positives']:,} positive{_drawn(counts)}")  # fmt: skip
    yield from _overlap(card)
    yield f"  percentages  {manifest['refusal'] or 'shown'}"
    for rung in card.get("rungs", ()):
        yield f"  {rung['name']:12} {rung_line(rung)}"
        if rung["cases"]:
            yield f"  {'':12} {rung['cases']}"
    if "nuisance" in card:
        yield f"  who looked   {_who_looked(card['nuisance'])}"
    if card["tested on"] is None:
        yield "  tested on    nothing: the recipe keeps no dates apart for calibration; riskscore backtest tells more"
        return
    yield (f"  tested on    {card['tested on']}, which no tree has seen: {card['visited']:,} visited, "
           f"{card['positives']:,} positive; of places that nobody visited this says nothing")  # fmt: skip
    metrics = card["metrics"]
    wanted = sorted((m for m in metrics if m in SHOWN or m.startswith("precision")), key=_by_share)
    if wanted:
        others = [name for name in next(iter(metrics.values())) if name != "model"]
        yield f"  {'':20}{'model (95 %)':19}" + "".join(f"{name:>{len(name) + 2}}" for name in others)
    for metric in wanted:
        low, high = card["intervals"][metric]
        mine = f"{_number(metrics[metric]['model'])} ({_number(low)}-{_number(high)})"
        rivals = "".join(f"{_number(metrics[metric][name]):>{len(name) + 2}}" for name in others)
        yield f"  {metric.replace(' in the top ', ', top '):20}{mine:19}{rivals}"
    power = card.get("power")
    if power is not None:
        better, error = (
            f"{power['better by']:.3f} ({power['metric']})",
            f"{power['error']:.3f}, beside '{power['beside']}'",
        )
        yield f"  {'power':12} on such a date a recipe that is truly better by {better} would be told so in"
        yield f"  {'':12} about {power['chance']:.0%} of cases (standard error {error})"


def _drawn(counts: Mapping[str, int]) -> str:
    """Return whether calibration rests on visits drawn at random; runs made before that was noted do not say."""
    drawn = counts.get("calibration rows drawn at random", 0)
    if not drawn:
        return ""
    missed = counts.get("places drawn for calibration and not visited", 0)
    others = f"; {missed:,} more were drawn and not visited" if missed else ""
    if drawn == counts["calibration rows"]:
        return f", all visited by a draw with a logged chance{others}"
    return f" ({drawn:,} visited by a draw{others}: too few to calibrate on alone)"


def _overlap(card: Mapping[str, Any]) -> Iterator[str]:
    """Give the lines on how far visits speak for the places of the cohort."""
    if card.get("cohort") == "visits":
        yield "  overlap      learned from visits alone: every figure is of places that somebody chose to visit"
    found = card.get("overlap")
    if found is None:
        return
    yield (f"  overlap      {found['visited']:,.0f} of {found['rows']:,.0f} rows that may be visited were; weighted to "
           f"stand for all: worth {found['effective_size']:,.0f}")  # fmt: skip
    yield (f"  {'':12} beyond what visits speak for: {found['outside'] / found['rows']:.0%} of these, and "
           f"{found['closed']:,.0f} rows where none was allowed")  # fmt: skip


def rung_line(rung: Mapping[str, Any]) -> str:
    """Return how a rarer rung's margin is made of the one below, and whether it gives percentages.

    Examples
    --------
    >>> rung_line({"form": "slope", "positives": 60, "refusal": ""})
    'the order of the rung below, its margin scaled and shifted (60 known cases); percentages shown'
    """
    made = {
        "none": "the order of the rung below", "shift": "the order of the rung below, its margin shifted",
        "slope": "the order of the rung below, its margin scaled and shifted",
        "trees": "the margin of the rung below, and a few trees that foretold later dates better",
    }  # fmt: skip
    return f"{made[rung['form']]} ({rung['positives']:,} known cases); {rung['refusal'] or 'percentages shown'}"


def _who_looked(said: Mapping[str, Any]) -> str:
    """Return what was averaged out, and how far apart the offices' scores still lie."""
    text, offices = f"{', '.join(said['columns'])} averaged out", said["offices"]
    if len(offices) > 1:
        low, high = min(offices, key=offices.get), max(offices, key=offices.get)
        apart = offices[high] - offices[low]
        text += f"; at equal records the margin still differs by {apart:.2f} between offices ({low} to {high})"
    return text


def _by_share(metric: str) -> tuple[str, int]:
    """Return what orders metrics by name and then by share: top 5% before top 10%."""
    share = re.search(r"[0-9]+", metric)
    return (metric[: share.start()], int(share.group())) if share else (metric, 0)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"

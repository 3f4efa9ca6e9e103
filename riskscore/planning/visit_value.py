"""What a visit is worth: the outcomes it may find, the people it reaches, and how long ago the last one was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import Period
from riskscore.definitions.recipe import Recipe, Rung

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Worth:
    """The value of a visit to each place, shape (n,), 1 being a visit to an average one; and what it rests on."""

    value: Floats
    finding: Floats  # chance that a visit finds what the list ranks by; NaN where percentages are refused
    says: tuple[str, ...]


def visit_value(recipe: Recipe, frame: pd.DataFrame, workers: Floats, days_since: Floats) -> Worth:
    """Return what a visit to each place of a list is worth.

    The chance of the highest rung with a percentage counts with the weight of that rung, a rung between it and the one
    that ranks by what its weight adds. Rungs above it have no percentage, so their weights count by order alone: in
    full for the first band of the list, not at all for the last, in equal steps between. Where even the rung that
    ranks has none, the place on the list alone counts, from 1 down to 1/n.

    Parameters
    ----------
    recipe : Recipe
        Its ``visit_value`` holds the weights.
    frame : DataFrame
        Rows of a list: rank, of, band, probability and, of each rung above, rung_NAME.
    workers : array, shape (n,)
        People who work there; NaN counts as the median.
    days_since : array, shape (n,)
        Days since the last visit; NaN where there was none.
    """
    rule, base = recipe.visit_value, recipe.rung(recipe.rank_by)
    weights = {rung.name: rule.weights.get(rung.name, float(2 ** (rung.level - 1))) for rung in recipe.ladder}
    finding = frame["probability"].to_numpy(dtype=np.float64)
    says = []
    if np.isnan(finding).any():
        value = 1 - (frame["rank"].to_numpy(dtype=np.float64) - 1) / np.maximum(frame["of"].to_numpy(), 1)
        says.append(f"Value of a visit: by rank alone, since no percentage of '{base.title}' can be given.")
    else:
        value, under = weights[base.name] * finding, weights[base.name]
        chance, highest = finding, base
        without: list[Rung] = []
        for rung in (r for r in recipe.ladder if r.level > recipe.rank_by):
            name = f"rung_{rung.name}"
            known = name in frame and not frame[name].isna().any() and not without
            if known:
                chance, highest = frame[name].to_numpy(dtype=np.float64), rung
                value, under = value + (weights[rung.name] - under) * chance, weights[rung.name]
            else:
                without.append(rung)
        if without:
            value = value + (weights[without[-1].name] - under) * chance * _order(recipe, frame)
        says.append(f"Value of a visit: by the chance of '{highest.title}', the highest rung with enough known cases.")
        if without:
            names = ", ".join(f"'{rung.title}'" for rung in without)
            says.append(f"Too few cases are known for a percentage of {names}: their weights count by band alone.")
    value = value * _reach(workers, rule.workers_exponent) * _recovered(days_since, rule.recovery)
    says.append(f"People at work count with the power {rule.workers_exponent:g}; half of the value is back "
                f"{_length(rule.recovery)} after a visit.")  # fmt: skip
    mean = float(value.mean()) if value.size else 0.0
    return Worth(value / mean if mean > 0 else value, finding, tuple(says))


def _length(period: Period) -> str:
    return f"{period.months} months" if period.months else f"{period.days} days"


def _order(recipe: Recipe, frame: pd.DataFrame) -> Floats:
    names = list(recipe.bands)
    steps = {name: 1 - i / max(1, len(names) - 1) for i, name in enumerate(names)}
    return np.array([steps[str(band)] for band in frame["band"]], dtype=np.float64)


def _reach(workers: Floats, exponent: float) -> Floats:
    known = workers[workers > 0]
    usual = float(np.median(known)) if known.size else 1.0
    people = np.where(np.isnan(workers) | (workers <= 0), usual, workers)
    return np.asarray((people / usual) ** exponent, dtype=np.float64)


def _recovered(days_since: Floats, half: Period) -> Floats:
    # a month is counted as 30.4375 days here: the value of a visit has no day on which it jumps
    length = half.months * 30.4375 + half.days
    return np.asarray(
        np.where(np.isnan(days_since), 1.0, 1 - 0.5 ** (np.nan_to_num(days_since) / length)), dtype=np.float64
    )

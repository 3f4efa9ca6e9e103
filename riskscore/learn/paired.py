"""Rankings of the same places on several past dates: what each finds, and how surely they differ.

A figure is the mean over the dates. All dates are resampled in one draw of groups, since an employer stands on each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.bootstrap import Comparison, Metric, compare_curves
from riskscore.learn.curve import Curve, Floats, Order
from riskscore.learn.selection.corrected import Tally, expected_outcome

DRAWS = 1000
REACH = NormalDist().inv_cdf(0.975)  # standard errors from the middle of a 95 % interval to its end
FEWEST = 5  # finds, and visits that found nothing: a date with fewer is left out
VISITED, CORRECTED = "visited", "corrected"

OneDate = tuple[NDArray[np.intp], dict[str, Callable[[Floats | None], Curve]]]


def compared(
    metrics: Sequence[tuple[str, float, Metric]], rows: pd.DataFrame, names: Sequence[str], against: str,
    *, ways: Sequence[str] = (VISITED, CORRECTED), draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return every metric of every ranking, on visited places and corrected for who was visited.

    Parameters
    ----------
    metrics : sequence of (name, share, measure)
    rows : DataFrame of n rows
        Columns origin, group (resampled together), target (1, 0; NaN where nobody looked), a column of scores for each
        name, and own_accord, visit_probability, outcome_probability and overlap as in `Backtest.rows`.
    names : sequence of str
    against : str
        Of the names: the one that the others are compared with.

    Returns
    -------
    DataFrame
        Columns way ("visited", "corrected"), metric, share, model, value, low, high, difference (of ``against`` and the
        model, paired), difference_low, difference_high, error (its standard error), dates, places, finds. No rows of a
        way that no date supports.

    Examples
    --------
    >>> row = np.arange(400)
    >>> rows = pd.DataFrame({"origin": "2024", "group": row, "target": (row % 4 == 0) * 1.0, "good": row % 4 == 0,
    ...                      "poor": row % 7, "overlap": False})
    >>> found = compared([("auc", np.nan, Curve.auc)], rows, ["good", "poor"], "good", draws=100).set_index("model")
    >>> bool(found.loc["poor", "difference_low"] > 0.3)
    True
    """
    found = []
    for way in ways:
        made = _visited if way == VISITED else _corrected
        dates = [one for one in (made(rows, at, names) for at in _dates(rows)) if one is not None]
        if not dates:
            continue
        told = _over_dates(metrics, dates, rows["group"].to_numpy(dtype=object), against, draws, seed)
        at = np.concatenate([at for at, _ in dates])
        y = rows["target"].to_numpy(dtype=np.float64)[at]
        if way == CORRECTED:
            y = np.where(rows["own_accord"].to_numpy(dtype=bool)[at], y, np.nan)
        for name, share, _ in metrics:
            for model in names:
                one = told[f"{name} {share}", model]
                found.append({
                    "way": way, "metric": name, "share": share, "model": model, "value": one.a.value,
                    "low": one.a.low, "high": one.a.high, "difference": 0.0 - one.difference.value,
                    "difference_low": 0.0 - one.difference.high, "difference_high": 0.0 - one.difference.low,
                    "error": one.error, "dates": len(dates), "places": int(at.size), "finds": int(np.nansum(y)),
                })  # fmt: skip
    return pd.DataFrame(found)


def chance_to_pass(truly: float, limit: float, error: float) -> float:
    """Return the probability that a 95 % interval lies above a limit, by the normal distribution.

    Parameters
    ----------
    truly : float
        The true difference.
    limit : float
    error : float
        Standard error of the difference, above 0, as a bootstrap gives it.

    Examples
    --------
    >>> round(chance_to_pass(0.0, 0.0, 0.01), 3), round(chance_to_pass(0.02, 0.0, 0.01), 2)
    (0.025, 0.52)
    """
    return NormalDist().cdf((truly - limit) / error - REACH)


def _dates(rows: pd.DataFrame) -> list[NDArray[np.intp]]:
    code, _ = pd.factorize(rows["origin"], sort=True)
    return [np.flatnonzero(code == k) for k in range(code.max() + 1)] if code.size else []


def _visited(rows: pd.DataFrame, at: NDArray[np.intp], names: Sequence[str]) -> OneDate | None:
    target = rows["target"].to_numpy(dtype=np.float64)
    at = at[~np.isnan(target[at])]
    if min((target[at] == 1).sum(), (target[at] == 0).sum()) < FEWEST:
        return None
    return at, {name: Order.of(target[at], _score(rows, name, at)).curve for name in names}


def _corrected(rows: pd.DataFrame, at: NDArray[np.intp], names: Sequence[str]) -> OneDate | None:
    at = at[rows["overlap"].to_numpy(dtype=bool)[at]]
    if not at.size:
        return None
    part = rows.iloc[at]
    y = np.where(part["own_accord"].to_numpy(dtype=bool), part["target"].to_numpy(dtype=np.float64), np.nan)
    phi = expected_outcome(part["outcome_probability"].to_numpy(), part["visit_probability"].to_numpy(), y)
    unknown = np.full(at.size, np.nan)
    return at, {name: Tally.of_expected(phi, Order.of(unknown, _score(rows, name, at))).curve for name in names}


def _score(rows: pd.DataFrame, name: str, at: NDArray[np.intp]) -> Floats:
    return rows[name].to_numpy(dtype=np.float64)[at]


def _over_dates(
    metrics: Sequence[tuple[str, float, Metric]], dates: Sequence[OneDate], groups: NDArray[Any], against: str,
    draws: int, seed: int,
) -> dict[tuple[str, str], Comparison]:  # fmt: skip
    ends = np.cumsum([0, *(at.size for at, _ in dates)])

    def joint(name: str) -> Callable[[Floats | None], list[Curve]]:
        def curves(weights: Floats | None) -> list[Curve]:
            return [
                made[name](None if weights is None else weights[:, ends[k] : ends[k + 1]])
                for k, (_, made) in enumerate(dates)
            ]

        return curves

    def mean(measure: Metric) -> Callable[[list[Curve]], Floats]:
        return lambda curves: np.mean([measure(curve) for curve in curves], axis=0)

    measures: Mapping[str, Callable[[list[Curve]], Floats]] = {f"{n} {share}": mean(m) for n, share, m in metrics}
    whose = groups[np.concatenate([at for at, _ in dates])].astype(str)
    every = {name: joint(name) for name in dates[0][1]}
    return compare_curves(measures, every, against, whose.size, whose, draws=draws, seed=seed)

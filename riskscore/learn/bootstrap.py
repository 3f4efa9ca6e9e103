"""Intervals by resampling whole groups (employers with all their rows), paired where two rankings are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.learn.curve import Curve, Floats, Order
from riskscore.learn.metrics import Interval
from riskscore.side_by_side import FEW, side_by_side

AnyCurve = TypeVar("AnyCurve")
Metric = Callable[[Curve], Floats]
"""``Curve.auc``, or ``lambda curve: curve.precision_at(0.01)``."""

_BLOCK = 4_000_000  # weights held at a time


@dataclass(frozen=True)
class Comparison:
    """Two rankings of the same rows.

    ``ahead`` is the share of draws in which a is better than b, ``error`` the standard error of the difference.
    """

    a: Interval
    b: Interval
    difference: Interval
    ahead: float
    error: float


def bootstrap(
    metric: Metric,
    y: ArrayLike,
    score: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Return a metric with its percentile interval; parameters as `paired_bootstrap`.

    Examples
    --------
    >>> y, score = np.arange(200) % 2, np.arange(200) % 2 + np.arange(200) % 7
    >>> found = bootstrap(Curve.auc, y, score, draws=200)
    >>> bool(found.low < found.value < found.high)
    True
    """
    order = Order.of(y, score)
    drawn = np.concatenate([metric(order.curve(w)) for w in resampled(groups, len(order.order), draws, seed)])
    return interval(float(metric(order.curve())[0]), drawn, level)


def paired_bootstrap(
    metric: Metric,
    y: ArrayLike,
    score_a: ArrayLike,
    score_b: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Comparison:
    """Return how much better one ranking is than another, both measured on the same resampled groups.

    Parameters
    ----------
    metric : callable
        From a `Curve` to one value for each draw: ``Curve.auc``, ``lambda curve: curve.precision_at(0.01)``. The
        share is of the resampled rows, so capacity grows with them.
    y : array of 1, 0 and NaN, shape (n,)
    score_a, score_b : array, shape (n,)
    groups : array, shape (n,), optional
        Rows of one group are drawn together; without it each row alone.
    draws, seed : int
    level : float
        Coverage of the percentile intervals.

    Examples
    --------
    >>> y = np.arange(400) % 4 == 0
    >>> better = y + np.arange(400) % 7 / 5
    >>> paired_bootstrap(Curve.auc, y, better, np.arange(400) % 7, draws=200).difference.low > 0.2
    True
    """
    found = compare({"": metric}, y, {"a": score_a, "b": score_b}, "b", groups, draws=draws, seed=seed, level=level)
    return found["", "a"]


def compare(
    metrics: Mapping[str, Metric],
    y: ArrayLike,
    scores: Mapping[str, ArrayLike],
    against: str,
    groups: ArrayLike | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> dict[tuple[str, str], Comparison]:
    """Return every ranking compared with one of them on every metric, all on the same draws.

    One pass for a whole table: rows are sorted once per ranking, drawn once, and each curve serves all metrics.

    Parameters
    ----------
    metrics : mapping of name to metric
    y : array of 1, 0 and NaN, shape (n,)
    scores : mapping of name to array, shape (n,)
    against : str
        The name in ``scores`` that the others are compared with.
    groups, draws, seed, level
        As in `paired_bootstrap`.

    Returns
    -------
    dict of (metric, name) to Comparison of that ranking (a) with ``against`` (b)

    Examples
    --------
    >>> y, scores = np.arange(90) % 3 == 0, {"model": -(np.arange(90) % 3), "random": np.arange(90) % 7}
    >>> found = compare({"auc": Curve.auc}, y, scores, "model", draws=50)
    >>> bool(found["auc", "random"].difference.high < 0), found["auc", "model"].difference.value
    (True, 0.0)
    """
    curves = {name: Order.of(y, score).curve for name, score in scores.items()}
    n = np.size(scores[against])
    return compare_curves(metrics, curves, against, n, groups, draws=draws, seed=seed, level=level)


def compare_curves(
    metrics: Mapping[str, Callable[[AnyCurve], Floats]],
    curves: Mapping[str, Callable[[Floats | None], AnyCurve]],
    against: str,
    n: int,
    groups: ArrayLike | None = None,
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> dict[tuple[str, str], Comparison]:
    """Return what `compare` does for curves that are made in some other way than from known outcomes.

    Parameters
    ----------
    curves : mapping of name to callable
        From weights, shape (draws, n), or None to a curve: ``Order.curve``.
    n : int
        Number of rows.
    """
    keys = [(metric, name) for metric in metrics for name in curves]
    plain = {name: curve(None) for name, curve in curves.items()}
    values = {(metric, name): float(metrics[metric](plain[name])[0]) for metric, name in keys}
    blocks: dict[tuple[str, str], list[Floats]] = {key: [] for key in keys}
    for weights in resampled(groups, n, draws, seed):

        def drawn(name: str, weights: Floats = weights) -> list[Floats]:
            curve = curves[name](weights)
            return [measure(curve) for measure in metrics.values()]

        for name, measured in zip(curves, side_by_side(drawn, curves, worth=n > FEW), strict=True):
            for metric, found in zip(metrics, measured, strict=True):
                blocks[metric, name].append(found)
    whole = {key: np.concatenate(found) for key, found in blocks.items()}
    return {
        (metric, name): _comparison(
            (values[metric, name], values[metric, against]), whole[metric, name], whole[metric, against], level
        )
        for metric, name in keys
    }


def _comparison(values: tuple[float, float], drawn_a: Floats, drawn_b: Floats, level: float) -> Comparison:
    gained = drawn_a - drawn_b
    valued = gained[~np.isnan(gained)]
    return Comparison(
        interval(values[0], drawn_a, level),
        interval(values[1], drawn_b, level),
        interval(values[0] - values[1], gained, level),
        float((valued > 0).mean()) if valued.size else float("nan"),
        float(valued.std()) if valued.size else float("nan"),
    )


def resampled(groups: ArrayLike | None, n: int, draws: int, seed: int) -> Iterator[Floats]:
    """Yield blocks of weights, shape (draws of the block, n): how often each row's group was drawn."""
    codes: NDArray[np.intp] | None = None
    count = n
    if groups is not None:
        found, codes = np.unique(np.asarray(groups), return_inverse=True)
        count = len(found)
    random = np.random.default_rng(seed)
    size = max(1, _BLOCK // n)
    for first in range(0, draws, size):
        block = min(size, draws - first)
        picks = random.integers(0, count, size=(block, count)) + np.arange(block)[:, None] * count
        times = np.bincount(picks.ravel(), minlength=block * count).reshape(block, count).astype(np.float64)
        yield times if codes is None else times[:, codes]


def interval(value: float, drawn: Floats, level: float) -> Interval:
    """Return the percentile interval; draws in which the metric has no value are left out."""
    valued = drawn[~np.isnan(drawn)]
    if not valued.size:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(valued, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))

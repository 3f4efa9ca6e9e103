"""Intervals by resampling whole groups (employers with all their rows), paired where two rankings are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.learn.curve import Curve, Floats, Order
from riskscore.learn.metrics import Interval

Metric = Callable[[Curve], Floats]
"""``Curve.auc``, or ``lambda curve: curve.precision_at(0.01)``."""

_BLOCK = 4_000_000  # weights held at a time


@dataclass(frozen=True)
class Comparison:
    """Two rankings of the same rows; ``ahead`` is the share of draws in which a is better than b."""

    a: Interval
    b: Interval
    difference: Interval
    ahead: float


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
    drawn = np.concatenate([metric(order.curve(w)) for w in _weights(groups, len(order.order), draws, seed)])
    return _interval(float(metric(order.curve())[0]), drawn, level)


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
    a, b = Order.of(y, score_a), Order.of(y, score_b)
    pairs = [(metric(a.curve(w)), metric(b.curve(w))) for w in _weights(groups, len(a.order), draws, seed)]
    drawn_a, drawn_b = (np.concatenate(side) for side in zip(*pairs, strict=True))
    of_a, of_b = float(metric(a.curve())[0]), float(metric(b.curve())[0])
    gained = drawn_a - drawn_b
    valued = gained[~np.isnan(gained)]
    return Comparison(
        _interval(of_a, drawn_a, level),
        _interval(of_b, drawn_b, level),
        _interval(of_a - of_b, gained, level),
        float((valued > 0).mean()) if valued.size else float("nan"),
    )


def _weights(groups: ArrayLike | None, n: int, draws: int, seed: int) -> Iterator[Floats]:
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


def _interval(value: float, drawn: Floats, level: float) -> Interval:
    """Return the percentile interval; draws in which the metric has no value are left out."""
    valued = drawn[~np.isnan(drawn)]
    if not valued.size:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(valued, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high))

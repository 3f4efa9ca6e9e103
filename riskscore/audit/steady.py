"""How much of a list stays when the model is made again: the places at its head, and the order of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Steady:
    """``same`` is the share of the first ``seats`` places that both lists have, ``correlation`` Spearman's of all."""

    places: int
    seats: int
    same: float
    correlation: float


def steady(one: Floats, other: Floats, entity: NDArray[np.object_], capacity: float) -> Steady:
    """Compare two rankings of the same places.

    Parameters
    ----------
    one, other : array, shape (n,)
        Scores.
    entity : array of ids, shape (n,)
        Equal scores stand in their order.
    capacity : float
        Share of the list that can be visited.

    Examples
    --------
    >>> found = steady(np.arange(10.0), np.arange(10.0)[::-1], np.arange(10).astype(str), 0.5)
    >>> found.seats, found.same, round(found.correlation, 6)
    (5, 0.0, -1.0)
    """
    from scipy.stats import spearmanr

    seats = max(1, round(capacity * one.size))
    first, second = (set(np.lexsort((entity.astype(str), -score))[:seats].tolist()) for score in (one, other))
    constant = one.size < 2 or min(np.ptp(one), np.ptp(other)) == 0
    correlation = float("nan") if constant else float(spearmanr(one, other).statistic)
    return Steady(one.size, seats, len(first & second) / seats, correlation)

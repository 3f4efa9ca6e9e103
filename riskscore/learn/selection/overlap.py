"""Where the visited can speak for the others: chances of a visit compared, weights, and what they are worth.

Three rules, the same wherever they are used. *Similarity to visited* of a row is the share of visited training rows
whose chance of a visit was no higher than its own. A row below `LIMIT`, or where no visit is allowed, is an
*extrapolation*; all others are the cohort with overlap. There a visited row weighs 1 / its chance, and no weight is
larger than the one that the share `CLIP` of the weights does not exceed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
LIMIT = 0.05  # similarity below which a row is an extrapolation
CLIP = 0.99  # share of the weights that stay as they are
BANDS = 10


@dataclass(frozen=True)
class Band:
    """Rows of the cohort with a chance of a visit between two ends, about a tenth of those that may be visited.

    ``weight_share`` is their visited rows' share of the weight of all. Counts are of the whole cohort, also where the
    model saw a sample of it.
    """

    low: float
    high: float
    rows: float
    visited: float
    mean_probability: float
    weight_share: float


@dataclass(frozen=True)
class Overlap:
    """How far the visited rows of a cohort can speak for all of it.

    Parameters
    ----------
    rows, visited : float
        Rows that may be visited, and how many were.
    closed, closed_visited : float
        Rows where the rule in force on their day allowed no visit, and how many were visited all the same (after a
        report, or under a later rule); no weight makes these speak for the closed places.
    outside : float
        Rows that may be visited and lie outside the overlap (see `LIMIT`).
    lowest : float
        Chance of a visit below which a row lies outside.
    largest_weight : float
        Where weights are clipped.
    effective_size : float
        What the weighted visited rows are worth: so many of equal weight would be as exact (Kish 1965).
    bands : tuple of Band
        From the least to the most visited.
    """

    rows: float
    visited: float
    closed: float
    closed_visited: float
    outside: float
    lowest: float
    largest_weight: float
    effective_size: float
    bands: tuple[Band, ...]

    def to_state(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Overlap:
        """Return the overlap that `to_state` described."""
        return cls(**{**state, "bands": tuple(Band(**band) for band in state["bands"])})


def similarity_to_visited(probability: Floats, reference: Floats, closed: Flags) -> Floats:
    """Return for each row the share of visited training rows whose chance of a visit was no higher; 0 where closed.

    Parameters
    ----------
    probability : array, shape (n,)
        Chance of a visit.
    reference : array, shape (m,)
        The chances of the visited training rows, sorted, by models that did not see their employers.
    closed : bool array, shape (n,)

    Examples
    --------
    >>> reference = np.array([0.1, 0.2, 0.3, 0.4])
    >>> similarity_to_visited(np.array([0.05, 0.2, 0.9, 0.9]), reference, np.array([0, 0, 0, 1], dtype=bool)).tolist()
    [0.0, 0.5, 1.0, 0.0]
    """
    share = np.searchsorted(reference, probability, side="right") / max(1, reference.size)
    return np.where(closed, 0.0, share)


def is_extrapolation(similarity: Floats, closed: Flags) -> Flags:
    """Say which rows lie outside what visits can speak for; bool array, shape (n,)."""
    return np.asarray(closed | (similarity < LIMIT))


def clipped_weights(probability: Floats, counted: Flags) -> Floats:
    """Return 1 / chance of each row that counts, none larger than the `CLIP` share of them reach; 0 for the others.

    Parameters
    ----------
    probability : array, shape (n,)
        Chance of a visit, above 0 where a row counts.
    counted : bool array, shape (n,)
        Visited rows within the overlap.

    Examples
    --------
    >>> clipped_weights(np.array([0.5, 0.25, 0.1]), np.array([1, 1, 0], dtype=bool)).round(2).tolist()
    [2.0, 3.98, 0.0]
    """
    weight = np.zeros(probability.shape)
    if counted.any():
        weight[counted] = 1 / probability[counted]
        weight = np.minimum(weight, np.quantile(weight[counted], CLIP))
    return weight


def effective_sample_size(weight: Floats, stands: Floats | None = None) -> float:
    """Return how many rows of equal weight would be as exact: (sum of w)² / sum of w² (Kish 1965).

    Parameters
    ----------
    weight : array, shape (n,)
    stands : array, shape (n,), optional
        How many rows of that weight each row stands for.

    Examples
    --------
    >>> effective_sample_size(np.ones(40)), round(effective_sample_size(np.array([3.0, 1.0])), 2)
    (40.0, 1.6)
    """
    counted = np.ones(weight.shape) if stands is None else stands
    squares = float((counted * weight**2).sum())
    return float((counted * weight).sum()) ** 2 / squares if squares else 0.0


def overlap_of(
    probability: Floats, visited: Flags, closed: Flags, reference: Floats, weight: Floats | None = None
) -> Overlap:
    """Return how far visited rows can speak for the cohort.

    Parameters
    ----------
    probability : array, shape (n,)
        Chance of a visit by models that did not see the row's employer; 0 where closed.
    visited, closed : bool array, shape (n,)
    reference : array, shape (m,)
        As for `similarity_to_visited`.
    weight : array, shape (n,), optional
        Rows of the cohort that each row stands for, where they are a sample.
    """
    stands = np.ones(probability.shape) if weight is None else weight
    similarity = similarity_to_visited(probability, reference, closed)
    inside = ~is_extrapolation(similarity, closed)
    speaks = clipped_weights(probability, visited & inside)
    return Overlap(
        rows=float(stands[~closed].sum()),
        visited=float(stands[visited & ~closed].sum()),
        closed=float(stands[closed].sum()),
        closed_visited=float(stands[visited & closed].sum()),
        outside=float(stands[~closed & ~inside].sum()),
        lowest=float(probability[inside].min()) if inside.any() else 1.0,
        largest_weight=float(speaks.max(initial=0.0)),
        effective_size=effective_sample_size(speaks, stands),
        bands=_bands(probability[~closed], visited[~closed], stands[~closed], speaks[~closed]),
    )


def _bands(probability: Floats, visited: Flags, stands: Floats, speaks: Floats) -> tuple[Band, ...]:
    """Return the tenths of the rows by their chance; equal chances are not torn apart."""
    if not probability.size:
        return ()
    order = np.argsort(probability, kind="stable")
    reached = np.cumsum(stands[order])
    ends = probability[order][np.searchsorted(reached, reached[-1] * np.arange(1, BANDS) / BANDS)]
    band = np.searchsorted(np.unique(ends), probability)
    total, found = float((speaks * stands).sum()), []
    for k in np.unique(band):
        own = band == k
        found.append(
            Band(
                low=float(probability[own].min()),
                high=float(probability[own].max()),
                rows=float(stands[own].sum()),
                visited=float(stands[own & visited].sum()),
                mean_probability=float(np.average(probability[own], weights=stands[own])),
                weight_share=float((speaks * stands)[own].sum()) / total if total else 0.0,
            )
        )
    return tuple(found)

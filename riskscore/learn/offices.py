"""What a ranking brings at each office's real capacity: so many places as it visited in the twelve months before.

Each office visits the first places of its own part of the ranking. Tied places at the end of its list share the seats
that are left; `worst` and `best` are the same list when the ties fall against or for what was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.bootstrap import interval, resampled
from riskscore.learn.curve import Floats
from riskscore.learn.selection.corrected import share_of_seats

DRAWS = 200


@dataclass(frozen=True)
class Offices:
    """Whose each row is, how many visits each office makes in the horizon, and what its visits there found.

    Parameters
    ----------
    office : array of str, shape (n,)
        Empty where no office is known; such rows are on a list of their own.
    capacity : mapping of office to int
        Visits in the twelve months before; an office without any visits nobody.
    y : array of 1, 0 and NaN, shape (n,)
        NaN where nobody went.
    day : float array, shape (n,)
        Days from the list to the first visit; NaN where nobody went.
    workers : float array, shape (n,)
        People without a contract found at that visit; NaN where nobody went or nobody counted.
    """

    office: NDArray[Any]
    capacity: Mapping[str, int]
    y: Floats
    day: Floats
    workers: Floats

    def seats(self, score: Floats) -> Floats:
        """Return each row's share of a seat on its office's list, shape (n,)."""
        share = np.zeros(score.shape)
        for name, k in self.capacity.items():
            own = self.office == name
            share[own] = share_of_seats(score[own], k)
        return share


def at_capacity(
    offices: Offices, scores: Mapping[str, Floats], groups: NDArray[Any], against: str, phi: Floats | None = None,
    *, draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return what the lists of each ranking would have brought, as far as visits tell.

    Parameters
    ----------
    offices : Offices
    scores : mapping of name to array, shape (n,)
    groups : array, shape (n,)
        Rows of one group (an employer) are resampled together.
    against : str
        The name in ``scores`` that the others are compared with.
    phi : array, shape (n,), optional
        Expected outcomes (`expected_outcome`), NaN outside the overlap; with them precision and recall are also given
        corrected, of the lists' places with overlap.

    Returns
    -------
    DataFrame
        Columns model, metric, value, worst, best (ties; NaN where they do not matter), low, high (95 % by resampled
        groups), behind, behind_low, behind_high (how far the model lies behind ``against``), seats. Metrics: precision
        (finds per visited place on the lists), recall (share of all finds that were on them), both also corrected, lift
        (precision over that of all visits), days earlier (see `days_earlier`; mean over the finds), workers per visit
        (people without a contract, over visited places on the lists).
    """
    seen = ~np.isnan(offices.y)
    hit = np.nan_to_num(offices.y)
    counted = ~np.isnan(offices.workers)
    people = np.nan_to_num(offices.workers)
    parts: dict[tuple[str, str], tuple[Floats, Floats]] = {}
    for name, score in scores.items():
        seats = offices.seats(score)
        earlier = days_earlier(offices, score)
        parts["precision", name] = seats * hit, seats * seen
        parts["recall", name] = seats * hit, hit
        parts["days earlier", name] = np.where(hit > 0, earlier, 0.0), hit
        parts["workers per visit", name] = seats * people, seats * counted
        if phi is not None:
            inside, expected = ~np.isnan(phi), np.nan_to_num(phi)
            parts["precision, corrected", name] = seats * expected, seats * inside
            parts["recall, corrected", name] = seats * expected, expected
    above, below = (np.array([pair[side] for pair in parts.values()]) for side in (0, 1))
    usual = hit.sum() / max(1, seen.sum())
    value = _divided(above.sum(axis=1), below.sum(axis=1))
    blocks = []
    for weights in resampled(groups, seen.size, draws, seed):
        blocks.append(_divided(weights @ above.T, weights @ below.T))
    drawn = dict(zip(parts, np.concatenate(blocks).T, strict=True))
    values = dict(zip(parts, value, strict=True))
    for name in scores:
        values["lift", name] = values["precision", name] / usual if usual else np.nan
        drawn["lift", name] = drawn["precision", name] / usual if usual else drawn["precision", name] * np.nan
    rows = []
    for metric in dict.fromkeys(metric for metric, _ in values):
        for name, score in scores.items():
            own = interval(float(values[metric, name]), drawn[metric, name], 0.95)
            lead = interval(
                float(values[metric, against] - values[metric, name]),
                drawn[metric, against] - drawn[metric, name], 0.95,
            )  # fmt: skip
            worst, best = _ties(offices, score, metric, usual)
            rows.append({
                "model": name, "metric": metric, "value": own.value, "worst": worst, "best": best, "low": own.low,
                "high": own.high, "behind": lead.value, "behind_low": lead.low, "behind_high": lead.high,
                "seats": int(sum(offices.capacity.values())),
            })  # fmt: skip
    return pd.DataFrame(rows)


def days_earlier(offices: Offices, score: Floats) -> Floats:
    """Return how many days earlier each visited place would have been visited had its office gone by the ranking.

    The rule: an office makes the visits that it made, on the days on which it made them, and goes on the first of these
    days to the first of those places in the ranking, on the second to the second, and so on. Tied places share the mean
    of their days. So the pace is the office's own, and only the order differs.

    Returns
    -------
    float array, shape (n,)
        Negative where it would have been later; NaN where nobody went.

    Examples
    --------
    >>> two = Offices(np.array(["a", "a"]), {"a": 1}, np.array([0.0, 1.0]), np.array([10.0, 200.0]), np.zeros(2))
    >>> days_earlier(two, np.array([0.1, 0.9])).tolist()
    [-190.0, 190.0]
    """
    found = np.full(score.shape, np.nan)
    for name in pd.unique(offices.office):
        own = np.flatnonzero((offices.office == name) & ~np.isnan(offices.day))
        days = np.sort(offices.day[own])
        _, tie, size = np.unique(-score[own], return_inverse=True, return_counts=True)
        ends = np.cumsum(size)
        reached = np.concatenate([[0.0], np.cumsum(days)])
        mean = (reached[ends] - reached[ends - size]) / size
        found[own] = offices.day[own] - mean[tie]
    return found


def _ties(offices: Offices, score: Floats, metric: str, usual: float) -> tuple[float, float]:
    """Return a metric of the lists when ties fall as badly and as well as they can."""
    if metric not in ("precision", "recall", "lift"):
        return float("nan"), float("nan")
    found = []
    for sign in (-1.0, 1.0):
        wish = sign * np.nan_to_num(offices.y * 2 - 1)  # finds, places nobody saw, visits that found nothing
        place = np.lexsort((-wish, -score))
        whole = np.empty(score.shape)
        whole[place] = -np.arange(score.size, dtype=np.float64)
        seats = offices.seats(whole)
        hits, known = (seats * np.nan_to_num(offices.y)).sum(), (seats * ~np.isnan(offices.y)).sum()
        below = {"precision": known, "recall": np.nansum(offices.y), "lift": known * usual}[metric]
        found.append(float(hits / below) if below else float("nan"))
    return found[0], found[1]


def _divided(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0))

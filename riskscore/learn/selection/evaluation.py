"""The metrics of a ranking of a whole cohort: corrected for who was visited, and bounded.

The cohort that the corrected figures are of is the one *with overlap*: rows that an office may visit of its own accord,
and that are no less likely to be visited so than the least likely twentieth of the places visited so (see `overlap`).
A visit that a report after the day brought about says more of the report than of the place, so it counts as unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import FitError
from riskscore.learn.bootstrap import Comparison, Metric, compare_curves
from riskscore.learn.curve import Floats, Order
from riskscore.learn.selection.bounds import LARGEST, bounds, outcome_at, stops_leading_at
from riskscore.learn.selection.corrected import Tally, expected_outcome, share_of_seats
from riskscore.learn.selection.finds import cross_fit_finds
from riskscore.learn.selection.overlap import is_extrapolation, similarity_to_visited
from riskscore.learn.selection.propensity import cross_fit_visited

Flags = NDArray[np.bool_]
DRAWS = 200
GAMMAS = (1.5, 2.0, 3.0)
DRAWN_VISITS = 30  # fewer visits drawn at random are too few to speak for all
CORRECTED, LOGGED, BOUNDS, EVERYBODY = "corrected", "drawn visits", "bounds", "bounds of everybody"


@dataclass(frozen=True)
class Nuisances:
    """What the corrections rest on; arrays of shape (n,).

    Parameters
    ----------
    y : array of 1, 0 and NaN
        What visits of the office's own accord found; NaN elsewhere.
    visit, find : float array
        Chance of such a visit (0 where the rule in force allows none), and that it finds something.
    inside : bool array
        Rows with overlap.
    """

    y: Floats
    visit: Floats
    find: Floats
    inside: Flags

    @property
    def phi(self) -> Floats:
        """The expected outcome of each row with overlap, NaN of the others."""
        part, found = self.pick(self.inside), np.full(self.y.shape, np.nan)
        found[self.inside] = expected_outcome(part.find, part.visit, part.y)
        return found

    def pick(self, rows: NDArray[Any]) -> Nuisances:
        """Return some of the rows."""
        return Nuisances(self.y[rows], self.visit[rows], self.find[rows], self.inside[rows])


def nuisances(
    features: pd.DataFrame, circumstances: pd.DataFrame, y: Floats, closed: Flags, groups: NDArray[Any],
    margin: Floats, *, seed: int = 0,
) -> Nuisances:  # fmt: skip
    """Return the cross-fitted chances of a visit and of a find.

    Parameters
    ----------
    features, circumstances : DataFrame, n rows each
        What the model may know; and besides, how visits come about.
    y : array of 1, 0 and NaN, shape (n,)
        What visits of the office's own accord found.
    closed : bool array, shape (n,)
        The rule in force allows no such visit.
    groups, margin : array, shape (n,)
        Employers; and the margins of the model that is measured.

    Raises
    ------
    FitError
        There are too few visits to learn from.
    """
    y = np.where(closed, np.nan, y)
    seen = ~np.isnan(y)
    find = cross_fit_finds(features, y, groups, margin, seed=seed)
    beside = pd.concat([features, circumstances.set_axis(features.index, axis=0)], axis=1)
    visit = cross_fit_visited(beside, seen, groups, closed, seed=seed)
    similarity = similarity_to_visited(visit, np.sort(visit[seen]), closed)
    return Nuisances(y, visit, find, ~is_extrapolation(similarity, closed))


def corrected_metrics(
    metrics: Mapping[str, Metric], scores: Mapping[str, Floats], known: Nuisances, groups: NDArray[Any], against: str,
    *, draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return every metric of every ranking, corrected, in the cohort with overlap.

    Returns
    -------
    DataFrame
        Columns way, gamma (NaN), model, metric, value, low, high, behind, behind_low, behind_high (how far the model
        lies behind ``against``, paired), places, visits.
    """
    inside, phi = known.inside, known.phi[known.inside]
    tallies = {name: Tally.of_expected(phi, _order(score[inside])) for name, score in scores.items()}
    return _measured(metrics, tallies, groups[inside], against, CORRECTED, known.y[inside], draws, seed)


def drawn_metrics(
    metrics: Mapping[str, Metric], scores: Mapping[str, Floats], y: Floats, probability: Floats, closed: Flags,
    groups: NDArray[Any], against: str, *, draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return every metric of every ranking from visits drawn at random alone, of all rows that may be visited.

    Parameters
    ----------
    y : array of 1, 0 and NaN, shape (n,)
    probability : array, shape (n,)
        Logged chance of the draw of each row that was drawn; NaN elsewhere.

    Raises
    ------
    FitError
        Fewer than `DRAWN_VISITS` were drawn.
    """
    rows = ~closed
    drawn = ~np.isnan(probability) & ~np.isnan(y) & rows
    if int(drawn.sum()) < DRAWN_VISITS:
        raise FitError(f"{int(drawn.sum())} visits were drawn at random.", where="selection",
                       next=f"At least {DRAWN_VISITS} are needed, with their logged chance.")  # fmt: skip
    only, seen = np.where(drawn, y, np.nan)[rows], drawn[rows]
    tallies = {
        name: Tally.of_draws(only, np.nan_to_num(probability[rows], nan=1.0), seen, _order(score[rows]))
        for name, score in scores.items()
    }
    return _measured(metrics, tallies, groups[rows], against, LOGGED, only, draws, seed)


def bounded_metrics(
    metrics: Mapping[str, Metric], score: Floats, known: Nuisances, groups: NDArray[Any], model: str,
    *, everybody: bool = False, gammas: tuple[float, ...] = GAMMAS, draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return the bounds of every metric of one ranking in the cohort with overlap, for several Gammas.

    Parameters
    ----------
    everybody : bool
        Of all rows instead, those among them that nobody may visit: there Gamma also stands for how far a place under
        another rule may differ, and nothing but the model's word lies between its ends.

    Returns
    -------
    DataFrame
        Columns as `corrected_metrics`; ``value`` is NaN, ``low`` and ``high`` are the outer ends of the 95 % intervals
        of the two bounds: they hold what the data leave open beside what Gamma does.
    """
    rows = np.ones(score.shape, dtype=bool) if everybody else known.inside
    part = known.pick(rows)
    part = replace(part, visit=np.where(part.inside, part.visit, 0.0), y=np.where(part.inside, part.y, np.nan))
    ours, own, way = score[rows], groups[rows], EVERYBODY if everybody else BOUNDS
    found = []
    for gamma in gammas:
        low, high = (outcome_at(part.find, part.visit, part.y, g) for g in (1 / gamma, gamma))
        for name, metric in metrics.items():
            ends = dict(zip(("low", "high"), bounds(metric, low, high, ours), strict=True))
            frame = _measured({name: metric}, ends, own, "low", way, part.y, draws, seed)
            at = frame.set_index("model")
            one = {"low": at.at["low", "low"], "high": at.at["high", "high"], "model": model, "value": np.nan}
            found.append({**frame.iloc[0], **one, "gamma": gamma, **dict.fromkeys(_PAIRED, np.nan)})
    return pd.DataFrame(found)


def gamma_to_lose(known: Nuisances, ours: Floats, theirs: Floats, share: float) -> float:
    """Return the Gamma from which a ranking's top share need not find more than another's; `LARGEST` stands for more.

    Parameters
    ----------
    ours, theirs : array, shape (n,)
        Scores.
    share : float
        Of the places with overlap.
    """
    part, inside = known.pick(known.inside), known.inside
    seats = max(1, round(share * int(inside.sum())))
    chosen = (share_of_seats(score[inside], seats) for score in (ours, theirs))
    return min(stops_leading_at(part.find, part.visit, part.y, *chosen), LARGEST)


_PAIRED = ("behind", "behind_low", "behind_high")


def _order(score: Floats) -> Order:
    return Order.of(np.full(score.shape, np.nan), score)


def _measured(
    metrics: Mapping[str, Metric], tallies: Mapping[str, Tally], groups: NDArray[Any], against: str, way: str,
    y: Floats, draws: int, seed: int,
) -> pd.DataFrame:  # fmt: skip
    curves = {name: tally.curve for name, tally in tallies.items()}
    found = compare_curves(metrics, curves, against, y.size, groups, draws=draws, seed=seed)
    rows = [
        {"way": way, "gamma": np.nan, "model": name, "metric": metric, **_told(one), "places": int(y.size),
         "visits": int((~np.isnan(y)).sum())}
        for (metric, name), one in found.items()
    ]  # fmt: skip
    return pd.DataFrame(rows)


def _told(one: Comparison) -> dict[str, float]:
    return {
        "value": one.a.value, "low": one.a.low, "high": one.a.high, "behind": -one.difference.value,
        "behind_low": -one.difference.high, "behind_high": -one.difference.low,
    }  # fmt: skip

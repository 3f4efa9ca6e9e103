"""What ways of choosing places would have brought on past dates: counted where somebody went, estimated elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.curve import Floats
from riskscore.learn.offices import Offices as Lists
from riskscore.learn.offices import days_earlier
from riskscore.learn.selection.choices import choice_estimates
from riskscore.learn.selection.evaluation import Nuisances
from riskscore.planning.policies import Flags, Seats

MADE, PLAN, LIST = "visits made", "plan", "list"
RECENT_YEARS = 3
ALL = "all dates"


@dataclass(frozen=True)
class Then:
    """One past date, or several in a row: who could be visited, who was chosen, and what visits found.

    Parameters
    ----------
    origin : str
    places : DataFrame of n rows
        As `riskscore.planning.places.Places.frame`, and from_own_visits (share of the SHAP values, by size).
    seats : Seats
    choices : mapping of name to bool array, shape (n,)
        Places chosen; the visits made are one of them.
    earlier : mapping of name to array, shape (n,)
        As `finds_earlier` of each choice's order.
    km : mapping of name to float
    y : array of 1, 0 and NaN, shape (n,)
        What visits of the offices' own accord in the horizon found.
    reported : array of 1, 0 and NaN, shape (n,)
        What visits found where a later report brought about the only ones.
    workers : array, shape (n,)
        People found without a contract at the first visit of the offices' own accord.
    groups : array, shape (n,)
        Employers.
    known : Nuisances, optional
    """

    origin: str
    places: pd.DataFrame
    seats: Seats
    choices: Mapping[str, Flags]
    earlier: Mapping[str, Floats]
    km: Mapping[str, float]
    y: Floats
    reported: Floats
    workers: Floats
    groups: NDArray[Any]
    known: Nuisances | None


def finds_earlier(seats: Seats, score: Floats, y: Floats, day: Floats) -> Floats:
    """Return by how many days each find at the visits made would have come earlier, had these been made in an order.

    Parameters
    ----------
    score : array, shape (n,)
        The order; see `days_earlier` for the rule.
    y : array of 1, 0 and NaN, shape (n,)
    day : array, shape (n,)
        Days to each visit made; NaN elsewhere.
    """
    nobody = np.full(y.shape, np.nan)
    return np.where(y == 1, days_earlier(Lists(seats.office, {}, y, day, nobody), score), np.nan)


@dataclass(frozen=True)
class Replay:
    """Past dates replayed; every frame has a row per date and way of choosing, and rows of all dates together.

    ``chosen``: what is known on the day of each choice. Columns origin, policy, visits, km, km_per_visit,
    people_at_work (mean of the places where it is known), never_visited, visited_recently (shares; within the last
    `RECENT_YEARS` years), from_own_visits (mean share of the score that rests on own visits; of plan and list).

    ``counted``: facts. Columns origin, policy, visits, visited (of the places chosen, of the offices' own accord, in
    the horizon), finds, finds_per_visit, without_contract (people found, per visit), visited_after_report and
    finds_after_report (of the other chosen places: a later report brought somebody there), days_earlier (mean over the
    finds of the visits made, had these been made in this way's order).

    ``estimated``: as `riskscore.learn.selection.choices.choice_estimates`, with its origin.

    ``coverage``: origin, by ("region" or "sector"), name, places, policy, visits, share (of the places there).

    ``places``: origin, policy, entity, overlap (visits can speak for it). ``notes``: how many visits the comparison is
    of, what was left out and why.
    """

    chosen: pd.DataFrame
    counted: pd.DataFrame
    estimated: pd.DataFrame
    coverage: pd.DataFrame
    places: pd.DataFrame
    recipe: str
    period: str  # in words: for how long after each date places were chosen
    notes: tuple[str, ...]


def replayed(dates: Sequence[Then], recipe: str, period: str, notes: Sequence[str]) -> Replay:
    """Return the tables of past dates, each by itself and all together."""
    every = [*dates, together(dates)]
    corrected = [then for then in dates if then.known is not None]
    estimates = [*corrected, together(corrected)] if corrected else []
    chosen, counted, coverage = (
        pd.concat([pd.DataFrame(of(then)) for then in every], ignore_index=True)
        for of in (_chosen, _counted, _coverage)
    )
    return Replay(
        chosen, counted,
        pd.concat([_estimated(then) for then in estimates], ignore_index=True) if estimates else pd.DataFrame(),
        coverage,
        pd.concat([pd.DataFrame(_places(then)) for then in dates], ignore_index=True), recipe, period, tuple(notes),
    )  # fmt: skip


def together(dates: Sequence[Then]) -> Then:
    """Return several dates as one: their rows below each other."""

    def joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        return np.concatenate(list(parts))

    names = list(dates[0].choices)
    known = [then.known for then in dates if then.known is not None]
    y, reported, workers, groups = (joined([getattr(then, f) for then in dates]) for f in _FIELDS)
    return Then(
        ALL, pd.concat([then.places for then in dates], ignore_index=True),
        Seats(joined([then.seats.office for then in dates]), {}, joined([then.seats.may for then in dates])),
        {name: joined([then.choices[name] for then in dates]) for name in names},
        {name: joined([then.earlier[name] for then in dates]) for name in names},
        {name: sum(then.km[name] for then in dates) for name in names},
        y, reported, workers, groups,
        None if len(known) < len(dates) else Nuisances(
            joined([one.y for one in known]), joined([one.visit for one in known]),
            joined([one.find for one in known]), joined([one.inside for one in known]),
        ),
    )  # fmt: skip


_FIELDS = ("y", "reported", "workers", "groups")


def _chosen(then: Then) -> Iterator[dict[str, Any]]:
    age = then.places["days_since"].to_numpy(dtype=np.float64)
    people = then.places["workers"].to_numpy(dtype=np.float64)
    own = then.places["from_own_visits"].to_numpy(dtype=np.float64)
    for name, rows in then.choices.items():
        n = int(rows.sum())
        yield {
            "origin": then.origin, "policy": name, "visits": n, "km": then.km[name],
            "km_per_visit": _ratio(then.km[name], n), "people_at_work": _mean(people[rows]),
            "never_visited": _ratio(float(np.isnan(age[rows]).sum()), n),
            "visited_recently": _ratio(float((age[rows] <= RECENT_YEARS * 365.25).sum()), n),
            "from_own_visits": _mean(own[rows]) if name in (PLAN, LIST) else np.nan,
        }  # fmt: skip


def _counted(then: Then) -> Iterator[dict[str, Any]]:
    for name, rows in then.choices.items():
        seen = rows & ~np.isnan(then.y)
        after = rows & ~np.isnan(then.reported)
        finds = float(then.y[seen].sum())
        yield {
            "origin": then.origin, "policy": name, "visits": int(rows.sum()), "visited": int(seen.sum()),
            "finds": int(finds), "finds_per_visit": _ratio(finds, int(seen.sum())),
            "without_contract": _mean(then.workers[seen]),
            "visited_after_report": int(after.sum()), "finds_after_report": int(then.reported[after].sum()),
            "days_earlier": _mean(then.earlier[name]),
        }  # fmt: skip


def _estimated(then: Then) -> pd.DataFrame:
    assert then.known is not None  # the caller asks of corrected dates alone
    others = {name: rows for name, rows in then.choices.items() if name != MADE}
    found = choice_estimates(then.known, others, then.choices[MADE], then.groups)
    found.insert(0, "origin", then.origin)
    return found


def _coverage(then: Then) -> Iterator[dict[str, Any]]:
    for by in ("region", "sector"):
        names = then.places[by].astype(str).replace("", "not known").to_numpy(dtype=object)
        for group in sorted(set(names[then.seats.may])):
            there = then.seats.may & (names == group)
            for policy, rows in then.choices.items():
                yield {
                    "origin": then.origin, "by": by, "name": group, "places": int(there.sum()), "policy": policy,
                    "visits": int((rows & there).sum()), "share": float(rows[there].mean()),
                }  # fmt: skip


def _places(then: Then) -> Iterator[dict[str, Any]]:
    entity = then.places["entity"].to_numpy(dtype=object)
    inside = np.zeros(entity.shape, dtype=bool) if then.known is None else then.known.inside
    for name, rows in then.choices.items():
        for one, spoken_for in sorted(zip(entity[rows], inside[rows], strict=True)):
            yield {"origin": then.origin, "policy": name, "entity": one, "overlap": bool(spoken_for)}


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _ratio(above: float, below: float) -> float:
    return above / below if below else float("nan")

"""Ways of choosing places for the same number of visits: by a score, or as a plan does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import day, days_between
from riskscore.learn.baselines import random_order
from riskscore.planning.areas import Frame, in_reach
from riskscore.planning.choose import choose
from riskscore.planning.draw import Floats
from riskscore.planning.exploring import chances, drawn
from riskscore.planning.offices import Limit, Offices, travel
from riskscore.planning.places import DRAWN, URGENT
from riskscore.planning.solver import Effort, Say

Flags = NDArray[np.bool_]
CONSIDERED = 2  # so many times an office's visits are looked at when it chooses, the most valuable first


@dataclass(frozen=True)
class Seats:
    """Who goes where, how often, and where anybody may go.

    Parameters
    ----------
    office : array of str, shape (n,)
        The office of the offices file that serves the place's region; empty where none does.
    capacity : mapping of office to int
        Visits of each.
    may : bool array, shape (n,)
        Places that may be chosen.
    """

    office: NDArray[Any]
    capacity: Mapping[str, int]
    may: Flags

    def first(self, score: Floats, entities: pd.Series[Any]) -> Flags:
        """Return the first places of each office, as many as it has visits; equal scores are put in order by lot."""
        order = np.lexsort((random_order(list(entities.astype(str)), seed=1), -score))
        found = np.zeros(score.shape, dtype=bool)
        for name, visits in self.capacity.items():
            own = order[(self.may & (self.office == name))[order]]
            found[own[:visits]] = True
        return found


def office_of(region: pd.Series[Any], offices: Offices) -> NDArray[Any]:
    """Return the name of the first office that serves each region, empty where none does."""
    serves = {r: o.name for o in reversed(offices.offices) for r in o.regions}
    return np.array([serves.get(str(r), "") for r in region], dtype=object)


def planned(
    places: pd.DataFrame, offices: Offices, seats: Seats, first: dt.date, last: dt.date,
    *, explore: float, seed: int, say: Say,
) -> tuple[Flags, int]:  # fmt: skip
    """Return the places that plans would choose for the seats, and how many of them are not the plan's own choice.

    Urgent reports come first. Then so many are drawn at random as the exploring share says; then what is worth most
    less the driving, no place within its cool-down. Where that leaves visits over, because places are too far or the
    teams have no hours left, the office goes on by value alone, in the end to places within their cool-down; these
    visits are counted.

    Parameters
    ----------
    places : DataFrame of n rows
        As `Places.frame`.
    first, last : date
        The days of the teams' work, both inclusive.
    explore : float
        Share of the visits that is drawn.
    """
    age = places["days_since"].to_numpy(dtype=np.float64)
    on = np.array([day(first)], dtype=np.int32)
    resting = age <= float(days_between(offices.cool_down.before(on), on)[0])  # never visited: not resting
    urgent, value = places["urgent"].to_numpy(dtype=bool), places["value"].to_numpy(dtype=np.float64)
    days = day(last) - day(first) + 1
    found, besides = np.zeros(len(places), dtype=bool), 0
    for office in offices.offices:
        visits, own = seats.capacity.get(office.name, 0), seats.may & (seats.office == office.name)
        first_of_all = np.zeros(len(places), dtype=bool)
        first_of_all[_by_value(value, own & urgent)[:visits]] = True
        open_, free = own & ~resting & ~urgent, visits - int(first_of_all.sum())
        chance = chances(places, open_, min(round(explore * visits), free, int(open_.sum())))
        must = first_of_all | drawn(places, chance, seed)
        rows = np.concatenate([np.flatnonzero(must), _by_value(value, open_ & ~must)[: CONSIDERED * visits]])
        one = replace(offices, offices=(office,))
        found[rows[_chosen(places.iloc[rows], one, must[rows], visits, first, days, seed, say)]] = True
        short = visits - int((found & own).sum())
        for more in (must, open_, own):
            fill = _by_value(value, more & ~found)[:short]
            found[fill], short, besides = True, short - fill.size, besides + fill.size
    return found, besides


def _by_value(value: Floats, among: Flags) -> NDArray[np.intp]:
    rows = np.flatnonzero(among)
    return rows[np.argsort(-value[rows], kind="stable")]


def _chosen(
    some: pd.DataFrame, offices: Offices, must: Flags, visits: int, first: dt.date, days: int, seed: int, say: Say
) -> NDArray[np.intp]:  # fmt: skip
    """Return which of the candidates one office's plan takes; none where its rules cannot hold together."""
    if not visits:
        return np.array([], dtype=np.intp)
    way = travel(offices, some)
    near = np.array([in_reach(offices.offices[0], offices, way, 0, 1 + row) for row in range(len(some))], dtype=bool)
    demand = np.where(must & near, np.where(some["urgent"], URGENT, DRAWN), "")
    office = offices.offices[0]
    rules = replace(offices, limits=(Limit("cap", "office", office.name, visits),))
    frame = Frame(some.assign(demand=demand, office=office.name), rules, way, first, days, {})
    rows, _, _, _ = choose(frame, seed, Effort(), say)
    return np.array(rows, dtype=np.intp)

"""How many visits of each office may go to places drawn at random."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.planning.offices import Offices

HALF = 0.5  # of what an office has free: roads and days must still come out


@dataclass(frozen=True)
class Room:
    """Places that the same offices serve, and the most of them that may be drawn."""

    places: NDArray[np.bool_]
    most: int


def rooms(frame: pd.DataFrame, offices: Offices, first: dt.date, number: int, share: float) -> tuple[Room, ...]:
    """Return the rooms of all offices; offices that share a region have one room together.

    Parameters
    ----------
    frame : DataFrame of n rows
        Columns region, demand (not empty: must be visited) and out (not empty: may not).
    offices : Offices
    first : date
    number : int
        Calendar days of the plan.
    share : float
        Of the visits that is drawn; an office gives half of what it has free, or this share if it is more.
    """
    found = []
    for together in _sharing(offices):
        members = [office for office in offices.offices if together & set(office.regions)]
        visits = sum(len(list(o.days(first, number))) * len(o.teams) * o.visits_per_day for o in members)
        own = frame["region"].isin(together).to_numpy()
        must = int((own & (frame["demand"] != "") & (frame["out"] == "")).sum())
        found.append(Room(own, math.ceil(max(HALF, share) * max(0, visits - must))))
    return tuple(found)


def _sharing(offices: Offices) -> list[set[str]]:
    """Return the regions in sets that no office reaches across."""
    found: list[set[str]] = []
    for office in offices.offices:
        own = set(office.regions)
        own = own.union(*(other for other in found if other & own))
        found = [other for other in found if not other & own] + [own]
    return found

"""How far teams drive to a choice of places: one rule for every choice, so that choices can be compared.

It is a measure, not a route plan: no hours, no dates. An office's places are cut into team-days of as many visits as a
team makes. A day begins at the farthest place that is left, goes on to the nearest place that is left, and so on, and
ends at the office.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.planning.offices import Offices, travel


def tour_km(offices: Offices, places: pd.DataFrame, office: NDArray[np.object_], chosen: NDArray[np.bool_]) -> float:
    """Return the kilometres of road to all chosen places and back.

    Parameters
    ----------
    offices : Offices
    places : DataFrame of n rows
        Columns entity, latitude, longitude.
    office : array of str, shape (n,)
        The name of the office that goes there.
    chosen : bool array, shape (n,)

    Examples
    --------
    >>> from riskscore.planning.offices import WEEKDAYS, Office
    >>> one = Office("Baku", 0.0, 0.0, ("Bakı",), ("1",), 2, 540, 1080, WEEKDAYS)
    >>> there = pd.DataFrame({"entity": ["S1", "S2"], "latitude": [0.3, 0.0], "longitude": [0.0, 0.4]})
    >>> km = tour_km(Offices((one,), detour=1.0), there, np.array(["Baku"] * 2, dtype=object), np.ones(2, dtype=bool))
    >>> round(km / 111.195, 3)
    1.2
    """
    total = 0.0
    for one in offices.offices:
        own = places[chosen & (office == one.name)].sort_values("entity", kind="stable")
        if len(own):
            total += _days(travel(replace(offices, offices=(one,)), own).km, one.visits_per_day)
    return total


def _days(km: NDArray[np.float64], visits: int) -> float:
    """Return the length of all days; point 0 is the office."""
    left = np.ones(len(km), dtype=bool)
    left[0], total = False, 0.0
    while left.any():
        here = int(np.argmax(np.where(left, km[0], -1.0)))
        total += km[0, here]
        left[here] = False
        for _ in range(visits - 1):
            if not left.any():
                break
            there = int(np.argmin(np.where(left, km[here], np.inf)))
            total += km[here, there]
            left[there], here = False, there
        total += km[here, 0]
    return float(total)

"""What offices can do and what they must: teams, days, regions, and the rules of a plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import Period, as_date, day
from riskscore.errors import RiskscoreError

EARTH_KM = 6371.0088  # mean radius
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PlanError(RiskscoreError):
    """A plan cannot be made: offices, rules and places do not fit each other."""


@dataclass(frozen=True)
class Office:
    """One office. ``begins`` and ``ends`` are minutes after midnight; a team leaves and is back between them."""

    name: str
    latitude: float
    longitude: float
    regions: tuple[str, ...]
    teams: tuple[str, ...]
    visits_per_day: int
    begins: int
    ends: int
    working_days: tuple[str, ...]
    holidays: tuple[dt.date, ...] = ()
    languages: tuple[str, ...] = ()
    interpreter: str = ""  # whom to call for another language

    def days(self, first: dt.date, number: int) -> Iterator[dt.date]:
        """Give the days of work among ``number`` calendar days from ``first`` on."""
        for i in range(number):
            date = as_date(day(first) + i)
            if WEEKDAYS[date.weekday()] in self.working_days and date not in self.holidays:
                yield date


@dataclass(frozen=True)
class Limit:
    """At least (``floor``) or at most (``cap``) so many visits in one region or sector."""

    kind: str
    column: str  # "region" or "sector"
    word: str
    visits: int

    def __str__(self) -> str:
        return f"{'at least' if self.kind == 'floor' else 'at most'} {self.visits} visits, {self.column} '{self.word}'"


@dataclass(frozen=True)
class Named:
    """A place that a person named, with the reason: a follow-up, a joint visit, or a place to leave out."""

    place: str
    because: str
    partner: str = ""  # joint visits: the authority that comes along
    on: tuple[dt.date, ...] = ()  # joint visits: the days that suit it; empty: any day


@dataclass(frozen=True)
class Offices:
    """One offices file."""

    offices: tuple[Office, ...]
    speed_kmh: float = 40.0
    detour: float = 1.3  # kilometres of road for each kilometre as the crow flies
    visit_minutes: int = 90
    travel_times: str = ""  # a CSV of minutes that replaces what speed and distance say
    cool_down: Period = Period(months=6)
    limits: tuple[Limit, ...] = ()
    follow_ups: tuple[Named, ...] = ()
    joint: tuple[Named, ...] = ()
    leave_out: tuple[Named, ...] = ()
    file: str = ""


@dataclass(frozen=True)
class Travel:
    """Minutes and kilometres between points: the offices first, then the places; shape (o + n, o + n)."""

    minutes: NDArray[np.float64]
    km: NDArray[np.float64]


def travel(offices: Offices, places: pd.DataFrame, given: pd.DataFrame | None = None) -> Travel:
    """Return how long the ways take.

    Parameters
    ----------
    offices : Offices
    places : DataFrame
        Columns entity, latitude, longitude.
    given : DataFrame, optional
        Columns from, to (ids of places, names of offices) and minutes; a pair that is missing is worked out by
        distance, and a pair that stands in one direction alone holds for both.

    Examples
    --------
    >>> one = Office("Baku", 40.4, 49.8, ("Bakı",), ("1",), 3, 540, 1080, WEEKDAYS[:5])
    >>> there = pd.DataFrame({"entity": ["S1"], "latitude": [40.5], "longitude": [49.8]})
    >>> found = travel(Offices((one,), speed_kmh=30, detour=1.0), there)
    >>> float(found.km[0, 1].round(2)), float(found.minutes[0, 1].round(1))
    (11.12, 22.2)
    """
    latitude = np.radians([*(o.latitude for o in offices.offices), *places["latitude"]])
    longitude = np.radians([*(o.longitude for o in offices.offices), *places["longitude"]])
    half = np.sin((latitude[:, None] - latitude) / 2) ** 2
    half += np.cos(latitude[:, None]) * np.cos(latitude) * np.sin((longitude[:, None] - longitude) / 2) ** 2
    km = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))) * offices.detour
    minutes = km / offices.speed_kmh * 60
    if given is not None:
        names = pd.Index([*(o.name for o in offices.offices), *places["entity"].astype(str)])
        begin, end = (names.get_indexer(pd.Index(given[side].astype(str))) for side in ("from", "to"))
        known = (begin >= 0) & (end >= 0)
        begin, end, told = begin[known], end[known], given["minutes"].to_numpy(dtype=np.float64)[known]
        minutes[end, begin] = told
        minutes[begin, end] = told  # written last: a pair's own direction counts
    return Travel(minutes, km)


def clock(minutes: Any) -> str:
    """Return minutes after midnight as a time of day.

    Examples
    --------
    >>> clock(545)
    '09:05'
    """
    whole = round(float(minutes))
    return f"{whole // 60:02d}:{whole % 60:02d}"

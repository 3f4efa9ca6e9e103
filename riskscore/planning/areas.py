"""Squares of land that a team is sent to for a day, and how many visits it has time for in each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from riskscore.planning.offices import Office, Offices, Travel

AREA = (0.135, 0.18)  # degrees of latitude and longitude of an area's sides: about 15 km at 40 degrees north
HOP_KM = 5.0  # between two places of one area, where no travel times are given


@dataclass
class Frame:
    """What the model is made of: the places, their offices, areas and days."""

    places: pd.DataFrame  # candidates; columns of Places.frame, and demand is filled in for drawn places
    offices: Offices
    travel: Travel
    first: dt.date
    number: int  # of calendar days
    on: Mapping[str, tuple[dt.date, ...]]  # place -> the only days that suit it
    days: list[list[dt.date]] = field(init=False)
    area: list[tuple[int, int]] = field(init=False)
    room: dict[tuple[int, tuple[int, int]], tuple[int, float]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out days, areas, and how many visits a team can make there in a day."""
        self.days = [list(o.days(self.first, self.number)) for o in self.offices.offices]
        at = self.places[["latitude", "longitude"]].to_numpy(dtype=np.float64)
        self.area = [(int(a), int(b)) for a, b in np.floor(at / AREA)]
        self.room = {}
        members: dict[tuple[int, int], list[int]] = {}
        for row, area in enumerate(self.area):
            members.setdefault(area, []).append(row)
        for o, office in enumerate(self.offices.offices):
            for area, rows in members.items():
                self.room[o, area] = self._room(o, office, rows)

    def serving(self, row: int) -> list[int]:
        """Return the offices that may visit a place."""
        region, n = self.places["region"].iat[row], len(self.offices.offices)
        return [
            o for o, office in enumerate(self.offices.offices)
            if region in office.regions and in_reach(office, self.offices, self.travel, o, n + row)
        ]  # fmt: skip

    def days_of(self, row: int, office: int) -> list[dt.date]:
        """Return the days on which an office may visit a place."""
        only = self.on.get(str(self.places["entity"].iat[row]), ())
        return [d for d in self.days[office] if not only or d in only]

    @property
    def visits(self) -> int:
        """Visits that all teams make if no way is too long."""
        return sum(len(days) * len(o.teams) * o.visits_per_day
                   for days, o in zip(self.days, self.offices.offices, strict=True))  # fmt: skip

    def _room(self, o: int, office: Office, rows: list[int]) -> tuple[int, float]:
        """Return how many visits a team makes in an area in a day, and the minutes of the way there and back."""
        n, visit = len(self.offices.offices), self.offices.visit_minutes
        ways = self.travel.minutes[o, n + np.array(rows)] + self.travel.minutes[n + np.array(rows), o]
        hop = HOP_KM * self.offices.detour / self.offices.speed_kmh * 60
        both = float(ways.mean())
        if office.ends - office.begins < both + visit:
            # the middle of the area is too far; a nearer corner may still be reached
            return int(office.ends - office.begins >= float(ways.min()) + visit), both
        fits = int((office.ends - office.begins - both + hop) // (visit + hop))
        return min(office.visits_per_day, max(1, fits)), both


def in_reach(office: Office, offices: Offices, travel: Travel, o: int, node: int) -> bool:
    """Say whether a team can go to a place, visit it and be back in a day."""
    both = float(travel.minutes[o, node] + travel.minutes[node, o])
    return both + offices.visit_minutes <= office.ends - office.begins

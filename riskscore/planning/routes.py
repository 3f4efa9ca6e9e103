"""In which order a team makes the visits of its day: OR-Tools' routing for each office and day, then what fits."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from riskscore.errors import MissingExtra
from riskscore.planning.areas import Frame
from riskscore.planning.assign import Assignment
from riskscore.planning.offices import PlanError
from riskscore.planning.places import CHOSEN, URGENT

MUST = 10**7  # penalty, in minutes, for leaving out a visit that must be made
BEFORE = 10**3  # cost of each minute that an urgent visit waits


@dataclass
class Tour:
    """One team's day: rows of the places in the order of the visits."""

    office: int
    team: str
    date: dt.date
    stops: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Ways:
    """The frame as minutes: node o is an office, node ``n_offices + row`` a place."""

    frame: Frame

    def minutes(self, office: int, stops: Sequence[int]) -> float:
        """Return how long a day with these stops lasts, from leaving the office to being back."""
        n = len(self.frame.offices.offices)
        nodes = [office, *(n + row for row in stops), office]
        way = sum(float(self.frame.travel.minutes[a, b]) for a, b in itertools.pairwise(nodes))
        return way + self.frame.offices.visit_minutes * len(stops)

    def fits(self, office: int, stops: Sequence[int]) -> bool:
        """Say whether a day with these stops ends in time."""
        o = self.frame.offices.offices[office]
        return len(stops) <= o.visits_per_day and self.minutes(office, stops) <= o.ends - o.begins + 1e-6


def routes(frame: Frame, found: Assignment) -> tuple[list[Tour], list[int]]:
    """Return every team's day, and the rows that were chosen and fit no day after all.

    Raises
    ------
    PlanError
        A visit that must be made fits no team's hours.
    """
    ways, tours, left = Ways(frame), [], []
    for o, office in enumerate(frame.offices.offices):
        for date in frame.days[o]:
            rows = found.day_of.get((o, date), ())
            orders, dropped = _of_day(frame, o, rows) if rows else ([[] for _ in office.teams], [])
            tours += [Tour(o, team, date, stops) for team, stops in zip(office.teams, orders, strict=True)]
            left += dropped
    value = frame.places["value"].to_numpy(dtype=np.float64)
    must = (frame.places["demand"] != "").to_numpy()
    counts = _counts(frame, tours)
    for row in sorted(left, key=lambda r: (not must[r], -value[r], r)):
        _insert(ways, tours, row, counts)
    planned = {row for tour in tours for row in tour.stops}
    lost = [row for row in left if row not in planned]
    stuck = [row for row in lost if must[row]]
    if stuck:
        ids = ", ".join(frame.places["entity"].iloc[stuck].astype(str).tolist()[:5])
        raise PlanError(f"{len(stuck)} visits that must be made fit no team's hours: {ids}.",
                        where=frame.offices.file or "offices",
                        next="Give longer days, more days or more teams.")  # fmt: skip
    rest = [r for r in range(len(value)) if r not in planned and r not in lost]
    for row in sorted(rest, key=lambda r: (-value[r], r)):
        _insert(ways, tours, row, counts)
    _check_floors(frame, counts)
    return tours, [row for row in lost if row not in {r for t in tours for r in t.stops}]


def _of_day(frame: Frame, o: int, rows: Iterable[int]) -> tuple[list[list[int]], list[int]]:
    """Return the orders of an office's teams on one day, and the rows that do not fit."""
    pywrapcp, enums = _routing()
    office, rows = frame.offices.offices[o], list(rows)
    n, visit = len(frame.offices.offices), frame.offices.visit_minutes
    nodes = np.array([o, *(n + row for row in rows)])
    # rounded up: what fits in whole minutes fits
    minutes = np.ceil(frame.travel.minutes[np.ix_(nodes, nodes)] - 1e-9).astype(np.int64)
    service = np.where(np.arange(nodes.size) > 0, visit, 0)
    manager = pywrapcp.RoutingIndexManager(nodes.size, len(office.teams), 0)
    model = pywrapcp.RoutingModel(manager)
    way = model.RegisterTransitMatrix(minutes.tolist())
    lasting = model.RegisterTransitMatrix((minutes + service[:, None]).tolist())
    model.SetArcCostEvaluatorOfAllVehicles(way)
    hours = office.ends - office.begins
    model.AddDimension(lasting, 0, hours, True, "time")
    time = model.GetDimensionOrDie("time")
    ones = model.RegisterUnaryTransitVector([0] + [1] * len(rows))
    model.AddDimensionWithVehicleCapacity(ones, 0, [office.visits_per_day] * len(office.teams), True, "visits")
    demand = frame.places["demand"].to_numpy(dtype=object)
    value = frame.places["value"].to_numpy(dtype=np.float64)
    for i, row in enumerate(rows, start=1):
        index = manager.NodeToIndex(i)
        penalty = MUST if demand[row] else 1_000 + round(1_000 * float(value[row]))
        model.AddDisjunction([index], penalty)
        if demand[row] == URGENT:
            time.SetCumulVarSoftUpperBound(index, 0, BEFORE)
    search = pywrapcp.DefaultRoutingSearchParameters()
    search.first_solution_strategy = enums.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    # descent ends by itself, so the result does not hang on a clock
    search.local_search_metaheuristic = enums.LocalSearchMetaheuristic.GREEDY_DESCENT
    solution = model.SolveWithParameters(search)
    if solution is None:
        return [[] for _ in office.teams], rows
    orders = []
    for team in range(len(office.teams)):
        index, stops = model.Start(team), []
        while not model.IsEnd(index):
            if manager.IndexToNode(index):
                stops.append(rows[manager.IndexToNode(index) - 1])
            index = solution.Value(model.NextVar(index))
        orders.append(stops)
    gone = {row for stops in orders for row in stops}
    return orders, [row for row in rows if row not in gone]


@dataclass
class _Counts:
    """What limits count, and which employers have a visit on which day."""

    of: dict[tuple[str, str], int]
    caps: Mapping[tuple[str, str], int]
    employers: set[tuple[str, dt.date]]


def _counts(frame: Frame, tours: Iterable[Tour]) -> _Counts:
    caps = {(m.column, m.word): m.visits for m in frame.offices.limits if m.kind == "cap"}
    counts = _Counts({}, caps, set())
    for tour in tours:
        for row in tour.stops:
            _count(frame.places, tour, row, counts)
    return counts


def _count(places: pd.DataFrame, tour: Tour, row: int, counts: _Counts) -> None:
    for column in ("region", "sector"):
        key = (column, str(places[column].iat[row]))
        counts.of[key] = counts.of.get(key, 0) + 1
    counts.employers.add((str(places["employer"].iat[row]), tour.date))


def _insert(ways: Ways, tours: list[Tour], row: int, counts: _Counts) -> bool:
    """Put a place into the day where the detour is the shortest, if there is one; say whether it was."""
    frame = ways.frame
    places = frame.places
    for column in ("region", "sector"):
        key = (column, str(places[column].iat[row]))
        if counts.of.get(key, 0) >= counts.caps.get(key, 10**9):
            return False
    employer, serving = str(places["employer"].iat[row]), frame.serving(row)
    urgent = (places["demand"] == URGENT).to_numpy()
    best: tuple[float, int, int] | None = None
    for t, tour in enumerate(tours):
        office = frame.offices.offices[tour.office]
        if tour.office not in serving or len(tour.stops) >= office.visits_per_day:
            continue
        if (employer and (employer, tour.date) in counts.employers) or tour.date not in frame.days_of(row, tour.office):
            continue
        before = ways.minutes(tour.office, tour.stops)
        begin = 0 if urgent[row] else sum(bool(urgent[r]) for r in tour.stops)
        for at in range(begin, len(tour.stops) + 1):
            stops = [*tour.stops[:at], row, *tour.stops[at:]]
            longer = ways.minutes(tour.office, stops) - before
            if (best is None or longer < best[0] - 1e-9) and ways.fits(tour.office, stops):
                best = (longer, t, at)
    if best is None:
        return False
    tours[best[1]].stops.insert(best[2], row)
    _count(places, tours[best[1]], row, counts)
    return True


def _check_floors(frame: Frame, counts: _Counts) -> None:
    short = [m for m in frame.offices.limits if m.kind == "floor" and counts.of.get((m.column, m.word), 0) < m.visits]
    if short:
        words = "; ".join(f"{m}: {counts.of.get((m.column, m.word), 0)} fit" for m in short)
        raise PlanError(f"the ways are too long for: {words}.", where=frame.offices.file or "offices",
                        next="Give longer days, more days or more teams, or lower the number.")  # fmt: skip


def why_of(frame: Frame, row: int) -> str:
    """Return why a place is visited."""
    return str(frame.places["demand"].iat[row]) or CHOSEN


def _routing() -> tuple[Any, Any]:
    try:
        from ortools.constraint_solver import pywrapcp, routing_enums_pb2
    except ImportError:
        raise MissingExtra("plans need OR-Tools.", next="pip install 'riskscore[plan]'") from None
    return pywrapcp, routing_enums_pb2

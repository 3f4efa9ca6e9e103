"""Which places are visited, by which office, on which day: one model of whole numbers, solved with OR-Tools' CP-SAT.

Teams are sent to areas, squares of about 15 km; a team in an area has time for so many visits. Places then fill the
visits of their area. Orders within a day, and what is exactly possible in its hours, come afterwards (`routes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import day
from riskscore.errors import MissingExtra
from riskscore.planning.offices import Office, Offices, PlanError, Travel
from riskscore.planning.places import DRAWN, FOLLOW_UP, JOINT, URGENT

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Say = Callable[[str], None]
AREA = (0.135, 0.18)  # degrees of latitude and longitude of an area's sides: about 15 km at 40 degrees north
HOP_KM = 5.0  # between two places of one area, where no travel times are given
SCALE = 1_000  # an average visit's value as a whole number
HOUR_OF_DRIVING = SCALE // 10  # what an hour on the road costs: a tenth of an average visit
LATENESS = 50 * SCALE  # of an urgent visit, per day
ENOUGH = 0.005  # gap at which the search stops


@dataclass(frozen=True)
class Effort:
    """How long each search may take.

    ``work`` counts steps of the solver, not seconds, and so repeats itself. ``seconds`` is a net for a slow machine: a
    plan that it cut off may differ from one that it did not.
    """

    work: float = 4.0
    seconds: float = 90.0


@dataclass(frozen=True)
class Assignment:
    """Places by office and day. ``limit``: no choice with as much driving is worth more average visits."""

    day_of: Mapping[tuple[int, dt.date], tuple[int, ...]]  # (office, day) -> rows of the places
    limit: float
    finished: bool  # False: the limit came first


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


class Rule:
    """One rule of a plan as constraints; a set of rules that cannot hold together is told by their words."""

    def __init__(self, says: str, add: Callable[[Any], object]) -> None:
        self.says, self.add = says, add


def assign(frame: Frame, seed: int, effort: Effort, say: Say) -> Assignment:
    """Return who visits what on which day.

    First which places, by the visits that all days hold together: days are alike, and a search that tells them apart
    from the beginning goes through the same plan in every order of its days. Then the chosen places by day.

    Raises
    ------
    PlanError
        The rules cannot hold together; the message names a smallest set that collides.
    MissingExtra
        OR-Tools is not installed.
    """
    chosen, sent, bound, finished = choose(frame, seed, effort, say)
    say("giving each place its day")
    model = Model(frame, chosen)
    rules = list(model.rules())
    for rule in rules:
        rule.add(model.solver_model)
    model.aim(sent)
    solver = _solver(seed, effort)
    name = solver.status_name(solver.solve(model.solver_model)) if chosen else "INFEASIBLE"
    if name == "INFEASIBLE":
        everything = Model(frame)
        raise PlanError(_collision(frame, list(everything.rules()), effort), where=frame.offices.file or "offices",
                        next="Change one of them, or give more days or teams.")  # fmt: skip
    if name not in ("OPTIMAL", "FEASIBLE"):
        raise PlanError("no plan was found within the limit of work.", next="Raise --work, or plan fewer days.")
    found: dict[tuple[int, dt.date], list[int]] = {}
    for (row, o, date), x in model.x.items():
        if solver.boolean_value(x):
            found.setdefault((o, date), []).append(row)
    return Assignment({k: tuple(v) for k, v in sorted(found.items())}, bound / SCALE, finished)


def choose(
    frame: Frame, seed: int, effort: Effort, say: Say
) -> tuple[list[int], dict[tuple[int, tuple[int, int]], int], float, bool]:
    """Return the places worth visiting, and how far that is known.

    These are their rows, the team-days that each office spends in each area for them, what no choice can exceed, and
    whether the search was finished. Days are counted and not told apart. Nothing is returned where not even so all
    rules hold.
    """
    cp = _cp_model()
    m, places, n = cp.CpModel(), frame.places, len(frame.offices.offices)
    x = {(row, o): m.new_bool_var("") for row in range(len(places)) for o in frame.serving(row)
         if frame.room[o, frame.area[row]][0] and frame.days_of(row, o)}  # fmt: skip
    of_row: dict[int, list[Any]] = {row: [] for row in range(len(places))}
    in_area: dict[tuple[int, tuple[int, int]], list[Any]] = {}
    of_employer: dict[str, list[Any]] = {}
    for (row, o), one in x.items():
        of_row[row].append(one)
        in_area.setdefault((o, frame.area[row]), []).append(one)
        of_employer.setdefault(str(places["employer"].iat[row]), []).append(one)
    team_days = [len(frame.offices.offices[o].teams) * len(frame.days[o]) for o in range(n)]
    sent = {key: m.new_int_var(0, team_days[key[0]], "") for key in in_area}
    for key, ones in in_area.items():
        m.add(sum(ones) <= frame.room[key][0] * sent[key])
    for o in range(n):
        m.add(sum(teams for key, teams in sent.items() if key[0] == o) <= team_days[o])
    must = (places["demand"] != "").to_numpy()
    for row, ones in of_row.items():
        if must[row]:
            m.add(sum(ones) == 1)
        elif len(ones) > 1:
            m.add_at_most_one(ones)
    every_day = len({date for days in frame.days for date in days})
    for employer, ones in of_employer.items():
        if employer and len(ones) > every_day:
            m.add(sum(ones) <= every_day)
    for limit in frame.offices.limits:
        ones = [
            one for row in np.flatnonzero((places[limit.column] == limit.word).to_numpy()) for one in of_row[int(row)]
        ]
        m.add(sum(ones) >= limit.visits if limit.kind == "floor" else sum(ones) <= limit.visits)
    value = places["value"].to_numpy(dtype=np.float64)
    m.maximize(
        sum(round(SCALE * float(value[row])) * one for (row, _), one in x.items())
        - sum(_driving(frame.room[key][1]) * teams for key, teams in sent.items())
    )
    solver = _solver(seed, effort)
    status = solver.status_name(solver.solve(m, _telling(say)))
    if status not in ("OPTIMAL", "FEASIBLE"):
        return [], {}, 0.0, False
    chosen = sorted({row for (row, _), one in x.items() if solver.boolean_value(one)})
    # urgent visits lose nothing here by coming late; the bound is of values alone, and so holds for every order of days
    best, bound = solver.objective_value, solver.best_objective_bound
    roads = sum(_driving(frame.room[key][1]) * solver.value(teams) for key, teams in sent.items())
    spent = {key: int(solver.value(teams)) for key, teams in sent.items()}
    return chosen, spent, bound + roads, bound - best <= ENOUGH * max(1.0, abs(bound)) + 1e-6


def _driving(minutes: float) -> int:
    return round(HOUR_OF_DRIVING * minutes / 60)


class Model:
    """The variables of one plan and the rules on them."""

    def __init__(self, frame: Frame, rows: Sequence[int] | None = None) -> None:
        cp = _cp_model()
        self.frame, self.solver_model = frame, cp.CpModel()
        made, wanted = self.solver_model, frozenset(rows or ())
        self.x: dict[tuple[int, int, dt.date], cp_model.IntVar] = {}
        self.by_row: dict[int, list[cp_model.IntVar]] = {}
        for row in range(len(frame.places)):
            self.by_row[row] = []
            if rows is not None and row not in wanted:
                continue
            for o in frame.serving(row):
                if frame.room[o, frame.area[row]][0]:
                    for date in frame.days_of(row, o):
                        x = self.x[row, o, date] = made.new_bool_var("")
                        self.by_row[row].append(x)
        self.teams: dict[tuple[int, dt.date, tuple[int, int]], cp_model.IntVar] = {}
        self.in_area: dict[tuple[int, dt.date, tuple[int, int]], list[cp_model.IntVar]] = {}
        for (row, o, date), x in self.x.items():
            self.in_area.setdefault((o, date, frame.area[row]), []).append(x)
        for o, date, area in self.in_area:
            self.teams[o, date, area] = made.new_int_var(0, len(frame.offices.offices[o].teams), "")

    def rules(self) -> Iterator[Rule]:
        """Give every rule: what a day holds, what must be visited, limits, and one visit per employer and day."""
        for o, office in enumerate(self.frame.offices.offices):
            days = len(self.frame.days[o])
            words = (f"office '{office.name}': {len(office.teams)} teams, {days} days of work, "
                     f"{office.visits_per_day} visits a day")  # fmt: skip
            yield Rule(words, lambda m, o=o: self._capacity(m, o))  # type: ignore[misc]
        yield Rule("a place is visited once", lambda m: [m.add_at_most_one(xs) for xs in self.by_row.values() if xs])
        demand = self.frame.places["demand"].to_numpy(dtype=object)
        for why in (URGENT, FOLLOW_UP, JOINT, DRAWN):
            rows = np.flatnonzero(demand == why)
            for office_set, some in self._by_office(rows):
                ids = ", ".join(self.frame.places["entity"].iloc[some].astype(str).tolist()[:5])
                words = f"{len(some)} visits must be made ({why}; {office_set}): {ids}{', ...' * (len(some) > 5)}"
                yield Rule(words, lambda m, some=some: [m.add_bool_or(self.by_row[int(r)]) for r in some])  # type: ignore[misc]
        for limit in self.frame.offices.limits:
            rows = np.flatnonzero((self.frame.places[limit.column] == limit.word).to_numpy())
            xs = [x for row in rows for x in self.by_row[int(row)]]
            if limit.kind == "floor":
                yield Rule(str(limit), lambda m, xs=xs, n=limit.visits: m.add(sum(xs) >= n))  # type: ignore[misc]
            else:
                yield Rule(str(limit), lambda m, xs=xs, n=limit.visits: m.add(sum(xs) <= n))  # type: ignore[misc]
        yield Rule("one visit per employer and day", self._employers)

    def aim(self, spent: Mapping[tuple[int, tuple[int, int]], int]) -> None:
        """Seek the most value with team-days already dealt out to areas; urgent visits on the first day possible."""
        frame, value = self.frame, self.frame.places["value"].to_numpy(dtype=np.float64)
        urgent = (frame.places["demand"] == URGENT).to_numpy()
        gain = []
        for (row, _o, date), x in self.x.items():
            late = LATENESS * (day(date) - day(frame.first)) if urgent[row] else 0
            gain.append((round(SCALE * float(value[row])) - late) * x)
        in_area: dict[tuple[int, tuple[int, int]], list[Any]] = {}
        for (o, _date, area), teams in self.teams.items():
            in_area.setdefault((o, area), []).append(teams)
        for key, teams_of in in_area.items():
            # urgent visits may split what was one day in an area into two
            rows = [r for r in np.flatnonzero(urgent) if frame.area[int(r)] == key[1]]
            self.solver_model.add(sum(teams_of) <= spent.get(key, 0) + len(rows))
        self.solver_model.maximize(sum(gain))

    def _capacity(self, m: Any, o: int) -> None:
        for date in self.frame.days[o]:
            sent = [t for (own, on, _), t in self.teams.items() if own == o and on == date]
            if sent:
                m.add(sum(sent) <= len(self.frame.offices.offices[o].teams))
        for (own, date, area), xs in self.in_area.items():
            if own == o:
                m.add(sum(xs) <= self.frame.room[o, area][0] * self.teams[own, date, area])

    def _employers(self, m: Any) -> None:
        of_day: dict[tuple[str, dt.date], list[Any]] = {}
        employer = self.frame.places["employer"].to_numpy(dtype=object)
        for (row, _o, date), x in self.x.items():
            if employer[row]:
                of_day.setdefault((str(employer[row]), date), []).append(x)
        for xs in of_day.values():
            if len(xs) > 1:
                m.add_at_most_one(xs)

    def _by_office(self, rows: NDArray[np.int64]) -> Iterator[tuple[str, NDArray[np.int64]]]:
        """Give the rows office by office, so that a collision names the office that is short of days."""
        served = [" or ".join(self.frame.offices.offices[o].name for o in self.frame.serving(int(r))) for r in rows]
        for name in sorted(set(served)):
            yield name, rows[[s == name for s in served]]


def _collision(frame: Frame, rules: list[Rule], effort: Effort) -> str:
    """Return a smallest set of rules that cannot hold together: each is left out in turn, and what must stay stays."""
    kept = _core(frame, effort)
    for i in list(kept):
        without = [j for j in kept if j != i]
        if len(kept) > 1 and _impossible(frame, without, effort):
            kept = without
    return "no plan keeps all rules. These collide: " + "; ".join(rules[i].says for i in kept) + "."


def _core(frame: Frame, effort: Effort) -> list[int]:
    """Return rules among which the collision lies, as the solver's assumptions tell."""
    model = Model(frame)
    switches = []
    for rule in model.rules():
        on = model.solver_model.new_bool_var("")
        rule.add(_Switched(model.solver_model, on))
        switches.append(on)
    model.solver_model.add_assumptions(switches)
    solver = _solver(0, effort)
    status = solver.status_name(solver.solve(model.solver_model))
    named = set(solver.sufficient_assumptions_for_infeasibility()) if status == "INFEASIBLE" else set()
    found = [i for i, on in enumerate(switches) if on.index in named]
    return found or list(range(len(switches)))


def _telling(say: Say) -> cp_model.CpSolverSolutionCallback:
    """Return what tells of each better plan."""
    cp = _cp_model()

    class Telling(cp.CpSolverSolutionCallback):  # type: ignore[misc, name-defined]
        told = 0

        def on_solution_callback(self) -> None:
            self.told += 1
            if self.told % 5 == 1:
                best, bound = self.objective_value, self.best_objective_bound
                say(f"a plan worth {best / SCALE:,.1f} average visits; none is worth more than {bound / SCALE:,.1f}")

    return Telling()


class _Switched:
    """A model of which every constraint added holds only where a switch is on."""

    def __init__(self, model: Any, on: Any) -> None:
        self.model, self.on = model, on

    def add(self, constraint: Any) -> None:
        """Add one that holds where the switch is on."""
        if isinstance(constraint, bool):  # a sum over nothing
            if not constraint:
                self.model.add(self.on == 0)
            return
        self.model.add(constraint).only_enforce_if(self.on)

    def add_bool_or(self, literals: list[Any]) -> None:
        """Add one that holds where the switch is on."""
        self.model.add_bool_or(literals).only_enforce_if(self.on)

    def add_at_most_one(self, literals: list[Any]) -> None:
        """Add one that holds where the switch is on."""
        self.model.add(sum(literals) <= 1).only_enforce_if(self.on)


def _impossible(frame: Frame, rules: list[int], effort: Effort) -> bool:
    model = Model(frame)
    for i, rule in enumerate(model.rules()):
        if i in rules:
            rule.add(model.solver_model)
    solver = _solver(0, effort)
    return bool(solver.status_name(solver.solve(model.solver_model)) == "INFEASIBLE")


def _solver(seed: int, effort: Effort) -> cp_model.CpSolver:
    solver = _cp_model().CpSolver()
    p = solver.parameters
    p.num_workers, p.random_seed = 1, seed  # several workers race, and the winner is not always the same
    p.max_deterministic_time, p.relative_gap_limit = effort.work, ENOUGH
    p.max_time_in_seconds = effort.seconds
    return solver


def _cp_model() -> Any:
    try:
        from ortools.sat.python import cp_model as found
    except ImportError:
        raise MissingExtra("plans need OR-Tools.", next="pip install 'riskscore[plan]'") from None
    return found

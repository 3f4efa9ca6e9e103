"""The model that gives places their days: its variables, its rules in words and as constraints, its aim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscore.dates import day
from riskscore.planning.areas import Frame
from riskscore.planning.places import DRAWN, FOLLOW_UP, JOINT, URGENT
from riskscore.planning.solver import SCALE, cp_sat

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

LATENESS = 50 * SCALE  # of an urgent visit, per day


class Rule:
    """One rule of a plan as constraints; a set of rules that cannot hold together is told by their words."""

    def __init__(self, says: str, add: Callable[[Any], object]) -> None:
        self.says, self.add = says, add


class DatedModel:
    """The variables of one plan and the rules on them."""

    def __init__(self, frame: Frame, rows: Sequence[int] | None = None) -> None:
        cp = cp_sat()
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

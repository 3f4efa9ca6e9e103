"""Which places are worth visiting, by the visits that all days hold together."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskscore.planning.areas import Frame
from riskscore.planning.solver import ENOUGH, SCALE, Effort, Say, cp_sat, new_solver, telling

HOUR_OF_DRIVING = SCALE // 10  # what an hour on the road costs: a tenth of an average visit


def choose(
    frame: Frame, seed: int, effort: Effort, say: Say
) -> tuple[list[int], dict[tuple[int, tuple[int, int]], int], float, bool]:
    """Return the places worth visiting, and how far that is known.

    These are their rows, the team-days that each office spends in each area for them, what no choice can exceed, and
    whether the search was finished. Days are counted and not told apart. Nothing is returned where not even so all
    rules hold.
    """
    cp = cp_sat()
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
    solver = new_solver(seed, effort)
    status = solver.status_name(solver.solve(m, telling(say)))
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

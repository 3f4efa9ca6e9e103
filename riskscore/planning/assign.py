"""Which places are visited, by which office, on which day: whole numbers, solved with OR-Tools' CP-SAT.

Teams are sent to areas; a team in an area has time for so many visits. Places then fill the visits of their area.
Orders within a day, and what is exactly possible in its hours, come afterwards (`routes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from riskscore.planning.areas import Frame
from riskscore.planning.choose import choose
from riskscore.planning.collision import collision
from riskscore.planning.dated import DatedModel
from riskscore.planning.offices import PlanError
from riskscore.planning.solver import SCALE, Effort, Say, new_solver


@dataclass(frozen=True)
class Assignment:
    """Places by office and day. ``limit``: no choice with as much driving is worth more average visits."""

    day_of: Mapping[tuple[int, dt.date], tuple[int, ...]]  # (office, day) -> rows of the places
    limit: float
    finished: bool  # False: the limit came first


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
    model = DatedModel(frame, chosen)
    rules = list(model.rules())
    for rule in rules:
        rule.add(model.solver_model)
    model.aim(sent)
    solver = new_solver(seed, effort)
    name = solver.status_name(solver.solve(model.solver_model)) if chosen else "INFEASIBLE"
    if name == "INFEASIBLE":
        everything = DatedModel(frame)
        raise PlanError(collision(frame, list(everything.rules()), effort), where=frame.offices.file or "offices",
                        next="Change one of them, or give more days or teams.")  # fmt: skip
    if name not in ("OPTIMAL", "FEASIBLE"):
        raise PlanError("no plan was found within the limit of work.", next="Raise --work, or plan fewer days.")
    found: dict[tuple[int, dt.date], list[int]] = {}
    for (row, o, date), x in model.x.items():
        if solver.boolean_value(x):
            found.setdefault((o, date), []).append(row)
    return Assignment({k: tuple(v) for k, v in sorted(found.items())}, bound / SCALE, finished)

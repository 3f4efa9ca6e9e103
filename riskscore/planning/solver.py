"""OR-Tools' CP-SAT, set so that the same question has the same answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from riskscore.errors import MissingExtra

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

Say = Callable[[str], None]
SCALE = 1_000  # an average visit's value as a whole number
ENOUGH = 0.005  # gap at which the search stops


@dataclass(frozen=True)
class Effort:
    """How long each search may take.

    ``work`` counts steps of the solver, not seconds, and so repeats itself. ``seconds`` is a net for a slow machine: a
    plan that it cut off may differ from one that it did not.
    """

    work: float = 4.0
    seconds: float = 90.0


def new_solver(seed: int, effort: Effort) -> cp_model.CpSolver:
    """Return a solver with one worker, a seed and limits."""
    solver = cp_sat().CpSolver()
    p = solver.parameters
    p.num_workers, p.random_seed = 1, seed  # several workers race, and the winner is not always the same
    p.max_deterministic_time, p.relative_gap_limit = effort.work, ENOUGH
    p.max_time_in_seconds = effort.seconds
    return solver


def cp_sat() -> Any:
    """Return OR-Tools' module of models, or say what to install."""
    try:
        from ortools.sat.python import cp_model as found
    except ImportError:
        raise MissingExtra("plans need OR-Tools.", next="pip install 'riskscore[plan]'") from None
    return found


def telling(say: Say) -> cp_model.CpSolverSolutionCallback:
    """Return what tells of each better plan."""
    cp = cp_sat()

    class Telling(cp.CpSolverSolutionCallback):  # type: ignore[misc, name-defined]
        told = 0

        def on_solution_callback(self) -> None:
            self.told += 1
            if self.told % 5 == 1:
                best, bound = self.objective_value, self.best_objective_bound
                say(f"a plan worth {best / SCALE:,.1f} average visits; none is worth more than {bound / SCALE:,.1f}")

    return Telling()

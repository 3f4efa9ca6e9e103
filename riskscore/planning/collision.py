"""A smallest set of rules that cannot hold together."""

from __future__ import annotations

from typing import Any

from riskscore.planning.areas import Frame
from riskscore.planning.dated import DatedModel, Rule
from riskscore.planning.solver import Effort, new_solver


def collision(frame: Frame, rules: list[Rule], effort: Effort) -> str:
    """Return a smallest set of rules that cannot hold together: each is left out in turn, and what must stay stays."""
    kept = _core(frame, effort)
    for i in list(kept):
        without = [j for j in kept if j != i]
        if len(kept) > 1 and _impossible(frame, without, effort):
            kept = without
    return "no plan keeps all rules. These collide: " + "; ".join(rules[i].says for i in kept) + "."


def _core(frame: Frame, effort: Effort) -> list[int]:
    """Return rules among which the collision lies, as the solver's assumptions tell."""
    model = DatedModel(frame)
    switches = []
    for rule in model.rules():
        on = model.solver_model.new_bool_var("")
        rule.add(_Switched(model.solver_model, on))
        switches.append(on)
    model.solver_model.add_assumptions(switches)
    solver = new_solver(0, effort)
    status = solver.status_name(solver.solve(model.solver_model))
    named = set(solver.sufficient_assumptions_for_infeasibility()) if status == "INFEASIBLE" else set()
    found = [i for i, on in enumerate(switches) if on.index in named]
    return found or list(range(len(switches)))


def _impossible(frame: Frame, rules: list[int], effort: Effort) -> bool:
    model = DatedModel(frame)
    for i, rule in enumerate(model.rules()):
        if i in rules:
            rule.add(model.solver_model)
    solver = new_solver(0, effort)
    return bool(solver.status_name(solver.solve(model.solver_model)) == "INFEASIBLE")


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

"""Recipes as data: what one TOML file of ``models/`` says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from riskscore.dates import Period
from riskscore.definitions.grammar import Expression
from riskscore.definitions.world_prior import WorldPrior


@dataclass(frozen=True)
class Condition:
    """Rows of one table that count: ``{table = "penalties", where = "amount_azn > 0"}``.

    With ``distinct`` and ``at_least``, so many different values of a column must be found: two different indicators.
    """

    table: str
    where: Expression | None = None
    distinct: str = ""
    at_least: int = 1


@dataclass(frozen=True)
class Rung:
    """One rung of the severity ladder: it is reached when a row of any condition falls in the horizon."""

    level: int
    name: str
    title: str
    any: tuple[Condition, ...]
    delay: Period = Period(days=0)  # reporting delay: until horizon end + delay the outcome is open, not negative
    title_in: Mapping[str, str] = field(default_factory=dict)  # language other than English -> title

    def called(self, language: str) -> str:
        """Return the title in a language, the English one where there is none."""
        return self.title_in.get(language) or self.title


@dataclass(frozen=True)
class CohortRule:
    """Who is scored: the ``register`` at dates, or each of the ``visits`` less a lead."""

    kind: str = "register"
    first: dt.date | None = None  # register: first date; visits: first visit
    last: dt.date | None = None
    every: Period = Period(months=6)
    where: Expression | None = None  # register: on the entity's own row; visits: on the visit
    lead: Period = Period(days=7)


@dataclass(frozen=True)
class BaselineRule:
    """The outcome of one past visit, for the baselines: ``value`` of each row of ``table`` that matches ``where``."""

    table: str
    value: Expression
    where: Expression | None = None
    smoothing: float = 5.0


@dataclass(frozen=True)
class SplitRule:
    """Rolling origins: ``origins`` test dates, ``every`` apart; calibration dates lie between training and test."""

    every: Period = Period(months=12)
    origins: int = 3
    calibration: Period = Period(months=12)


@dataclass(frozen=True)
class ModelRule:
    """XGBoost parameters by their own names, the number of rounds, and the seeds (several are averaged).

    With ``refits`` the list shows between which ranks each place moves over so many fits to other draws of employers.
    """

    rounds: int
    params: Mapping[str, float | int | str]
    seeds: tuple[int, ...] = (1,)
    refits: int = 0


@dataclass(frozen=True)
class AuditRule:
    """What an audit lets pass, and with how few rows it says nothing."""

    proxy_gain_limit: float = 0.05  # AUC by which the score may tell who the workers are beyond the allowed breaches
    difference_limit: float = 0.2  # share by which a group may surely be worse off than everybody else
    high_foreign_share: float = 0.2  # from here on a share of foreign workers counts as high
    minimum_rows: int = 30  # visited places of a group; fewer: no verdict
    minimum_positives: int = 10  # finds of a group; fewer: no verdict


@dataclass(frozen=True)
class GateRule:
    """What a run must show before it comes into office; the limits of its audits are those of `AuditRule`."""

    metric: str = "auc"  # or "average precision", or "precision": in the largest share of `capacity`
    margin: float = 0.02  # by which it may be worse on places that were visited
    corrected_margin: float = 0.03  # by which a retrain may be worse, corrected for who was visited
    worthwhile: float = 0.02  # the true difference for which the power to pass is stated
    minimum_positives: int = 20  # finds; with fewer nothing is compared
    same_places: float = 0.5  # share of the first places that must stay when the model is made again


@dataclass(frozen=True)
class VisitValueRule:
    """What a visit is worth in a plan.

    ``weights`` are those of the rungs by name; a rung without one weighs twice the rung below it.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    workers_exponent: float = 0.5  # 0: how many people work there does not count; 1: twice the people, twice the value
    recovery: Period = Period(months=12)  # after a visit, half of the value is back when this has passed


@dataclass(frozen=True)
class Recipe:
    """One file of ``models/``."""

    name: str
    title: str
    why: str
    entity: str  # "site" or "employer"
    rank_by: int  # level of the rung that ranks
    ladder: tuple[Rung, ...]
    model: ModelRule
    families: tuple[str, ...] = ("*",)  # globs on family names; one that begins with "!" leaves out
    horizon: Period = Period(months=12)
    cohort: CohortRule = CohortRule()
    splits: SplitRule = SplitRule()
    baseline: BaselineRule | None = None
    calibration: str = "sigmoid"  # "sigmoid", "isotonic" or "none"
    minimum_positives: int = 50  # fewer, in training or in calibration: no percentages
    bands: Mapping[str, float] = field(default_factory=lambda: {"A": 0.01, "B": 0.05, "C": 0.15, "D": 0.4, "E": 1.0})
    capacity: tuple[float, ...] = (0.01, 0.05, 0.1)  # shares of the cohort at which precision is shown
    urgent: Condition | None = None
    urgent_within: Period = Period(days=30)
    nuisance: tuple[str, ...] = ()  # columns of the visit behind a row: who looked; learned apart and averaged out
    audit: AuditRule = AuditRule()
    gate: GateRule = GateRule()
    world_prior: WorldPrior | None = None  # shown beside the rank, never part of the score
    visit_value: VisitValueRule = field(default_factory=VisitValueRule)
    tuned_on: str = ""
    file: str = ""
    text: str = ""
    title_in: Mapping[str, str] = field(default_factory=dict)  # language other than English -> title

    def called(self, language: str) -> str:
        """Return the title in a language, the English one where there is none."""
        return self.title_in.get(language) or self.title

    def rung(self, level: int) -> Rung:
        """Return the rung of that level; KeyError if there is none."""
        found = [r for r in self.ladder if r.level == level]
        if not found:
            raise KeyError(level)
        return found[0]

"""What a team takes to a place: why it is on the list, what the records say, and what to look for.

Nothing of a complaint is on a sheet, nor a reason or a share that rests on one: at a small place it would tell who
called. A visit after an urgent report looks like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.columns import parts_of
from riskscore.asof.engine import Engine
from riskscore.asof.matrix import FeatureColumn, FeatureMatrix
from riskscore.cohorts import Cohort
from riskscore.definitions.indicators import TITLES
from riskscore.definitions.phrases import Phrases
from riskscore.explanation.documents import documents_of
from riskscore.explanation.reasons import sentence
from riskscore.learn.fit import Model
from riskscore.planning.checklist import changes, ordered
from riskscore.planning.places import DRAWN, FOLLOW_UP, JOINT
from riskscore.planning.plan import Plan
from riskscore.records.model import Records

TOLD = ("inspections", "findings", "penalties")  # what inspectors found themselves
REASONS, RECORDS = 5, 12
SAFETY = (
    "Two inspectors at least. Tell the office when you go in and when you come out.",
    "Speak with people alone, away from whoever employs or watches them, in a language that they choose.",
    "Do not say why the place was chosen, and do not ask who reported anything.",
    "If somebody is locked in, hurt, or under age in danger: leave, call the police (102) and the office at once.",
    "Do not take identity papers from workers. Write down where the papers are kept.",
)


@dataclass(frozen=True)
class Sheet:
    """One visit on paper. ``check`` holds each indicator with how far finding it would move the score (log-odds)."""

    visit: dict[str, Any]  # a row of Plan.visits
    name: str
    facts: tuple[tuple[str, str], ...]
    because: str
    reasons: tuple[str, ...]
    records: tuple[tuple[str, str], ...]  # date, what it says
    check: tuple[tuple[str, float], ...]
    safety: tuple[str, ...]
    languages: str


def sheets(
    plan: Plan, model: Model, records: Records, members: Cohort, matrix: FeatureMatrix,
    values: NDArray[np.float64], phrases: Phrases, language: str = "en",
) -> tuple[Sheet, ...]:  # fmt: skip
    """Return a sheet for each visit, in the order of the plan.

    Parameters
    ----------
    plan : Plan
    model : Model
    records : Records
    members : Cohort of n rows
        The whole list's cohort.
    matrix : FeatureMatrix of n rows
    values : array, shape (n, p + 1)
        SHAP values, the last the base value.
    phrases : Phrases
    language : str
    """
    if plan.visits.empty:
        return ()
    at = {str(e): i for i, e in enumerate(members.entity)}
    rows = np.array([at[p] for p in plan.visits["place"]])
    chosen = members.pick(rows)
    picked = FeatureMatrix(matrix.frame.iloc[rows], matrix.columns)
    moved = changes(model, records, chosen, picked)
    engine, shown = Engine(records, chosen), model.features(picked)
    columns = [matrix.columns[name] for name in model.columns]
    tellable = np.array([not _of_reports(c, matrix) for c in columns])
    office = {o.name: o for o in plan.offices.offices}
    found = []
    for i, visit in enumerate(plan.visits.to_dict("records")):
        parts = np.where(tellable, values[rows[i], :-1], 0.0)
        best = [int(j) for j in np.argsort(-parts, kind="stable")[:REASONS] if parts[j] > 0]
        papers = [d for d in documents_of(engine, i) if d.table in TOLD][:RECORDS]
        own = office[str(visit["office"])]
        spoken = ", ".join(own.languages) or "not stated"
        call = f" For any other language call {own.interpreter} first." if own.interpreter else ""
        name, facts = _registered(engine, i, visit)
        found.append(Sheet(
            {str(k): v for k, v in visit.items()}, name, facts, _because(visit),
            tuple(sentence(columns[j], shown.iat[i, j], language, phrases) for j in best),
            tuple((d.date.isoformat() if d.date else "", d.says) for d in papers),
            tuple((TITLES[indicator], change) for indicator, change in ordered(moved, i)),
            SAFETY, f"The office speaks: {spoken}.{call}",
        ))  # fmt: skip
    return tuple(found)


def _of_reports(column: FeatureColumn, matrix: FeatureMatrix) -> bool:
    """Say whether a column rests on reports, itself or by a part that it divides."""
    tables = {column.feature.table, column.feature.opportunity}
    if column.feature.kind == "ratio":
        tables |= {matrix.columns[part].feature.table for part in parts_of(column)}
    return "complaints" in tables


def _because(visit: dict[Any, Any]) -> str:
    why, said = str(visit["why"]), str(visit["because"])
    if why == DRAWN:
        return "Drawn at random among all places that may be visited, so that the office learns about places unseen."
    if why == FOLLOW_UP:
        return f"A follow-up: {said}"
    if why == JOINT:
        return f"A joint visit with {visit['partner']}: {said}"
    return "On the list of places to visit."


def _registered(engine: Engine, row: int, visit: dict[Any, Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    cells: dict[str, str] = {}
    for kind in ("site", "employer"):
        if kind in engine.index:
            at, frame = int(engine.newest(kind)[row]), engine.index[kind].view.frame
            if at >= 0:
                cells |= {f"{kind}.{c}": str(v) for c, v in frame.iloc[at].items() if not pd.isna(v)}
    labels = (("Place", "site.site_id"), ("Kind of place", "site.site_type"), ("District", "site.district"),
              ("Region", "site.region"), ("Employer", "employer.name"), ("Employer id", "employer.employer_id"),
              ("Tax number", "employer.tax_number"), ("Sector", "employer.sector"))  # fmt: skip
    facts = tuple((label, cells[key].replace("_", " ")) for label, key in labels if key in cells)
    return cells.get("employer.name", str(visit["place"])), facts

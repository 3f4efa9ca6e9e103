"""Why each row was visited, and the logged chance of a draw."""

from __future__ import annotations

import datetime as dt

import numpy as np

from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.recipe import ModelRule, Recipe
from riskscore.learn.selection.visits import visits_of

RECIPE = Recipe("r", "", "", "site", 1, (), ModelRule(10, {}))
COHORT = Cohort("site", np.array(["S1", "S2", "S3"], dtype=object), np.full(3, day("2020-01-01"), np.int32))
KNOWN = dt.date(2021, 1, 1)


def visit(k: int, site: str, date: str, trigger: str, chance: float | None = None, **more: object) -> dict[str, object]:
    return {"inspection_id": f"V{k}", "site_id": site, "date": date, "trigger": trigger,
            "selection_probability": chance, **more}  # fmt: skip


def test_the_first_visit_of_the_horizon_says_why(records_of) -> None:
    rows = [
        visit(1, "S1", "2019-12-31", "raid"),
        visit(2, "S1", "2020-03-01", "complaint"),
        visit(3, "S1", "2020-02-01", "planned"),
        visit(4, "S2", "2021-01-01", "raid"),
    ]
    assert visits_of(records_of(inspections=rows), RECIPE, COHORT, KNOWN).trigger.tolist() == ["planned", "", ""]


def test_a_logged_draw_counts_wherever_it_stands_in_the_horizon(records_of) -> None:
    rows = [
        visit(1, "S1", "2020-02-01", "planned"),
        visit(2, "S1", "2020-06-01", "random", 0.02),
        visit(3, "S2", "2020-06-01", "planned", 0.5),  # a chance that is no draw's
        visit(4, "S3", "2020-06-01", "random"),
    ]
    found = visits_of(records_of(inspections=rows), RECIPE, COHORT, KNOWN)
    np.testing.assert_array_equal(found.drawn, [0.02, np.nan, np.nan])


def test_what_became_known_later_says_nothing(records_of) -> None:
    rows = [
        visit(1, "S1", "2020-02-01", "random", 0.1, known_on="2021-01-01"),
        visit(2, "S2", "2020-02-01", "raid", known_on="2020-02-02"),
    ]
    found = visits_of(records_of(inspections=rows), RECIPE, COHORT, KNOWN)
    assert found.trigger.tolist() == ["", "raid", ""]
    assert np.isnan(found.drawn).all()


def test_records_that_do_not_say_why_give_nothing(records_of) -> None:
    rows = [{"inspection_id": "V1", "site_id": "S1", "date": "2020-02-01"}]
    found = visits_of(records_of(inspections=rows), RECIPE, COHORT, KNOWN)
    assert found.trigger.tolist() == ["", "", ""]
    assert np.isnan(found.drawn).all()

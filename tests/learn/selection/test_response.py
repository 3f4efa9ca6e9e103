"""Places that were drawn and not visited: who speaks for them, and what is told of it."""

from __future__ import annotations

import datetime as dt
from functools import partial

import numpy as np
import pytest

from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.recipe import ModelRule, Recipe
from riskscore.learn.curve import Curve, Order
from riskscore.learn.selection.corrected import Tally
from riskscore.learn.selection.response import Draws, draws_of

RECIPE = Recipe("r", "", "", "site", 1, (), ModelRule(10, {}))
COHORT = Cohort("site", np.array(["S1", "S2", "S3"], dtype=object), np.full(3, day("2020-01-01"), np.int32))
KNOWN = dt.date(2021, 1, 1)
METRICS = {"precision": partial(Curve.precision_at, share=0.3), "auc": Curve.auc}


def planned(k: int, site: str, date: str, chance: float | None, **more: object) -> dict[str, object]:
    return {"planned_visit_id": f"{k}", "site_id": site, "date": date, "selection_probability": chance,
            "stratum": "N, seen" if chance else None, **more}  # fmt: skip


def found(records_of, *rows: dict[str, object]) -> Draws:
    visits = [{"inspection_id": "V", "site_id": "S1", "date": "2019-01-01"}]
    return draws_of(records_of(inspections=visits, planned_visits=rows), RECIPE, COHORT, KNOWN)


def test_the_first_draw_of_the_horizon_counts_whether_the_visit_was_made_or_not(records_of) -> None:
    draws = found(
        records_of, planned(1, "S1", "2019-12-31", 0.5), planned(2, "S1", "2020-06-01", 0.2, made=False),
        planned(3, "S1", "2020-03-01", 0.1, made=True), planned(4, "S2", "2020-03-01", None),
    )  # fmt: skip
    np.testing.assert_array_equal(draws.probability, [0.1, np.nan, np.nan])
    assert draws.stratum.tolist() == ["N, seen", "", ""]


def test_a_draw_known_later_and_a_table_that_is_not_there_say_nothing(records_of) -> None:
    assert not found(records_of, planned(1, "S1", "2020-03-01", 0.1, known_on="2021-01-01")).drawn.any()
    none = draws_of(records_of(inspections=[{"inspection_id": "V", "site_id": "S1", "date": "2020-02-01"}]), RECIPE,
                    COHORT, KNOWN)  # fmt: skip
    assert not none.drawn.any()
    assert none.says(none.drawn) == ""


def test_the_weights_of_those_visited_sum_to_those_of_all_that_were_drawn() -> None:
    random = np.random.default_rng(2)
    p, stratum = random.uniform(0.05, 0.6, 300), random.choice(["N", "S"], 300).astype(object)
    visited = random.random(300) < np.where(stratum == "N", 0.2, 0.8)
    draws = Draws(p, stratum)
    weight = 1 / (p * draws.answered(visited))
    for name in ("N", "S"):
        own = stratum == name
        assert weight[own & visited].sum() == pytest.approx((1 / p[own]).sum())


def test_what_is_told_names_how_many_were_missed_and_where_nobody_was_visited() -> None:
    draws = Draws(np.array([0.5, 0.5, 0.5, np.nan]), np.array(["N", "N", "S", ""], dtype=object))
    says = draws.says(np.array([True, False, False, True]))
    assert says.startswith("2 of 3 places that plans drew have no outcome")
    assert "For 1 of them no visit in their stratum speaks at all." in says
    assert draws.says(np.ones(4, dtype=bool)) == ""


def redrawn(alike: bool) -> dict[str, tuple[float, float, float]]:
    """Draw, miss and measure many times over; return of each metric its error corrected, uncorrected, and its truth.

    ``alike``: places of a stratum are missed whatever they hide. Else those that hide something are missed more often.
    """
    random = np.random.default_rng(7)
    n, draws = 6_000, 80
    north = np.arange(n) % 3 == 0
    stratum = np.where(north, "N", "S").astype(object)
    chance = np.where(north, 0.5, 0.15)  # of a find
    p = random.uniform(0.03, 0.2, n)
    errors: dict[str, list[tuple[float, float, float]]] = {name: [] for name in METRICS}
    for _ in range(draws):
        y = (random.random(n) < chance).astype(float)
        score = y + north + random.normal(0, 1.5, n)
        drawn = random.random(n) < p
        met = np.where(north, 0.15, 0.9)  # of seven drawn in the north one is visited
        answers = random.random(n) < (met if alike else met * np.where(y == 1, 0.4, 1.0))
        visited = drawn & answers
        known = Draws(np.where(drawn, p, np.nan), np.where(drawn, stratum, ""))
        order, seen = Order.of(np.full(n, np.nan), score), np.where(visited, y, np.nan)
        for name, metric in METRICS.items():
            true = metric(Order.of(y, score).curve())[0]
            with_, without = (
                metric(Tally.of_draws(seen, weight, visited, order).curve())[0]
                for weight in (p * known.answered(visited), p)
            )
            errors[name].append((with_ - true, without - true, true))
    return {name: tuple(np.mean(found, axis=0)) for name, found in errors.items()}  # type: ignore[misc]


def test_where_most_drawn_places_of_a_risky_stratum_are_missed_the_corrected_figure_holds_the_truth() -> None:
    for name, (corrected, plain, _) in redrawn(alike=True).items():
        assert abs(corrected) < 0.012, name
        assert abs(plain) > 4 * abs(corrected) + 0.01, name


def test_where_those_who_hide_something_are_missed_the_figure_is_too_low_as_the_words_say() -> None:
    corrected, _, _ = redrawn(alike=False)["precision"]
    assert corrected < -0.05

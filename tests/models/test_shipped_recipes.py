"""The shipped recipes: what they seek, among whom, and that they are worth more than what they replace."""

import datetime as dt

import pytest

from riskscore.definitions.catalog import load_catalog, select
from riskscore.definitions.indicators import INDICATORS
from riskscore.definitions.recipe import Recipe

CATALOG = load_catalog()


@pytest.fixture(params=["site_risk", "employer_risk"])
def recipe(request) -> Recipe:
    return CATALOG.recipe(request.param)


def test_the_ladder_leads_from_a_breach_to_a_case(recipe) -> None:
    assert [rung.name for rung in recipe.ladder] == ["breach", "uncontracted", "fined", "referred", "opened"]
    assert recipe.rung(recipe.rank_by).name == "uncontracted"
    delays = [rung.delay.days + 30 * rung.delay.months for rung in recipe.ladder]
    assert delays == sorted(delays)


def test_the_third_rung_asks_for_two_of_the_eleven_indicators(recipe) -> None:
    (counted,) = [c for c in recipe.rung(3).any if c.distinct]
    assert (counted.table, counted.distinct, counted.at_least) == ("findings", "indicator", 2)
    assert counted.where is not None
    assert not any(f"'{name}'" in counted.where.text for name in INDICATORS)


def test_every_family_is_used_and_none_is_forbidden(recipe) -> None:
    assert [family.name for family in select(recipe, CATALOG)] == sorted(CATALOG.families)


def test_the_list_is_cut_into_bands_by_rank_and_urgent_reports_head_it(recipe) -> None:
    assert dict(recipe.bands) == {"A": 0.01, "B": 0.05, "C": 0.15, "D": 0.4, "E": 1.0}
    assert recipe.urgent is not None
    assert (recipe.urgent.table, recipe.urgent_within.days) == ("complaints", 30)
    assert recipe.cohort.first == dt.date(2017, 1, 1)


def test_the_recipe_says_on_what_it_was_tuned(recipe) -> None:
    for said in ("simulated", "seed 11", "trials (Optuna", "defaults", "which it did not see"):
        assert said in recipe.tuned_on


def test_the_tuned_recipe_ranks_better_than_defaults_and_prior_rate(recipe, aucs) -> None:
    found = aucs(recipe.name)
    assert found["recipe"] > found["defaults"] + 0.02
    assert found["recipe"] > found["prior rate"] + 0.02

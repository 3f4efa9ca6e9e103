"""What holds of all families together."""

import pytest

from riskscore.asof.columns import columns_of
from riskscore.definitions.catalog import load_catalog, select
from riskscore.definitions.indicators import INDICATORS

CATALOG = load_catalog()
FEATURES = [pytest.param(feature, id=f"{family.name}.{feature.name}")
            for family in CATALOG.families.values() for feature in family.features]  # fmt: skip
ONLY_VISITS_SHOW = ("inspections", "findings", "penalties")


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_has_a_title_and_a_sentence(feature) -> None:
    assert feature.title
    assert feature.reason["en"]


@pytest.mark.parametrize("feature", FEATURES)
def test_what_only_a_visit_can_show_is_never_zero_without_one(feature) -> None:
    if feature.table in ONLY_VISITS_SHOW and feature.none is not None and feature.name != "visits":
        assert feature.opportunity == "inspections"
        assert feature.unseen is None


@pytest.mark.parametrize("recipe", ["site_risk", "employer_risk"])
def test_a_recipe_takes_a_number_of_columns_that_a_person_can_read(records_of, recipe) -> None:
    families = select(CATALOG.recipe(recipe), CATALOG)
    assert len(families) >= 10
    columns = columns_of(families, CATALOG.recipe(recipe).entity, records_of(inspections=[]))
    assert 40 <= len(columns) <= 80


def test_the_eleven_indicators_are_all_there_and_uncontracted_work_is_none_of_them() -> None:
    marked = [feature.values[0].indicator for feature in FEATURES]
    assert [marked.count(name) for name in INDICATORS] == [1] * len(INDICATORS)
    assert {f.indicator for f in CATALOG.family("uncontracted").features} == {"enabling condition"}


def test_linked_and_comparable_places_are_told_apart_from_the_own_record() -> None:
    for family, key in (("peers", "peers"), ("linked_employers", "network")):
        assert {by for feature in CATALOG.family(family).features for by in feature.by} == {key}

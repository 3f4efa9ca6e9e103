"""No rule about visiting, no year and no era can reach the risk model."""

from __future__ import annotations

from dataclasses import replace

import pytest

import riskscore as rs
from riskscore.definitions.catalog import Catalog, load_catalog, select
from riskscore.definitions.family_file import family_from_text
from riskscore.errors import DefinitionError
from riskscore.learn.selection.circumstances import MONTH, OFFICE, RULE
from riskscore.pipeline.prepare import choose

HEAD = 'title = "T"\ntable = "{}"\nwhy = "W"\nbasis = "B"\n[[feature]]\nname = "f0"\nnone = 0\n{}\n'


@pytest.mark.parametrize(
    ("table", "body"),
    [
        ("regimes", 'kind = "count"\nby = "employer"'),
        ("regimes", 'kind = "last"\nvalue = "rule"\nby = "employer"'),
        ("inspections", 'kind = "count"\nwhere = "date >= \'2020-01-01\'"'),
        ("inspections", "kind = \"count\"\nwhere = \"known_on in ('2020-01-01', '2020-01-02')\""),
        ("employers", 'kind = "attribute"\nvalue = "registered_on < \'2020-01-01\'"\nby = "employer"'),
        ("penalties", 'kind = "count"\nwhere = "inspection.date < \'2020-01-01\'"'),
        ("inspections", 'kind = "last"\nvalue = "regime_of_the_sector"'),
        ("inspections", 'kind = "last"\nvalue = "Era"'),
        ("inspections", 'kind = "last"\nvalue = "year"'),
    ],
)
def test_a_feature_that_tells_the_era_stops_the_recipe(table, body) -> None:
    families = {"fam": family_from_text(HEAD.format(table, body), "fam")}
    recipe = replace(load_catalog().recipe("site_risk"), families=("fam",))
    with pytest.raises(DefinitionError, match=r"feature 'f0'"):
        select(recipe, Catalog(families, {}, load_catalog().phrases))


def test_a_year_is_no_calendar_feature() -> None:
    with pytest.raises(DefinitionError, match="'year' is not offered"):
        family_from_text(HEAD.format("inspections", 'kind = "calendar"\nvalue = "year"'), "fam")


@pytest.mark.parametrize("name", ["site_risk", "employer_risk"])
def test_no_shipped_column_reads_rules_and_none_of_selection_is_among_the_risk_models(name) -> None:
    records = rs.sample_records()
    chosen = choose(name)
    quick = replace(chosen.recipe, model=replace(chosen.recipe.model, rounds=5, seeds=(1,)))
    model = rs.fit(records, quick, "2024-01-01")
    assert not {MONTH, OFFICE, RULE} & set(model.columns)
    assert {MONTH, OFFICE, RULE} <= set(model.visits.estimator.feature_names_in_)
    assert all(f.table != "regimes" for family in model.families for f in family.features)


def test_the_rules_in_force_change_nobodys_score_but_who_may_be_visited() -> None:
    records = rs.sample_records()
    chosen = choose("site_risk")
    quick = replace(chosen.recipe, model=replace(chosen.recipe.model, rounds=20, seeds=(1,)))
    model = rs.fit(records, quick, "2024-01-01")
    without = replace(records, tables={n: t for n, t in records.tables.items() if n != "regimes"})
    blind = rs.fit(without, quick, "2024-01-01")
    assert blind.estimator.to_state() == model.estimator.to_state()
    now, then = rs.rank(model, records, "2024-07-01").frame, rs.rank(model, without, "2024-07-01").frame
    assert now["margin"].equals(then["margin"])
    assert (now["visit_probability"] == 0).any()
    assert not (then["visit_probability"] == 0).any()

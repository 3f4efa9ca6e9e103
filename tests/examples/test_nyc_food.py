"""Records nobody made for the tool: restaurant inspections, by the mapping, families and recipe in docs/examples."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskscore.asof.build import build
from riskscore.dates import Days, day
from riskscore.definitions.catalog import load_catalog
from riskscore.learn.baselines import prior_rate
from riskscore.learn.bootstrap import paired_bootstrap
from riskscore.learn.curve import Curve
from riskscore.learn.fit import fit_model
from riskscore.learn.metrics import auc
from riskscore.pipeline.prepare import Chosen, Outcomes, choose, groups_of, outcomes, past_of
from riskscore.records.model import Records
from riskscore.records.read import read_records
from riskscore.splits import fit_split

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "nyc_food"
RECIPE = "food_hygiene"


@pytest.fixture(scope="module")
def chosen() -> Chosen:
    return choose(RECIPE, EXAMPLE)


_read: dict[Path, Records] = {}


@pytest.fixture
def restaurants(real_data: Path) -> Records:
    """Return the records, read once: ``real_data`` belongs to one test, and reading takes seconds."""
    if real_data not in _read:
        _read[real_data] = read_records(real_data / "nyc_food", EXAMPLE / "mapping.toml")
    return _read[real_data]


@pytest.fixture
def found(restaurants: Records, chosen: Chosen) -> Outcomes:
    return outcomes(restaurants, chosen.recipe, dt.date(2016, 2, 1))


def visit_day(found: Outcomes) -> Days:
    """Return the day of each visit of the cohort, which lies seven days after as_of."""
    return (found.cohort.as_of + 7).astype(np.int32)


def until(records: Records, last: str) -> Records:
    """Return the records without any visit or finding on that day or later."""
    tables = {}
    for name, table in records.tables.items():
        frame = table.frame
        if table.schema.kind == "event":
            frame = frame[frame["date"] < pd.Timestamp(last)].reset_index(drop=True)
        tables[name] = replace(table, frame=frame, origin=None)
    return Records(tables, records.source)


def test_every_feature_of_the_example_has_a_sentence(chosen: Chosen) -> None:
    silent = [f"{family.name}.{f.name}" for family in chosen.families for f in family.features if "en" not in f.reason]
    assert silent == []


def test_the_example_replaces_no_definition_that_is_shipped(chosen: Chosen) -> None:
    shipped = load_catalog()
    assert {family.name for family in chosen.families}.isdisjoint(shipped.families)
    assert RECIPE not in shipped.recipes


def test_no_row_is_lost_between_the_sources_and_the_tables(restaurants: Records) -> None:
    assert {name: len(table.frame) for name, table in restaurants.tables.items()} == {
        "employers": 19_761, "sites": 24_806, "inspections": 182_370, "findings": 471_203,
    }  # fmt: skip
    assert dict(restaurants.rejected) == {}
    assert dict(restaurants.filtered) == {"findings": 479_567 - 471_203}  # visits at which nothing was cited


def test_the_cohort_is_the_routine_first_visits_seven_days_before(found: Outcomes) -> None:
    tested = visit_day(found) >= day("2015-01-01")
    assert found.target.size == 84_079
    assert int(tested.sum()) == 28_400
    assert round(float(found.target[tested].mean()), 3) == 0.124


def test_nothing_on_or_after_the_date_reaches_a_feature(restaurants: Records, found: Outcomes, chosen: Chosen) -> None:
    last = found.cohort.as_of <= day("2014-06-02")
    rows = np.flatnonzero(last)[-400:]
    cohort = found.cohort.pick(rows)
    assert cohort.as_of.min() > day("2014-05-01")
    whole = build(restaurants, chosen.families, cohort)
    cut = build(until(restaurants, "2014-06-02"), chosen.families, cohort)
    assert not whole.absent
    assert whole.frame.shape[1] < 150
    for name, values in whole.frame.items():
        if isinstance(values.dtype, pd.CategoricalDtype):
            assert values.astype(object).equals(cut.frame[name].astype(object)), name
        else:
            np.testing.assert_array_equal(values.to_numpy(), cut.frame[name].to_numpy(), err_msg=str(name))


@pytest.mark.slow
def test_five_seeds_reach_an_auc_of_655_and_beat_the_prior_mean_at_the_top(
    restaurants: Records, found: Outcomes, chosen: Chosen
) -> None:
    recipe = chosen.recipe
    matrix = build(restaurants, chosen.families, found.cohort)
    as_of, made_on = found.cohort.as_of, dt.date(2015, 1, 1)
    split = fit_split(as_of, recipe.splits, recipe.horizon, recipe.rung(1).delay, made_on)
    assert split.train[-1] < dt.date(2014, 12, 1) - dt.timedelta(days=7)  # every visit learned from is of November
    model = fit_model(matrix, found.target, split, as_of, recipe, chosen.families)

    tested = visit_day(found) >= day(made_on)
    rows, y = model.features(matrix)[tested], found.target[tested]
    table = model.estimator.encode(rows)
    margins = [booster.margin(table) for booster in model.estimator.boosters_]
    assert len(margins) == 5
    assert np.mean([auc(y, margin) for margin in margins]) >= 0.655

    cohort = found.cohort.pick(tested)
    past = past_of(restaurants, recipe, cohort)
    known = np.asarray(past.last)[np.isfinite(past.last)]
    prior = prior_rate(past.total, past.visits, prior=float(known.mean()), smoothing=0.0)
    gain = paired_bootstrap(
        lambda curve: curve.precision_at(0.01), y, model.margin(matrix)[tested], prior, groups_of(restaurants, cohort)
    ).difference
    assert gain.low > 0
    assert paired_bootstrap(Curve.auc, y, model.margin(matrix)[tested], prior).difference.low > 0.02

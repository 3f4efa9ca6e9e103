"""What a backtest says beyond the visits: corrected figures, lists at offices' capacity, coverage, and its text."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.cohorts import Cohort
from riskscore.dates import day, to_days
from riskscore.definitions.recipe import Period
from riskscore.learn.curve import Order
from riskscore.learn.selection.corrected import Tally
from riskscore.learn.selection.visits import visits_of
from riskscore.pipeline.prepare import choose
from riskscore.records.imports.stored import typed
from riskscore.records.model import RecordTable
from riskscore.records.schema import TABLES
from riskscore.report.backtest_text import backtest_json, backtest_text
from riskscore.simulate import simulate

SHARES = ["register", "visits", "list"]


def quick():
    recipe = choose("site_risk").recipe
    recipe = replace(recipe, families=("uncontracted", "place", "reports", "headcount"), capacity=(0.1,))
    recipe = replace(recipe, cohort=replace(recipe.cohort, first=dt.date(2014, 1, 1), every=Period(months=12)))
    recipe = replace(recipe, splits=replace(recipe.splits, origins=1))
    params = {**recipe.model.params, "min_child_weight": 5}
    return replace(recipe, model=replace(recipe.model, rounds=40, seeds=(1,), params=params))


@pytest.fixture(scope="module")
def open_country():
    """Return records of a country in which no rule ever forbade a visit."""
    return simulate(sites=2500, years=(2013, 2020), seed=3, suspended_from=2100).records


@pytest.fixture(scope="module")
def found(open_country):
    return rs.backtest(open_country, quick(), "2020-12-31")


@pytest.fixture(scope="module")
def on_sample():
    return rs.backtest(rs.sample_records(), quick(), "2025-01-01")


def test_where_offices_go_of_their_own_accord_the_register_is_corrected_for(found) -> None:
    assert set(found.corrected["way"]) >= {"corrected", "bounds"}
    assert found.notes == ()
    one = found.corrected.query("way == 'corrected' and model == 'model' and metric == 'auc'").iloc[0]
    assert one["low"] < one["value"] < one["high"]
    assert one["places"] == found.rows["overlap"].sum()
    wide = found.corrected.query("way == 'bounds' and gamma == 2 and metric == 'auc'").iloc[0]
    assert wide["low"] < one["low"] < one["high"] < wide["high"]
    assert set(found.corrected["model"]) == set(found.frame["model"])


def test_a_visit_that_a_report_brought_about_is_not_of_one_s_own_accord(open_country, found) -> None:
    visits = open_country["inspections"].frame
    origin = found.rows["as_of"].iloc[0]
    after = visits[(visits["date"] >= origin) & (visits["date"] < origin + pd.DateOffset(months=12))]
    prompted = after["trigger"].astype(str).isin(["complaint", "hotline"])
    own = set(after.loc[~prompted, "site_id"].astype(str))
    only = set(after.loc[prompted, "site_id"].astype(str)) - own
    rows = found.rows.set_index("entity")
    assert len(only & set(rows.index)) > 5
    assert not rows.loc[sorted(only & set(rows.index)), "own_accord"].any()
    assert rows.loc[sorted(own & set(rows.index)), "own_accord"].all()


def test_lists_are_as_long_as_the_visits_known_of_the_year_before(open_country, found) -> None:
    visits = open_country["inspections"].frame
    origin = found.rows["as_of"].iloc[0]
    known = visits[(visits["known_on"] < origin) & ~visits["inspection_id"].isin(visits["replaces"].dropna())]
    before = known[(known["date"] < origin) & (known["date"] >= origin - pd.DateOffset(months=12))]
    seats = found.capacity["seats"].iloc[0]
    assert seats == pytest.approx(len(before), abs=3), "a correction known later still stands as it was"


def test_coverage_adds_up_to_the_whole_register_and_all_visits(found) -> None:
    sums = found.coverage.groupby("by")[SHARES].sum()
    assert sums.to_numpy() == pytest.approx(1.0)


def test_rows_tell_what_was_estimated_of_each(found) -> None:
    rows = found.rows
    assert rows["visit_probability"].between(0, 1).all()
    assert rows.loc[rows["own_accord"], "visit_probability"].mean() > rows["visit_probability"].mean()
    assert rows["outcome_probability"].between(0, 1).all()


def test_where_most_places_are_closed_to_visits_nothing_is_corrected_and_the_reason_is_told(on_sample) -> None:
    assert not len(on_sample.corrected)
    assert on_sample.rows["overlap"].sum() == 0
    assert len(on_sample.notes) == 1
    assert "At least 20" in on_sample.notes[0]
    assert len(on_sample.capacity), "lists at the offices' capacity are there all the same"


def test_what_became_known_later_changes_nothing_before(open_country, found) -> None:
    frame = open_country["inspections"].frame
    later = frame[~(to_days(frame["known_on"]) >= day("2020-12-31"))].reset_index(drop=True)
    tables = {**open_country.tables, "inspections": replace(open_country["inspections"], frame=later)}
    again = rs.backtest(replace(open_country, tables=tables), quick(), "2020-12-31")
    pd.testing.assert_frame_equal(again.corrected, found.corrected)
    pd.testing.assert_frame_equal(again.capacity, found.capacity)


def test_the_text_fits_a_hundred_columns_and_tells_both_figures(found, on_sample) -> None:
    for one in (found, on_sample):
        text = backtest_text(one, "quick", full=True)
        assert max(map(len, text.splitlines())) <= 100
        assert "Shares of the register" in text
        assert "guilty" not in text
    text = backtest_text(found, "quick")
    assert "Corrected for who was visited, 2019-01-01" in text
    assert "Gamma" in text
    assert "Shares of the register" not in text
    assert "not corrected" in backtest_text(on_sample, "quick")


def test_json_holds_every_figure_of_every_date(found) -> None:
    plain = json.loads(backtest_json(found))
    assert len(plain["corrected"]) == len(found.corrected)
    assert {row["way"] for row in plain["corrected"]} == set(found.corrected["way"])
    assert all(np.isfinite(row["low"]) for row in plain["frame"] if row["low"] is not None)
    assert plain["coverage"][0]["origin"] == "2019-01-01"
    assert plain["notes"] == []


def test_a_cohort_of_visits_says_that_it_conditions_on_them() -> None:
    recipe = quick()
    recipe = replace(recipe, cohort=replace(recipe.cohort, kind="visits", where=None, lead=Period(days=7)))
    found = rs.backtest(rs.sample_records(), recipe, "2025-01-01")
    assert not len(found.corrected)
    assert "made of visits" in found.notes[0]


def test_places_drawn_and_not_visited_are_spoken_for_by_those_visited_in_their_stratum(open_country) -> None:
    visits = open_country["inspections"].frame
    own = visits["trigger"].astype(str).eq("planned") & visits["date"].dt.year.eq(2019)
    drawn = visits.assign(
        trigger=visits["trigger"].astype(object).mask(own, "random").astype("category"),
        selection_probability=visits["selection_probability"].mask(own, 0.2),
    )
    went = sorted(set(visits.loc[own, "site_id"].astype(str)))
    never = sorted(set(open_country["sites"].frame["site_id"].astype(str)) - set(visits["site_id"].astype(str)))
    rows = [(site, "NS"[i % 2], True) for i, site in enumerate(went)] + [(site, "S", False) for site in never[:300]]
    planned = pd.DataFrame(rows, columns=["site_id", "stratum", "made"]).assign(
        planned_visit_id=[f"P{i}" for i in range(len(rows))], date="2019-01-01", known_on="2019-01-01",
        selection_probability=0.2,
    )  # fmt: skip
    schema, nothing = TABLES["planned_visits"], pd.Series([None] * len(rows), dtype=object)
    frame = pd.DataFrame({c.name: typed(planned.get(c.name, nothing).astype(object), c) for c in schema.columns})
    tables = {
        **open_country.tables, "inspections": replace(open_country["inspections"], frame=drawn, origin=None),
        "planned_visits": RecordTable(schema, frame, present=frozenset(planned.columns)),
    }  # fmt: skip
    records = replace(open_country, tables=tables)
    found = rs.backtest(records, quick(), "2020-12-31")

    told = found.rows.set_index("entity")
    known = told["target"].notna()
    stratum = planned.set_index("site_id")["stratum"].reindex(told.index).fillna("")
    missed, asked = int((stratum.ne("") & ~known).sum()), int(stratum.ne("").sum())
    assert missed > 150
    assert f"2019-01-01: {missed} of {asked} places that plans drew" in found.notes[-1]
    members = Cohort("site", told.index.to_numpy(dtype=object), to_days(told["as_of"]))
    chance = visits_of(records, quick(), members, dt.date(2020, 12, 31)).drawn
    share = known.groupby(stratum).transform("mean").where(stratum.ne(""), 1.0).to_numpy()
    order = Order.of(np.full(len(told), np.nan), told["model"].to_numpy())
    y = told["target"].to_numpy()
    by_hand, plain = (Tally.of_draws(y, p, ~np.isnan(chance), order).curve().auc()[0] for p in (chance * share, chance))
    one = found.corrected.query("way == 'drawn visits' and model == 'model' and metric == 'auc'").iloc[0]
    assert one["value"] == pytest.approx(by_hand)
    assert abs(one["value"] - plain) > 1e-3

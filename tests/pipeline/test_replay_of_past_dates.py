"""Past dates replayed on a simulated country, of which the truth is known, and on the sample records."""

from __future__ import annotations

import datetime as dt
import importlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

import riskscore as rs
from riskscore.dates import Period
from riskscore.errors import FitError
from riskscore.labels import label
from riskscore.pipeline.demo import sample_folder
from riskscore.pipeline.prepare import choose
from riskscore.planning.offices import PlanError
from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.replay import ALL, LIST, MADE, PLAN
from riskscore.report.replay_html import replay_html
from riskscore.report.replay_text import figures, replay_json, replay_text, write_sheets
from riskscore.simulate.world import world

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def quick(rounds: int = 40):
    recipe = choose("site_risk").recipe
    recipe = replace(recipe, families=("uncontracted", "place", "reports", "headcount"))
    recipe = replace(recipe, cohort=replace(recipe.cohort, first=dt.date(2014, 1, 1), every=Period(months=12)))
    recipe = replace(recipe, splits=replace(recipe.splits, origins=1))
    params = {**recipe.model.params, "min_child_weight": 5}
    return replace(recipe, model=replace(recipe.model, rounds=rounds, seeds=(1,), params=params))


@pytest.fixture(scope="module")
def bench():
    """Return the benchmark behind it, with its countries of known truth."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(BENCHMARKS)
        yield importlib.import_module("bench_replay")


@pytest.fixture(scope="module")
def country(bench):
    return bench.Country.of(2500, 3, "ignorable")


@pytest.fixture(scope="module")
def replayed(bench):
    def replay(records, recipe=None, **more):
        return rs.replay(records, recipe or quick(), bench.ON, offices=offices_from_text(bench.OFFICES), **more)

    return replay


@pytest.fixture(scope="module")
def found(country, replayed):
    return replayed(country.made.records)


@pytest.fixture(scope="module")
def on_sample():
    recipe = replace(quick(), cohort=replace(quick().cohort, first=dt.date(2017, 7, 1)))
    return rs.replay(rs.sample_records(), recipe, "2025-01-01", offices=sample_folder() / "offices.toml")


def test_every_way_has_as_many_visits_as_were_made(found, on_sample) -> None:
    for one in (found, on_sample):
        assert (one.chosen.groupby("origin")["visits"].nunique() == 1).all()
        assert (one.places.groupby(["origin", "policy"])["entity"].nunique().groupby("origin").nunique() == 1).all()
        assert set(one.chosen["policy"]) >= {MADE, PLAN, LIST, "random", "last finding", "prior rate", "logistic"}


def test_every_office_has_as_many_visits_as_it_made_and_may_make_them_in_any_of_its_regions(found) -> None:
    office = {r.name: r.office for r in world().regions}
    rows = found.coverage[(found.coverage["origin"] == ALL) & (found.coverage["by"] == "region")]
    by_office = rows.assign(office=rows["name"].map(office)).pivot_table(
        index="office", columns="policy", values="visits", aggfunc="sum"
    )
    assert (by_office.sub(by_office[MADE], axis=0) == 0).all().all()
    by_region = rows.pivot(index="name", columns="policy", values="visits")
    assert (by_region[LIST] != by_region[MADE]).any()


def test_the_visits_made_are_those_of_the_offices_own_accord_in_the_period(country, found) -> None:
    visits = country.made.records["inspections"].frame
    replaced = visits["inspection_id"].isin(visits["replaces"].dropna())
    after = visits[~replaced & (visits["date"] >= "2019-01-01") & (visits["date"] < "2020-01-01")]
    own = after[~after["trigger"].astype(str).isin(["complaint", "hotline"])]
    made = set(found.places.loc[found.places["policy"] == MADE, "entity"])
    assert made <= set(own["site_id"].astype(str))
    assert len(made) > 0.8 * own["site_id"].nunique(), "the others were not on the list of the day"


def test_facts_are_of_chosen_places_that_were_visited_and_of_no_others(bench, country, found) -> None:
    visits = country.made.records["inspections"].frame
    after = visits[(visits["date"] >= "2019-01-01") & (visits["date"] < "2020-01-01")]
    own = set(after.loc[~after["trigger"].astype(str).isin(["complaint", "hotline"]), "site_id"].astype(str))
    some = set(after["site_id"].astype(str))
    members = rs.cohort(country.made.records, quick(), ["2019-01-01"])
    reached = label(country.made.records, quick(), members, dt.date.fromisoformat(bench.ON)).frame["target_2"]
    finding = set(members.entity[(reached == 1).to_numpy()])
    for policy, rows in found.places.groupby("policy"):
        counted = found.counted[(found.counted["policy"] == policy) & (found.counted["origin"] == ALL)].iloc[0]
        chosen = set(rows["entity"])
        assert counted["visited"] == len(chosen & own)
        assert counted["visited_after_report"] == len(chosen & some - own)
        assert counted["finds"] == len(chosen & own & finding)
        assert counted["finds_after_report"] == len((chosen & some - own) & finding)
        assert counted["finds"] < counted["visited"] <= counted["visits"]


def test_nothing_known_on_the_date_or_later_changes_a_choice(country, found, replayed) -> None:
    tables = dict(country.made.records.tables)
    rng = np.random.default_rng(0)
    for name in ("inspections", "findings", "penalties", "complaints", "contracts", "permits", "cases"):
        table = tables[name]
        later = (table.frame["known_on"] >= "2019-01-01").to_numpy()
        frame = table.frame.copy()
        if name == "inspections":  # what was found, not where somebody went: that is the number of visits
            frame.loc[later, "uncontracted_workers"] = rng.integers(0, 30, int(later.sum()))
            frame.loc[later, "workers_present"] = rng.integers(30, 90, int(later.sum()))
        else:
            frame = frame[~later].reset_index(drop=True)
        assert later.any()
        tables[name] = replace(table, frame=frame)
    again = replayed(replace(country.made.records, tables=tables))
    same = ["policy", "entity"]
    pd.testing.assert_frame_equal(again.places[same], found.places[same])
    pd.testing.assert_frame_equal(again.chosen, found.chosen)
    assert again.counted["finds"].tolist() != found.counted["finds"].tolist()


def test_estimates_hold_the_truth(bench, country, found) -> None:
    told = bench.beside_truth(found, country)
    assert told.loc[[LIST, PLAN], "held"].all()
    assert told["held"].mean() > 0.7
    assert told["gamma_2_held"].mean() > 0.9


@pytest.mark.slow
def test_estimates_of_several_countries_hold_the_truth_nearly_as_often_as_they_say(bench) -> None:
    told = []
    for seed in range(1, 7):
        country = bench.Country.of(6000, seed, "ignorable")
        told.append(bench.beside_truth(bench.replayed(country, quick(100)), country))
    every = pd.concat(told)
    assert len(every) > 35
    assert every["held"].mean() >= 0.85
    assert every["gamma_2_held"].mean() >= 0.97


def test_a_shorter_period_has_fewer_visits_and_a_longer_one_than_the_horizon_is_refused(
    country, found, replayed
) -> None:
    short = replayed(country.made.records, period=Period(months=3))
    assert 0 < short.chosen["visits"].iloc[0] < 0.5 * found.chosen["visits"].iloc[0]
    assert short.period == "3 months"
    with pytest.raises(PlanError, match="longer than the recipe's horizon"):
        replayed(country.made.records, period=Period(months=13))


def test_a_cohort_of_visits_cannot_be_replayed(country, replayed) -> None:
    recipe = replace(quick(), cohort=replace(quick().cohort, kind="visits", where=None, lead=Period(days=7)))
    with pytest.raises(FitError, match="no places that could have been chosen"):
        replayed(country.made.records, recipe)


def test_where_visits_are_too_few_facts_stay_and_estimates_are_refused_in_words(on_sample) -> None:
    assert on_sample.estimated.empty
    assert on_sample.counted["visited"].min() >= 0
    assert "nothing is estimated" in " ".join(on_sample.notes)
    assert "At least 20 visits" in " ".join(on_sample.notes)
    text, page = replay_text(on_sample), replay_html(on_sample)
    assert "ESTIMATED" not in text
    assert "cannot be told" in text
    assert "Nothing is estimated: the notes below say why" in page


def test_the_text_has_two_tables_with_two_words_and_fits_a_hundred_columns(found, on_sample) -> None:
    for one in (found, on_sample):
        assert max(map(len, replay_text(one).splitlines())) <= 100
    text = replay_text(found)
    assert text.index("COUNTED:") < text.index("ESTIMATED:")
    assert "guilty" not in text


def test_each_figure_says_which_word_is_its_own(found, tmp_path) -> None:
    rows = figures(found)
    assert set(rows["word"]) == {"counted", "estimated", "known on the day"}
    assert not set(rows.loc[rows["word"] == "counted", "low"].dropna()), "what was counted has no interval"
    assert set(rows.loc[rows["measure"] == "finds_per_visit", "word"]) == {"counted", "estimated"}
    estimated = rows[(rows["word"] == "estimated") & (rows["refused"] == "")]
    assert (estimated["n"] <= estimated["of"]).all()
    whole = json.loads(replay_json(found))
    assert len(whole["counted"]) == len(found.counted)
    assert len(whole["estimated"]) == len(found.estimated)
    book = load_workbook(write_sheets(found, tmp_path / "replay.xlsx"))
    assert book.sheetnames == ["counted", "estimated", "chosen", "coverage", "notes"]


def test_nothing_that_is_written_names_a_place(found) -> None:
    written = replay_json(found) + replay_html(found) + figures(found).to_csv()
    assert not set(found.places["entity"]) & set(written.replace('"', " ").replace(",", " ").split())


def test_the_page_needs_no_script_and_lets_no_name_act(found) -> None:
    bad = "<script>alert(1)</script>"
    hostile = replace(found, coverage=found.coverage.replace({"name": {"Quba": bad}}), notes=(bad,))
    page = replay_html(hostile)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2
    assert page.count("<caption>") == page.count("<table"), "each table says what it is"
    assert page.index('<span class="word">counted') < page.index('<span class="word">estimated')

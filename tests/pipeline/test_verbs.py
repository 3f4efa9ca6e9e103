"""fit, rank, backtest as verbs: days, defaults, refusals, what the future may change."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

import riskscore as rs
from riskscore.errors import DefinitionError, FitError, RecordsError
from riskscore.learn.metrics import auc
from riskscore.pipeline.card import card_lines
from riskscore.pipeline.listing import shown
from riskscore.pipeline.prepare import choose, default_day, groups_of, outcomes
from riskscore.splits import rolling_origins


@pytest.fixture(scope="module")
def records():
    return rs.sample_records()


@pytest.fixture(scope="module")
def quick():
    recipe = choose("site_risk").recipe
    recipe = replace(recipe, families=("uncontracted", "place", "reports"))
    return replace(recipe, model=replace(recipe.model, rounds=20, seeds=(1,)))


@pytest.fixture(scope="module")
def model(records, quick):
    return rs.fit(records, quick, "2024-01-01")


def known_before(records, day: str):
    """Return the records as if nothing had become known on the day or later."""
    tables = {}
    for name, table in records.tables.items():
        frame = table.frame
        if "known_on" in frame:
            frame = frame[~(frame["known_on"] >= pd.Timestamp(day))].reset_index(drop=True)
        later = {c.name: c.clock for c in table.schema.columns if c.clock}
        frame = frame.copy()
        for column, clock in later.items():
            if clock in frame and column != clock:
                frame.loc[frame[clock] >= pd.Timestamp(day), column] = None
        for clock in set(later.values()) & set(frame):
            frame.loc[frame[clock] >= pd.Timestamp(day), clock] = pd.NaT
        tables[name] = replace(table, frame=frame)
    return replace(records, tables=tables)


def test_what_became_known_on_the_day_or_later_changes_no_model(records, quick, model) -> None:
    blind = rs.fit(known_before(records, "2024-01-01"), quick, "2024-01-01")
    assert blind.counts == model.counts
    assert blind.estimator.to_state()[1] == model.estimator.to_state()[1]


def test_what_became_known_on_the_day_or_later_changes_no_list(records, model) -> None:
    now = rs.rank(model, records, "2024-07-01").frame
    blind = rs.rank(model, known_before(records, "2024-07-01"), "2024-07-01").frame
    pd.testing.assert_frame_equal(now, blind, check_categorical=False)


def test_the_order_of_rows_changes_no_list(records, model) -> None:
    mixed = {
        n: replace(t, frame=t.frame.sample(frac=1, random_state=3).reset_index(drop=True))
        for n, t in records.tables.items()
    }
    now, other = (rs.rank(model, r, "2025-01-01").frame for r in (records, replace(records, tables=mixed)))
    pd.testing.assert_frame_equal(now, other, check_categorical=False)


def test_without_a_day_the_records_tell_it(records) -> None:
    newest = records["inspections"].frame["known_on"].max().date()
    assert default_day(records) == newest + dt.timedelta(days=1)


def test_a_day_before_any_outcome_is_refused_and_says_what_to_do(records, quick) -> None:
    with pytest.raises(FitError, match=r"Give a later --as-of|begin the cohort|reach further back"):
        rs.fit(records, quick, "2017-06-01")


def test_outcomes_of_places_that_nobody_visited_are_unknown_not_negative(records, quick) -> None:
    found = outcomes(records, quick, dt.date(2024, 1, 1))
    seen = ~pd.isna(found.target)
    assert 0.02 < seen.mean() < 0.5
    visits = records["inspections"].frame
    first = found.cohort.pick(seen)
    by_site = visits.groupby(visits["site_id"].astype(str))["date"].agg(list)
    for entity, day in list(zip(first.entity, first.index.get_level_values("as_of"), strict=True))[:300]:
        assert any(day <= d < day + pd.DateOffset(months=12) for d in by_site[entity])


def test_a_list_of_a_day_with_nobody_in_the_register_is_refused(records, model) -> None:
    with pytest.raises(RecordsError, match="nobody was in the register on 1990-01-01"):
        rs.rank(model, records, "1990-01-01")


def test_an_unknown_recipe_names_the_nearest(records) -> None:
    with pytest.raises(DefinitionError, match="Did you mean 'site_risk'"):
        rs.fit(records, "site_rsk")


def test_a_language_that_a_feature_lacks_is_refused_or_told(records, model) -> None:
    english = rs.rank(model, records, "2025-01-01").frame["reason_1"].iloc[0]
    assert english
    with pytest.raises(DefinitionError, match="xx"):
        rs.rank(model, records, "2025-01-01", language="xx")


def test_percentages_are_refused_where_few_cases_are_known(records, quick) -> None:
    many = replace(quick, minimum_positives=100_000)
    listed = rs.rank(rs.fit(records, many, "2024-01-01"), records, "2025-01-01")
    assert listed.frame["probability"].isna().all()
    assert any("no percentage" in note for note in listed.notes)
    table = shown(listed)
    assert table["percentage_refused"].str.startswith("no percentage").all()
    assert "probability" not in shown(listed, brief=True)


def test_one_s_own_definitions_replace_those_of_the_same_name(records, tmp_path) -> None:
    (tmp_path / "models").mkdir()
    shipped = choose("site_risk").recipe
    text = shipped.text.replace(f"rounds = {shipped.model.rounds}", "rounds = 3")
    (tmp_path / "models" / "site_risk.toml").write_text(text, encoding="utf-8")
    assert choose("site_risk", tmp_path).recipe.model.rounds == 3
    assert choose("site_risk").recipe.model.rounds == shipped.model.rounds


def test_a_backtest_trains_on_nothing_that_its_dates_hide(records, quick) -> None:
    found = rs.backtest(records, quick, "2025-01-01", origins=1)
    origin = found.frame["origin"].iloc[0]
    assert origin < dt.date(2024, 1, 1), "a year must pass before its outcomes are known"
    assert found.mean().loc["auc", "model"] == pytest.approx(
        found.frame.query("metric == 'auc' and model == 'model'")["value"].iloc[0]
    )


def test_a_card_shows_small_shares_before_large_ones(records, quick, tmp_path) -> None:
    run = rs.fit(records, quick, "2024-01-01", store=tmp_path)
    lines = [line.split("  ")[1] for line in card_lines(run.manifest) if line.startswith("  precision")]
    assert lines == [f"precision, top {n}%" for n in (1, 5, 10)]


@pytest.fixture(scope="module")
def tested(records, quick):
    return rs.backtest(records, quick, "2025-01-01", origins=2)


def test_a_backtest_scores_the_whole_register_at_its_dates(records, quick, tested) -> None:
    for origin, rows in tested.rows.groupby("origin"):
        assert rows["entity"].tolist() == rs.cohort(records, quick, [origin]).entity.tolist()
        assert 0 < rows["visited"].sum() < len(rows) / 2
        told = rows.drop(columns=["target", "visit_probability", "outcome_probability"])
        assert told.notna().all(axis=None)
    assert (tested.rows["target"].notna() == tested.rows["visited"]).all()


def test_the_figures_of_a_backtest_are_those_of_its_visited_rows(tested) -> None:
    for origin, rows in tested.rows.groupby("origin"):
        seen = rows[rows["visited"]]
        found = tested.frame[(tested.frame["origin"] == origin) & (tested.frame["metric"] == "auc")]
        for row in found.itertuples():
            assert row.value == auc(seen["target"], seen[row.model])
            assert row.visited == len(seen)


def test_an_employer_is_new_if_nothing_was_learned_from_it(records, quick, tested) -> None:
    on = dt.date(2025, 1, 1)
    found = outcomes(records, quick, on)
    rule, delay = replace(quick.splits, origins=2), quick.rung(quick.rank_by).delay
    for split in rolling_origins(found.cohort.as_of, rule, quick.horizon, delay, on):
        learned = found.pick(split.masks(found.cohort.as_of)[0] & ~pd.isna(found.target))
        known = set(groups_of(records, learned.cohort))
        rows = tested.rows[tested.rows["origin"] == split.origin]
        assert rows["new_employer"].tolist() == [group not in known for group in rows["group"]]
        assert 0.1 < rows["new_employer"].mean() < 0.9

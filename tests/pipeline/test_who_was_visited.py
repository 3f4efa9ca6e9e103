"""Lists, dossiers and runs say how far visits can speak for each place."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.dates import day
from riskscore.learn.fit import calibrating
from riskscore.learn.selection.circumstances import circumstances
from riskscore.learn.selection.overlap import LIMIT
from riskscore.pipeline.card import card_lines
from riskscore.pipeline.listing import shown
from riskscore.pipeline.prepare import choose, outcomes
from riskscore.report.dossier_json import dossier_json
from riskscore.store import load_run


@pytest.fixture(scope="module")
def records():
    return rs.sample_records()


@pytest.fixture(scope="module")
def quick():
    recipe = choose("site_risk").recipe
    recipe = replace(recipe, families=("uncontracted", "place", "reports", "inspection_history"))
    return replace(recipe, model=replace(recipe.model, rounds=20, seeds=(1,)))


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def run(records, quick, store):
    return rs.fit(records, quick, "2024-07-01", store=store)


@pytest.fixture(scope="module")
def listed(records, run):
    return rs.rank(run, records, "2024-07-01")


def test_every_row_says_how_likely_a_visit_is_and_how_alike_the_visited_are(listed) -> None:
    frame = listed.frame
    assert frame["visit_probability"].between(0, 1).all()
    assert frame["similarity_to_visited"].between(0, 1).all()
    pair = frame[["visit_probability", "similarity_to_visited"]]
    assert (pair.sort_values([*pair])["similarity_to_visited"].diff().dropna() >= 0).all()


def test_a_row_is_marked_where_closed_or_hardly_like_any_visited_place(records, listed) -> None:
    frame = listed.frame
    shut = circumstances(records, listed.cohort).closed[listed.ranking.rows]
    assert shut.any()
    assert (frame.loc[shut, ["visit_probability", "similarity_to_visited"]] == 0).all(axis=None)
    assert (frame["extrapolation"] == (shut | (frame["similarity_to_visited"] < LIMIT))).all()
    assert 0 < frame["extrapolation"].mean() < 1


def test_chances_of_a_visit_come_true_on_the_year_that_follows(records, run, quick) -> None:
    found = outcomes(records, quick, pd.Timestamp("2025-01-01").date())
    on = found.cohort.as_of == day("2023-07-01")
    made = rs.rank(run, records, "2023-07-01").frame.set_index("entity")
    visited = pd.Series(found.labels.frame["visited"].to_numpy()[on], index=found.cohort.entity[on]).reindex(made.index)
    open_ = made["visit_probability"] > 0
    assert made["visit_probability"][open_].mean() == pytest.approx(visited[open_].mean(), abs=0.05)
    high = open_ & (made["similarity_to_visited"] > 0.7)
    low = open_ & (made["similarity_to_visited"] < 0.2)
    assert visited[high].mean() > 2 * visited[low].mean()


def test_the_terminal_shows_the_mark_and_a_note_says_what_it_means(listed) -> None:
    brief = shown(listed, brief=True)
    assert set(brief["beyond_visits"]) == {"", "yes"}
    assert ((brief["beyond_visits"] == "yes") == listed.frame["extrapolation"]).all()
    top = listed.frame[listed.frame["band"] == "A"]
    note = next(n for n in listed.notes if "exploring share of a plan" in n)
    assert note.startswith(f"{top['extrapolation'].sum()} of {len(top)} places of band A")


def test_a_list_says_how_far_it_rests_on_earlier_visits(listed) -> None:
    assert listed.frame["from_own_visits"].between(0, 1).all()
    note = next(n for n in listed.notes if n.startswith("visited because visited before"))
    share = listed.frame.loc[listed.frame["band"] == "A", "from_own_visits"].mean()
    assert f"to {share:.0%} on visits to it or its employer" in note


def test_the_dossier_says_it_among_what_is_not_known(listed) -> None:
    frame = listed.frame
    shut = frame.loc[frame["visit_probability"] == 0, "entity"].iloc[0]
    alike = frame.loc[frame["similarity_to_visited"].idxmax(), "entity"]
    closed, known = rs.dossiers(listed, [shut, alike])
    assert any("no visit is allowed there" in said for said in closed.not_known)
    assert (closed.similarity_to_visited, closed.extrapolation) == (0.0, True)
    assert any(said.startswith("How like the visited places it is") for said in known.not_known)
    assert json.loads(dossier_json(known))["similarity_to_visited"] == known.similarity_to_visited > 0.9


def test_a_stored_run_gives_the_same_list_and_one_without_the_chance_of_a_visit_still_loads(
    records, run, store, listed, tmp_path
) -> None:
    loaded = load_run(store, run.id)
    np.testing.assert_array_equal(
        rs.rank(loaded, records, "2024-07-01").frame["visit_probability"], listed.frame["visit_probability"]
    )
    older = rs.rank(replace(run.model, visits=None), records, "2024-07-01")
    assert "visit_probability" not in older.frame
    assert older.frame["margin"].equals(listed.frame["margin"])
    assert rs.dossiers(older, [older.frame["entity"].iloc[0]])[0].extrapolation is None
    from riskscore.store import save_run

    noted = {"as_of": "2024-07-01", "created": "2024-07-02T00:00:00+00:00", "card": {}, "records": {}, "versions": {}}
    assert (
        load_run(tmp_path, save_run(tmp_path, replace(run.model, visits=None), run.phrases, noted).id).model.visits
        is None
    )


def test_a_cohort_of_visits_has_no_chance_of_a_visit_and_marks_nothing(records, quick) -> None:
    rule = replace(quick.cohort, kind="visits", where=None)
    model = rs.fit(records, replace(quick, cohort=rule), "2024-07-01")
    assert model.visits is None
    assert "extrapolation" not in rs.rank(model, records, "2024-07-01").frame


def test_the_card_says_how_far_visits_speak_for_the_cohort(run) -> None:
    found = run.manifest["card"]["overlap"]
    assert found["visited"] < found["rows"]
    assert found["effective_size"] < found["visited"]
    assert len(found["bands"]) == 10
    lines = list(card_lines(run.manifest))
    line = next(i for i, text in enumerate(lines) if text.startswith("  overlap"))
    assert f"worth {found['effective_size']:,.0f}" in lines[line]
    assert "beyond what visits speak for" in lines[line + 1]
    assert max(map(len, lines[line : line + 2])) <= 105
    assert "too few to calibrate on alone" in lines[2]


def test_the_card_of_a_cohort_of_visits_says_that_it_knows_visits_alone(run) -> None:
    card = dict(run.manifest["card"]) | {"cohort": "visits", "overlap": None}
    assert any("learned from visits alone" in line for line in card_lines(dict(run.manifest) | {"card": card}))


def test_calibration_rests_on_draws_where_these_hold_enough_cases(quick) -> None:
    later = np.arange(400) >= 100
    drawn, target = np.arange(400) % 2 == 0, (np.arange(400) % 4 == 0).astype(float)
    enough = replace(quick, minimum_positives=75)
    assert (calibrating(later, drawn, target, enough) == (later & drawn)).all()
    assert (calibrating(later, drawn, target, replace(quick, minimum_positives=76)) == later).all()
    few = np.where(np.arange(400) < 130, target, 0.0)
    assert (calibrating(later, drawn, few, replace(quick, minimum_positives=1)) == later).all()  # never fewer than ten


def test_a_calibration_on_draws_is_the_one_of_these_rows_alone(records, quick, monkeypatch) -> None:
    """With a mark on every draw, and a minimum that the sample's draws reach, the counts tell what was used."""
    low = replace(quick, minimum_positives=10)
    found = rs.fit(records, low, "2020-08-15")
    assert 0 < found.counts["calibration rows drawn at random"] == found.counts["calibration rows"]
    assert found.counts["calibration positives"] >= 10
    every = rs.fit(records, replace(quick, minimum_positives=50), "2020-08-15")
    assert every.counts["calibration rows"] > found.counts["calibration rows"]
    assert found.estimator.to_state()[1] == every.estimator.to_state()[1]

"""Ways of choosing places: as many for everybody, and what a plan takes first."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.policies import Seats, office_of, planned

TEXT = """
[[office]]
name = "North"
latitude = 41.0
longitude = 48.0
regions = ["N"]
teams = ["N 1"]

[[office]]
name = "South"
latitude = 39.0
longitude = 48.0
regions = ["S"]
teams = ["S 1"]
"""
FIRST, LAST = dt.date(2025, 1, 6), dt.date(2025, 1, 31)


@pytest.fixture
def offices():
    return offices_from_text(TEXT)


@pytest.fixture
def seated(places_of, offices):
    def make(capacity, **cells):
        frame = places_of(**cells).frame
        age = np.where(frame["visited"], 800.0, np.nan)
        frame["days_since"] = frame.get("days_since", np.nan)
        frame["days_since"] = np.where(frame["days_since"].isna(), age, frame["days_since"])
        return frame, Seats(office_of(frame["region"], offices), capacity, (frame["out"] == "").to_numpy())

    return make


def counted(rows, seats):
    return {name: int((rows & (seats.office == name)).sum()) for name in seats.capacity}


def plan(frame, offices, seats, explore=0.0):
    return planned(frame, offices, seats, FIRST, LAST, explore=explore, seed=1, say=lambda text: None)


@given(st.lists(st.integers(0, 3), min_size=40, max_size=40), st.integers(0, 20), st.integers(0, 20))
def test_every_office_gets_as_many_places_as_it_has_visits_whatever_the_scores(scores, north, south) -> None:
    entities = pd.Series([f"P{i:04d}" for i in range(40)])
    office = np.array(["North", "South"] * 20, dtype=object)
    seats = Seats(office, {"North": north, "South": south}, np.ones(40, dtype=bool))
    chosen = seats.first(np.array(scores, dtype=float), entities)
    assert counted(chosen, seats) == {"North": north, "South": south}
    for name in seats.capacity:
        taken, left = (np.array(scores)[(office == name) & rows] for rows in (chosen, ~chosen))
        assert min(taken, default=9) >= max(left, default=-1)


@pytest.mark.parametrize("capacity", [{"North": 5, "South": 9}, {"North": 20, "South": 1}, {"North": 0, "South": 3}])
@pytest.mark.parametrize("explore", [0.0, 0.3])
def test_a_plan_chooses_as_many_as_every_other_way(seated, offices, capacity, explore) -> None:
    frame, seats = seated(capacity)
    chosen, _ = plan(frame, offices, seats, explore)
    assert counted(chosen, seats) == capacity


def test_an_urgent_report_comes_first_and_a_place_within_its_cool_down_last(seated, offices) -> None:
    frame, seats = seated({"North": 4, "South": 4}, urgent={38: True}, days_since={0: 30.0, 2: 30.0})
    chosen, besides = plan(frame, offices, seats)
    assert chosen[38], "of little value, and urgent"
    assert not chosen[0], "the most valuable, and visited a month ago"
    assert besides == 0


def test_where_nothing_else_is_left_a_place_within_its_cool_down_is_taken_and_counted(seated, offices) -> None:
    resting = dict.fromkeys(range(0, 40, 2), 30.0)
    frame, seats = seated({"North": 3, "South": 0}, days_since=resting)
    chosen, besides = plan(frame, offices, seats)
    assert counted(chosen, seats)["North"] == besides == 3


def test_a_place_that_may_not_be_chosen_never_is(seated, offices) -> None:
    frame, seats = seated({"North": 19, "South": 4}, out={0: "closed"})
    chosen, _ = plan(frame, offices, seats, explore=0.5)
    assert not chosen[0]


def test_the_same_seed_draws_and_chooses_the_same_places(seated, offices) -> None:
    frame, seats = seated({"North": 6, "South": 6})
    first, again = (plan(frame, offices, seats, explore=0.5)[0] for _ in range(2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != plan(frame, offices, seats)[0].tolist(), "half of the visits were drawn"

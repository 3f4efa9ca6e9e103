"""The tables of past dates replayed, from dates written out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskscore.learn.selection.evaluation import Nuisances
from riskscore.planning.policies import Seats
from riskscore.planning.replay import ALL, LIST, MADE, PLAN, Then, finds_earlier, replayed

NAN = np.nan


def then(origin: str, known: Nuisances | None = None) -> Then:
    """Six places: the first three were visited, the fourth after a report, and one of each found something."""
    places = pd.DataFrame({
        "entity": [f"{origin}-{i}" for i in range(6)], "region": ["N"] * 3 + ["S"] * 3, "sector": ["F", ""] * 3,
        "workers": [1.0, 2.0, NAN, 4.0, 5.0, 6.0], "days_since": [10.0, 5000.0, NAN, NAN, 20.0, NAN],
        "from_own_visits": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
    })  # fmt: skip
    made = np.array([1, 1, 1, 0, 0, 0], dtype=bool)
    lists = np.array([1, 0, 0, 1, 1, 0], dtype=bool)
    seats = Seats(np.array(["A"] * 6, dtype=object), {"A": 3}, np.ones(6, dtype=bool))
    y, day = np.array([1.0, 0, 0, NAN, NAN, NAN]), np.array([30.0, 10, 20, NAN, NAN, NAN])
    return Then(
        origin, places, seats, {MADE: made, PLAN: lists, LIST: lists},
        {MADE: finds_earlier(seats, -np.nan_to_num(day), y, day), PLAN: np.full(6, NAN),
         LIST: finds_earlier(seats, np.arange(6.0)[::-1], y, day)},
        {MADE: 10.0, PLAN: 20.0, LIST: 30.0}, y, np.array([NAN, NAN, NAN, 1, NAN, NAN]),
        np.array([5.0, 0, 1, NAN, NAN, NAN]), np.array(["E1", "E1", "E2", "E3", "E4", "E5"], dtype=object), known,
    )  # fmt: skip


def row(frame: pd.DataFrame, policy: str, origin: str = ALL) -> pd.Series:
    return frame[(frame["policy"] == policy) & (frame["origin"] == origin)].iloc[0]


@pytest.fixture
def found():
    return replayed([then("2019-01-01"), then("2020-01-01")], "site_risk", "12 months", ["a note"])


def test_a_place_that_nobody_visited_is_in_no_fact(found) -> None:
    told = row(found.counted, LIST, "2019-01-01")
    assert (told["visits"], told["visited"], told["finds"]) == (3, 1, 1)
    assert told["finds_per_visit"] == 1.0
    assert told["without_contract"] == 5.0, "of the one that was visited"


def test_a_visit_that_a_later_report_brought_about_is_counted_apart(found) -> None:
    told = row(found.counted, LIST, "2019-01-01")
    assert (told["visited_after_report"], told["finds_after_report"]) == (1, 1)
    assert row(found.counted, MADE)["visited_after_report"] == 0


def test_a_find_comes_earlier_by_as_many_days_as_its_place_stands_earlier_in_the_order(found) -> None:
    assert row(found.counted, LIST)["days_earlier"] == 20.0, "first instead of last: on day 10, not on day 30"
    assert row(found.counted, MADE)["days_earlier"] == 0.0


def test_all_dates_together_are_sums_of_each(found) -> None:
    for frame, column in ((found.counted, "visited"), (found.counted, "finds"), (found.chosen, "km")):
        by_date = frame[frame["origin"] != ALL].groupby("policy")[column].sum()
        assert by_date.to_dict() == frame[frame["origin"] == ALL].set_index("policy")[column].to_dict()


def test_what_is_known_on_the_day_needs_no_visit(found) -> None:
    told = row(found.chosen, LIST)
    assert told["km_per_visit"] == 10.0
    assert told["people_at_work"] == pytest.approx(10 / 3)
    assert (told["never_visited"], told["visited_recently"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    assert told["from_own_visits"] == pytest.approx(1.0 / 3)
    assert np.isnan(row(found.chosen, MADE)["from_own_visits"]), "nobody ranked by a score"


def test_coverage_is_the_share_of_a_group_that_gets_a_visit(found) -> None:
    south = found.coverage[(found.coverage["name"] == "S") & (found.coverage["origin"] == ALL)].set_index("policy")
    assert south.loc[LIST, ["places", "visits"]].tolist() == [6, 4]
    assert south.loc[MADE, "share"] == 0.0
    assert "not known" in set(found.coverage.loc[found.coverage["by"] == "sector", "name"])


def test_without_chances_of_a_visit_nothing_is_estimated(found) -> None:
    assert found.estimated.empty
    assert not found.places["overlap"].any()


def test_only_dates_that_can_be_corrected_are_estimated() -> None:
    known = Nuisances(np.array([1.0, 0, 0, NAN, NAN, NAN]), np.full(6, 0.5), np.full(6, 0.3), np.ones(6, dtype=bool))
    found = replayed([then("2019-01-01", known), then("2020-01-01")], "site_risk", "12 months", [])
    assert set(found.estimated["origin"]) == {"2019-01-01", ALL}
    assert set(found.estimated["policy"]) == {PLAN, LIST}
    assert row(found.estimated, LIST)["chosen"] == 3, "of the one date that can be"
    assert "at least" in row(found.estimated, LIST)["refused"]

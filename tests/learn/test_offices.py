"""Lists at the offices' real capacity, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.learn.offices import Offices, at_capacity, days_earlier

NAN = np.nan
OFFICE = np.array(["a", "a", "a", "a", "b", "b", "b"], dtype=object)
Y = np.array([1.0, 0.0, NAN, 1.0, 0.0, 1.0, NAN])
DAY = np.array([10.0, 20.0, NAN, 200.0, 5.0, 300.0, NAN])
WORKERS = np.array([4.0, 0.0, NAN, 1.0, 0.0, 2.0, NAN])
SCORE = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
GROUPS = np.arange(7)


def offices(capacity=None) -> Offices:
    return Offices(OFFICE, capacity or {"a": 2, "b": 1}, Y, DAY, WORKERS)


def figures(scores, capacity=None, phi=None):
    found = at_capacity(offices(capacity), scores, GROUPS, "model", phi, draws=50)
    return found.set_index(["metric", "model"])


def test_each_office_visits_the_first_places_of_its_own_part() -> None:
    found = figures({"model": SCORE})["value"]
    assert found["precision", "model"] == pytest.approx(1 / 3), "two places of office a, one of b: one find"
    assert found["recall", "model"] == pytest.approx(1 / 3)
    assert found["lift", "model"] == pytest.approx((1 / 3) / (3 / 5))
    assert found["workers per visit", "model"] == pytest.approx(4 / 3)


def test_an_office_that_visited_nobody_gets_no_places() -> None:
    assert offices({"a": 2}).seats(SCORE).tolist() == [1, 1, 0, 0, 0, 0, 0]


def test_places_that_nobody_visited_take_seats_and_say_nothing() -> None:
    seats = offices({"a": 3}).seats(SCORE)
    assert seats.tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert figures({"model": SCORE}, {"a": 3})["value"]["precision", "model"] == pytest.approx(1 / 2)


def test_ties_fall_as_badly_and_as_well_as_they_can() -> None:
    tied = np.zeros(7)
    found = figures({"model": tied}, {"a": 1, "b": 1}).loc[("precision", "model")]
    assert (found["worst"], found["best"]) == (0.0, 1.0)
    assert found["value"] == pytest.approx((2 / 4 + 1 / 3) / (3 / 4 + 2 / 3))
    free = figures({"model": SCORE}).loc[("precision", "model")]
    assert free["worst"] == free["value"] == free["best"]


def test_the_same_visits_in_the_order_of_the_list() -> None:
    # office a went on days 10, 20 and 200: in the list's order its places are visited on just these days
    assert days_earlier(offices(), SCORE)[:4].tolist()[:2] == [0.0, 0.0]
    turned = days_earlier(offices(), -SCORE)
    assert turned[3] == 190.0, "found on day 200, first on the turned list"
    assert turned[0] == -190.0
    assert np.isnan(turned[[2, 6]]).all()
    assert turned[5] == 295.0


def test_the_days_won_and_lost_of_one_office_cancel() -> None:
    score = np.array([0.2, 0.2, 0.9, 0.5, 0.5, 0.5, 0.1])
    found = days_earlier(offices(), score)
    assert np.nansum(found[:4]) == pytest.approx(0.0)
    assert np.nansum(found[4:]) == pytest.approx(0.0)


def test_days_earlier_counts_finds_alone() -> None:
    assert figures({"model": -SCORE})["value"]["days earlier", "model"] == pytest.approx((-190 + 190 + 295) / 3)


def test_leads_are_paired_and_a_ranking_is_not_behind_itself() -> None:
    found = figures({"model": SCORE, "other": -SCORE})
    assert (found.xs("model", level="model")[["behind", "behind_low", "behind_high"]] == 0).all(axis=None)
    other = found.loc[("recall", "other")]
    assert other["behind"] == pytest.approx(found["value"]["recall", "model"] - other["value"])


def test_corrected_lists_count_every_place_with_overlap() -> None:
    phi = np.array([0.8, 0.2, 0.5, 0.6, NAN, 0.4, 0.1])
    found = figures({"model": SCORE}, phi=phi)["value"]
    assert found["precision, corrected", "model"] == pytest.approx((0.8 + 0.2) / 2), "the place of b has no overlap"
    assert found["recall, corrected", "model"] == pytest.approx(1.0 / 2.6)

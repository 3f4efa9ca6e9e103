"""Who was not visited is counted by time and group, and the risk that lies there has bounds."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from riskscore.report.watch.coverage import circles_of, coverage_html, coverage_table
from riskscore.watch.coverage import TIMES, Coverage, Places, coverage_of

ON = dt.date(2025, 1, 1)


def places(chance: float = 0.2, width: float = 0.0) -> Places:
    """Return eight places: two of each time, the first of each in sector A and the second in B."""
    days = np.array([10, 300, 400, 1000, 1200, 4000, np.nan, np.nan])
    p = np.full(8, chance)
    sector = np.array(list("ABABABAB"), dtype=object)
    return Places(days, np.arange(8) >= 6, p - width, p, p + width, {"sector": sector},
                  np.array([40.0, 40.0, 41.0, 41.0, 40.0, 40.0, np.nan, 41.0]), np.full(8, 49.0))  # fmt: skip


def whole(found: Coverage, column: str) -> list[float]:
    return list(found.frame[found.frame["by"] == "all"][column])


def test_places_are_counted_by_time_and_where_no_visit_is_allowed() -> None:
    found = coverage_of(places(), ON)
    assert whole(found, "places") == [2, 2, 2, 2]
    assert whole(found, "closed") == [0, 0, 0, 2]
    assert list(found.frame[found.frame["group"] == "A"]["places"]) == [1, 1, 1, 1]


def test_a_year_and_three_years_belong_to_the_shorter_time() -> None:
    days = np.array([365.0, 366.0, 1095.0, 1096.0])
    p, nothing = np.full(4, 0.1), np.full(4, np.nan)
    found = coverage_of(Places(days, np.zeros(4, dtype=bool), p, p, p, {}, nothing, nothing), ON)
    assert whole(found, "places") == [1, 2, 1, 0]


def test_shares_of_the_risk_lie_within_their_bounds_which_widen_with_the_calibration() -> None:
    narrow, wide = (coverage_of(places(width=w), ON).frame for w in (0.0, 0.1))
    for frame in (narrow, wide):
        assert (frame["share_low"] <= frame["share"]).all()
        assert (frame["share"] <= frame["share_high"]).all()
    assert (wide["share_high"] > narrow["share_high"]).all()
    assert (wide["share_low"] < narrow["share_low"]).all()
    assert whole(coverage_of(places(), ON), "share") == pytest.approx([0.25] * 4)


def test_places_visited_within_a_year_are_taken_as_calibrated_and_others_may_differ_by_the_odds() -> None:
    found = coverage_of(places(0.5), ON)
    assert whole(found, "finds_high") == pytest.approx([1.0, 4 / 3, 4 / 3, 4 / 3])
    assert whole(found, "finds_low") == pytest.approx([1.0, 2 / 3, 2 / 3, 2 / 3])


def test_without_percentages_places_are_counted_and_the_risk_is_not_told() -> None:
    found = coverage_of(places(np.nan), ON, "too few cases")
    assert whole(found, "places") == [2, 2, 2, 2]
    assert np.isnan(whole(found, "share")).all()
    page = coverage_html(found, "r1")
    assert "is not told: too few cases" in page
    assert coverage_table(found)["risk"].isna().all()


def test_the_map_has_a_circle_for_each_position_and_leaves_out_the_unplaced() -> None:
    found = coverage_of(places(), ON)
    circles, height = circles_of(found.points)
    assert found.points["places"].sum() == 7
    assert len(circles) == 2
    assert circles[0].shade == 0.5  # of four places two were not visited in three years
    assert height > 0
    page = coverage_html(found, "r1")
    assert page.count("<circle") == 2
    assert all(time in page for time in TIMES)

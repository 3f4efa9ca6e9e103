"""Uncontracted work found before."""

import pytest


def test_finds_add_up_and_recent_ones_weigh_more(measured, visit) -> None:
    visits = [visit(1, "2020-01-01", uncontracted_workers=4), visit(2, "2023-01-06", uncontracted_workers=2),
              visit(3, "2023-06-01"), visit(4, "2023-07-01", site_id="S2", uncontracted_workers=1)]  # fmt: skip
    found = measured("uncontracted", inspections=visits)
    assert (found["people.site.all"], found["people.employer.all"]) == (6, 7)
    assert found["share.site.all"] == pytest.approx(2 / 3)
    assert found["rate.employer.all"] == pytest.approx(7 / 40)
    assert found["days_since.employer.all"] == 184
    assert found["recent.site.all"] == pytest.approx(4 * 2 ** (-1461 / 360) + 2 * 2 ** (-360 / 360), rel=1e-5)


def test_who_was_visited_in_vain_has_nothing_and_who_was_not_is_unknown(measured, visit) -> None:
    assert measured("uncontracted", inspections=[visit(1, "2020-01-01")])["people.site.all"] == 0
    unknown = measured("uncontracted", entity="S2", inspections=[visit(1, "2020-01-01")])
    assert all(value != value for value in unknown.values())


def test_a_visit_that_did_not_count_people_is_no_clean_visit(measured, visit) -> None:
    found = measured("uncontracted", inspections=[visit(1, "2020-01-01", uncontracted_workers=None),
                                                  visit(2, "2020-02-01", uncontracted_workers=1)])  # fmt: skip
    assert found["share.site.all"] == 1

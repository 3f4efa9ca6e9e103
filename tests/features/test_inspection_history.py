"""Visits made before."""


def test_visits_count_with_or_without_finds(measured, visit) -> None:
    visits = [visit(1, "2020-01-01", uncontracted_workers=4), visit(2, "2022-06-01"), visit(3, "2023-12-02"),
              visit(4, "2023-12-30", site_id="S2")]  # fmt: skip
    found = measured("inspection_history", inspections=visits)
    assert (found["visits.site.24m"], found["visits.site.all"], found["visits.employer.all"]) == (2, 3, 4)
    assert (found["days_since.site.all"], found["days_since.employer.all"]) == (30, 2)
    assert (found["clean_streak.site.all"], found["clean_streak.employer.all"]) == (2, 3)


def test_a_find_a_child_or_silence_ends_the_clean_streak(measured, visit) -> None:
    for cells in ({"uncontracted_workers": 1}, {"minors_found": 1}, {"minors_found": None}):
        visits = [visit(1, "2022-06-01"), visit(2, "2023-01-01", **cells)]
        assert measured("inspection_history", inspections=visits)["clean_streak.site.all"] == 0


def test_a_place_never_visited_has_no_visits_and_no_streak(measured) -> None:
    found = measured("inspection_history")
    assert found["visits.site.all"] == 0
    assert found["clean_streak.site.all"] != found["clean_streak.site.all"]

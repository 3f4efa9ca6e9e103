"""Plans keep their rules, say which rules collide, and repeat themselves."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from riskscore.planning.offices import PlanError
from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.places import DRAWN, FOLLOW_UP, URGENT
from riskscore.planning.plan import NO_ROOM, TOO_FAR, Asked, Plan, make_plan

TWO_OFFICES = """
visit_minutes = 60
[[office]]
name = "North"
latitude = 41.0
longitude = 48.0
regions = ["N"]
teams = ["N 1", "N 2"]
[[office]]
name = "South"
latitude = 39.0
longitude = 48.0
regions = ["S"]
teams = ["S 1"]
"""
MONDAY = dt.date(2025, 1, 6)


def planned(places, more: str = "", days: int = 5, **asked) -> Plan:
    offices = offices_from_text(TWO_OFFICES + more)
    return make_plan(places, offices, Asked(dt.date(2025, 1, 1), MONDAY, days, **asked), lambda text: None)


def test_every_team_keeps_its_visits_its_hours_and_its_regions(places_of) -> None:
    visits = planned(places_of(80)).visits
    assert visits.groupby(["team", "date"]).size().max() <= 3
    assert (visits["leaves"] <= "18:00").all()
    assert (visits["arrives"] >= "09:00").all()
    assert {tuple(pair) for pair in visits[["office", "region"]].to_numpy()} == {("North", "N"), ("South", "S")}
    assert visits["place"].is_unique
    assert len(visits) == 45  # three teams, five days, three visits
    assert [d.weekday() for d in visits["date"].unique()] == sorted(d.weekday() for d in visits["date"].unique())


def test_a_visit_leaves_time_for_the_way_from_the_one_before(places_of) -> None:
    visits = planned(places_of(80)).visits
    for _, day in visits.groupby(["team", "date"]):
        arrives = pd.to_timedelta(day["arrives"] + ":00").dt.total_seconds().to_numpy() / 60
        leaves = pd.to_timedelta(day["leaves"] + ":00").dt.total_seconds().to_numpy() / 60
        assert (abs(arrives[1:] - leaves[:-1] - day["drive_minutes"].to_numpy()[1:]) <= 1.5).all()


def test_an_urgent_report_is_visited_first_on_the_first_day_whatever_its_value(places_of) -> None:
    urgent = {38: URGENT, 39: URGENT}
    visits = planned(places_of(40, demand=urgent)).visits.set_index("place")
    for place in ("P0038", "P0039"):
        assert visits.loc[place, "date"] == MONDAY
        assert visits.loc[place, "order"] == 1


def test_drawn_places_are_in_the_plan_with_their_logged_probability(places_of) -> None:
    visits = planned(places_of(80), explore=0.2).visits
    drawn = visits[visits["why"] == DRAWN]
    assert len(drawn) == 9  # a fifth of 45
    assert (drawn["trigger"] == "random").all()
    assert drawn["selection_probability"].between(0, 1, inclusive="neither").all()
    assert visits[visits["why"] != DRAWN]["selection_probability"].isna().all()


def test_the_places_worth_most_are_visited_where_nothing_is_drawn(places_of) -> None:
    places = places_of(80)
    visits = planned(places, explore=0.0).visits
    for region, most in (("N", 30), ("S", 15)):
        best = places.frame.loc[places.frame["region"] == region, "value"].nlargest(most).sum()
        found = visits.loc[visits["region"] == region, "value"].sum()
        assert 0.9 * best < found <= best + 1e-9  # driving costs a little, and a farther place may lose to a nearer one


def test_what_may_not_be_visited_is_left_out_with_its_reason(places_of) -> None:
    shut = "visits to places of this kind are suspended"
    made = planned(places_of(20, out={0: shut, 2: shut}, demand={2: URGENT}))
    assert not {"P0000", "P0002"} & set(made.visits["place"])
    left = made.left.set_index("place")["reason"]
    assert left["P0000"] == shut
    assert any(note.startswith("URGENT, and not in the plan: P0002") for note in made.notes)


def test_a_place_that_no_day_can_reach_says_so(places_of) -> None:
    made = planned(places_of(20, latitude={1: 35.0}))
    assert made.left.set_index("place")["reason"]["P0001"] == TOO_FAR


def test_an_employer_has_one_visit_a_day(places_of) -> None:
    visits = planned(places_of(30, employer=dict.fromkeys(range(0, 8), "E9"))).visits
    own = visits[visits["employer"] == "E9"]
    assert len(own) == 5  # eight places, five days
    assert own["date"].is_unique


def test_floors_and_caps_hold(places_of) -> None:
    more = '[[cap]]\nsector = "F"\nvisits = 6\n[[floor]]\nregion = "S"\nvisits = 12\n'
    visits = planned(places_of(80), more).visits
    assert (visits["sector"] == "F").sum() == 6
    assert (visits["region"] == "S").sum() >= 12


def test_a_follow_up_is_visited_and_a_joint_visit_on_its_partners_day(places_of) -> None:
    more = '[[joint]]\nplace = "P0031"\nbecause = "permits"\nwith = "Migration"\non = ["2025-01-08"]\n'
    visits = planned(places_of(80, demand={70: FOLLOW_UP, 31: "joint visit"}), more).visits.set_index("place")
    assert visits.loc["P0031", "date"] == dt.date(2025, 1, 8)
    assert visits.loc["P0070", "trigger"] == "follow_up"


def test_an_impossible_floor_names_itself_and_what_it_collides_with(places_of) -> None:
    floors = '[[floor]]\nregion = "S"\nvisits = 10\n[[floor]]\nregion = "N"\nvisits = 5\n'
    more = floors + '[[cap]]\nregion = "S"\nvisits = 4\n'
    with pytest.raises(PlanError) as told:
        planned(places_of(60), more, explore=0.0)
    assert "at least 10 visits, region 'S'" in str(told.value)
    assert "at most 4 visits, region 'S'" in str(told.value)
    assert "region 'N'" not in str(told.value)
    assert "office" not in str(told.value).split("These collide:")[1].split("Change")[0]


def test_more_follow_ups_than_visits_name_the_office(places_of) -> None:
    with pytest.raises(PlanError, match=r"These collide: office 'South': 1 teams, 1 days of work.*follow-up; South"):
        planned(places_of(60, demand=dict.fromkeys(range(1, 12, 2), FOLLOW_UP)), days=1, explore=0.0)


def test_one_seed_gives_one_plan_and_another_seed_another(places_of) -> None:
    one, again = planned(places_of(80)), planned(places_of(80))
    pd.testing.assert_frame_equal(one.visits, again.visits)
    assert set(planned(places_of(80), seed=2).visits["place"]) != set(one.visits["place"])


def test_holidays_and_weekends_have_no_visits(places_of) -> None:
    visits = planned(places_of(80), days=14, explore=0.0).visits
    assert max(d.weekday() for d in visits["date"]) <= 4
    holiday = TWO_OFFICES.replace("visit_minutes", 'holidays = ["2025-01-07"]\nvisit_minutes')
    made = make_plan(places_of(80), offices_from_text(holiday), Asked(MONDAY, MONDAY, 5), lambda text: None)
    assert dt.date(2025, 1, 7) not in set(made.visits["date"])


def test_workload_adds_up_and_everybody_is_visited_or_left_with_a_reason(places_of) -> None:
    made = planned(places_of(80))
    load = made.workload.set_index("office")
    assert load["visits"].sum() == len(made.visits)
    assert load.loc["North", "team_days"] == 10
    total = load["hours_at_places"] + load["hours_driving"] + load["hours_free"]
    assert total.to_numpy() == pytest.approx(load["team_days"] * 9, abs=0.2)
    assert len(made.left) + len(made.visits) == 80
    assert (made.left["reason"] == NO_ROOM).any()

"""Offices files are read strictly, and travel times replace distances."""

from __future__ import annotations

import pandas as pd
import pytest

from riskscore.pipeline.demo import sample_folder
from riskscore.planning.offices import PlanError, travel
from riskscore.planning.offices_file import offices_from_text, read_offices, read_travel_times

OFFICE = '[[office]]\nname = "A"\nlatitude = 40.0\nlongitude = 48.0\nregions = ["R"]\nteams = ["A 1"]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OFFICE + "team = 3\n", r"unknown key 'team'. Did you mean 'teams'\?"),
        (OFFICE + 'begins = "9h"\n', "'9h' is no time of day. Write \"09:00\"."),
        (OFFICE + 'begins = "18:00"\nends = "09:00"\n', "the day ends before it begins"),
        (OFFICE + OFFICE, "two offices are called 'A'"),
        (OFFICE + 'working_days = ["monday"]\n', "'monday' is unknown. Did you mean 'mon'"),
        (OFFICE + '[[floor]]\nvisits = 2\n', "must name a region or a sector"),
        (OFFICE + '[[floor]]\nregion = "Q"\nvisits = 2\n', "no office serves 'Q'"),
        (OFFICE + '[[follow_up]]\nplace = "P"\n', "the key 'because' is missing"),
        ('holidays = ["1 May"]\n' + OFFICE, "'1 May' is no date"),
        (OFFICE.replace("40.0", "95.0"), "at most 90"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_what_to_write(text, said) -> None:
    with pytest.raises(PlanError, match=said):
        offices_from_text(text)


def test_a_place_cannot_be_asked_for_and_left_out() -> None:
    both = '[[follow_up]]\nplace = "P"\nbecause = "x"\n[[leave_out]]\nplace = "P"\nbecause = "y"\n'
    with pytest.raises(PlanError, match="'P' is to be visited and to be left out"):
        offices_from_text(OFFICE + both)


def test_the_sample_offices_can_be_read() -> None:
    found = read_offices(sample_folder() / "offices.toml")
    assert sum(len(o.teams) for o in found.offices) == 7


def test_given_travel_times_hold_in_both_directions_and_the_rest_goes_by_distance(tmp_path) -> None:
    (tmp_path / "ways.csv").write_text("from,to,minutes\nA,P1,77\nP1,P2,5\nP2,P1,6\n", encoding="utf-8")
    there = pd.DataFrame({"entity": ["P1", "P2"], "latitude": [40.1, 40.2], "longitude": [48.0, 48.0]})
    offices = offices_from_text(OFFICE)
    found = travel(offices, there, read_travel_times(tmp_path / "ways.csv"))
    assert found.minutes[0, 1] == found.minutes[1, 0] == 77
    assert (found.minutes[1, 2], found.minutes[2, 1]) == (5, 6)
    assert found.minutes[0, 2] == travel(offices, there).minutes[0, 2] > 0
    (tmp_path / "bad.csv").write_text("from,to,minutes\nA,P1,soon\n", encoding="utf-8")
    with pytest.raises(PlanError, match="row 2: 'soon' are no minutes"):
        read_travel_times(tmp_path / "bad.csv")

"""Trials of a list on records: who is drawn, what the past says, what the analysis reads."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

import riskscore as rs
from riskscore.dates import day
from riskscore.pipeline.demo import sample_folder
from riskscore.pipeline.prepare import choose
from riskscore.pipeline.trial import trial_analyse, trial_design
from riskscore.pipeline.trial_past import visits_of
from riskscore.planning.offices_file import offices_from_text, read_offices
from riskscore.report.trial_files import write_trial
from riskscore.trial.size import TrialError

TEXT = """
title = "Places, quickly"
why = "To try."
entity = "site"
rank_by = "uncontracted"
families = ["uncontracted", "place"]
[cohort]
kind = "register"
first = 2018-01-01
every = "12 months"
where = "site_type is missing or site_type != 'private home'"
[[ladder]]
level = 1
name = "uncontracted"
title = "uncontracted work found"
delay = "30 days"
any = [{ table = "inspections", where = "uncontracted_workers > 0" }]
[[ladder]]
level = 2
name = "opened"
title = "a case opened"
delay = "12 months"
any = [{ table = "cases", where = "stage = 'opened'" }]
[model]
rounds = 10
[calibration]
method = "sigmoid"
minimum_positives = 20
"""


@pytest.fixture(scope="module")
def records():
    return rs.sample_records()


@pytest.fixture(scope="module")
def model(records, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trial")
    (folder / "models").mkdir()
    (folder / "models" / "tried.toml").write_text(TEXT, encoding="utf-8")
    return rs.fit(records, "tried", "2024-01-01", definitions=folder)


def test_every_place_of_the_list_is_drawn_within_region_band_and_whether_it_was_seen(model, records) -> None:
    listed = rs.rank(model, records, "2025-01-06")
    found = trial_design(listed, records, "2025-01-06", unit="place", visits=500)
    assert sorted(found.allocation["unit"]) == sorted(listed.frame["entity"].astype(str))
    counts = found.allocation.groupby("stratum")["arm"].value_counts().unstack(fill_value=0)
    assert (counts["list"] - counts["present"]).abs().max() <= 1
    band = found.allocation["stratum"].str.split(" | ", regex=False).str[1].to_numpy()
    own = listed.frame.set_index(listed.frame["entity"].astype(str))["band"].reindex(found.allocation["unit"])
    assert (band == own.to_numpy()).all()
    visited = set(records["inspections"].frame["site_id"].astype(str))
    seen = found.allocation.set_index("unit")["stratum"].str.endswith("visited before")
    assert {u for u, s in seen.items() if s} <= visited
    again = trial_design(listed, records, "2025-01-06", unit="place", visits=500)
    assert again.registration == found.registration


def test_weeks_are_drawn_in_blocks_of_four_within_each_office(model, records) -> None:
    found = trial_design(model, records, "2025-01-06", weeks=8, visits=400).allocation
    assert (found.groupby("stratum")["arm"].value_counts() == 2).all()
    assert found["stratum"].nunique() == 2 * records["inspections"].frame["office"].nunique()


def test_what_the_office_does_is_counted_from_its_own_choices(model, records) -> None:
    registration = trial_design(model, records, "2025-01-06", visits=400).registration
    frame = records["inspections"].frame
    frame = frame[~frame["inspection_id"].isin(frame["replaces"])]
    recent = frame[(frame["trigger"] == "planned") & (frame["date"] >= "2022-01-06") & (frame["date"] <= "2024-12-06")]
    assert registration.share == pytest.approx((recent["uncontracted_workers"] > 0).mean(), abs=0.01)
    assert registration.detect == pytest.approx(1.5 * registration.share)
    assert registration.rho_low < registration.size.rho < registration.rho_high
    assert 2 * registration.size.visits_per_arm == pytest.approx(400)
    (case,) = registration.rarer
    assert case.needed > 20_000
    assert case.years > 40


def test_of_an_offices_file_what_reports_leave_over_is_the_trial_s(model, records) -> None:
    office = """
[[office]]
name = "{0}"
latitude = 41.36
longitude = 48.51
regions = ["{0}"]
teams = ["{0} 1"]
"""
    offices = offices_from_text(office.format("Quba") + office.format("Bakı"))
    registration = trial_design(model, records, "2025-01-06", weeks=4, offices=offices).registration
    assert "allows 120 visits" in registration.capacity_from
    assert 0.1 < 2 * registration.size.visits_per_arm / 120 < 0.3
    assert registration.units == 8


def test_few_offices_cannot_show_anything_and_the_power_says_so(model, records) -> None:

    offices = read_offices(sample_folder() / "offices.toml")
    registration = trial_design(model, records, "2025-01-06", unit="office", offices=offices).registration
    assert (registration.smallest_p, registration.power, registration.smallest) == (pytest.approx(0.1), 0.0, None)
    assert not registration.large_enough


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"unit": "street"}, "cannot be drawn"),
        ({"first": "2025-01-05"}, "before the day of the list"),
        ({"first": "2025-01-08"}, "Give 2025-01-13"),
        ({"weeks": 1}, "no trial"),
        ({"arms": ("list", "list")}, "two names"),
        ({"visits": None}, "how many visits"),
    ],
)
def test_what_is_no_trial_is_refused_in_words(model, records, asked, said) -> None:
    with pytest.raises(TrialError, match=said):
        trial_design(model, records, "2025-01-06", **{"visits": 400, **asked})


def test_offices_without_past_visits_need_the_correlation_and_the_share_given(model, records, records_of) -> None:
    bare = records_of(sites=[{"site_id": "S1"}], inspections=[
        {"inspection_id": f"V{i}", "site_id": "S1", "office": o, "trigger": "planned", "date": "2024-05-06"}
        for i, o in enumerate(("Quba", "Bakı"))
    ])  # fmt: skip
    with pytest.raises(TrialError, match="--share"):
        trial_design(model, bare, "2025-01-06", visits=400)
    with pytest.raises(TrialError, match="--rho"):
        trial_design(model, bare, "2025-01-06", visits=400, share=0.2)
    assert trial_design(model, bare, "2025-01-06", visits=400, share=0.2, rho=0.02).registration.units == 52


def test_a_visit_finds_what_its_own_records_say_and_is_open_until_the_delay_has_passed(records_of) -> None:
    recipe = choose("site_risk").recipe
    rows = [("V1", "2025-01-10", "2025-01-12", 2, None), ("V2", "2025-01-20", "2025-01-22", 0, None),
            ("V3", "2025-02-20", "2025-02-22", 4, None), ("V4", "2025-01-20", "2025-03-02", 1, "V2")]  # fmt: skip
    names = ("inspection_id", "date", "known_on", "uncontracted_workers", "replaces")
    visits = [{"site_id": "S1", **dict(zip(names, row, strict=True))} for row in rows]
    records = records_of(sites=[{"site_id": "S1"}], inspections=visits)
    found = visits_of(records, recipe, dt.date(2025, 3, 1)).set_index("visit")
    assert found["found"].fillna(-1).to_dict() == {"V1": 1, "V2": 0, "V3": -1}
    assert found["day"].tolist() == [day("2025-01-10"), day("2025-01-20"), day("2025-02-20")]
    later = visits_of(records, recipe, dt.date(2025, 4, 1)).set_index("visit")
    assert later["found"].to_dict() == {"V1": 1, "V4": 1, "V3": 1}, "a correction stands in place of what it corrects"


def test_from_design_to_result_the_difference_is_that_of_the_visits_made(model, records, tmp_path) -> None:
    made = trial_design(model, records, "2025-01-06", visits=2_000, share=0.2, detect=0.4)
    write_trial(made.registration, made.allocation, tmp_path)
    rows = []
    for i, unit in enumerate(made.allocation.itertuples()):
        office, begins = unit.unit.rsplit(" ", 1)
        for k in range(8):
            rows.append({
                "inspection_id": f"T{i:03d}{k}", "site_id": "S0001", "office": office, "date": pd.Timestamp(begins),
                "known_on": pd.Timestamp(begins) + pd.Timedelta(days=9), "workers_present": 9,
                "trigger": "model" if unit.arm == "list" else "planned",
                "uncontracted_workers": int((i + k) % 5 < (3 if unit.arm == "list" else 1)),
            })  # fmt: skip
    table = records["inspections"]
    frame = pd.concat([table.frame, pd.DataFrame(rows)], ignore_index=True)
    for column in table.frame:
        if not isinstance(table.frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(table.frame[column].dtype)
        else:
            frame[column] = frame[column].astype("category")
    grown = replace(records, tables={**records.tables, "inspections": replace(table, frame=frame)})
    found = trial_analyse(tmp_path, grown, "2025-12-01")
    arm = made.allocation["arm"].repeat(8).to_numpy()
    shares = (
        pd.DataFrame(rows).assign(arm=arm, hit=lambda f: f["uncontracted_workers"] > 0).groupby("arm")["hit"].mean()
    )
    assert found.difference.estimate == pytest.approx(shares["list"] - shares["present"], abs=1e-12)
    assert found.difference.p == 1 / 10_000
    assert found.difference.low < 0.4 < found.difference.high
    assert found.frame["by_the_list"].tolist() == [1.0, 0.0]
    assert found.reached

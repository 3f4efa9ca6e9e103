"""Who may stand on the list, in what order, in which band."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest

from riskscore.asof.urgent import Urgent
from riskscore.cohorts import register
from riskscore.score import bands, eligible, rank

ON = dt.date(2024, 1, 1)
EMPLOYER = {"employer_id": "E1", "employer_kind": "company", "name": "A", "valid_from": "2015-01-01",
            "known_on": "2015-01-01"}  # fmt: skip
SITE = {"site_id": "S1", "employer_id": "E1", "opened_on": "2015-01-01", "valid_from": "2015-01-01",
        "known_on": "2015-01-01"}  # fmt: skip
VISIT = {"inspection_id": "V0", "site_id": "S0", "employer_id": "E0", "date": "2020-01-10", "known_on": "2020-01-10"}
REPORT = {"complaint_id": "C1", "site_id": "S1", "employer_id": "E1", "date": "2023-12-20", "known_on": "2023-12-20",
          "urgent": True}  # fmt: skip


def places(records_of, *kinds: str, **tables):
    """Return records with a place S1, S2, ... of an employer E1, E2, ... of each kind, and their register."""
    employers = [EMPLOYER | {"employer_id": f"E{i}", "employer_kind": kind} for i, kind in enumerate(kinds, 1)]
    sites = [SITE | {"site_id": f"S{i}", "employer_id": f"E{i}"} for i in range(1, len(kinds) + 1)]
    records = records_of(employers=employers, sites=sites, **({"inspections": [VISIT]} | tables))
    return records, register(records, "site", [ON])


def rung(name: str, factor: float, refusal: str = ""):
    """Return an upper rung whose probability is so many times the sigmoid of its margin."""
    probability = SimpleNamespace(probability=lambda m: factor / (1 + np.exp(-m)))
    return SimpleNamespace(name=name, calibrator=probability, refusal=refusal)


def ranked(records, cohort, *margins: float, urgent: Urgent | None = None, refusal: str = "", rungs=(), refitted=None):
    """Return the list of given margins, in the order of the cohort; every rung has the same margins."""
    model = SimpleNamespace(
        calibrator=SimpleNamespace(
            probability=lambda m: 1 / (1 + np.exp(-m)), interval=lambda m: (0.5 / (1 + np.exp(-m)), 0 * m + 0.99)
        ),
        recipe=SimpleNamespace(bands={"A": 0.25, "B": 1.0}),
        refusal=refusal,
        rungs=rungs,
    )
    nobody = Urgent(np.zeros(cohort.as_of.size, dtype=bool), 0)
    return rank(model, np.array(margins), records, cohort, urgent or nobody, [np.array(margins)] * len(rungs), refitted)


def test_private_homes_are_never_ranked(records_of) -> None:
    records, cohort = places(
        records_of, "company", "household", inspections=[VISIT | {"site_id": "S2", "employer_id": "E2"}]
    )
    keep, left_out, _ = eligible(records, cohort)
    assert cohort.entity[keep].tolist() == ["S1"]
    assert left_out == {"private home": 1}


def test_a_sole_trader_is_left_out_where_nobody_went_or_reported(records_of) -> None:
    records, cohort = places(records_of, "company", "sole trader")
    keep, left_out, sole = eligible(records, cohort)
    assert cohort.entity[keep].tolist() == ["S1"]
    assert left_out == {"sole trader without a visit or report": 1}
    assert sole.tolist() == [False, True]


@pytest.mark.parametrize("table", ["inspections", "complaints"])
def test_a_sole_trader_is_ranked_after_a_visit_or_a_report_known_before_the_day(table, records_of) -> None:
    row = (VISIT | {"inspection_id": "V2"}) if table == "inspections" else REPORT
    seen = row | {"site_id": "S1", "employer_id": "E1", "date": "2023-12-20", "known_on": "2023-12-31"}
    for known_on, kept in (("2023-12-31", True), ("2024-01-01", False)):
        tables = {"inspections": [VISIT], table: [seen | {"known_on": known_on}]}
        records, cohort = places(records_of, "sole trader", **tables)
        keep, _, sole = eligible(records, cohort)
        assert (keep.tolist(), sole.tolist()) == ([kept], [True])


def test_an_employers_newest_kind_known_on_the_day_counts(records_of) -> None:
    later = EMPLOYER | {"employer_kind": "household", "valid_from": "2023-01-01", "known_on": "2024-06-01"}
    records = records_of(employers=[EMPLOYER, later], sites=[SITE], inspections=[VISIT])
    assert eligible(records, register(records, "site", [ON]))[0].tolist() == [True]
    assert eligible(records, register(records, "site", [dt.date(2024, 7, 1)]))[0].tolist() == [False]


def test_ranks_follow_the_margin_and_equal_margins_the_ids(records_of) -> None:
    records, cohort = places(records_of, "company", "company", "company")
    found = ranked(records, cohort, 0.5, 0.9, 0.5).frame
    assert found["entity"].tolist() == ["S2", "S1", "S3"]
    assert found["rank"].tolist() == [1, 2, 3]


def test_an_urgent_report_heads_the_list_and_keeps_its_rank_by_score(records_of) -> None:
    records, cohort = places(records_of, "company", "company", "company")
    urgent = Urgent(cohort.entity == "S3", 0)
    found = ranked(records, cohort, 0.9, 0.5, 0.1, urgent=urgent).frame
    assert found["entity"].tolist() == ["S3", "S1", "S2"]
    assert found["rank"].tolist() == [3, 1, 2]


def test_an_urgent_report_puts_even_a_private_home_on_the_list(records_of) -> None:
    records, cohort = places(records_of, "household", "company")
    found = ranked(records, cohort, 0.9, 0.5, urgent=Urgent(cohort.entity == "S1", 0)).frame
    assert found["entity"].tolist() == ["S1", "S2"]


def test_urgent_reports_of_nobody_in_the_register_are_told(records_of) -> None:
    records, cohort = places(records_of, "company")
    notes = ranked(records, cohort, 0.0, urgent=Urgent(np.array([False]), 2)).notes
    assert notes == ("2 urgent report(s) name no place of the register: read them at once",)


def test_where_percentages_are_refused_there_is_none_and_the_reason_is_told(records_of) -> None:
    records, cohort = places(records_of, "company", "company")
    found = ranked(records, cohort, 0.9, 0.1, refusal="no percentage: too few")
    assert found.frame["probability"].isna().all()
    assert found.notes == ("no percentage: too few",)


def test_an_employers_rank_is_that_of_its_highest_place(records_of) -> None:
    sites = [SITE | {"site_id": f"S{i}", "employer_id": e} for i, e in enumerate(("E1", "E2", "E1"), 1)]
    employers = [EMPLOYER, EMPLOYER | {"employer_id": "E2"}]
    records = records_of(employers=employers, sites=sites, inspections=[VISIT])
    cohort = register(records, "site", [ON])
    found = ranked(records, cohort, 0.1, 0.5, 0.9).frame.set_index("entity")
    assert found["employer"].to_dict() == {"S3": "E1", "S2": "E2", "S1": "E1"}
    assert found["employer_rank"].to_dict() == {"S3": 1, "S2": 2, "S1": 1}


@pytest.mark.parametrize(("n", "want"), [(1, "A"), (2, "AE"), (10, "ABBBBEEEEE"), (3, "ABE")])
def test_bands_are_shares_of_the_list_and_a_short_list_has_a_first_band(n, want) -> None:
    found = bands(np.arange(1, n + 1), n, {"A": 0.1, "B": 0.5, "E": 1.0})
    assert "".join(found) == want


def test_each_rung_shows_its_chance_or_why_there_is_none(records_of) -> None:
    records, cohort = places(records_of, "company", "company")
    few = "no percentage: 3 known cases in training"
    frame = ranked(records, cohort, 0.0, -9.0, rungs=(rung("fined", 0.5), rung("opened", 0.1, few))).frame
    assert frame["rung_fined"].tolist() == [0.25, 0.0001]
    assert frame["rung_opened"].isna().all()
    assert set(frame["rung_fined_refused"]) == {""}
    assert set(frame["rung_opened_refused"]) == {few}


def test_a_rarer_outcome_is_never_likelier_than_a_more_common_one_and_it_is_said_how_often_it_was(records_of) -> None:
    records, cohort = places(records_of, "company", "company")
    found = ranked(records, cohort, 0.0, 1.0, rungs=(rung("fined", 0.5), rung("opened", 0.8)))
    assert (found.frame["rung_opened"] <= found.frame["rung_fined"]).all()
    assert any(note.startswith("2 places") for note in found.notes)


def test_the_calibration_is_shown_between_its_ends_and_neither_stands_where_the_percentage_is_refused(
    records_of,
) -> None:
    records, cohort = places(records_of, "company")
    shown = ranked(records, cohort, 0.0).frame
    assert shown[["probability_low", "probability", "probability_high"]].iloc[0].tolist() == [0.25, 0.5, 0.99]
    refused = ranked(records, cohort, 0.0, refusal="no percentage: too few").frame
    assert refused[["probability_low", "probability", "probability_high"]].isna().all(axis=None)


def test_refits_give_each_row_its_range_and_a_mark_to_those_that_cannot_be_told_apart(records_of) -> None:
    records, cohort = places(records_of, "company", "company", "company")
    refitted = np.array([[1.0, 3.0, 2.0], [1.0, 2.0, 3.0]] * 20)  # S1 is always last; S2 and S3 take turns
    frame = ranked(records, cohort, 0.0, 2.0, 1.0, refitted=refitted).frame.set_index("entity")
    assert frame.loc[["S2", "S3", "S1"], "rank_low"].tolist() == [1, 1, 3]
    assert frame.loc[["S2", "S3", "S1"], "rank_high"].tolist() == [2, 2, 3]
    assert frame.loc[["S2", "S3"], "tie"].tolist() == [1, 1]
    assert frame["tie"].isna()["S1"]
    assert "tie" not in ranked(records, cohort, 0.0, 2.0, 1.0).frame

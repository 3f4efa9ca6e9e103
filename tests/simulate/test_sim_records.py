"""What the simulated records are like: complete, consistent in time, selected, late and corrected as stated."""

from __future__ import annotations

import pandas as pd
import pytest

from riskscore.errors import RiskscoreError
from riskscore.records.schema import STAGES, TABLES
from riskscore.simulate import Simulation, simulate

END = pd.Timestamp("2024-12-31")
SIMULATED = sorted(set(TABLES) - {"planned_visits", "letters"})  # those come of plans, and nobody planned


def table(made: Simulation, name: str) -> pd.DataFrame:
    return made.records[name].frame


def test_all_twelve_tables_are_there_and_hold_rows(national: Simulation) -> None:
    assert sorted(national.records.tables) == SIMULATED
    assert all(len(t.frame) for t in national.records.tables.values())


def test_the_latent_risk_is_in_no_table(national: Simulation) -> None:
    for name, found in national.records.tables.items():
        assert list(found.frame.columns) == list(TABLES[name].names)


@pytest.mark.parametrize("name", SIMULATED)
def test_references_lead_to_rows_and_ids_are_unique(national: Simulation, name: str) -> None:
    found, schema = table(national, name), TABLES[name]
    if schema.kind == "event":
        assert found[schema.id].is_unique
        assert set(found["replaces"].dropna()) <= set(found[schema.id])
    for column in schema.columns:
        if column.refers:
            known = set(table(national, column.refers)[TABLES[column.refers].id])
            assert set(found[column.name].dropna().astype(str)) <= known, column.name


def test_nothing_is_known_before_it_happens_or_after_the_last_day(national: Simulation) -> None:
    for name, found in national.records.tables.items():
        known = found.frame["known_on"]
        assert known.notna().all()
        assert known.max() <= END, name
        if "date" in found.frame:
            assert (known >= found.frame["date"]).all(), name
    paid = table(national, "penalties")["paid_on"].dropna()
    assert paid.max() <= END


def test_one_row_in_twenty_is_very_late(national: Simulation) -> None:
    for name in ("inspections", "permits", "contracts"):
        found = table(national, name)
        first = found[found["replaces"].isna() & (found["date"] < "2024-01-01")]
        late = ((first["known_on"] - first["date"]).dt.days >= 60).mean()
        assert late == pytest.approx(0.05, abs=0.012), name


def test_some_rows_are_corrected_by_a_later_row_of_the_same_event(national: Simulation) -> None:
    for name in ("inspections", "penalties", "complaints", "contracts"):
        found, own = table(national, name), TABLES[name].id
        pairs = found[found["replaces"].notna()].merge(found, left_on="replaces", right_on=own, suffixes=("", "_first"))
        assert len(pairs) > 20
        assert (pairs["date"] == pairs["date_first"]).all()
        assert (pairs["known_on"] > pairs["known_on_first"]).all()
        assert len(pairs) < 0.04 * len(found)


def test_a_later_stage_of_a_case_keeps_the_date_and_replaces_the_stage_before(national: Simulation) -> None:
    cases = table(national, "cases")
    pairs = cases[cases["replaces"].notna()].merge(cases, left_on="replaces", right_on="case_id", suffixes=("", "_was"))
    assert (pairs["date"] == pairs["date_was"]).all()
    assert (pairs["known_on"] > pairs["known_on_was"]).all()
    rank = {stage: i for i, stage in enumerate(STAGES)}
    assert (pairs["stage"].astype(str).map(rank) > pairs["stage_was"].astype(str).map(rank)).all()
    assert set(cases["stage"]) == set(STAGES)
    assert cases["abroad"].any()
    assert cases["inspection_id"].isna().any()


def test_entities_have_versions_permits_expire_and_employers_are_linked(national: Simulation) -> None:
    assert table(national, "employers")["employer_id"].duplicated().sum() > 500
    assert table(national, "sites")["site_id"].duplicated().sum() > 50
    assert (table(national, "permits")["expires_on"] < END).sum() > 1000
    assert table(national, "links")["kind"].nunique() == 5
    assert table(national, "employers")["tax_number"].str.fullmatch(r"\d{10}").all()


def test_visits_fall_into_the_life_of_their_place_and_go_to_its_employer_of_that_day(national: Simulation) -> None:
    places = table(national, "sites").astype({"employer_id": str})
    visits = table(national, "inspections").astype({"site_id": str, "employer_id": str})
    last = visits.merge(places, on="site_id", suffixes=("", "_at"))
    last = last[last["valid_from"] <= last["date"]].sort_values(["inspection_id", "valid_from"], kind="stable")
    last = last.groupby("inspection_id").tail(1)
    assert len(last) == len(visits)
    assert (last["employer_id"] == last["employer_id_at"]).all()
    assert ((last["date"] <= last["closed_on"]) | last["closed_on"].isna()).all()
    assert (last["date"] >= last["opened_on"]).all()
    assert (visits["workers_present"] >= visits["uncontracted_workers"]).all()


def test_the_suspension_is_kept(national: Simulation) -> None:
    sector = table(national, "employers").drop_duplicates("employer_id").set_index("employer_id")["sector"].astype(str)
    visits = table(national, "inspections").assign(
        sector=lambda v: v["employer_id"].astype(str).map(sector),
        asked=lambda v: v["trigger"].isin(["complaint", "hotline"]),
    )
    after = visits[visits["date"] >= "2020-01-01"]
    assert not after["sector"].isin(["A agriculture", "I accommodation and food"]).any()
    assert set(after.loc[~after["asked"], "sector"]) == {"F construction"}
    before = visits[visits["date"] < "2020-01-01"]
    assert before.loc[~before["asked"], "sector"].nunique() > 8
    rules = table(national, "regimes")
    assert set(rules["rule"]) == {"open", "complaint_only", "suspended"}
    assert not visits["sector"].str.startswith("T ").any()


def test_exactly_random_visits_carry_a_probability_and_it_is_the_share_drawn(national: Simulation) -> None:
    visits = table(national, "inspections")
    drawn = visits["trigger"] == "random"
    assert (visits["selection_probability"].notna() == drawn).all()
    service = visits[drawn & (visits["authority"] == "State Labour Inspection Service") & visits["replaces"].isna()]
    places = (1 / service["selection_probability"]).groupby(service["date"].dt.year).sum()
    assert places[2018] == pytest.approx(10_500, rel=0.25)  # the places open to such a visit: weights add up to them


def test_three_urgent_reports_of_the_last_month_wait_for_a_visit(national: Simulation) -> None:
    reports = table(national, "complaints")
    recent = reports[reports["urgent"] & (reports["date"] >= "2024-12-01")]
    assert len(recent) == 3
    visits = table(national, "inspections")
    later = visits.merge(recent.astype({"site_id": str}), on="site_id", suffixes=("", "_report"))
    assert not (later["date"] >= later["date_report"]).any()


def test_a_setting_that_makes_no_sense_says_what_to_give() -> None:
    with pytest.raises(RiskscoreError, match="first <= last"):
        simulate(sites=100, years=(2020, 2019))
    with pytest.raises(RiskscoreError, match="'hidden'"):
        simulate(sites=100, setting="secret")  # type: ignore[arg-type]

"""Records that nobody made for the tool load through mappings alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from riskscore.records import Records, check_records, read_records

MAPPINGS = Path(__file__).parent / "mappings"


def loaded(real_data: Path, name: str) -> Records:
    return read_records(real_data / name, MAPPINGS / f"{name}.toml")


def sizes(records: Records) -> dict[str, int]:
    return {name: len(table.frame) for name, table in records.tables.items()}


def test_restaurant_inspections_load_with_every_row_and_column(real_data: Path) -> None:
    records = loaded(real_data, "nyc_food")
    assert sizes(records) == {"employers": 24806, "sites": 24806, "inspections": 182370, "findings": 471203}
    assert (records.rejected, records.filtered) == ({}, {"findings": 8364})
    source = pd.read_parquet(real_data / "nyc_food" / "inspections.parquet")
    frame = records["inspections"].frame
    assert frame["site_id"].astype("str").tolist() == source["entity_id"].astype("str").tolist()
    pd.testing.assert_series_equal(frame["score"], source["score"], check_dtype=False)
    assert int(frame["closed"].sum()) == int(source["closed"].sum())
    assert (records["inspections"].schema.column("program").type, str(frame["program"].dtype)) == (
        "category",
        "category",
    )
    assert records["sites"].as_of_now
    assert set(records["findings"].frame["inspection_id"].cat.categories) <= set(frame["inspection_id"])
    report = check_records(records)
    assert {p.why for p in report.problems} == {"equals date in every row"}


def test_accident_inspections_load_with_penalties_of_their_citations(real_data: Path) -> None:
    records = loaded(real_data, "osha_accident")
    assert sizes(records) == {"employers": 25928, "sites": 24388, "inspections": 27039, "penalties": 53211}
    items = pd.read_parquet(real_data / "osha_accident" / "violation_items.parquet")
    assert records["penalties"].frame["amount_azn"].sum() == pytest.approx(1.7 * items["initial_penalty"].sum())
    visits = records["inspections"]
    assert ((visits.frame["known_on"] - visits.frame["date"]).dt.days == 14).all()
    assert visits.schema.column("serious_found").clock == "case_closed"
    assert visits.frame["sic"].dropna().iloc[0] == "1799"
    assert visits.frame["report_id"].iloc[0] == "0213400"
    assert not {p.why for p in check_records(records).problems} & {
        "is in no row of inspections",
        "is in no row of sites",
    }


def test_wage_cases_load_as_visits_and_fines(real_data: Path) -> None:
    records = loaded(real_data, "whd_sf_district")
    source = pd.read_parquet(real_data / "whd_sf_district" / "cases.parquet")
    assert len(records["inspections"].frame) == 1425
    assert records["penalties"].frame["amount_azn"].sum() == pytest.approx(source["penalty"].sum())
    assert (records["penalties"].frame["known_on"] >= records["penalties"].frame["date"]).all()
    assert records["employers"].frame["employer_id"].nunique() == source["entity_id"].nunique()
    assert sum(records.rejected.values()) == 59  # two industries of one employer said on one day
    assert check_records(records).errors == 59


def test_a_peer_s_records_load_and_are_known_at_once(real_data: Path) -> None:
    records = loaded(real_data, "peer_matrices")
    assert sizes(records) == {"employers": 2000, "inspections": 3664, "complaints": 1535}
    assert records.rejected == {}
    visits = records["inspections"].frame
    assert (visits["known_on"] == visits["date"]).all()
    assert str(visits["fine_azn"].dtype) == "Int64"
    assert set(visits["trigger"].cat.categories) <= {"planned", "complaint", "raid", "random", "follow_up", "hotline"}

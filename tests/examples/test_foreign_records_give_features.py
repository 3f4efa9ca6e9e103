"""Features of two foreign exports, through a mapping alone, equal what a plain reading of the source files gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import to_days
from riskscore.definitions.family_file import family_from_text
from riskscore.definitions.feature import Family
from riskscore.errors import DefinitionError
from riskscore.records.model import Records
from riskscore.records.read import read_records

MAPPINGS = Path(__file__).parents[1] / "records" / "mappings"


def loaded(real_data: Path, name: str) -> Records:
    return read_records(real_data / name, MAPPINGS / f"{name}.toml")


def family(name: str, table: str, features: str) -> Family:
    head = f'title = "{name}"\ntable = "{table}"\nwhy = "-"\nbasis = "-"\nby = "employer"\n'
    return family_from_text(head + features, name)


def cohort_of(kind: str, entity: pd.Series[int] | pd.Series[str], as_of: pd.Series[pd.Timestamp]) -> Cohort:
    return Cohort(kind, entity.astype(str).to_numpy(dtype=object), to_days(as_of))  # ids are text in records


ACCIDENT_VISITS = """
[[feature]]
name    = "visits"
kind    = "count"
windows = ["3 years", "all"]
none    = 0

[[feature]]
name    = "serious"
kind    = "share"
where   = "serious_found"
of      = "serious_found is not missing"

[[feature]]
name    = "referrals"
kind    = "count"
where   = "emphasis is not missing and scope = 'Partial'"
none    = 0
"""
ACCIDENT_FINES = """
[[feature]]
name    = "amount"
kind    = "sum"
value   = "amount_azn"
windows = ["5 years"]
none    = 0
"""


def test_accident_visits_and_fines_are_counted_by_their_clocks(real_data: Path) -> None:
    records = loaded(real_data, "osha_accident")
    source = pd.read_parquet(real_data / "osha_accident" / "inspections.parquet")
    items = pd.read_parquet(real_data / "osha_accident" / "violation_items.parquet")
    again = source[source.groupby("entity_national_id")["date"].rank(method="first") > 1]
    rows = again.sort_values(["date", "inspection_id"])[::12]
    asked = cohort_of("employer", rows["entity_national_id"], rows["date"])
    families = [family("visits", "inspections", ACCIDENT_VISITS), family("fines", "penalties", ACCIDENT_FINES)]
    matrix = build(records, families, asked)
    assert not matrix.absent

    asked_of = source["entity_national_id"].isin(rows["entity_national_id"])
    columns = ["entity_national_id", "date", "case_closed", "serious_found", "emphasis", "scope"]
    by_employer = dict(list(source.loc[asked_of, columns].groupby("entity_national_id")))
    employer_of = source.set_index(source["inspection_id"].astype(str))["entity_national_id"]
    fines = items.assign(employer=items["inspection_id"].astype(str).map(employer_of), issued=items["issuance_date"])
    fines = fines[(fines["initial_penalty"] > 0) & fines["employer"].isin(rows["entity_national_id"])]
    by_fined = dict(list(fines.groupby("employer")))
    wanted = []
    for employer, on in zip(rows["entity_national_id"], rows["date"], strict=True):
        own = by_employer[employer]
        known = own[(own["date"] + pd.Timedelta(days=14) < on) & (own["date"] < on)]
        closed = known[known["case_closed"] < on]["serious_found"]
        money = 0.0
        if employer in by_fined:
            of_own = by_fined[employer]
            first = on - pd.DateOffset(years=5)
            money = float(of_own[(of_own["issued"] >= first) & (of_own["issued"] < on)]["initial_penalty"].sum()) * 1.7
        wanted.append(
            [
                int((known["date"] >= on - pd.DateOffset(years=3)).sum()),
                len(known),
                float(closed.mean()) if len(closed) else np.nan,
                int((known["emphasis"].notna() & (known["scope"] == "Partial")).sum()),
                money,
            ]
        )
    expected = np.array(wanted)
    names = [f"visits.visits.employer.{w}" for w in ("36m", "all")]
    names += ["visits.serious.employer.all", "visits.referrals.employer.all", "fines.amount.employer.60m"]
    np.testing.assert_allclose(matrix.frame[names].to_numpy(), expected, rtol=1e-9, atol=1e-6)
    assert (np.nansum(expected, axis=0) > 0).all()
    assert np.isnan(expected[:, 2]).any()  # cases that were still open


WAGE_CASES = """
[[feature]]
name  = "cases"
kind  = "count"
none  = 0

[[feature]]
name  = "owed"
kind  = "sum"
value = "backwages"
none  = 0

[[feature]]
name  = "days"
kind  = "days_since"
"""
WAGE_FINES = """
[[feature]]
name  = "fined"
kind  = "sum"
value = "amount_azn"
none  = 0
"""
WAGE_SECTOR = """
[[feature]]
name  = "sector"
kind  = "attribute"
value = "sector"
"""


def test_wage_cases_count_from_their_conclusion(real_data: Path) -> None:
    records = loaded(real_data, "whd_sf_district")
    source = pd.read_parquet(real_data / "whd_sf_district" / "cases.parquet")
    dates = pd.to_datetime(["2010-01-01", "2012-07-01", "2014-01-01", "2016-01-01"])
    employers = sorted(source["entity_id"].unique())
    asked = cohort_of("employer", pd.Series(employers * len(dates)), pd.Series(np.repeat(dates, len(employers))))
    families = [
        family("cases", "inspections", WAGE_CASES),
        family("fines", "penalties", WAGE_FINES),
        family("employer", "employers", WAGE_SECTOR),
    ]
    matrix = build(records, families, asked)
    assert not matrix.absent

    begun, ended = pd.to_datetime(source["start_date"]), pd.to_datetime(source["end_date"])
    expected = []
    for on in dates:
        known = source[(ended < on) & (begun < on)]
        newest = begun[known.index].groupby(known["entity_id"]).max()
        table = pd.DataFrame(
            {
                "cases": known.groupby("entity_id").size(),
                "owed": known.groupby("entity_id")["backwages"].sum(),
                "days": (on - newest).dt.days,
                "fined": known.groupby("entity_id")["penalty"].sum(),
            }
        ).reindex(employers)
        expected.append(table.fillna({"cases": 0, "owed": 0, "fined": 0}))
    wanted = pd.concat(expected)
    names = [f"{n}.employer.all" for n in ("cases.cases", "cases.owed", "cases.days", "fines.fined")]
    np.testing.assert_allclose(matrix.frame[names].to_numpy(), wanted.to_numpy(dtype=np.float64), rtol=1e-9, atol=1e-6)
    assert int((wanted["cases"] > 1).sum()) > 0
    sector = matrix.frame["employer.sector.employer.now"]
    assert (sector.notna().to_numpy() == (wanted["cases"] > 0).to_numpy()).all()  # the register grows with the cases


def test_a_mapped_column_that_no_table_has_is_named_with_the_nearest(real_data: Path) -> None:
    records = loaded(real_data, "whd_sf_district")
    asked = Cohort("employer", np.array(["x"], dtype=object), np.array([16_000], dtype=np.int32))
    wrong = family("cases", "inspections", WAGE_CASES.replace('"backwages"', '"backwage"'))
    with pytest.raises(DefinitionError, match=r"(?s)no column 'backwage'.*backwages"):
        build(records, [wrong], asked)

"""What an audit reads of each row is as it was known on the row's day."""

from __future__ import annotations

import numpy as np

import riskscore as rs
from riskscore.audit.attributes import attributes

VISIT = {"inspection_id": "I1", "site_id": "S1", "employer_id": "E1", "date": "2019-01-01", "uncontracted_workers": 1}
EMPLOYERS = [
    {"employer_id": "E1", "employer_kind": "company", "sector": "F", "region": "Bakı", "registered_on": "2010-01-01",
     "valid_from": "2010-01-01", "known_on": "2010-01-01"},
    {"employer_id": "E1", "employer_kind": "company", "sector": "I", "region": "Bakı", "registered_on": "2010-01-01",
     "valid_from": "2021-01-01", "known_on": "2021-06-01"},
]  # fmt: skip
SITES = [
    {"site_id": s, "employer_id": "E1", "region": r, "opened_on": "2010-01-01", "valid_from": "2010-01-01",
     "known_on": "2010-01-01"} for s, r in (("S1", "Quba"), ("S2", None))
]  # fmt: skip


def headcount(id: str, site: str, date: str, n: int, known_on: str = "") -> dict[str, object]:
    return {"contract_id": id, "employer_id": "E1", "site_id": site, "registered_workers": n, "date": date,
            "known_on": known_on or date}  # fmt: skip


def permit(id: str, date: str, expires_on: str, workers: int, known_on: str = "") -> dict[str, object]:
    return {"permit_id": id, "employer_id": "E1", "workers": workers, "date": date, "expires_on": expires_on,
            "known_on": known_on or date}  # fmt: skip


def found_of(records_of, dates, **tables):
    records = records_of(inspections=[VISIT], employers=EMPLOYERS, sites=SITES, **tables)
    return attributes(records, rs.cohort(records, "site_risk", dates), 0.2)


def test_the_headcount_is_the_newest_of_each_place_added_up(records_of) -> None:
    rows = [headcount("K1", "S1", "2020-01-01", 5), headcount("K2", "S1", "2020-06-01", 8),
            headcount("K3", "S2", "2020-02-01", 40)]  # fmt: skip
    found = found_of(records_of, ["2020-07-01"], contracts=rows, permits=[permit("W1", "2020-01-01", "2020-12-31", 12)])
    assert found.groups["size"].tolist() == ["10 to 49"] * 2
    assert found.foreign_share.tolist() == [0.25, 0.25]
    assert found.groups["foreign_workers"].tolist() == ["20 % and more"] * 2


def test_permits_count_while_they_run_and_once_they_are_known(records_of) -> None:
    rows = [headcount("K1", "S1", "2020-01-01", 100)]
    permits = [permit("W1", "2020-01-01", "2020-06-30", 10), permit("W2", "2020-03-01", "2021-02-28", 30, "2020-05-01")]
    dates = ["2020-01-01", "2020-02-01", "2020-04-01", "2020-05-02", "2020-07-01", "2021-03-01"]
    found = found_of(records_of, dates, contracts=rows, permits=permits)
    assert found.foreign_share[::2].tolist() == [0.0, 0.1, 0.1, 0.4, 0.3, 0.0]


def test_no_headcount_is_not_a_headcount_of_nobody(records_of) -> None:
    rows = [headcount("K1", "S1", "2016-01-01", 100)]  # too old to say anything of 2020
    found = found_of(records_of, ["2020-02-01"], contracts=rows, permits=[permit("W1", "2020-01-01", "2020-12-31", 10)])
    assert found.groups["size"].tolist() == ["not known"] * 2
    assert np.isnan(found.foreign_share).all()
    assert found.groups["foreign_workers"].tolist() == ["not known"] * 2


def test_region_is_the_places_own_or_its_employers_and_the_sector_that_of_the_day(records_of) -> None:
    found = found_of(records_of, ["2021-03-01", "2021-07-01"])
    assert found.groups["region"].tolist() == ["Quba", "Bakı"] * 2
    assert found.groups["sector"].tolist() == ["F", "F", "I", "I"]
    assert list(found.groups) == ["region", "sector"], "without permits and contracts their groups are absent"


def test_breaches_are_those_known_before_the_day(records_of) -> None:
    records = records_of(
        inspections=[{**VISIT, "workers_without_permit": 3, "known_on": "2019-02-01"}],
        employers=EMPLOYERS, sites=SITES, permits=[permit("W1", "2019-01-01", "2019-12-31", 4)],
    )  # fmt: skip
    found = attributes(records, rs.cohort(records, "site_risk", ["2019-01-15", "2020-01-10"]), 0.2).breaches
    assert found["breach.without_permit.employer.all"].tolist() == [0, 0, 3, 3]
    assert found["breach.overdue.employer.all"].tolist() == [0, 0, 10, 10]

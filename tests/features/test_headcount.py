"""People present against registered contracts."""

import numpy as np
import pytest


def contract(number: int, date: str, workers: int, **cells: object) -> dict[str, object]:
    plain = {"contract_id": f"K{number}", "employer_id": "E1", "site_id": "S1", "registered_workers": workers,
             "concluded": workers // 2, "date": date}  # fmt: skip
    return plain | cells


def test_people_met_are_set_against_the_newest_registered_headcount(measured, visit) -> None:
    contracts = [contract(1, "2022-01-10", 40), contract(2, "2023-01-10", 8)]
    found = measured("headcount", inspections=[visit(1, "2023-03-01", workers_present=20)], contracts=contracts)
    assert (found["registered.site.all"], found["present.site.all"]) == (8, 20)
    assert found["present_per_registered.site.all"] == 2.5
    assert found["turnover.site.24m"] == pytest.approx(24 / 48)


def test_an_employer_is_measured_by_averages_over_its_places(measured, visit) -> None:
    visits = [visit(1, "2023-03-01", workers_present=20), visit(2, "2023-04-01", site_id="S2", workers_present=40)]
    contracts = [contract(1, "2023-01-10", 10), contract(2, "2023-01-11", 30, site_id="S2")]
    found = measured("headcount", entity="E1", kind="employer", inspections=visits, contracts=contracts)
    assert set(found) == {"mean_registered.employer.24m", "mean_present.employer.24m", "turnover.employer.24m",
                          "mean_present_per_registered.employer.24m"}  # fmt: skip
    assert found["mean_present_per_registered.employer.24m"] == 30 / 20


def test_nobody_registered_or_nobody_met_gives_no_ratio(measured, visit) -> None:
    nobody = measured("headcount", inspections=[visit(1, "2023-03-01")], contracts=[contract(1, "2023-01-10", 0)])
    unmet = measured("headcount", contracts=[contract(1, "2023-01-10", 8)])
    assert np.isnan([nobody["present_per_registered.site.all"], unmet["present_per_registered.site.all"]]).all()

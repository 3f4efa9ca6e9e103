"""Fines."""

import pytest

FINE = {"penalty_id": "P1", "employer_id": "E1", "site_id": "S1", "inspection_id": "V1", "date": "2023-01-06",
        "known_on": "2023-01-20", "amount_azn": 1000.0, "paid_azn": None, "paid_on": None}  # fmt: skip


def test_fines_count_at_the_place_and_the_employer(measured, visit) -> None:
    elsewhere = FINE | {"penalty_id": "P2", "site_id": "S2", "paid_azn": 500.0, "paid_on": "2023-05-01"}
    found = measured("fines", inspections=[visit(1, "2023-01-01")], penalties=[FINE, elsewhere])
    assert (found["fines.site.all"], found["fines.employer.all"]) == (1, 2)
    assert found["unpaid.employer.all"] == 1
    assert found["amount.employer.all"] == pytest.approx(2000 / 2)  # 360 days: half


def test_a_fine_paid_later_is_not_yet_paid(measured, visit) -> None:
    paid = FINE | {"paid_azn": 1000.0, "paid_on": "2023-12-01"}
    at = {d: measured("fines", as_of=d, inspections=[visit(1, "2023-01-01")], penalties=[paid])["unpaid.employer.all"]
          for d in ("2023-12-01", "2023-12-02")}  # fmt: skip
    assert at == {"2023-12-01": 1, "2023-12-02": 0}


def test_without_a_visit_fines_are_unknown_and_after_one_there_are_none(measured, visit) -> None:
    other = [FINE | {"employer_id": "E2", "site_id": "S2", "inspection_id": None}]
    unknown = measured("fines", penalties=other)["fines.site.all"]
    assert unknown != unknown
    assert measured("fines", inspections=[visit(1, "2023-01-01")], penalties=other)["fines.site.all"] == 0


def test_a_fine_without_a_visit_counts(measured) -> None:
    assert measured("fines", penalties=[FINE | {"inspection_id": None}])["fines.site.all"] == 1

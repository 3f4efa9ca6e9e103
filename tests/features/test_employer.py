"""The employer."""

EMPLOYER = {"employer_id": "E1", "employer_kind": "company", "sector": "F construction", "region": "Bakı",
            "registered_on": "2023-12-02", "valid_from": "2023-12-02", "known_on": "2023-12-05"}  # fmt: skip
SITES = [{"site_id": s, "employer_id": "E1", "site_type": t, "valid_from": "2015-01-01", "known_on": "2015-01-01"}
         for s, t in (("S1", "farm"), ("S2", "shop"))]  # fmt: skip


def contract(number: int, site: str, date: str) -> dict[str, object]:
    return {"contract_id": f"K{number}", "employer_id": "E1", "site_id": site, "date": date, "registered_workers": 3}


def test_a_place_shows_what_its_employer_is(measured) -> None:
    found = measured("employer", employers=[EMPLOYER], sites=SITES, contracts=[contract(1, "S1", "2022-01-01")])
    assert [found[f"{name}.employer.now"] for name in ("sector", "employer_kind", "region", "age")] == [
        "F construction", "company", "Bakı", 30,
    ]  # fmt: skip


def test_places_are_counted_by_the_contracts_of_the_last_year(measured) -> None:
    contracts = [contract(1, "S1", "2022-01-01"), contract(2, "S2", "2023-01-02"), contract(3, "S2", "2023-03-02")]
    found = measured("employer", "E1", kind="employer", employers=[EMPLOYER], sites=SITES, contracts=contracts)
    assert (found["places.employer.12m"], found["kind_of_place.employer.all"]) == (1, "shop")

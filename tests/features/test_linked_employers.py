"""What is known of linked employers."""

LINK = {"link_id": "L1", "employer_a": "E1", "employer_b": "E2", "kind": "successor", "date": "2022-01-01",
        "known_on": "2022-02-01"}  # fmt: skip
FINE = {"penalty_id": "P1", "employer_id": "E2", "site_id": "S2", "inspection_id": "V1", "date": "2021-03-01"}
FINDING = {"finding_id": "F1", "inspection_id": "V1", "indicator": "deception", "date": "2021-01-01"}


def test_a_successor_inherits_what_was_found_at_the_firm_before(measured, visit) -> None:
    visits = [visit(1, "2021-01-01", site_id="S2", employer_id="E2", uncontracted_workers=3),
              visit(2, "2021-06-01", site_id="S2", employer_id="E2")]  # fmt: skip
    found = measured("linked_employers", inspections=visits, links=[LINK], penalties=[FINE], findings=[FINDING])
    assert found == {
        "share.network.all": 0.5,
        "people.network.all": 3,
        "fines.network.all": 1,
        "findings.network.all": 1,
    }


def test_who_has_no_visited_links_is_unknown(measured, visit) -> None:
    own = [visit(1, "2021-01-01", uncontracted_workers=3)]
    found = measured("linked_employers", inspections=own, links=[LINK], penalties=[FINE | {"employer_id": "E1"}],
                     findings=[FINDING])  # fmt: skip
    assert all(value != value for value in found.values())

"""What visits found at comparable places."""

import pytest


def register(*regions: str):
    sites = [{"site_id": f"S{i}", "employer_id": f"E{i}", "site_type": "farm", "region": region,
              "valid_from": "2015-01-01", "known_on": "2015-01-01"} for i, region in enumerate(regions)]  # fmt: skip
    employers = [{"employer_id": f"E{i}", "sector": "A", "region": region, "valid_from": "2015-01-01",
                  "known_on": "2015-01-01"} for i, region in enumerate(regions)]  # fmt: skip
    return {"sites": sites, "employers": employers}


def test_comparable_places_are_shrunken_level_by_level(measured, visit) -> None:
    visits = [visit(1, "2023-01-01", site_id="S2", employer_id="E2", uncontracted_workers=2),
              visit(2, "2023-02-01", site_id="S0", employer_id="E0"),
              visit(3, "2023-02-01", uncontracted_workers=9)]  # fmt: skip
    found = measured("peers", inspections=visits, **register("Bakı", "Quba", "Quba"))
    sector = (1 + 20 * 1 / 2) / (2 + 20)  # everybody: 1 of 2 visits; the own is left out
    near = (1 + 20 * sector) / (1 + 20)  # sector and region
    assert found["share.peers.24m"] == pytest.approx((1 + 20 * near) / (1 + 20))  # kind of place and region


def test_peers_reach_a_place_that_nobody_visited(measured, visit) -> None:
    visits = [visit(1, "2023-01-01", site_id="S2", employer_id="E2", uncontracted_workers=2)]
    found = measured("peers", inspections=visits, **register("Bakı", "Quba", "Quba"))
    assert (found["share.peers.all"], found["rate.peers.24m"]) == (pytest.approx(1), pytest.approx(0.2))

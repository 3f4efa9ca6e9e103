"""The place."""

SITE = {"site_id": "S1", "employer_id": "E1", "site_type": "farm", "region": "Quba", "opened_on": "2023-12-02",
        "principal_contractor_id": None, "valid_from": "2023-12-02", "known_on": "2023-12-05"}  # fmt: skip


def test_a_place_is_what_its_newest_known_version_says(measured) -> None:
    contracted = SITE | {"principal_contractor_id": "E2", "valid_from": "2024-02-01", "known_on": "2024-02-10"}
    before = measured("place", sites=[SITE, contracted])
    after = measured("place", as_of="2024-02-11", sites=[SITE, contracted])
    assert list(before.values()) == ["farm", "Quba", 30, 0]
    assert list(after.values()) == ["farm", "Quba", 71, 1]

"""Reports and appeals."""

import pytest

from riskscore.definitions.catalog import load_catalog

REPORT = {"complaint_id": "C1", "employer_id": "E1", "site_id": "S1", "channel": "appeal", "topic": "no contract",
          "urgent": False, "date": "2023-07-05", "known_on": "2023-07-06"}  # fmt: skip


def test_reports_count_without_any_visit(measured) -> None:
    older = REPORT | {"complaint_id": "C2", "topic": "other", "date": "2022-02-01"}
    of_no_place = REPORT | {"complaint_id": "C3", "topic": "locked in", "site_id": None, "date": "2023-12-01"}
    found = measured("reports", complaints=[REPORT, older, of_no_place])
    assert (found["reports.site.12m"], found["reports.site.24m"], found["reports.employer.12m"]) == (1, 2, 2)
    assert (found["on_contracts_or_pay.site.12m"], found["grave.employer.24m"]) == (1, 1)
    assert found["recent.site.all"] == pytest.approx(2 ** (-180 / 180) + 2 ** (-699 / 180), rel=1e-5)


def test_an_urgent_report_is_grave_whatever_it_is_about(measured) -> None:
    assert measured("reports", complaints=[REPORT | {"urgent": True}])["grave.employer.24m"] == 1
    assert measured("reports", complaints=[REPORT])["grave.employer.24m"] == 0


def test_who_nobody_reported_has_none(measured) -> None:
    assert set(measured("reports", entity="S2", complaints=[REPORT]).values()) == {0}


def test_no_sentence_says_what_a_report_was_about(measured) -> None:
    # at a small place the caller could be told from the topic
    topics = ("contract", "wage", "pay", "document", "lock", "child", "urgent", "hotline", "appeal", "alert")
    for feature in load_catalog().family("reports").features:
        for said in (feature.title, *feature.reason.values(), *feature.reason_if_zero.values()):
            assert not [topic for topic in topics if topic in said.casefold()], said

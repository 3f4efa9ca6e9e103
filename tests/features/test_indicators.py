"""Indicators of forced labour found before."""

import pytest

from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.indicators import INDICATORS


def finding(number: int, indicator: str, visit: int = 1) -> dict[str, object]:
    return {"finding_id": f"F{number}", "inspection_id": f"V{visit}", "indicator": indicator, "workers_affected": 1,
            "date": "2023-01-06"}  # fmt: skip


@pytest.mark.parametrize("indicator", INDICATORS)
def test_each_of_the_eleven_is_counted_by_its_own_name(measured, visit, indicator) -> None:
    findings = [finding(1, indicator), finding(2, indicator), finding(3, "uncontracted")]
    found = measured("indicators", inspections=[visit(1, "2023-01-06")], findings=findings)
    counts = {name: found[f"{name}.employer.all"] for name in INDICATORS}
    assert counts == dict.fromkeys(INDICATORS, 0) | {indicator: 2}
    named = {f.name: f.indicator for f in load_catalog().family("indicators").features}
    assert named[indicator] == indicator


def test_uncontracted_work_and_other_findings_are_no_indicator(measured, visit) -> None:
    others = ("uncontracted", "underage", "unrelated_work", "permit")
    findings = [finding(i, name) for i, name in enumerate(others)]
    found = measured("indicators", inspections=[visit(1, "2023-01-06")], findings=findings)
    assert set(found.values()) == {0}


def test_kinds_are_counted_once_and_findings_each(measured, visit) -> None:
    visits = [visit(1, "2023-01-06"), visit(2, "2023-02-01", site_id="S2")]
    findings = [
        finding(1, "deception"),
        finding(2, "deception"),
        finding(3, "isolation"),
        finding(4, "debt_bondage", 2),
    ]
    found = measured("indicators", inspections=visits, findings=findings)
    assert (found["kinds.site.all"], found["kinds.employer.all"]) == (2, 3)
    assert found["recent.site.all"] == pytest.approx(3 / 2)  # 360 days: half


def test_who_was_never_visited_is_unknown(measured, visit) -> None:
    found = measured(
        "indicators", entity="S2", inspections=[visit(1, "2023-01-06")], findings=[finding(1, "deception")]
    )
    assert all(value != value for value in found.values())

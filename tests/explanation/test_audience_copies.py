"""Copies for the field and the employer made from real records: nothing of a report is left anywhere in them."""

from __future__ import annotations

import re
from dataclasses import asdict, replace

import pandas as pd
import pytest

import riskscore as rs
from riskscore.asof.matrix import FeatureColumn
from riskscore.definitions.catalog import load_catalog
from riskscore.errors import RiskscoreError
from riskscore.explanation.audience import ALL_ELSE, rests_on_reports, stands_apart
from riskscore.pipeline.listing import List


@pytest.fixture(scope="module")
def reported(every_family: List) -> str:
    """Return the first entity of the list of which somebody made a report before its day."""
    table = every_family.records["complaints"].frame
    known = set(table.loc[table["date"] < pd.Timestamp(every_family.as_of), "site_id"].dropna().astype(str))
    return next(str(e) for e in every_family.frame["entity"] if str(e) in known)


def words(value: object) -> str:
    """Return every text of a dossier's data."""
    if isinstance(value, dict):
        return " ".join(f"{key} {words(v)}" for key, v in value.items())
    return " ".join(words(v) for v in value) if isinstance(value, list | tuple) else str(value)


@pytest.mark.parametrize("audience", ["field", "employer"])
def test_nothing_of_a_report_is_left_in_the_data_of_a_copy(every_family: List, reported: str, audience: str) -> None:
    (whole,) = rs.dossiers(every_family, [reported])
    (copy,) = rs.dossiers(every_family, [reported], audience=audience)
    assert any(d.table == "complaints" for d in whole.documents)
    text = words({k: v for k, v in asdict(copy).items() if k != "provenance"})
    assert re.findall(r"complaint|\breports?\b|appeal|quarter", text, re.IGNORECASE) == []
    assert re.findall(r"complaint|\breports?\b|quarter", words(asdict(whole)), re.IGNORECASE) != []
    columns = every_family.matrix.columns
    assert not [c for c in copy.contributions if c != ALL_ELSE and rests_on_reports(columns[c])]
    assert copy.base + sum(copy.contributions.values()) == pytest.approx(copy.margin, abs=1e-5)
    assert copy.base + sum(copy.families.values()) == pytest.approx(copy.margin, abs=1e-5)
    assert copy.base + copy.place_share + sum(s.share for s in copy.shares) == pytest.approx(copy.margin, abs=1e-5)


def test_as_many_reasons_are_told_with_reports_as_without(every_family: List) -> None:
    entities = [str(e) for e in every_family.frame["entity"].head(8)]
    for whole, copy in zip(
        rs.dossiers(every_family, entities), rs.dossiers(every_family, entities, audience="employer"), strict=True
    ):
        columns = every_family.matrix.columns
        for told, parts in ((copy.reasons_for, 1), (copy.reasons_against, -1)):
            there = [c for c, v in whole.contributions.items() if v * parts > 0 and stands_apart(columns[c])]
            assert len(told) == min(6, len(there))
        assert len(whole.reasons_for) <= 6


def test_a_prosecutor_sees_what_the_supervisor_sees_and_the_report_itself(every_family: List, reported: str) -> None:
    (whole,) = rs.dossiers(every_family, [reported])
    (full,) = rs.dossiers(every_family, [reported], audience="prosecutor")
    assert (full.margin, full.contributions) == (whole.margin, whole.contributions)
    (call, *_) = [d for d in full.documents if d.table == "complaints"]
    row = every_family.records["complaints"].frame.set_index("complaint_id").loc[call.id]
    assert call.date == row["date"].date()
    assert str(row["channel"]) in call.says


def test_an_audience_that_there_is_not_is_refused(every_family: List, reported: str) -> None:
    with pytest.raises(RiskscoreError, match="'press' is no audience"):
        rs.dossiers(every_family, [reported], audience="press")


def test_every_shipped_feature_on_reports_is_known_as_such() -> None:
    for family in load_catalog().families.values():
        for feature in family.features:
            column = FeatureColumn("c", family, feature, feature.by[0], "all")
            speaks = "report" in " ".join((feature.title, *feature.reason.values())).lower()
            assert rests_on_reports(column) == (family.name == "reports") == (speaks or family.name == "reports")
            assert not rests_on_reports(column) or rests_on_reports(replace(column, key="employer"))

"""One table of visits is enough: everything else is said to be absent, and the way goes through to a dossier."""

from __future__ import annotations

from dataclasses import replace

import riskscore as rs
from riskscore.pipeline.prepare import choose
from riskscore.records.model import Records


def _inspections_alone() -> Records:
    table = rs.sample_records()["inspections"]
    few = ("inspection_id", "site_id", "employer_id", "date", "known_on", "trigger", "uncontracted_workers")
    frame = table.frame.copy()
    for name in set(frame) - set(few):
        frame[name] = frame[name].iloc[:0].reindex(frame.index)
    return Records({"inspections": replace(table, frame=frame, present=frozenset(few))}, source="visits alone")


def test_a_ranking_and_a_dossier_come_from_visits_alone() -> None:
    records, recipe = _inspections_alone(), choose("site_risk").recipe
    quick = replace(recipe, model=replace(recipe.model, rounds=20, seeds=(1,)))
    model = rs.fit(records, quick, "2025-01-01")
    listed = rs.rank(model, records, "2025-01-01")
    assert len(listed.frame) == listed.frame["entity"].nunique() > 500
    dossier = rs.dossiers(listed, [str(listed.frame["entity"].iloc[0])])[0]
    assert any("no table 'sites'" in line for line in dossier.not_known)
    assert abs(dossier.base + sum(dossier.contributions.values()) - dossier.margin) < 1e-5


def test_a_ratio_lacks_what_one_of_its_parts_lacks() -> None:
    records = _inspections_alone()
    members = rs.cohort(records, "site_risk", ["2024-01-01"])
    matrix = rs.build_features(records, "site_risk", members)
    ratios = [c for c in matrix.columns.values() if c.feature.kind == "ratio"]
    assert ratios
    assert all(c.absent for c in ratios)
    assert matrix.frame[[c.name for c in ratios]].isna().all().all()

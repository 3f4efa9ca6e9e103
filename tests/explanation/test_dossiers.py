"""Dossiers of a small model: they add up, in all their sums, and say what a reader must know."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.errors import ExplanationError, RecordsError
from riskscore.explanation.reasons import dates_a_report
from riskscore.pipeline.prepare import choose


@pytest.fixture(scope="module")
def listed():
    recipe = choose("site_risk").recipe
    quick = replace(recipe, families=("uncontracted", "fines", "place", "reports", "employer", "calendar"))
    quick = replace(quick, model=replace(quick.model, rounds=30, seeds=(1, 2)))
    records = rs.sample_records()
    return rs.rank(rs.fit(records, quick, "2025-01-01"), records, "2025-01-01")


@pytest.fixture(scope="module")
def dossiers(listed):
    frame = listed.frame
    picked = [*frame["entity"].head(6), *frame["entity"].tail(4), *frame.loc[frame["sole_trader"], "entity"].head(3)]
    return rs.dossiers(listed, list(dict.fromkeys(map(str, picked))))


def test_contributions_families_and_ranks_are_those_of_the_list(listed, dossiers) -> None:
    rows = listed.frame.set_index("entity")
    for d in dossiers:
        assert d.base + sum(d.contributions.values()) == pytest.approx(d.margin, abs=1e-5)
        assert d.base + sum(d.families.values()) == pytest.approx(d.margin, abs=1e-5)
        row = rows.loc[d.entity]
        assert (d.rank, d.band, d.urgent, d.margin) == (row["rank"], row["band"], row["urgent"], row["margin"])
        assert d.probability == (None if row["extrapolation"] else row["probability"])
        assert d.probability_note.startswith("No percentage") == row["extrapolation"]


def test_reasons_for_raise_and_reasons_against_lower_the_largest_first(dossiers) -> None:
    for d in dossiers:
        raising, lowering = ([r.contribution for r in rs_] for rs_ in (d.reasons_for, d.reasons_against))
        assert raising == sorted(raising, reverse=True)
        assert lowering == sorted(lowering)
        assert all(c > 0 for c in raising)
        assert all(c < 0 for c in lowering)
        assert raising[0] == max(d.contributions.values())


def test_the_first_reason_of_the_list_is_the_first_of_the_dossier(listed, dossiers) -> None:
    first = listed.frame.set_index("entity")["reason_1"]
    for d in dossiers:
        assert d.reasons_for[0].sentence == first[d.entity]


def test_a_list_gives_no_two_reasons_of_one_family(listed) -> None:
    family = {}
    for d in rs.dossiers(listed, [str(e) for e in listed.frame["entity"].head(20)]):
        family |= {r.sentence: r.family for r in d.reasons_for}
    for row in listed.frame.head(20).itertuples():
        known = [family[r] for r in (row.reason_1, row.reason_2, row.reason_3) if r in family]
        assert len(known) == len(set(known))


def test_nobody_may_read_a_day_of_a_report_from_a_dossier(listed, dossiers) -> None:
    frame = listed.records["complaints"].frame
    for d in dossiers:
        text = json.dumps(asdict(d), default=str)
        mine = frame[frame["site_id"].astype(str) == d.entity]
        assert not [i for i in mine["complaint_id"] if i in text]
        for r in (*d.reasons_for, *d.reasons_against):
            if dates_a_report(listed.matrix.columns[r.column]):
                assert r.value == r.usual == "not shown: it would date a report"


def test_no_inspector_is_named(listed, dossiers) -> None:
    who = set(listed.records["inspections"].frame["inspector_id"].dropna())
    assert who
    text = json.dumps([asdict(d) for d in dossiers], default=str)
    assert not [name for name in who if name in text]


def test_an_unvisited_place_is_said_to_be_unvisited_and_a_sole_trader_to_be_a_person(listed, dossiers) -> None:
    sole = listed.frame.set_index("entity")["sole_trader"]
    kinds = set()
    for d in dossiers:
        visited = any(p.table == "inspections" for p in d.documents)
        cautions = " ".join(d.cautions)
        assert ("never visited" in cautions) == (not visited)
        assert any("Nobody has visited" in line for line in d.not_known) == (not visited)
        assert ("sole trader: a person" in cautions) == sole[d.entity]
        kinds.add((visited, bool(sole[d.entity])))
    assert len(kinds) > 2, "the sample shows several kinds"


def test_a_score_that_rests_mostly_on_uncontracted_work_says_so(listed, dossiers) -> None:
    said = []
    for d in dossiers:
        raising = {c: v for c, v in d.contributions.items() if v > 0}
        enabling = sum(
            v for c, v in raising.items() if listed.matrix.columns[c].feature.indicator == "enabling condition"
        )
        mostly = enabling > 0.5 * sum(raising.values())
        assert any("none of the eleven indicators" in c for c in d.cautions) == mostly
        said.append(mostly)
    assert any(said)


def test_facts_come_from_the_registers(listed, dossiers) -> None:
    sites = listed.records["sites"].frame.set_index("site_id")
    for d in dossiers:
        region = sites.loc[[d.entity], "region"].astype(str)
        assert d.facts["Region"] in set(region)
        assert d.title


def test_values_that_do_not_add_up_are_never_shown(listed) -> None:
    wrong = replace(listed, values=listed.values + 0.01)
    with pytest.raises(ExplanationError, match="do not add up"):
        rs.dossiers(wrong, [str(listed.frame["entity"].iloc[0])])


def test_who_is_not_on_the_list_is_refused_with_the_reason(listed) -> None:
    with pytest.raises(RecordsError, match="'nobody' is not on the list: the register has no such site"):
        rs.dossiers(listed, ["nobody"])


def test_reasons_are_the_largest_parts_of_the_margin(listed) -> None:
    parts = pd.DataFrame(listed.values[:, :-1], columns=listed.model.columns, index=listed.cohort.entity)
    for row in listed.frame.head(30).itertuples():
        best = parts.loc[row.entity]
        assert (best.max() > 0) == bool(row.reason_1)
    assert np.allclose(parts.sum(axis=1) + listed.values[:, -1], listed.model.margin(listed.matrix), atol=1e-5)


def test_a_case_of_a_household_or_unknown_kind_does_not_reach_a_dossier(listed) -> None:
    employers = listed.records["employers"].frame
    homes = set(employers.loc[employers["employer_kind"] == "household", "employer_id"].astype(str))
    held = listed.frame.loc[~listed.frame["urgent"], "employer"].astype(str)
    assert not homes & set(held)

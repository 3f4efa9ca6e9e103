"""The margin by document: what each share is, checked against records from which the document was really removed."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.asof.build import build
from riskscore.asof.engine import Engine
from riskscore.explanation.copies import copies, moving, moving_families, original_of
from riskscore.explanation.papers import Reads, Shelf, Whose, papers_of
from riskscore.pipeline.prepare import choose


def with_frames(records, **frames):
    tables = {n: replace(t, frame=frames.get(n, t.frame), origin=None) for n, t in records.tables.items()}
    return replace(records, tables=tables)


def removed(records, papers):
    """Return the records without the rows of some documents."""
    gone = {}
    for paper in papers:
        for name, rows in paper.rows.items():
            gone.setdefault(name, []).extend(rows.tolist())
    frames = {n: records[n].frame.drop(index=records[n].frame.index[rows]) for n, rows in gone.items()}
    return with_frames(records, **{n: frame.reset_index(drop=True) for n, frame in frames.items()})


def desk(listed, *entities):
    """Return rows of the matrix, shelf, and for each entity whose it is and its papers."""
    at = {e: i for i, e in enumerate(listed.cohort.entity.astype(str))}
    rows = np.array([at[e] for e in entities])
    shelf = Shelf(Engine(listed.records, listed.cohort.pick(rows)))
    reads = Reads.of(listed.matrix.columns[c] for c in listed.model.columns)
    whose = [Whose.of(shelf, i) for i in range(len(rows))]
    return rows, shelf, whose, [papers_of(shelf, w, reads) for w in whose]


def entities(listed, wanted, least=1, most=12):
    """Return the first three entities of the list with so many documents for which ``wanted`` holds."""
    names = [str(e) for e in listed.frame["entity"].head(600)]
    found = [e for e, p in zip(names, desk(listed, *names)[3], strict=True) if least <= len(p) <= most and wanted(p)]
    assert len(found) >= 3, "the sample has too few of these"
    return found[:3]


@pytest.fixture(scope="module")
def shown(every_family):
    """Return dossiers: of many documents, of linked firms' documents, of few, of none."""
    several = entities(every_family, lambda p: True, least=6)
    linked = entities(every_family, lambda p: any(x.link >= 0 for x in p))
    many = entities(every_family, lambda p: True, least=13, most=99)[:1]
    rest = [str(e) for e in every_family.frame["entity"].tail(2)]
    return rs.dossiers(every_family, list(dict.fromkeys([*several, *linked, *many, *rest])))


def test_base_place_and_documents_add_up_to_the_margin(shown) -> None:
    for d in shown:
        assert d.base + d.place_share + sum(s.share for s in d.shares) == pytest.approx(d.margin, abs=1e-6)
    assert {d.shares_method.split()[0] for d in shown} == {"exact", "sampled,"}


def test_a_copy_without_documents_has_the_features_of_records_without_them(every_family) -> None:
    listed = every_family
    linked = entities(listed, lambda p: any(x.link >= 0 for x in p), least=3)
    own = entities(listed, lambda p: all(x.own for x in p), least=4)
    for entity in (*linked[:2], *own[:2]):
        (row,), shelf, (whose,), (papers,) = desk(listed, entity)
        sets = np.array([[False] * len(papers), [True] * len(papers), [i % 2 == 0 for i in range(len(papers))]])
        copied, cohort = copies(original_of(shelf, 0, whose, papers), sets)
        made = build(copied, moving_families(listed.model.families, moving(shelf, papers)), cohort)
        for k, kept in enumerate(sets):
            left = removed(listed.records, [p for p, keep in zip(papers, kept, strict=True) if not keep])
            really = build(left, listed.model.families, listed.cohort.pick(np.array([row]))).frame
            assert not [c for c in made.frame if not _same(made.frame[c].iloc[k], really[c].iloc[0])]
            # what copies leave out is as it was, peers too: the own employer's rows are none of theirs
            if all(p.link < 0 for p in papers):
                ratios = [c for c in really if listed.matrix.columns[c].feature.kind == "ratio"]
                held = [c for c in really if c not in made.frame and c not in ratios]
                assert any(".peers." in c for c in held)
                assert any(c.startswith("headcount.") for c in held)
                assert not [c for c in held if not _same(really[c].iloc[0], listed.matrix.frame[c].iloc[row])]


def _same(a, b) -> bool:
    return bool(a == b) or bool(pd.isna(a) and pd.isna(b))


def test_a_counterfactual_rank_is_that_of_the_margin_without_the_document(every_family, shown) -> None:
    listed = every_family
    d = next(d for d in shown if d.counterfactuals and not any(s.link for s in d.shares))
    (row,), _, _, (papers,) = desk(listed, d.entity)
    margins = listed.frame.loc[listed.frame["entity"] != d.entity, "margin"]
    for c in d.counterfactuals:
        share = d.shares[c.position]
        if not share.id:
            continue
        paper = next(p for p in papers if str(listed.records[p.table].frame.iloc[p.row, 0]) == share.id)
        left = removed(listed.records, [paper])
        margin = listed.model.margin(build(left, listed.model.families, listed.cohort.pick(np.array([row]))))[0]
        assert c.rank_without == 1 + int((margins > margin).sum())
        assert c.rank_with == d.rank


def test_a_document_that_no_feature_reads_is_told_and_has_no_share(every_family) -> None:
    recipe = replace(choose("site_risk").recipe, families=("uncontracted", "place"))
    recipe = replace(recipe, model=replace(recipe.model, rounds=10, seeds=(1,)))
    records = every_family.records
    few = rs.rank(rs.fit(records, recipe, "2025-01-01"), records, "2025-01-01")
    told = [s for d in rs.dossiers(few, [str(e) for e in few.frame["entity"].head(12)]) for s in d.shares]
    assert {s.table for s in told if s.share} == {"inspections"}
    unread = [s for s in told if s.table != "inspections"]
    assert unread
    assert all(not s.place for s in unread), "of other sites only what is read is told"


def test_two_visits_that_say_the_same_have_the_same_share(every_family) -> None:
    listed = every_family
    visits = listed.records["inspections"].frame
    bare = ~visits["inspection_id"].isin(listed.records["findings"].frame["inspection_id"].astype(str))
    bare &= ~visits["inspection_id"].isin(listed.records["penalties"].frame["inspection_id"].astype(str))
    entity = next(
        e for e in listed.frame["entity"].astype(str).tail(1500)
        if (visits["site_id"] == e).sum() == 1 and bare[visits["site_id"] == e].all() and len(desk(listed, e)[3][0]) < 6
    )  # fmt: skip
    again = visits[visits["site_id"] == entity].assign(inspection_id="V-again")
    records = with_frames(listed.records, inspections=pd.concat([visits, again], ignore_index=True))
    d = rs.explain(listed.model, records, "2025-01-01", entity)
    one, other = (s.share for s in d.shares if s.table == "inspections" and not s.place and not s.link)
    assert one == pytest.approx(other, abs=1e-9)


def test_what_is_known_later_changes_no_share(every_family) -> None:
    listed, day = every_family, "2024-04-01"
    frames = {}
    for name, table in listed.records.tables.items():
        if table.schema.kind == "event" and "known_on" in table.frame:
            frames[name] = table.frame[table.frame["known_on"] < pd.Timestamp(day)].reset_index(drop=True)
    assert sum(len(f) for f in frames.values()) < sum(len(listed.records[n].frame) for n in frames)
    names = [str(e) for e in rs.rank(listed.model, listed.records, day).frame["entity"].iloc[[0, 20, 200]]]
    whole, cut = (
        rs.dossiers(rs.rank(listed.model, records, day), names)
        for records in (listed.records, with_frames(listed.records, **frames))
    )
    assert any(d.shares for d in whole)
    for was, d in zip(whole, cut, strict=True):
        assert (d.shares, d.counterfactuals, d.place_share) == (was.shares, was.counterfactuals, was.place_share)
        assert (d.found, d.legal_test, d.not_known) == (was.found, was.legal_test, was.not_known)


def test_a_linked_firms_document_says_by_which_link_it_counts(every_family, shown) -> None:
    links = every_family.records["links"].frame.set_index("link_id")
    told = [(d, s) for d in shown for s in d.shares if s.link]
    assert told
    for d, s in told:
        link = links.loc[s.link.split("(link ")[1].split(",")[0]]
        ends = {str(link["employer_a"]), str(link["employer_b"])}
        assert d.facts["Employer id"] in ends
        assert s.link.split("employer ")[1].split(",")[0] in ends - {d.facts["Employer id"]}
        assert link["known_on"] < pd.Timestamp("2025-01-01")


def test_of_reports_shares_tell_a_quarter_and_nothing_else(every_family, shown) -> None:
    frame = every_family.records["complaints"].frame
    ids = set(frame["complaint_id"])
    told = [s for d in shown for s in d.shares if s.table == "complaints"]
    assert told
    assert all((s.id, s.date, s.known_on) == ("", None, None) for s in told)
    assert all(s.text.startswith("a report, ") and s.text[10:].split()[1:3] == ["quarter", "of"] for s in told)
    text = json.dumps([asdict(d) for d in shown], default=str)
    assert not [i for i in ids if f'"{i}"' in text]


def test_documents_stand_newest_first_own_before_linked(shown) -> None:
    for d in shown:
        assert [bool(s.link) for s in d.shares] == sorted(bool(s.link) for s in d.shares)
        dates = [s.date for s in d.shares if s.date and not s.link]
        assert dates == sorted(dates, reverse=True)


def test_refits_say_how_often_they_agree(every_family, shown) -> None:
    for d in shown:
        assert d.stability
        assert [s.family for s in d.stability] == [f for f, v in d.families.items() if v]
        assert all(0 <= s.place <= s.refits == 3 and 0 <= s.sign <= 3 for s in d.stability)
        low, high = d.rank_range
        assert 1 <= low <= high <= d.of
    assert any(s.sign < 3 or s.place < 3 for d in shown for s in d.stability)
    assert any(s.sign == 3 for d in shown for s in d.stability)
    single = replace(every_family, model=replace(every_family.model, refits=()))
    assert rs.dossiers(single, [shown[0].entity])[0].stability is None


def test_without_registers_shares_add_up_though_the_newest_visit_says_whose_a_place_is(every_family) -> None:
    records = every_family.records
    few = replace(records, tables={name: records[name] for name in ("inspections", "findings")})
    recipe = replace(choose("site_risk").recipe, families=("uncontracted", "indicators", "inspection_history"))
    recipe = replace(recipe, model=replace(recipe.model, rounds=15, seeds=(1,)))
    listed = rs.rank(rs.fit(few, recipe, "2024-07-01"), few, "2025-01-01")
    made = rs.dossiers(listed, [str(e) for e in listed.frame["entity"].iloc[[0, 5, 50, -1]]])
    assert sum(any(s.share for s in d.shares) for d in made) >= 2, "a small model may read none of some place's records"
    for d in made:
        assert d.base + d.place_share + sum(s.share for s in d.shares) == pytest.approx(d.margin, abs=1e-6)


def test_employers_are_shared_among_documents_too(every_family) -> None:
    recipe = choose("employer_risk").recipe
    recipe = replace(recipe, model=replace(recipe.model, rounds=15, seeds=(1,)))
    listed = rs.rank(rs.fit(every_family.records, recipe, "2024-07-01"), every_family.records, "2025-01-01")
    for d in rs.dossiers(listed, [str(e) for e in listed.frame["entity"].iloc[[0, 5, 200]]]):
        assert any(s.share for s in d.shares)
        assert all(s.link or not s.place for s in d.shares)
        assert d.base + d.place_share + sum(s.share for s in d.shares) == pytest.approx(d.margin, abs=1e-6)

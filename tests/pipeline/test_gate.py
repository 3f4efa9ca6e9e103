"""The gate: who passes, who does not and by how much, what nobody can tell, and what a verdict is bound to."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import riskscore as rs
from riskscore.champion import champion, changes, keep_verdict, promote, standing_verdict
from riskscore.dates import as_date, day
from riskscore.definitions.recipe import GateRule
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import StoreError
from riskscore.pipeline.card import card_lines
from riskscore.pipeline.gate import gate
from riskscore.pipeline.paired import unseen
from riskscore.pipeline.prepare import choose
from riskscore.report.gate_text import verdict_text
from riskscore.simulate import simulate
from riskscore.store import load_run
from riskscore.verdict import file_of, read_verdict

EARLIER, DAY = "2019-12-31", "2020-12-31"
GOOD, POOR = '["uncontracted", "place", "reports", "headcount", "peers"]', '["calendar", "minors"]'


def recipe(families: str):
    """Return the shipped recipe with few trees and these families."""
    text = choose("site_risk").recipe.text
    for old, new in (
        ('families = ["*"]', f"families = {families}"), ("first = 2017-01-01", "first = 2014-01-01"),
        ("rounds = 224", "rounds = 30"), ("seeds  = [1, 2, 3]", "seeds = [1, 2]"), ("origins     = 3", "origins = 2"),
        ('every = "6 months"', 'every = "12 months"'), ("min_child_weight = 48.8", "min_child_weight = 5"),
    ):  # fmt: skip
        assert old in text
        text = text.replace(old, new)
    return recipe_from_text(text, "site_risk")


@pytest.fixture(scope="module")
def country():
    """Return records of a country in which no rule ever forbade a visit."""
    return simulate(sites=1800, years=(2012, 2020), seed=3, suspended_from=2100).records


@pytest.fixture(scope="module")
def store(country, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for as_of, families in ((EARLIER, GOOD), (DAY, GOOD), (DAY, POOR)):
        rs.fit(country, recipe(families), as_of, store=folder)
    return folder


@pytest.fixture(scope="module")
def runs(store):
    """Return the good recipe of two days, and a poor one."""
    found = [load_run(store, path.parent.name) for path in sorted(store.glob("*/manifest.json"))]
    poor = next(run for run in found if len(run.model.families) == 2)
    old = next(run for run in found if run.manifest["as_of"] == EARLIER)
    return {"old": old, "new": next(run for run in found if run not in (poor, old)), "poor": poor}


@pytest.fixture(scope="module")
def retrained(runs, country):
    return gate(runs["new"], runs["old"], country)


@pytest.fixture(scope="module")
def worse(runs, country):
    """Return what is said of a poor recipe that also brings a limit of its own."""
    lax = replace(runs["poor"].model.recipe, gate=GateRule(margin=0.5))
    return gate(replace(runs["poor"], model=replace(runs["poor"].model, recipe=lax)), runs["new"], country)


def parts(verdict):
    return {name: next(p for p in verdict.parts if p.name.startswith(name)) for name in
            ("auc, corrected", "auc, on visited", "fairness", "who the workers are", "stability")}  # fmt: skip


@pytest.mark.slow
def test_a_truly_better_recipe_is_surely_better_where_it_counts(runs, country) -> None:
    found = gate(runs["new"], runs["poor"], country)
    assert found.kind == "changed"
    better = parts(found)["auc, corrected"]
    assert better.passed
    assert 0 < better.low < better.value < better.high
    assert parts(found)["auc, on visited"].passed


def test_a_truly_worse_recipe_is_refused_and_told_by_how_much(worse) -> None:
    assert not worse.passed
    found = parts(worse)["auc, corrected"]
    assert not found.passed
    assert found.value < 0
    assert f"short by {found.limit - found.low:.3f}" in found.said
    text = verdict_text(worse)
    assert "FAILED" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_run_does_not_bring_its_own_limits(worse) -> None:
    assert parts(worse)["auc, on visited"].limit == -0.02


def test_a_retrain_is_measured_where_neither_has_learned(runs, retrained, country) -> None:
    assert retrained.kind == "retrain"
    dates = unseen([runs["new"], runs["old"]], country)
    assert day(runs["new"].manifest["card"]["training"][1]) + 365 < dates[0]
    assert str(as_date(int(dates[0]))) in retrained.rows[0]
    for name in ("auc, corrected", "auc, on visited", "stability"):
        assert parts(retrained)[name].value is not None, name
    assert 0 <= retrained.power <= 1
    assert re.search(r"(about|more than|less than) \d+% of cases", retrained.power_said)


@pytest.mark.slow
def test_nobody_in_office_means_the_best_simple_rule(runs, country) -> None:
    found = gate(runs["new"], None, country)
    assert found.kind == "first"
    assert "simple rule" in parts(found)["auc, on visited"].rule


def test_with_too_few_finds_nothing_can_be_told_and_nobody_passes(tmp_path) -> None:
    few = simulate(sites=300, years=(2012, 2020), seed=3, suspended_from=2100).records
    run = rs.fit(few, recipe(GOOD), DAY, store=tmp_path)
    again = rs.fit(few, recipe(GOOD), EARLIER, store=tmp_path)
    found = gate(run, again, few)
    assert not found.passed
    assert found.power is None
    assert "cannot be told" in parts(found)["auc, corrected"].said


def test_records_that_the_run_was_not_made_from_are_refused(runs, country) -> None:
    fewer = replace(country, tables={n: t for n, t in country.tables.items() if n != "links"})
    with pytest.raises(StoreError, match=r"other records \(links\)"):
        gate(runs["new"], runs["old"], fewer)


@pytest.fixture
def office(store, runs, tmp_path) -> Path:
    """Return a copy of the store in which the old run is in office."""
    folder = tmp_path / "runs"
    shutil.copytree(store, folder)
    promote(folder, runs["old"].id, "site_risk", "2020-01-01", "the first")
    return folder


def test_a_verdict_comes_back_as_it_was_kept_and_is_cited_by_its_hash(office, runs, retrained) -> None:
    path = keep_verdict(office, retrained)
    assert read_verdict(path) == retrained
    assert standing_verdict(office, runs["new"].id, "site_risk") == retrained
    promote(office, runs["new"].id, "site_risk", "2021-01-01", "both have read it", retrained)
    last = changes(office)[-1]
    assert last["verdict"] == retrained.digest
    assert last["failed"] == ", ".join(p.name for p in retrained.failed)
    assert champion(office, "site_risk") == runs["new"].id


@pytest.mark.parametrize("what", ["passed", "part", "cut"])
def test_a_tampered_verdict_is_refused_by_its_name(office, runs, retrained, what) -> None:
    path = keep_verdict(office, retrained)
    kept = json.loads(path.read_text(encoding="utf-8"))
    if what == "passed":
        kept["verdict"]["passed"] = not kept["verdict"]["passed"]
    if what == "part":
        kept["verdict"]["parts"][0]["passed"] = not kept["verdict"]["parts"][0]["passed"]
    path.write_text(json.dumps(kept)[: 90 if what == "cut" else None], encoding="utf-8")
    with pytest.raises(StoreError, match=path.name):
        standing_verdict(office, runs["new"].id, "site_risk")


@pytest.mark.parametrize("what", ["run", "champion", "records"])
def test_a_verdict_of_another_run_champion_or_other_records_promotes_nobody(office, runs, retrained, what) -> None:
    wrong = {
        "run": replace(retrained, run_hash="0" * 64), "champion": replace(retrained, champion=runs["poor"].id),
        "records": replace(retrained, records={**retrained.records, "links": "0" * 64}),
    }[what]  # fmt: skip
    with pytest.raises(StoreError, match=r"verdict"):
        promote(office, runs["new"].id, "site_risk", "2021-01-01", "why not", wrong)
    assert champion(office, "site_risk") == runs["old"].id


def test_a_verdict_that_was_not_passed_needs_a_reason(office, runs, retrained) -> None:
    failed = replace(retrained, parts=(replace(retrained.parts[0], passed=False), *retrained.parts[1:]))
    with pytest.raises(StoreError, match="needs a reason"):
        promote(office, runs["new"].id, "site_risk", "2021-01-01", " ", failed)


@pytest.mark.slow
def test_the_same_run_gets_the_same_verdict_bit_for_bit(runs, retrained, country) -> None:
    assert file_of(gate(runs["new"], runs["old"], country)) == file_of(retrained)


def test_the_card_states_the_power_to_pass(runs) -> None:
    said = runs["new"].manifest["card"]["power"]
    assert 0 < said["chance"] < 1
    assert f"about {said['chance']:.0%} of cases" in "\n".join(card_lines(runs["new"].manifest))

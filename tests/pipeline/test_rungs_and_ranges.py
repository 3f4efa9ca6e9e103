"""From records to a list with rarer rungs, ranges and tie marks; what may not be shown is shown nowhere."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import riskscore as rs
from riskscore.errors import StoreError
from riskscore.pipeline.card import card_lines
from riskscore.pipeline.listing import List, rank_list, shown
from riskscore.pipeline.prepare import choose
from riskscore.report.write import write
from riskscore.store import Run, load_run, save_run

DAY = "2025-01-01"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    recipe = choose("site_risk").recipe
    small = replace(recipe, model=replace(recipe.model, rounds=30, seeds=(1,), refits=3))
    made = rs.fit(rs.sample_records(), small, DAY, store=tmp_path_factory.mktemp("runs"))
    assert isinstance(made, Run)
    return made


@pytest.fixture(scope="module")
def listed(run: Run) -> List:
    return rank_list(run, rs.sample_records(), DAY)


def test_every_rung_above_the_ranking_one_is_learned_and_the_card_says_how(run: Run) -> None:
    assert [rung.name for rung in run.model.rungs] == ["fined", "referred", "opened"]
    said = "\n".join(card_lines(run.manifest))
    for rung in run.model.rungs:
        assert f"{rung.positives:,} known cases" in said
        assert rung.refusal in said


def test_fewer_than_ten_cases_are_looked_at_one_by_one_and_told_with_an_exact_interval(run: Run) -> None:
    few = [rung for rung in run.model.rungs if rung.positives < 10]
    assert few  # the sample has a handful of referrals
    for rung in few:
        assert len(rung.cases) == rung.positives
        assert rung.correction.form in ("none", "shift")  # the order stays that of the rung below
    assert any("scored by models that did not see" in line for line in card_lines(run.manifest))


def test_no_percentage_of_a_refused_rung_stands_in_any_file(listed: List, tmp_path: Path) -> None:
    write(shown(listed), tmp_path / "list.json")
    rows = json.loads((tmp_path / "list.json").read_text(encoding="utf-8"))
    for rung in listed.model.rungs:
        shares = {row[f"rung_{rung.name}"] for row in rows}
        assert (shares == {None}) == bool(rung.refusal)
        for row in rows:
            assert row[f"rung_{rung.name}_refused"] == (rung.refusal or row["percentage_refused"])
            assert row[f"rung_{rung.name}"] is None or not row["extrapolation"]


def test_a_percentage_lies_between_its_ends_and_falls_from_rung_to_rung(listed: List) -> None:
    frame = listed.frame
    assert (frame["probability_low"] <= frame["probability"] + 1e-4).all()
    assert (frame["probability"] <= frame["probability_high"] + 1e-4).all()
    assert (frame["rung_fined"] <= frame["probability"] + 1e-4).all()
    known = frame[frame["percentage_refused"] == ""]
    dossier = rs.explain(listed.model, listed.records, DAY, str(known["entity"].iloc[0]))
    ends = [f"{100 * known[f'probability_{end}'].iloc[0]:.0f} %" for end in ("low", "high")]
    assert f"between {ends[0]} and {ends[1]} (Venn-Abers)" in dossier.probability_note.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_ranges_and_marks_stand_beside_every_rank(listed: List) -> None:
    frame = listed.frame.sort_values("rank")
    assert (frame["rank_low"] <= frame["rank_high"]).all()
    assert frame["rank_high"].max() <= len(frame)
    marked = frame.dropna(subset="tie")
    assert (marked["tie"] <= marked["rank"]).all()
    assert (marked.groupby("tie")["rank"].count() > 1).all()


def test_a_recipe_without_refits_and_rarer_rungs_makes_the_plain_list() -> None:
    recipe = choose("site_risk").recipe
    plain = replace(recipe, ladder=recipe.ladder[:2], model=replace(recipe.model, rounds=5, seeds=(1,)))
    listed = rank_list(rs.fit(rs.sample_records(), plain, DAY), rs.sample_records(), DAY)
    assert not [name for name in listed.frame if name.startswith("rung_") or name in ("tie", "rank_low")]
    assert np.isfinite(listed.frame["margin"]).all()


def test_rungs_and_refits_come_back_from_the_store_and_a_run_that_lost_them_is_refused(
    run: Run, tmp_path: Path
) -> None:
    noted = {name: run.manifest[name] for name in ("as_of", "created", "card", "records", "versions")}
    again = save_run(tmp_path, run.model, run.phrases, noted)
    assert again.model.rungs == run.model.rungs
    assert again.model.refits == run.model.refits
    (tmp_path / again.id / "ladder.json").unlink()
    with pytest.raises(StoreError, match=r"ladder\.json"):
        load_run(tmp_path, again.id)

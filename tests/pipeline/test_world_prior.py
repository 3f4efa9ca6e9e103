"""A list with estimates for the world shows both ranks, and its scores know nothing of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import riskscore as rs
from riskscore.definitions.world_prior import SectorEstimate, WorldPrior
from riskscore.learn.selection.prior import MOST
from riskscore.pipeline.listing import shown
from riskscore.pipeline.prepare import choose

PRIOR = WorldPrior(
    "invented for this test", "invented too", 3.0,
    (SectorEstimate(("A agriculture",), 9_000, 1_000_000),
     SectorEstimate(("G trade", "P education"), 1_000, 1_000_000)),
)  # fmt: skip


@pytest.fixture(scope="module")
def lists():
    records = rs.sample_records()
    recipe = choose("site_risk").recipe
    recipe = replace(recipe, families=("uncontracted", "place"), model=replace(recipe.model, rounds=15, seeds=(1,)))
    model = rs.fit(records, recipe, "2024-01-01")
    moved = replace(model, recipe=replace(recipe, world_prior=PRIOR))
    return rs.rank(model, records, "2024-01-01"), rs.rank(moved, records, "2024-01-01"), records


def test_margins_ranks_and_bands_stay_as_they_were(lists) -> None:
    plain, moved, _ = lists
    assert "rank_with_prior" not in plain.frame
    assert moved.frame[list(plain.frame)].equals(plain.frame)
    np.testing.assert_array_equal(moved.values, plain.values)


def test_the_other_rank_moves_sectors_as_their_rates_tell(lists) -> None:
    _, moved, records = lists
    frame = moved.frame
    assert sorted(frame["rank_with_prior"]) == list(range(1, len(frame) + 1))
    sector = records["employers"].frame.drop_duplicates("employer_id", keep="last").set_index("employer_id")["sector"]
    rose = (frame["rank"] - frame["rank_with_prior"]).groupby(frame["employer"].map(sector).to_numpy()).mean()
    assert rose["A agriculture"] > 0 > rose["G trade"]
    assert rose["A agriculture"] > rose["F construction"] > rose["P education"]


def test_nobody_moves_past_a_place_with_more_than_the_odds_allow(lists) -> None:
    frame = lists[1].frame.sort_values("rank_with_prior")
    fell = frame["margin"].cummax() - frame["margin"]
    rose = frame["margin"] - frame["margin"][::-1].cummin()[::-1]
    assert max(fell.max(), rose.max()) <= 2 * MOST + 1e-9


def test_the_terminal_shows_both_and_a_note_names_the_sources(lists) -> None:
    plain, moved, _ = lists
    assert "with prior" in shown(moved, brief=True)
    assert "with prior" not in shown(plain, brief=True)
    note = next(n for n in moved.notes if n.startswith("rank_with_prior"))
    assert "invented for this test; employed: invented too" in note
    assert not any(n.startswith("rank_with_prior") for n in plain.notes)

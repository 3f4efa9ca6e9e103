"""Weights, what they are worth, and similarity, on numbers that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.learn.selection.overlap import (
    CLIP,
    LIMIT,
    Overlap,
    clipped_weights,
    effective_sample_size,
    is_extrapolation,
    overlap_of,
    similarity_to_visited,
)


def test_a_weight_is_one_over_the_chance_and_the_largest_are_clipped() -> None:
    chance = np.append(np.full(999, 0.2), 0.001)
    weight = clipped_weights(chance, np.ones(1000, dtype=bool))
    assert weight[0] == pytest.approx(5.0)
    assert weight[-1] == pytest.approx(np.quantile(1 / chance, CLIP))
    assert weight[-1] < 1000


def test_rows_that_do_not_count_have_no_weight() -> None:
    assert clipped_weights(np.array([0.0, 0.5]), np.array([False, True])).tolist() == [0.0, 2.0]
    assert clipped_weights(np.array([0.0]), np.array([False])).tolist() == [0.0]


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=30))
def test_rows_of_unequal_weight_are_worth_no_more_than_their_number(weights) -> None:
    weight = np.array(weights)
    size = effective_sample_size(weight)
    assert 1 - 1e-9 <= size <= weight.size + 1e-9
    assert effective_sample_size(7 * weight) == pytest.approx(size)


def test_two_rows_of_which_one_weighs_three_times_the_other_are_worth_1_6() -> None:
    assert effective_sample_size(np.array([3.0, 1.0, 0.0])) == pytest.approx(16 / 10)
    assert effective_sample_size(np.zeros(3)) == 0.0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=40), st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_similarity_never_falls_as_the_chance_rises(chances, visited) -> None:
    chance = np.sort(np.array(chances))
    found = similarity_to_visited(chance, np.sort(np.array(visited)), np.zeros(chance.size, dtype=bool))
    assert (np.diff(found) >= 0).all()
    assert ((found >= 0) & (found <= 1)).all()


def test_a_row_below_the_limit_or_closed_is_an_extrapolation() -> None:
    similarity, closed = np.array([LIMIT / 2, LIMIT, 1.0, 0.0]), np.array([False, False, False, True])
    assert is_extrapolation(similarity, closed).tolist() == [True, False, False, True]


def example(n: int = 20_000) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    draws = np.random.default_rng(0)
    closed = np.arange(n) % 10 == 0
    chance = np.where(closed, 0.0, draws.uniform(0.02, 0.4, n))
    visited = draws.random(n) < chance
    return chance, visited, closed, np.sort(chance[visited])


def test_the_tenths_hold_all_rows_and_their_chances_come_true() -> None:
    chance, visited, closed, reference = example()
    found = overlap_of(chance, visited, closed, reference)
    assert len(found.bands) == 10
    assert sum(band.rows for band in found.bands) == found.rows == 18_000
    assert sum(band.visited for band in found.bands) == found.visited == visited.sum()
    assert sum(band.weight_share for band in found.bands) == pytest.approx(1.0)
    for band in found.bands:
        assert band.low <= band.mean_probability <= band.high
        assert band.visited / band.rows == pytest.approx(band.mean_probability, abs=0.03)
    assert found.closed == 2_000
    assert found.closed_visited == 0


def test_weights_make_the_visited_stand_for_all_within_the_overlap() -> None:
    chance, visited, closed, reference = example()
    found = overlap_of(chance, visited, closed, reference)
    inside = ~closed & ~is_extrapolation(similarity_to_visited(chance, reference, closed), closed)
    weight = clipped_weights(chance, visited & inside)
    assert weight.sum() == pytest.approx(inside.sum(), rel=0.05)
    assert found.effective_size == pytest.approx(weight.sum() ** 2 / (weight**2).sum())
    assert found.effective_size < found.visited
    assert found.largest_weight == weight.max()
    assert found.outside == (~closed & ~inside).sum()
    assert found.lowest == chance[inside].min()


def test_rows_that_stand_for_several_count_as_several() -> None:
    chance, visited, closed, reference = example()
    twice = overlap_of(np.tile(chance, 2), np.tile(visited, 2), np.tile(closed, 2), reference)
    weighted = overlap_of(chance, visited, closed, reference, np.full(chance.size, 2.0))
    assert (twice.rows, twice.visited, twice.closed) == (weighted.rows, weighted.visited, weighted.closed)
    assert [b.rows for b in twice.bands] == [b.rows for b in weighted.bands]
    assert twice.effective_size == pytest.approx(weighted.effective_size, rel=1e-3)


def test_an_overlap_is_the_same_after_storing() -> None:
    found = overlap_of(*example())
    assert Overlap.from_state(found.to_state()) == found

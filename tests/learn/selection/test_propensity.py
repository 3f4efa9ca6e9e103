"""The chance of a visit: calibrated, blind to the row's employer, 0 where closed, the same after storing."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from riskscore.errors import FitError
from riskscore.learn.folds import folds_of
from riskscore.learn.selection.propensity import (
    Propensity,
    cross_fit_visited,
    fit_visited,
)
from riskscore.learn.thinned import FEWEST, thinned


def office(n: int, seed: int = 0, base: float = -2.0):
    """Return a cohort whose chances of a visit are known: by size and by kind, one kind closed to visits."""
    draws = np.random.default_rng(seed)
    size, kind = draws.normal(size=n), draws.integers(0, 4, n)
    truth = 1 / (1 + np.exp(-(base + 1.2 * size + np.array([0.0, 1.0, -1.0, 2.0])[kind])))
    closed = kind == 3
    truth[closed] = 0
    words = np.array(["farm", "mine", "shop", "port"])[kind]
    frame = pd.DataFrame({"size": size, "kind": pd.Categorical(words), "noise": draws.normal(size=n)})
    return frame, draws.random(n) < truth, np.arange(n) // 3, closed, truth


def test_chances_are_calibrated_in_every_tenth() -> None:
    frame, visited, groups, closed, truth = office(30_000)
    found = cross_fit_visited(frame, visited, groups, closed)
    assert np.corrcoef(found[~closed], truth[~closed])[0, 1] > 0.97
    for rows in np.array_split(np.flatnonzero(~closed)[np.argsort(found[~closed])], 10):
        assert found[rows].mean() == pytest.approx(truth[rows].mean(), abs=0.02)


def test_thinned_rows_are_weighted_back() -> None:
    frame, visited, groups, closed, truth = office(120_000, base=-6.0)
    rows, weight = thinned(visited)
    assert rows.size == visited.sum() + max(FEWEST, 4 * visited.sum()) < visited.size
    assert weight[visited[rows]].sum() == visited.sum()
    assert weight.sum() == pytest.approx(visited.size)
    found = cross_fit_visited(frame, visited, groups, closed)
    assert found.sum() == pytest.approx(visited.sum(), rel=0.02)
    assert np.corrcoef(np.log(found[~closed]), np.log(truth[~closed]))[0, 1] > 0.9


def test_the_chance_is_exactly_0_where_closed_even_if_somebody_went() -> None:
    frame, visited, groups, closed, _ = office(6_000)
    visited = visited | (closed & (np.arange(6_000) % 5 == 0))
    assert (cross_fit_visited(frame, visited, groups, closed)[closed] == 0).all()
    made = fit_visited(frame, visited, groups, closed)
    assert (made.probability(frame, closed)[closed] == 0).all()
    assert (made.similarity(made.probability(frame, closed), closed)[closed] == 0).all()
    assert made.overlap.closed_visited == visited[closed].sum() > 0


def test_a_row_is_judged_by_a_model_that_saw_no_row_of_its_employer() -> None:
    """Each employer has a mark of its own that tells the outcome: seen in training it would give itself away."""
    draws = np.random.default_rng(1)
    employer = np.repeat(np.arange(400), 10)
    visited = np.repeat(draws.random(400) < 0.3, 10)
    frame = pd.DataFrame({"mark": draws.permutation(400)[employer].astype(float)})
    found = cross_fit_visited(frame, visited, employer, np.zeros(4_000, dtype=bool))
    assert abs(found[visited].mean() - found[~visited].mean()) < 0.1
    for own in folds_of(employer, 5, seed=0):
        assert not set(employer[own]) & set(employer[~own])


def test_where_columns_tell_nothing_everybody_has_the_mean_chance() -> None:
    draws = np.random.default_rng(2)
    frame, visited = pd.DataFrame({"noise": draws.normal(size=8_000)}), draws.random(8_000) < 0.2
    found = cross_fit_visited(frame, visited, np.arange(8_000), np.zeros(8_000, dtype=bool))
    assert found.mean() == pytest.approx(visited.mean(), abs=1e-3)
    assert found.std() < 0.02


def test_what_is_stored_gives_the_same_chances() -> None:
    frame, visited, groups, closed, _ = office(6_000)
    made = fit_visited(frame, visited, groups, closed)
    state, trees = made.to_state()
    again = Propensity.from_state(json.loads(json.dumps(state)), trees)
    np.testing.assert_array_equal(again.probability(frame, closed), made.probability(frame, closed))
    np.testing.assert_array_equal(again.reference, made.reference)
    assert again.overlap == made.overlap


def test_a_fit_is_the_same_twice_and_a_column_that_is_not_there_counts_as_missing() -> None:
    frame, visited, groups, closed, _ = office(6_000)
    one, two = (fit_visited(frame, visited, groups, closed) for _ in range(2))
    assert one.to_state() == two.to_state()
    lacking = one.probability(frame[["size", "noise"]], closed)
    missing = one.probability(frame.assign(kind=pd.Categorical([None] * 6_000)), closed)
    np.testing.assert_array_equal(lacking, missing)


def test_similarity_of_the_visited_themselves_is_spread_evenly() -> None:
    frame, visited, groups, closed, _ = office(30_000)
    made = fit_visited(frame, visited, groups, closed)
    fresh, went, _, shut, _ = office(30_000, seed=9)
    similar = made.similarity(made.probability(fresh, shut), shut)
    assert np.quantile(similar[went], [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.04)
    assert similar[~went & ~shut].mean() < 0.4


@pytest.mark.parametrize("visited", [np.ones(50, dtype=bool), np.zeros(50, dtype=bool)])
def test_who_is_visited_cannot_be_learned_from_one_kind_alone(visited) -> None:
    frame, closed = pd.DataFrame({"a": np.arange(50.0)}), np.zeros(50, dtype=bool)
    for fit in (fit_visited, cross_fit_visited):
        with pytest.raises(FitError, match="who is visited cannot be learned"):
            fit(frame, visited, np.arange(50), closed)

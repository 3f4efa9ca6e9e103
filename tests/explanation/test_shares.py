"""Shapley values of any game: efficiency, symmetry, dummies, and what sampling leaves open."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.explanation import shares as module
from riskscore.explanation.shares import shares


def game(n: int, seed: int):
    """Return a worth with interactions of two and three players, and a threshold as trees have."""
    draw = np.random.default_rng(seed)
    alone, pairs, three = draw.normal(size=n), draw.normal(size=(n, n)) / n, draw.normal(size=(n, n, n)) / n**2

    def worth(sets):
        x = sets.astype(float)
        found = x @ alone + np.einsum("ki,ij,kj->k", x, pairs, x) + np.einsum("ki,kj,kl,ijl->k", x, x, x, three)
        return found + (x.sum(axis=1) > n / 2)

    return worth


def by_definition(n: int, worth) -> np.ndarray:
    """Average each player's addition over all orders: slow, and the definition itself."""
    total, orders = np.zeros(n), list(permutations(range(n)))
    for order in orders:
        sets = np.zeros((n + 1, n), dtype=bool)
        for k, player in enumerate(order):
            sets[k + 1 :, player] = True
        total[list(order)] += np.diff(worth(sets))
    return total / len(orders)


@given(n=st.integers(1, 6), seed=st.integers(0, 10_000))
def test_exact_shares_are_the_average_over_all_orders(n: int, seed: int) -> None:
    found = shares(n, game(n, seed))
    assert found.values == pytest.approx(by_definition(n, game(n, seed)), abs=1e-9)
    assert not found.errors.any()


@pytest.mark.parametrize("n", [0, 1, 12, 13, 30])
def test_shares_add_up_to_what_all_are_worth_beyond_none(n: int) -> None:
    found = shares(n, game(max(n, 1), 7) if n else lambda sets: np.full(len(sets), 0.25))
    assert found.none + found.values.sum() == pytest.approx(found.all, abs=1e-9)
    assert found.values.shape == found.errors.shape == found.without.shape == (n,)
    assert bool(found.orders) == (n > module.EXACT)


def test_without_is_the_worth_of_all_but_one() -> None:
    for n in (5, 14):
        worth = game(n, 3)
        assert shares(n, worth).without == pytest.approx(worth(~np.eye(n, dtype=bool)))


def test_a_player_that_adds_nothing_has_no_share_and_equal_players_have_equal_shares() -> None:
    def worth(sets):
        return np.maximum(sets[:, 0], sets[:, 1]) * 2.0 + sets[:, 2]

    assert shares(4, worth).values == pytest.approx([1.0, 1.0, 1.0, 0.0])


def test_the_stated_error_holds_the_distance_from_the_exact_share(monkeypatch: pytest.MonkeyPatch) -> None:
    distances = []
    for seed in range(20):
        exact = shares(10, game(10, seed))
        with monkeypatch.context() as patch:
            patch.setattr(module, "EXACT", 0)
            sampled = shares(10, game(10, seed))
        assert sampled.errors.min() > 0
        distances.append((sampled.values - exact.values) / sampled.errors)
    # of standardised distances about 68 in 100 lie within one error, nearly all within three
    assert 0.5 < (np.abs(distances) < 1).mean() < 0.9
    assert (np.abs(distances) < 3).mean() > 0.97


def test_sampling_gives_the_same_shares_again() -> None:
    first, again = (shares(20, game(20, 1)) for _ in range(2))
    assert first.values.tolist() == again.values.tolist()

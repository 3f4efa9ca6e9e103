"""The draw of arms: balance, equal chances, the same for the same seed."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from riskscore.trial.allocation import draw, generator, smallest_p
from riskscore.trial.registration import allocate


def test_half_of_every_stratum_is_in_each_arm_and_an_odd_one_differs_by_one() -> None:
    strata = np.array([0] * 6 + [1] * 5 + [2])
    found = draw(strata, np.random.default_rng(1), 500)
    assert (found[:, :6].sum(axis=1) == 3).all()
    assert set(found[:, 6:11].sum(axis=1)) == {2, 3}
    assert set(found[:, 11]) == {False, True}


def test_every_allocation_of_a_stratum_is_as_likely_as_any_other() -> None:
    found = draw(np.zeros(4, dtype=np.int64), np.random.default_rng(1), 12_000)
    _, counts = np.unique(found, axis=0, return_counts=True)
    assert counts.size == len(set(permutations([0, 0, 1, 1])))
    assert np.abs(counts - 2_000).max() < 5 * np.sqrt(2_000)


def test_those_asked_for_are_drawn_as_they_are_among_all() -> None:
    strata = np.array([0] * 7 + [1] * 4)
    rows = np.array([1, 4, 6, 8])
    some = draw(strata, np.random.default_rng(2), 20_000, rows)
    all_ = draw(strata, np.random.default_rng(3), 20_000)[:, rows]
    assert np.corrcoef(some.T) == pytest.approx(np.corrcoef(all_.T), abs=0.03)
    assert some.mean(axis=0) == pytest.approx(np.full(4, 0.5), abs=0.02)


def test_the_same_seed_and_records_give_the_same_arms_in_whatever_order_units_come() -> None:
    units = pd.DataFrame({"unit": [f"S{i:03d}" for i in range(60)], "stratum": ["a", "b", "c"] * 20})
    one = allocate(units, ("list", "present"), 1, {"inspections": "abc"})
    assert one.equals(allocate(units.sample(frac=1, random_state=5), ("list", "present"), 1, {"inspections": "abc"}))
    assert not one.equals(allocate(units, ("list", "present"), 2, {"inspections": "abc"}))
    assert not one.equals(allocate(units, ("list", "present"), 1, {"inspections": "abd"}))


def test_the_stream_of_chance_is_the_same_on_every_system() -> None:
    assert generator(1, {"a": "b"}, "allocation").random(2).tolist() == pytest.approx(
        [0.1722181121, 0.6188922329], abs=1e-9
    )


def test_the_smallest_p_value_is_two_of_all_allocations() -> None:
    assert smallest_p(np.array([0, 0, 1, 1])) == pytest.approx(2 / 4)
    assert smallest_p(np.zeros(5, dtype=np.int64)) == pytest.approx(2 / 20)
    assert smallest_p(np.array([0])) == 1

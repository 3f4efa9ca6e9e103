"""The test by drawing again: false alarms, power and intervals where the truth is known."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from riskscore.trial.allocation import draw
from riskscore.trial.comparison import Difference, difference

RHO = 0.05


def trial(seed: int, detect: float, clusters: int = 40, block: int = 4, draws: int = 199) -> tuple[Difference, float]:
    """Return what a trial of clusters that vary in size and chance finds, and the z of a plain test of two shares."""
    rng = np.random.default_rng(seed)
    strata = np.arange(clusters) // block
    visits = rng.integers(3, 20, clusters).astype(float)
    first = draw(strata, rng)[0]
    share = np.where(first, detect, 0.25)
    own = rng.beta(share * (1 - RHO) / RHO, (1 - share) * (1 - RHO) / RHO)
    found = rng.binomial(visits.astype(int), own).astype(float)
    seen = difference(found, visits, first, strata, np.arange(clusters), rng, draws, 0.05)
    both = found.sum() / visits.sum()
    error = np.sqrt(both * (1 - both) * (1 / visits[first].sum() + 1 / visits[~first].sum()))
    return seen, abs(seen.estimate) / error


@pytest.mark.parametrize("trials", [400, pytest.param(3_000, marks=pytest.mark.slow)])
def test_false_alarms_are_five_in_a_hundred_though_visits_of_a_cluster_are_alike(trials) -> None:
    found = [trial(seed, 0.25) for seed in range(trials)]
    error = 3 * np.sqrt(0.05 * 0.95 / trials)
    assert np.mean([seen.p <= 0.05 for seen, _ in found]) == pytest.approx(0.05, abs=error)
    assert np.mean([z > 1.96 for _, z in found]) > 0.05 + error, "a plain test would alarm too often"
    assert np.mean([seen.low <= 0 <= seen.high for seen, _ in found]) == pytest.approx(0.95, abs=error)


def test_the_interval_holds_a_true_difference_about_95_times_in_100() -> None:
    found = [trial(seed, 0.4)[0] for seed in range(300)]
    assert np.mean([seen.low <= 0.15 <= seen.high for seen in found]) == pytest.approx(0.95, abs=0.04)
    assert np.mean([seen.p <= 0.05 for seen in found]) > 0.6


def test_interval_and_p_value_never_disagree() -> None:
    for seed in range(60):
        seen = trial(seed, 0.33)[0]
        assert (seen.p > 0.05) == (seen.low <= 0 <= seen.high)


def test_the_p_value_is_the_share_of_all_allocations_that_are_as_far_out() -> None:
    visits, found = np.array([5.0, 9, 4, 7, 6, 8, 3, 5]), np.array([4.0, 7, 2, 5, 2, 2, 0, 1])
    first = np.arange(8) < 4

    def shares(rows: np.ndarray) -> float:
        return found[rows].sum() / visits[rows].sum() - found[~rows].sum() / visits[~rows].sum()

    all_ = [np.isin(np.arange(8), some) for some in combinations(range(8), 4)]
    exact = np.mean([abs(shares(rows)) >= abs(shares(first)) - 1e-12 for rows in all_])
    seen = difference(found, visits, first, np.zeros(8, dtype=np.int64), np.arange(8), np.random.default_rng(1),
                      40_000, 0.05)  # fmt: skip
    assert seen.estimate == pytest.approx(shares(first))
    assert seen.p == pytest.approx(exact, abs=0.004)


def test_the_interval_is_where_the_shifted_finds_are_no_longer_refused() -> None:
    rng = np.random.default_rng(4)
    strata, visits = np.zeros(30, dtype=np.int64), rng.integers(2, 9, 30).astype(float)
    first = draw(strata, rng)[0]
    found = rng.binomial(visits.astype(int), np.where(first, 0.6, 0.3)).astype(float)

    def refused(shift: float) -> bool:
        moved = found - shift * visits * first  # the finds as they would have been without the difference
        return difference(moved, visits, first, strata, np.arange(30), np.random.default_rng(9), 999, 0.05).p <= 0.05

    seen = difference(found, visits, first, strata, np.arange(30), np.random.default_rng(9), 999, 0.05)
    for end, out in ((seen.low, -1e-6), (seen.high, 1e-6)):
        assert refused(end + out)
        assert not refused(end - out)


def test_for_many_places_the_interval_is_that_of_newcombe() -> None:
    rng = np.random.default_rng(2)
    strata, rows = np.zeros(6_000, dtype=np.int64), np.arange(1_200)
    first = draw(strata, rng)[0][rows]
    found = (rng.random(1_200) < np.where(first, 0.375, 0.25)).astype(float)
    seen = difference(found, np.ones(1_200), first, strata, rows, rng, 2_999, 0.05)

    def wilson(k: float, n: float) -> np.ndarray:
        z, p = 1.959964, k / n
        return (p + z**2 / (2 * n) + np.array([-1, 1]) * z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))) / (
            1 + z**2 / n
        )

    n, m = first.sum(), (~first).sum()
    p, q = found[first].mean(), found[~first].mean()
    (a, b), (c, d) = wilson(p * n, n), wilson(q * m, m)
    assert seen.low == pytest.approx(p - q - np.hypot(p - a, d - q), abs=0.006)
    assert seen.high == pytest.approx(p - q + np.hypot(b - p, q - c), abs=0.006)


def test_four_offices_bound_nothing() -> None:
    seen, _ = trial(1, 0.9, clusters=4)
    assert (seen.low, seen.high) == (-np.inf, np.inf)
    assert seen.p > 0.05


def test_an_arm_without_visits_shows_nothing() -> None:
    seen = difference(np.ones(2), np.ones(2), np.array([True, True]), np.zeros(4, dtype=np.int64), np.arange(2),
                      np.random.default_rng(1), 9, 0.05)  # fmt: skip
    assert seen.p == 1
    assert np.isnan(seen.estimate)

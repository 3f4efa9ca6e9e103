"""How large a trial must be: against published figures, exact sums and simulation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from riskscore.trial.size import Size, TrialError, power, smallest_detectable, units_needed

PLACES = Size(0, clustered=False)


def test_a_quarter_against_three_eighths_needs_215_visits_per_arm() -> None:
    assert units_needed(PLACES, 0.25, 0.375) == 215


@pytest.mark.parametrize(("share", "detect", "n"), [(0.25, 0.375, 215), (0.1, 0.2, 199), (0.5, 0.6, 388)])
def test_the_power_is_that_of_the_test_of_two_proportions_summed_over_every_outcome(share, detect, n) -> None:
    a, b = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    chance = binom.pmf(a, n, share) * binom.pmf(b, n, detect)
    both = (a + b) / (2 * n)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(a - b) / n / np.sqrt(2 * both * (1 - both) / n)
    exact = float(chance[z > 1.959964].sum())
    assert power(replace(PLACES, units=n), share, detect) == pytest.approx(exact, abs=0.01)
    assert exact == pytest.approx(0.8, abs=0.015)


def test_the_design_effect_is_how_much_the_share_of_an_arm_varies_more_than_of_single_visits() -> None:
    rng, share, rho, clusters = np.random.default_rng(1), 0.3, 0.05, 40
    visits = np.tile([2, 8, 14, 4], clusters // 4)
    own = rng.beta(share * (1 - rho) / rho, (1 - share) * (1 - rho) / rho, (20_000, clusters))
    shares = rng.binomial(visits, own).sum(axis=1) / visits.sum()
    size = Size(clusters, visits.mean(), rho=rho, cv=visits.std() / visits.mean())
    assert shares.var() / (share * (1 - share) / visits.sum()) == pytest.approx(size.effect, rel=0.05)


def test_without_correlation_clusters_need_what_places_need_and_a_little_for_the_t_quantile() -> None:
    assert units_needed(Size(0, visits=5), 0.25, 0.375) in (43, 44)


def test_with_correlation_more_visits_of_the_same_offices_stop_helping() -> None:
    powers = [power(Size(4, visits, rho=0.05), 0.25, 0.375) for visits in (50, 500, 50_000)]
    assert powers == sorted(powers)
    assert powers[-1] < 0.6


def test_fewer_than_four_clusters_per_arm_are_never_enough() -> None:
    assert units_needed(Size(0, visits=100_000), 0.1, 0.9) == 4


def test_the_smallest_detectable_share_is_the_one_with_that_power() -> None:
    size = Size(60, visits=7, block=4, rho=0.05, cv=0.4)
    assert power(size, 0.25, smallest_detectable(size, 0.25)) == pytest.approx(0.8, abs=1e-6)
    assert np.isnan(smallest_detectable(Size(1, visits=5), 0.25))


@pytest.mark.parametrize(("share", "detect"), [(0.2, 0.2), (0.0, 0.1), (0.5, 1.0)])
def test_shares_that_no_trial_can_tell_apart_are_refused(share, detect) -> None:
    with pytest.raises(TrialError, match="cannot tell"):
        units_needed(PLACES, share, detect)

"""The correlation of visits of one cluster: by hand, and where the truth is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.trial.correlation import correlation

RHO, SHARE, CLUSTERS = 0.08, 0.3, 40


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    own = rng.beta(SHARE * (1 - RHO) / RHO, (1 - SHARE) * (1 - RHO) / RHO, CLUSTERS)
    cluster = np.repeat(np.arange(CLUSTERS), rng.integers(5, 40, CLUSTERS))
    return (rng.random(cluster.size) < own[cluster]).astype(float), cluster


def test_it_is_found_on_average_and_its_interval_holds_it_about_as_often_as_it_says() -> None:
    found = [correlation(*drawn(seed)) for seed in range(300)]
    assert np.mean([f.rho for f in found]) == pytest.approx(RHO, abs=0.01)
    assert 0.9 <= np.mean([f.low <= RHO <= f.high for f in found]) <= 0.99


def test_how_strata_differ_is_no_correlation_of_their_clusters() -> None:
    rng = np.random.default_rng(3)
    stratum = np.repeat([0, 1], 2_000)
    cluster = np.arange(4_000) // 10
    found = (rng.random(4_000) < np.where(stratum == 0, 0.1, 0.7)).astype(float)
    assert correlation(found, cluster).rho > 0.3
    assert abs(correlation(found, cluster, stratum).rho) < 0.02


def test_names_of_clusters_do_not_matter() -> None:
    found, cluster = drawn(1)
    assert correlation(found, cluster) == correlation(found, 1_000 - cluster)


def test_too_few_clusters_give_no_figure() -> None:
    assert np.isnan(correlation(np.array([1.0, 0.0]), np.array([0, 0])).rho)
    assert np.isnan(correlation(np.array([1.0, 0.0]), np.array([0, 1])).rho)

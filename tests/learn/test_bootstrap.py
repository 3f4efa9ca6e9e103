"""The grouped bootstrap: equal to resampling by hand, wide enough, paired."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from riskscore.learn.bootstrap import bootstrap, compare, paired_bootstrap, resampled
from riskscore.learn.curve import Curve, Order
from riskscore.learn.metrics import top_k


def rows(n: int = 600, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=n)
    return (latent + rng.normal(size=n) > 1).astype(float), np.round(latent, 1), rng.integers(0, 60, n)


def test_weighted_metrics_equal_metrics_of_the_rows_repeated() -> None:
    y, score, _ = rows()
    weights = np.random.default_rng(1).integers(0, 4, (5, len(y))).astype(float)
    curve = Order.of(y, score).curve(weights)
    for d, times in enumerate(weights.astype(int)):
        again, value = np.repeat(y, times), np.repeat(score, times)
        k = round(0.1 * len(again))
        assert curve.auc()[d] == pytest.approx(roc_auc_score(again, value))
        assert curve.average_precision()[d] == pytest.approx(average_precision_score(again, value))
        exact_k = top_k(again, value, k)
        assert curve.precision_at(k / len(again))[d] == pytest.approx(exact_k.precision.expected)
        assert curve.recall_at(k / len(again))[d] == pytest.approx(exact_k.recall.expected)
        assert curve.lift_at(k / len(again))[d] == pytest.approx(exact_k.lift.expected)


def test_the_top_share_equals_top_k_at_every_k() -> None:
    y, score, _ = rows(97)
    curve = Order.of(y, score).curve()
    for k in range(1, 98):
        assert curve.precision_at(k / 97)[0] == pytest.approx(top_k(y, score, k).precision.expected)


def test_rows_of_one_group_are_drawn_together() -> None:
    groups = np.array(["b", "a", "b", "c", "a"])
    weights = np.concatenate(list(resampled(groups, 5, 50, seed=3)))
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.array_equal(weights[:, 1], weights[:, 4])
    assert (weights[:, 0] + weights[:, 1] + weights[:, 3] == 3).all()
    assert weights.max() >= 2


def test_copies_of_rows_within_a_group_narrow_nothing() -> None:
    y, score, _ = rows(200)
    groups = np.tile(np.arange(200), 5)
    alone = bootstrap(Curve.auc, y, score, draws=400)
    grouped = bootstrap(Curve.auc, np.tile(y, 5), np.tile(score, 5), groups, draws=400)
    naive = bootstrap(Curve.auc, np.tile(y, 5), np.tile(score, 5), draws=400)
    assert grouped.high - grouped.low == pytest.approx(alone.high - alone.low, rel=0.01)
    assert naive.high - naive.low < 0.6 * (alone.high - alone.low)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = 0.5
    inside = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        found = bootstrap(Curve.auc, rng.random(120) < 0.4, rng.random(120), draws=200, seed=seed)
        inside += found.low <= truth <= found.high
    assert 87 <= inside <= 100


def test_a_paired_difference_is_surer_than_two_intervals() -> None:
    y, score, groups = rows(1500)
    worse = score + np.random.default_rng(5).normal(size=len(y)) * 0.4
    found = paired_bootstrap(Curve.auc, y, score, worse, groups, draws=400)
    assert found.difference.value == pytest.approx(found.a.value - found.b.value)
    assert found.difference.high - found.difference.low < 0.8 * (found.a.high - found.a.low)
    assert found.difference.low > 0
    assert found.ahead > 0.97
    back = paired_bootstrap(Curve.auc, y, worse, score, groups, draws=400)
    assert back.difference.low == pytest.approx(-found.difference.high)


def test_a_table_of_comparisons_equals_each_one_made_alone() -> None:
    y, score, groups = rows()
    y[::5] = np.nan
    scores = {"model": score, "noisy": score + np.sin(np.arange(len(y))), "flat": np.zeros(len(y))}
    metrics = {"auc": Curve.auc, "top": lambda curve: curve.precision_at(0.05)}
    table = compare(metrics, y, scores, "model", groups, draws=50, seed=6)
    assert len(table) == 6
    for (metric, name), found in table.items():
        assert found == paired_bootstrap(metrics[metric], y, scores[name], score, groups, draws=50, seed=6)
        assert found.a == bootstrap(metrics[metric], y, scores[name], groups, draws=50, seed=6)


def test_the_seed_decides_and_the_blocks_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    y, score, groups = rows()
    whole = bootstrap(Curve.auc, y, score, groups, draws=60, seed=2)
    assert whole == bootstrap(Curve.auc, y, score, groups, draws=60, seed=2)
    assert whole != bootstrap(Curve.auc, y, score, groups, draws=60, seed=3)
    monkeypatch.setattr("riskscore.learn.bootstrap._BLOCK", 7 * len(y))
    assert whole == bootstrap(Curve.auc, y, score, groups, draws=60, seed=2)


def test_draws_without_positives_are_left_out() -> None:
    y = np.array([1.0] + [0.0] * 30)
    found = bootstrap(Curve.auc, y, np.arange(31), draws=100)
    assert (found.value, found.low) == (0.0, 0.0)
    assert not np.isnan(found.high)

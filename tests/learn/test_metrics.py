"""Metrics against scikit-learn and against brute force over all orders of ties."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import average_precision_score, roc_auc_score

from riskscore.errors import FitError
from riskscore.learn.metrics import auc, average_precision, exact, top_k, wilson

outcomes = st.sampled_from([0.0, 1.0, np.nan])
rankings = st.lists(st.tuples(outcomes, st.integers(0, 3)), min_size=1, max_size=7)


@pytest.mark.parametrize("distinct", [3, 40, 10**9])
def test_auc_and_average_precision_equal_those_of_scikit_learn(distinct: int) -> None:
    rng = np.random.default_rng(distinct)
    for _ in range(20):
        y, score = rng.random(150) < 0.2, rng.integers(0, distinct, 150).astype(float)
        y[:2] = True, False
        assert auc(y, score) == pytest.approx(roc_auc_score(y, score), abs=1e-12)
        assert average_precision(y, score) == pytest.approx(average_precision_score(y, score), abs=1e-12)


def test_rows_that_nobody_saw_do_not_move_auc_and_average_precision() -> None:
    rng = np.random.default_rng(0)
    y, score = (rng.random(300) < 0.3).astype(float), rng.integers(0, 50, 300)
    unseen = rng.random(300) < 0.5
    part = np.where(unseen, np.nan, y)
    assert auc(part, score) == pytest.approx(roc_auc_score(y[~unseen], score[~unseen]))
    assert average_precision(part, score) == pytest.approx(average_precision_score(y[~unseen], score[~unseen]))


def by_hand(rows: list[tuple[float, int]], k: int) -> tuple[list[float], list[float], list[float]]:
    """Precision, positives and known places of the top k for every order of the tied rows."""
    precision, positives, known = [], [], []
    for order in itertools.permutations(rows):
        if all(a[1] >= b[1] for a, b in itertools.pairwise(order)):
            top = [y for y, _ in order[:k] if not np.isnan(y)]
            positives.append(sum(top))
            known.append(len(top))
            if top:
                precision.append(sum(top) / len(top))
    return precision, positives, known


@settings(max_examples=300, deadline=None)
@given(rankings, st.integers(1, 7))
def test_top_k_equals_every_order_of_the_ties_tried_by_hand(rows: list[tuple[float, int]], k: int) -> None:
    found = top_k([y for y, _ in rows], [s for _, s in rows], k)
    precision, positives, known = by_hand(rows, k)
    assert found.labelled == pytest.approx(np.mean(known))
    if precision:
        assert found.precision.expected == pytest.approx(np.mean(precision))
    if len(precision) == len(positives):  # no order leaves the top k without a known outcome
        assert (found.precision.worst, found.precision.best) == pytest.approx((min(precision), max(precision)))
    total = sum(y == 1 for y, _ in rows)
    if total:
        assert found.recall.expected == pytest.approx(np.mean(positives) / total)
        assert found.recall.worst == pytest.approx(min(positives) / total)
        assert found.recall.best == pytest.approx(max(positives) / total)
    else:
        assert np.isnan(found.recall.expected)


def test_lift_is_precision_over_the_base_rate_of_known_outcomes() -> None:
    y = [1, 1, 0, 0, 0, 0, 0, 0, np.nan, np.nan]
    found = top_k(y, range(10, 0, -1), 2)
    assert found.base_rate == 0.25
    assert found.lift.expected == 4.0


def test_a_group_without_positives_has_no_value_and_raises_nothing() -> None:
    assert np.isnan(auc([0, 0, np.nan], [1, 2, 3]))
    assert np.isnan(average_precision([np.nan, np.nan], [1, 2]))
    assert np.isnan(top_k([np.nan, np.nan], [1, 2], 1).precision.expected)


def test_scores_and_outcomes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(FitError, match="1 scores are missing"):
        auc([0, 1], [np.nan, 1])
    with pytest.raises(FitError, match="neither 1, 0"):
        auc([0, 2], [0, 1])
    with pytest.raises(FitError, match="matched"):
        auc([0, 1, 1], [0, 1])
    with pytest.raises(FitError, match="no top 0"):
        top_k([0, 1], [0, 1], 0)


@pytest.mark.parametrize(("positives", "n"), [(0, 5), (4, 43), (12, 12), (200, 1000)])
def test_intervals_of_a_share_equal_those_of_scipy(positives: int, n: int) -> None:
    tested = binomtest(positives, n)
    for ours, method in ((wilson, "wilson"), (exact, "exact")):
        theirs = tested.proportion_ci(method=method)
        assert (ours(positives, n).low, ours(positives, n).high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


def test_a_share_of_nothing_may_be_anything() -> None:
    assert (wilson(0, 0).low, exact(0, 0).high) == (0.0, 1.0)

"""Bounds against all outcomes that the rule allows, and against truths that a hidden cause has bent."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest

from riskscore.learn.curve import Curve, Order
from riskscore.learn.selection.bounds import bounds, least_lead, outcome_at, stops_leading_at, tilted
from riskscore.learn.selection.corrected import Tally, expected_outcome, share_of_seats

METRICS = {
    "auc": Curve.auc,
    "average precision": Curve.average_precision,
    "precision": partial(Curve.precision_at, share=0.3),
    "recall": partial(Curve.recall_at, share=0.3),
    "lift": partial(Curve.lift_at, share=0.3),
}


@pytest.fixture
def random():
    return np.random.default_rng(3)


def order_of(score) -> Order:
    return Order.of(np.full(score.shape, np.nan), score)


@pytest.mark.parametrize("name", METRICS)
def test_no_choice_of_outcomes_between_their_ends_goes_beyond_the_bounds(random, name) -> None:
    further = 0.02 if name == "average precision" else 1e-9  # of it alone a little more is possible
    for _ in range(5):
        m, score = random.uniform(0.05, 0.6, 9), random.random(9)
        low, high = tilted(m, 0.4), tilted(m, 2.5)
        every = np.array([np.where(ends, low, high) for ends in product([True, False], repeat=9)])
        reached = [METRICS[name](Tally.of_expected(phi, order_of(score)).curve())[0] for phi in every]
        least, greatest = bounds(METRICS[name], low, high, score)
        assert METRICS[name](least.curve())[0] == pytest.approx(min(reached), rel=further)
        assert METRICS[name](greatest.curve())[0] == pytest.approx(max(reached), rel=further)


def test_without_a_hidden_cause_the_bounds_are_the_doubly_robust_value(random) -> None:
    find, visit = random.uniform(0.05, 0.6, 500), random.uniform(0.1, 0.9, 500)
    y = np.where(random.random(500) < visit, (random.random(500) < find).astype(float), np.nan)
    assert outcome_at(find, visit, y, 1.0) == pytest.approx(expected_outcome(find, visit, y))


@pytest.mark.parametrize("gamma", [0.5, 3.0])
def test_a_hidden_cause_of_known_strength_is_met_at_its_end(random, gamma) -> None:
    n, misses = 20_000, []
    m, visit = random.uniform(0.05, 0.6, n), random.uniform(0.1, 0.6, n)
    for _ in range(40):
        seen = random.random(n) < visit
        y = (random.random(n) < np.where(seen, m, tilted(m, gamma))).astype(float)
        rough = np.clip(m + 0.03, 0.01, 0.99)  # a model that is off by a little is put right to first order
        found = outcome_at(rough, visit, np.where(seen, y, np.nan), gamma)
        misses.append(found.mean() - y.mean())
    plain = tilted(np.clip(m + 0.03, 0.01, 0.99), gamma)
    assert abs(np.mean(misses)) < 0.003
    assert abs((plain - tilted(m, gamma)).mean()) > 0.015, "without the second term it would miss"


def test_where_nobody_may_go_nothing_is_corrected() -> None:
    found = outcome_at(np.array([0.5, 0.5]), np.array([0.0, 0.0]), np.array([np.nan, 1.0]), 2.0)
    assert found == pytest.approx([2 / 3, 1.0])


def test_a_larger_gamma_never_helps(random) -> None:
    find, ours, theirs = random.uniform(0.05, 0.6, 200), random.random(200), random.random(200)
    y, visit = np.full(200, np.nan), np.full(200, 0.2)
    chosen = share_of_seats(find + 0.2 * ours, 30), share_of_seats(theirs, 30)
    leads = [least_lead(find, visit, y, *chosen, gamma) for gamma in (1.0, 1.5, 2.0, 4.0)]
    assert (np.diff(leads) < 0).all()
    gamma = stops_leading_at(find, visit, y, *chosen)
    assert 1.0 < gamma < 20
    assert least_lead(find, visit, y, *chosen, gamma) == pytest.approx(0.0, abs=1e-6)
    assert stops_leading_at(find, visit, y, *chosen[::-1]) == 1.0


def test_places_that_both_would_visit_say_nothing_of_who_leads() -> None:
    find, visit, y = np.array([0.9, 0.5, 0.4]), np.full(3, 0.5), np.full(3, np.nan)
    both = np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])
    other = np.array([0.1, 0.5, 0.4])
    assert least_lead(find, visit, y, *both, 2.0) == least_lead(other, visit, y, *both, 2.0)


def test_a_lead_that_no_gamma_takes_away_is_told_as_infinite() -> None:
    seen = np.array([1.0, 0.0])
    assert stops_leading_at(np.array([0.5, 0.5]), np.full(2, 0.999999), seen, seen, 1 - seen) == float("inf")

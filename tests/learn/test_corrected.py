"""Corrected metrics against the sums that they stand for, pair by pair and over many redrawn selections."""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
import pytest

from riskscore.errors import FitError
from riskscore.learn.curve import Curve, Order
from riskscore.learn.metrics import auc, average_precision
from riskscore.learn.selection.corrected import Tally, expected_outcome, share_of_seats

SHARE = 0.2
METRICS = {
    "auc": Curve.auc,
    "average precision": Curve.average_precision,
    "precision": partial(Curve.precision_at, share=SHARE),
    "recall": partial(Curve.recall_at, share=SHARE),
    "lift": partial(Curve.lift_at, share=SHARE),
}


def order_of(score) -> Order:
    return Order.of(np.full(score.shape, np.nan), score)


@pytest.fixture
def random():
    return np.random.default_rng(5)


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize("tied", [False, True])
def test_outcomes_that_are_all_known_give_the_plain_metric(random, name, tied) -> None:
    y = (random.random(60) < 0.3).astype(float)
    score = random.random(60) if not tied else random.integers(0, 6, 60).astype(float)
    weights = random.integers(1, 4, size=(3, 60)).astype(float)
    for times in (None, weights):
        plain = METRICS[name](Order.of(y, score).curve(times))
        assert METRICS[name](Tally.of_expected(y, order_of(score)).curve(times)) == pytest.approx(plain)


def test_a_row_is_never_paired_with_itself(random) -> None:
    phi, score = random.normal(0.3, 1.0, 40), random.integers(0, 12, 40).astype(float)
    curve = Tally.of_expected(phi, order_of(score)).curve()
    above = np.sign(score[:, None] - score[None, :]) / 2 + 0.5
    pairs = phi[:, None] * (1 - phi[None, :]) * ~np.eye(40, dtype=bool)
    assert curve.auc()[0] == pytest.approx((pairs * above).sum() / pairs.sum())
    others = phi[:, None] * phi[None, :] * ~np.eye(40, dtype=bool)
    reached = (score[None, :] >= score[:, None]).astype(float)
    steps = ((others * reached).sum(axis=1) + phi) / reached.sum(axis=1)
    assert curve.average_precision()[0] == pytest.approx(steps.sum() / phi.sum())


@pytest.mark.parametrize("name", METRICS)
@pytest.mark.parametrize(("find_is_wrong", "visit_is_wrong"), [(False, False), (True, False), (False, True)])
def test_one_right_model_of_two_is_enough_where_selection_misleads_the_plain_metric(
    random, name, find_is_wrong, visit_is_wrong
) -> None:
    n, draws = 4000, 120
    x = random.normal(size=n)
    find, visit = 1 / (1 + np.exp(1.5 - x)), 1 / (1 + np.exp(1.2 - 1.1 * x))
    score = x + random.normal(0, 1.5, n)
    found, plain, truth = [], [], []
    for _ in range(draws):
        y = (random.random(n) < find).astype(float)
        seen = np.where(random.random(n) < visit, y, np.nan)
        e = np.full(n, visit.mean()) if visit_is_wrong else visit
        phi = expected_outcome(np.full(n, 0.6) if find_is_wrong else find, e, seen)
        found.append(METRICS[name](Tally.of_expected(phi, order_of(score)).curve())[0])
        plain.append(METRICS[name](Order.of(seen, score).curve())[0])
        truth.append(METRICS[name](Order.of(y, score).curve())[0])
    miss = np.array(found) - truth
    assert abs(miss.mean()) < 4 * miss.std() / draws**0.5 + 0.002
    if name in ("precision", "average precision"):
        assert np.mean(plain) - np.mean(truth) > 0.05, "visited places are the riskier ones"


def test_a_visit_where_nobody_may_go_is_refused() -> None:
    with pytest.raises(FitError, match="1 visited rows had no chance"):
        expected_outcome(np.array([0.5, 0.5]), np.array([0.0, 0.5]), np.array([1.0, np.nan]))


def test_visits_drawn_with_unequal_chances_speak_for_all(random) -> None:
    n = 3000
    y = (random.random(n) < 0.3).astype(float)
    score = y + random.normal(0, 1.2, n)
    chance = np.where(y == 1, 0.25, 0.1)  # were they not weighted back, finds would seem far too common
    values = []
    for _ in range(150):
        drawn = random.random(n) < chance
        tally = Tally.of_draws(np.where(drawn, y, np.nan), chance, drawn, order_of(score))
        values.append([measure(tally.curve())[0] for measure in METRICS.values()])
    truth = [measure(Order.of(y, score).curve())[0] for measure in METRICS.values()]
    assert np.mean(values, axis=0) == pytest.approx(truth, abs=0.015)


def test_with_one_chance_for_all_draws_give_the_metric_of_the_drawn_rows_alone(random) -> None:
    y, score = (random.random(80) < 0.4).astype(float), random.random(80)
    drawn = random.random(80) < 0.5
    tally = Tally.of_draws(np.where(drawn, y, np.nan), np.full(80, 0.5), drawn, order_of(score))
    assert tally.curve().auc()[0] == pytest.approx(auc(y[drawn], score[drawn]))
    assert tally.curve().average_precision()[0] == pytest.approx(average_precision(y[drawn], score[drawn]))


def test_seats_are_shared_among_ties_and_never_more_than_there_are() -> None:
    for values, seats in product(([3.0, 2.0, 2.0, 2.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]), range(7)):
        found = share_of_seats(np.array(values), seats)
        assert found.sum() == pytest.approx(min(seats, 5))
        assert ((found >= 0) & (found <= 1)).all()
        assert (np.diff(found) <= 0).all()

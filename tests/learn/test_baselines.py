"""Baselines: what an office could do without a model."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.learn.baselines import complaint_order, last_finding, prior_rate, random_order
from riskscore.learn.metrics import auc


def test_the_random_order_is_the_same_on_every_machine_and_uniform() -> None:
    found = random_order(["S-00001", "S-00002", "Ə-3"], seed=1)
    assert found.tolist() == [0.7122536523500343, 0.32553922234795274, 0.9069651884862923]
    many = random_order([f"S-{i}" for i in range(20_000)], seed=1)
    assert abs(many.mean() - 0.5) < 0.01
    assert np.histogram(many, 10, (0, 1))[0].min() > 1800
    assert abs(np.corrcoef(many, random_order([f"S-{i}" for i in range(20_000)], seed=2))[0, 1]) < 0.03


def test_an_entity_keeps_its_random_place_whoever_stands_beside_it() -> None:
    alone = {name: random_order([name], seed=4)[0] for name in "abc"}
    assert random_order(["b", "a", "b", "c"], seed=4).tolist() == [alone[name] for name in "babc"]


def test_unseen_is_neither_clean_nor_bad() -> None:
    assert last_finding([0, np.nan, 1], never_visited=0.3).tolist() == [0.0, 0.3, 1.0]
    shrunk = prior_rate([0, np.nan, 4], [4, np.nan, 4], prior=0.3, smoothing=2)
    assert shrunk[0] < shrunk[1] == 0.3 < shrunk[2]


def test_one_bad_visit_weighs_less_than_many() -> None:
    one, many = prior_rate([1, 20], [1, 20], prior=0.1, smoothing=5)
    assert one == pytest.approx((1 + 0.5) / 6)
    assert many > one
    assert prior_rate([0], [0], prior=0.2, smoothing=0).tolist() == [0.2]


def test_the_newest_complaint_is_visited_first_and_none_last() -> None:
    order = np.argsort(-complaint_order([400, np.nan, 2, 30]), kind="stable")
    assert order.tolist() == [2, 3, 0, 1]
    assert auc([1, 0], complaint_order([100_000, np.nan])) == 1.0

"""The fast values are XGBoost's, and those of the definition."""

from __future__ import annotations

import itertools
import json
import math
from typing import Any

import numpy as np
import pytest
import xgboost
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from riskscore.explanation.treeshap import TreeShap, shap_values
from riskscore.explanation.treeshap.model import Tree, read_model


def booster(X: Any, y: Any, rounds: int = 5, **parameters: Any) -> xgboost.Booster:
    options = {"max_depth": 4, "min_child_weight": 0, "lambda": 0.1, "nthread": 1, "seed": 0} | parameters
    return xgboost.train(options, xgboost.DMatrix(X, y, enable_categorical=True), rounds)


def table(seed: int, rows: int, columns: int, missing: float = 0.0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, columns)).astype(np.float32)
    X[rng.random(X.shape) < missing] = np.nan
    return X


def assert_agrees(model: xgboost.Booster, X: np.ndarray, **matrix: Any) -> np.ndarray:
    rows = xgboost.DMatrix(X, **matrix)
    margin = model.predict(rows, output_margin=True)
    found = shap_values(model, X, margin=margin, base_margin=matrix.get("base_margin"))
    expected = model.predict(rows, pred_contribs=True)
    scale = max(1e-30, float(np.abs(margin).max()), float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5 * scale)
    np.testing.assert_allclose(found.sum(axis=1), margin, rtol=0, atol=1e-5 * scale)
    return found


def expectation(tree: Tree, row: np.ndarray, known: frozenset[int], node: int = 0) -> float:
    """The mean of a tree when only some features are known: the path-dependent definition, word for word."""
    if tree.left[node] < 0:
        return float(tree.value[node])
    left, right = int(tree.left[node]), int(tree.right[node])
    if int(tree.feature[node]) in known:
        x = row[tree.column[node]]
        goes_left = bool(tree.default_left[node]) if math.isnan(x) else bool(x < tree.threshold[node])
        return expectation(tree, row, known, left if goes_left else right)
    return sum(float(tree.share[c]) * expectation(tree, row, known, c) for c in (left, right))


def by_definition(model: xgboost.Booster, row: np.ndarray) -> np.ndarray:
    trees, count = read_model(bytes(model.save_raw("json"))).trees, len(row)
    found = np.zeros(count)
    for feature, size in itertools.product(range(count), range(count)):
        weight = math.factorial(size) * math.factorial(count - size - 1) / math.factorial(count)
        for chosen in itertools.combinations([f for f in range(count) if f != feature], size):
            before = frozenset(chosen)
            for tree in trees:
                gain = expectation(tree, row, before | {feature}) - expectation(tree, row, before)
                found[feature] += weight * gain
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(
    seed=st.integers(0, 2**20),
    columns=st.integers(1, 14),
    depth=st.integers(1, 9),
    rounds=st.integers(1, 6),
    missing=st.sampled_from([0.0, 0.1, 0.6]),
    objective=st.sampled_from(["binary:logistic", "reg:squarederror", "count:poisson", "reg:gamma"]),
    grown=st.sampled_from(["depthwise", "lossguide"]),
)
def test_values_agree_with_pred_contribs_on_random_boosters(
    seed: int, columns: int, depth: int, rounds: int, missing: float, objective: str, grown: str
) -> None:
    X = table(seed, 150, columns, missing)
    signal = np.nan_to_num(X).sum(axis=1) + np.random.default_rng(seed).normal(size=150)
    y = {"binary:logistic": signal > 0, "reg:squarederror": signal * 50}.get(objective, np.exp(signal / 4))
    model = booster(X, y, rounds, max_depth=depth, objective=objective, grow_policy=grown)
    assert_agrees(model, table(seed + 1, 60, columns, missing))


@pytest.mark.parametrize("columns", [1, 2, 5])
def test_values_are_those_of_the_definition_where_paths_repeat_features(columns: int) -> None:
    X = table(3, 120, columns, 0.2)
    model = booster(X, np.sin(3 * np.nan_to_num(X)).sum(axis=1), 2, max_depth=7)
    found = shap_values(model, X[:6])
    for row, values in zip(X[:6], found, strict=True):
        np.testing.assert_allclose(values[:-1], by_definition(model, row), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("columns", "rows"), [(30, 600), (80, 900)])
def test_paths_with_more_features_than_a_table_holds_agree(columns: int, rows: int) -> None:
    rng = np.random.default_rng(5)
    X = (rng.random((rows, columns)) < 0.5).astype(np.float32)
    model = booster(X, rng.normal(size=rows), 1, max_depth=16, tree_method="exact")
    longest = max(block.mask.shape[1] for block in TreeShap(model)._blocks)
    assert longest > 10
    assert_agrees(model, X[:40])


def test_trees_of_one_leaf_give_the_base_value_alone() -> None:
    X = table(0, 20, 3)
    model = booster(X, np.full(20, 7.0), 3, base_score=2.0)
    found = assert_agrees(model, X)
    assert (found[:, :-1] == 0).all()
    assert (found[:, -1] == found[0, -1]).all()


def test_a_booster_without_trees_gives_the_base_value() -> None:
    X = table(0, 20, 3)
    found = shap_values(booster(X, np.arange(20) > 8, 0, objective="binary:logistic", base_score=0.2), X)
    np.testing.assert_allclose(found, np.tile([0, 0, 0, math.log(0.25)], (20, 1)), atol=1e-7)


LARGEST, SMALLEST = float(np.finfo(np.float32).max), float(np.finfo(np.float32).smallest_subnormal)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(*[st.one_of(st.just(math.nan), st.floats(width=32, allow_infinity=False))] * 2),
        min_size=8,
        max_size=30,
    )
)
@example([(LARGEST, -LARGEST), (SMALLEST, 0.0), (-SMALLEST, -0.0), (0.0, SMALLEST), (math.nan, LARGEST)] * 2)
def test_extreme_values_go_where_xgboost_sends_them(rows: list[tuple[float, float]]) -> None:
    X = np.array(rows, dtype=np.float32)
    model = booster(X, np.arange(len(X)) % 3, 3, max_depth=5, tree_method="exact")
    assert_agrees(model, X)


def test_a_value_equal_to_the_threshold_goes_right_and_the_float_below_it_left() -> None:
    X = np.array([[0.1], [0.1], [0.3], [0.3]], dtype=np.float32)
    model = booster(X, [0, 0, 9, 9], 1, max_depth=1)
    cut = np.float32(
        json.loads(model.save_raw("json"))["learner"]["gradient_booster"]["model"]["trees"][0]["split_conditions"][0]
    )
    found = assert_agrees(model, np.array([[np.nextafter(cut, np.float32(0))], [cut]], dtype=np.float32))
    assert found[0, 0] < 0 < found[1, 0]
    # A 64-bit value is compared as the 32-bit one that it rounds to.
    assert shap_values(model, np.array([[float(cut) - 1e-12]]))[0, 0] == found[1, 0]


@pytest.mark.parametrize("size", [1e-30, 1e-6, 1e6, 1e30])
def test_leaf_values_of_any_size_keep_their_digits(size: float) -> None:
    X = table(1, 100, 4)
    model = booster(X, np.arange(100) % 5, 3)
    stored = json.loads(model.save_raw("json"))
    stored["learner"]["learner_model_param"]["base_score"] = "[0E0]"
    for tree in stored["learner"]["gradient_booster"]["model"]["trees"]:
        tree["split_conditions"] = [
            c * size if left < 0 else c for c, left in zip(tree["split_conditions"], tree["left_children"], strict=True)
        ]
    scaled = xgboost.Booster()
    scaled.load_model(bytearray(json.dumps(stored).encode()))
    assert_agrees(scaled, X)


def test_a_base_margin_takes_the_place_of_the_base_score() -> None:
    X, start = table(2, 50, 3, 0.1), np.linspace(-3, 4, 50).astype(np.float32)
    rows = xgboost.DMatrix(X, np.arange(50) % 2, base_margin=start)
    model = xgboost.train({"objective": "binary:logistic", "max_depth": 3}, rows, 4)
    assert_agrees(model, X, base_margin=start)


def test_parallel_trees_of_a_forest_add_up() -> None:
    X = table(4, 80, 4)
    assert_agrees(booster(X, X[:, 0] * X[:, 1], 2, num_parallel_tree=3, subsample=0.5), X)


@pytest.mark.filterwarnings("ignore:.*dart:UserWarning")
def test_trees_that_dropout_weighs_count_with_their_weights() -> None:
    X = table(4, 80, 4)
    assert_agrees(booster(X, X[:, 0], 6, booster="dart", rate_drop=0.5), X)


@pytest.mark.parametrize("one_hot_up_to", [2, 50])
def test_categorical_splits_agree_with_unseen_and_missing_categories(one_hot_up_to: int) -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(0, 40, 400), rng.integers(0, 3, 400), rng.normal(size=400)]).astype(np.float32)
    X[rng.random(X.shape) < 0.1] = np.nan
    rows = xgboost.DMatrix(
        X, np.nan_to_num(X[:, 0] * 7 % 11 + X[:, 1]), feature_types=["c", "c", "q"], enable_categorical=True
    )
    model = xgboost.train({"max_depth": 5, "max_cat_to_onehot": one_hot_up_to}, rows, 4)
    assert read_model(bytes(model.save_raw("ubj"))).sets
    asked = X[:60].copy()
    asked[:3, 0] = [45, 1000, 39]
    assert_agrees(model, asked, feature_types=["c", "c", "q"], enable_categorical=True)

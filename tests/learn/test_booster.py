"""The door to XGBoost: sums, categories, threads, constraints, errors."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.errors import FitError
from riskscore.learn.booster import Booster, train, train_seeds

TYPES = ["q", "q", "c", "q", "q"]
PARAMS = {"eta": 0.3, "max_depth": 5, "subsample": 0.7, "colsample_bytree": 0.8, "seed": 4}


def rows(n: int = 3000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Numbers, missing values, and a category of codes 0 to 5 (column 2) that all matter."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 5)).astype(np.float32)
    X[:, 2] = rng.integers(0, 6, n)
    X[rng.random((n, 5)) < 0.2] = np.nan
    risk = np.nan_to_num(X[:, 0]) + 1.5 * np.isin(X[:, 2], (1, 4)) + 0.8 * np.isnan(X[:, 3]) - 1.5
    return X, (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(int)


@pytest.fixture(scope="module")
def booster() -> Booster:
    X, y = rows()
    return train(X, y, params=PARAMS, rounds=30, feature_types=TYPES)


def test_contributions_sum_to_the_margin_for_numbers_missing_values_and_categories(booster: Booster) -> None:
    X, _ = rows(400, seed=1)
    for columns in ((), (0,), (2,), (0, 1, 2, 3, 4)):
        Z = X.copy()
        Z[:, list(columns)] = np.nan
        phi = booster.contributions(Z)
        assert phi.shape == (len(Z), 6)
        np.testing.assert_allclose(phi.sum(axis=1, dtype=np.float64), booster.margin(Z), atol=1e-5)
    assert np.ptp(booster.contributions(X)[:, 2]) > 0.5  # the category does carry weight


def test_a_category_beyond_those_of_training_counts_as_missing(booster: Booster) -> None:
    X, _ = rows(100, seed=1)
    missing = X.copy()
    missing[:, 2] = np.nan
    for code in (6, 40, 1000, -1):
        Z = X.copy()
        Z[:, 2] = code
        assert np.array_equal(booster.margin(Z), booster.margin(missing))
        assert np.array_equal(booster.contributions(Z), booster.contributions(missing))
        assert (Z[:, 2] == code).all()  # the caller's rows stay as they were


def test_a_booster_survives_its_bytes(booster: Booster) -> None:
    X, _ = rows(seed=1)
    X[:50, 2] = 77
    again = Booster.from_bytes(booster.to_bytes())
    assert again.to_bytes() == booster.to_bytes()
    assert np.array_equal(again.margin(X), booster.margin(X))
    assert again.rounds == 30
    assert len(again.dump()["learner"]["gradient_booster"]["model"]["trees"]) == 30


def test_training_gives_the_same_bytes_with_one_thread_and_with_two() -> None:
    X, y = rows(20_000)
    weight = np.random.default_rng(3).random(len(y)).astype(np.float32)
    made = {
        train(X, y, weight=weight, params={**PARAMS, "nthread": n}, rounds=15, feature_types=TYPES).to_bytes()
        for n in (1, 2, 2)
    }
    assert len(made) == 1


def test_margins_and_contributions_do_not_depend_on_threads(booster: Booster) -> None:
    X, _ = rows(20_000, seed=5)
    assert np.array_equal(booster.margin(X, threads=1), booster.margin(X, threads=2))
    assert np.array_equal(booster.contributions(X[:600], threads=1), booster.contributions(X[:600], threads=2))


def test_another_seed_gives_another_booster_and_the_shared_bins_change_nothing() -> None:
    X, y = rows()
    alone = [train(X, y, params={**PARAMS, "seed": s}, rounds=5, feature_types=TYPES) for s in (1, 2)]
    together = train_seeds(X, y, seeds=(1, 2), params=PARAMS, rounds=5, feature_types=TYPES)
    assert [b.to_bytes() for b in together] == [b.to_bytes() for b in alone]
    assert together[0] != together[1]


def test_a_column_declared_increasing_never_lowers_the_margin() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(3000, 2)).astype(np.float32)
    y = rng.random(3000) < 1 / (1 + np.exp(-np.sin(3 * X[:, 0])))
    grid = np.zeros((200, 2), dtype=np.float32)
    grid[:, 0] = np.linspace(-3, 3, 200)
    free = train(X, y, params={"eta": 0.3}, rounds=20).margin(grid)
    bound = train(X, y, params={"eta": 0.3}, rounds=20, monotone=(1, 0)).margin(grid)
    assert np.diff(free).min() < 0 <= np.diff(bound).min()


def test_columns_kept_apart_share_no_path_and_add_up() -> None:
    rng = np.random.default_rng(2)
    X = rng.normal(size=(4000, 2)).astype(np.float32)
    y = X[:, 0] * X[:, 1] > 0
    corners = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]], dtype=np.float32)
    joint = {"params": {"eta": 0.3}, "rounds": 10, "feature_names": ["a", "b"]}
    together = train(X, y, **joint).margin(corners)  # type: ignore[arg-type]
    apart = train(X, y, interaction=((0,), (1,)), **joint).margin(corners)  # type: ignore[arg-type]
    assert abs(together @ [1, -1, -1, 1]) > 1
    assert abs(apart @ [1, -1, -1, 1]) < 1e-5


def test_a_booster_on_top_of_a_margin_is_a_correction_to_be_added() -> None:
    X, y = rows()
    start = np.full(len(y), -2.5)  # too low: the correction has to lift the rows
    params = {"eta": 0.2, "max_depth": 3}
    correction = train(X, y, base_margin=start, params=params, rounds=40, feature_types=TYPES)
    added = 1 / (1 + np.exp(-(start + correction.margin(X))))
    assert abs(added.mean() - y.mean()) < 0.01
    assert correction.margin(X).mean() > 1
    np.testing.assert_allclose(correction.contributions(X).sum(axis=1), correction.margin(X), atol=2e-5)


def test_weights_count_like_repeated_rows() -> None:
    X, y = rows(1000)
    twice = np.where(y == 1, 2.0, 1.0)
    plain, weighted = (train(X, y, weight=w, params={}, rounds=10, feature_types=TYPES) for w in (None, twice))
    assert weighted.margin(X).mean() > plain.margin(X).mean() + 0.3


def test_progress_is_told_after_each_round_of_all_seeds() -> None:
    X, y = rows(200)
    told: list[tuple[int, int]] = []
    train_seeds(X, y, seeds=(1, 2), params={}, rounds=3, progress=lambda done, of: told.append((done, of)))
    assert told == [(k, 6) for k in range(1, 7)]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"etta": 0.1}, "etta"),
        ({"max_depth": -3}, "max_depth"),
        ({"eta": "fast"}, "'ast'"),
        ({"tree_method": "exact"}, "always"),
    ],
)
def test_a_parameter_that_xgboost_does_not_take_is_an_error_that_names_it(change: dict[str, object], says: str) -> None:
    X, y = rows(200)
    with pytest.raises(FitError, match=says):
        train(X, y, params=change, rounds=2)


def test_data_that_do_not_fit_are_refused_in_words(booster: Booster) -> None:
    X, y = rows(200)
    with pytest.raises(FitError, match="knows 5 columns"):
        booster.margin(X[:, :4])
    with pytest.raises(FitError, match="no rows"):
        train(X[:0], y[:0], params={}, rounds=2)
    with pytest.raises(FitError, match="whole codes"):
        train(X, y, params={}, rounds=2, feature_types=["c"] * 5)
    with pytest.raises(FitError, match="no XGBoost model"):
        Booster.from_bytes(b"not a model")

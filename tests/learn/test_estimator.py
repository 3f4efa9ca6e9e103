"""The estimator: scikit-learn's conventions, categories, seeds, state."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskscore.definitions.xgboost_parameters import ALLOWED
from riskscore.errors import FitError
from riskscore.learn.encode import encode, observed_categories
from riskscore.learn.estimator import RiskClassifier


@parametrize_with_checks([RiskClassifier(rounds=20, nthread=1)])
def test_the_estimator_keeps_the_conventions_of_scikit_learn(estimator: RiskClassifier, check: object) -> None:
    check(estimator)  # type: ignore[operator]


def frame(n: int = 1500, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Numbers, whole numbers with gaps, flags and a category; the risk is in fines and in mines."""
    rng = np.random.default_rng(seed)
    kind = pd.Categorical(rng.choice(["farm", "mine", "shop"], n), categories=["farm", "kiosk", "mine", "shop"])
    made = pd.DataFrame({"fines": rng.poisson(1.0, n).astype("float32"), "kind": kind, "size": rng.normal(size=n)})
    made["visits"] = pd.array(np.where(rng.random(n) < 0.3, None, rng.integers(0, 9, n)), dtype="Int64")
    made["open"] = pd.array(np.where(rng.random(n) < 0.3, None, rng.random(n) < 0.5), dtype="boolean")
    made.loc[rng.random(n) < 0.2, "fines"] = np.nan
    risk = 0.8 * made["fines"].fillna(0) + 1.2 * (made["kind"] == "mine") - 1.5
    return made, pd.Series(rng.random(n) < 1 / (1 + np.exp(-risk)))


@pytest.fixture(scope="module")
def fitted() -> RiskClassifier:
    X, y = frame()
    return RiskClassifier(rounds=20, seeds=(1, 2, 3), eta=0.2, subsample=0.7, max_depth=4).fit(X, y)


def test_the_margin_of_several_seeds_is_the_mean_of_single_ones(fitted: RiskClassifier) -> None:
    X, y = frame()
    alone = [clone(fitted).set_params(seeds=(s,)).fit(X, y).decision_function(X) for s in (1, 2, 3)]
    assert np.ptp(np.stack(alone), axis=0).max() > 0.05
    np.testing.assert_allclose(fitted.decision_function(X), np.mean(alone, axis=0), atol=1e-12)


def test_contributions_of_several_seeds_sum_to_the_margin(fitted: RiskClassifier) -> None:
    X, _ = frame(seed=1)
    X.loc[:40, "kind"] = "kiosk"
    X.loc[30:90, ["fines", "visits", "open"]] = None
    phi = fitted.contributions(X)
    assert phi.shape == (len(X), 6)
    np.testing.assert_allclose(phi.sum(axis=1), fitted.decision_function(X), atol=1e-5)


def test_a_category_that_no_training_row_holds_counts_as_missing(fitted: RiskClassifier) -> None:
    X, _ = frame(seed=1)
    assert fitted.categories_ == {"kind": ["farm", "mine", "shop"]}  # kiosk is allowed, and held by no row
    missing = X.assign(kind=pd.Categorical([None] * len(X), categories=["farm"]))
    for name in ("kiosk", "never heard of"):
        other = X.assign(kind=pd.Categorical([name] * len(X)))
        assert np.array_equal(fitted.decision_function(other), fitted.decision_function(missing))


def test_categories_are_matched_by_name_whatever_their_codes(fitted: RiskClassifier) -> None:
    X, _ = frame(seed=1)
    shuffled = X.assign(kind=X["kind"].cat.set_categories(["shop", "tent", "mine", "farm"]))
    text = X.assign(kind=X["kind"].astype(object))
    for same in (shuffled, text):
        assert np.array_equal(fitted.decision_function(same), fitted.decision_function(X))


def test_probabilities_follow_the_margin(fitted: RiskClassifier) -> None:
    X, y = frame()
    probability, margin = fitted.predict_proba(X), fitted.decision_function(X)
    np.testing.assert_allclose(np.log(probability[:, 1] / probability[:, 0]), margin, atol=1e-9)
    assert np.array_equal(fitted.predict(X), margin > 0)
    assert abs(probability[:, 1].mean() - y.mean()) < 0.02


def test_the_state_goes_through_json_and_scores_the_same(fitted: RiskClassifier) -> None:
    X, _ = frame(seed=1)
    described, boosters = fitted.to_state()
    again = RiskClassifier.from_state(json.loads(json.dumps(described)), boosters)
    assert np.array_equal(again.decision_function(X), fitted.decision_function(X))
    assert again.get_params() == fitted.get_params()
    assert np.array_equal(again.classes_, fitted.classes_)
    assert again.to_state() == fitted.to_state()
    with pytest.raises(ValueError, match="feature names"):
        again.decision_function(X.rename(columns={"fines": "fine"}))


def test_fitting_twice_gives_the_same_bytes(fitted: RiskClassifier) -> None:
    X, y = frame()
    assert clone(fitted).fit(X, y).to_state() == fitted.to_state()


def test_monotone_constraints_go_by_column_name() -> None:
    X, y = frame()
    grid = X.iloc[[0] * 9].assign(visits=pd.array(range(9), dtype="Int64"))
    free = RiskClassifier(rounds=30).fit(X, y).decision_function(grid)
    bound = RiskClassifier(rounds=30, monotone={"visits": 1}).fit(X, y).decision_function(grid)
    assert np.diff(free).min() < 0 <= np.diff(bound).min()


def test_a_nuisance_column_kept_apart_moves_every_row_alike() -> None:
    X, y = frame()
    groups = [["size"], ["fines", "kind", "visits", "open"]]
    model = RiskClassifier(rounds=30, interaction=groups).fit(X, y)
    moved = model.decision_function(X.assign(size=2.0)) - model.decision_function(X.assign(size=-2.0))
    assert abs(moved[0]) > 1e-4
    assert np.ptp(moved) < 1e-5


def test_every_parameter_that_a_recipe_may_set_reaches_the_estimator() -> None:
    for name in ALLOWED:
        assert RiskClassifier().set_params(**{name: 0.5}).get_params() != RiskClassifier().get_params(), name


def test_a_wrong_column_parameter_or_outcome_is_refused_in_words() -> None:
    X, y = frame(200)
    with pytest.raises(FitError, match=r"no column 'fine' to constrain. Did you mean 'fines'"):
        RiskClassifier(monotone={"fine": 1}).fit(X, y)
    with pytest.raises(ValueError, match="Invalid parameter 'etta'"):
        RiskClassifier().set_params(etta=1)
    with pytest.raises(FitError, match="every outcome is 0"):
        RiskClassifier().fit(X, np.zeros(200, dtype=int))
    with pytest.raises(FitError, match=r"column 'kind': holds (str|object)"):
        RiskClassifier().fit(X.assign(kind=X["kind"].astype(str)), y)
    with pytest.raises(ValueError, match="NaN"):
        RiskClassifier().fit(X, np.where(y, np.nan, 0.0))


def test_a_column_that_is_missing_throughout_training_carries_no_weight() -> None:
    X, y = frame(400)
    nothing = pd.Categorical([None] * 400, categories=["harbour"])
    model = RiskClassifier(rounds=5).fit(X.assign(kind=nothing, size=np.nan), y)
    later = model.contributions(X.assign(kind=pd.Categorical(["harbour"] * 400)))
    assert not later[:, [1, 2]].any()
    assert later[:, 0].any()


def test_dates_and_text_do_not_become_numbers() -> None:
    dates = pd.DataFrame({"opened_on": pd.to_datetime(["2020-01-01", "2021-01-01"])})
    with pytest.raises(FitError, match="opened_on"):
        encode(dates, observed_categories(dates))


def test_whole_numbers_and_flags_are_encoded_with_their_gaps() -> None:
    made = pd.DataFrame({"visits": pd.array([3, None], "Int64"), "open": pd.array([None, True], "boolean")})
    np.testing.assert_array_equal(encode(made, {}), np.array([[3, np.nan], [np.nan, 1]], dtype=np.float32))

"""The logistic baseline: the design by hand, and scores that do not depend on other rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from riskscore.errors import FitError
from riskscore.learn.logistic import Design, fit_logistic
from riskscore.learn.metrics import auc


def test_the_design_holds_filled_numbers_gaps_and_categories() -> None:
    frame = pd.DataFrame(
        {
            "fines": [1.0, np.nan, 5.0, 9.0],
            "kind": pd.Categorical(["shop", "farm", None, "shop"]),
            "visits": pd.array([1, 2, 3, 4], "Int64"),
            "never": [np.nan] * 4,
        }
    )
    design = Design.of(frame)
    columns = "fines visits never | fines missing, never missing | farm shop"
    assert design.matrix(frame).tolist() == [
        [1, 1, 0, 0, 1, 0, 1],
        [5, 2, 0, 1, 1, 1, 0],
        [5, 3, 0, 0, 1, 0, 0],
        [9, 4, 0, 0, 1, 0, 1],
    ], columns
    new = pd.DataFrame({"never": [7.0], "visits": [np.nan], "kind": pd.Categorical(["mine"]), "fines": [2.0]})
    assert design.matrix(new).tolist() == [[2, 2.5, 7, 0, 0, 0, 0]]


def frame(n: int = 800, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    made = pd.DataFrame({"fines": rng.poisson(1.0, n).astype(float), "size": rng.normal(0, 1e6, n)})
    made["kind"] = pd.Categorical(rng.choice(["farm", "shop"], n))
    risk = made["fines"] + made["size"] / 1e6 + (made["kind"] == "farm") - 2
    made.loc[rng.random(n) < 0.2, "fines"] = np.nan
    return made, (rng.random(n) < 1 / (1 + np.exp(-risk.to_numpy()))).astype(int)


def test_scores_equal_scikit_learn_on_the_scaled_design_and_rank_other_rows() -> None:
    X, y = frame()
    points = fit_logistic(X, y)
    matrix = points.design.matrix(X)
    scaled = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0)
    theirs = LogisticRegression(max_iter=1000).fit(scaled, y).decision_function(scaled)
    np.testing.assert_allclose(points.score(X), theirs, atol=1e-9)
    other, outcome = frame(seed=1)
    assert auc(outcome, points.score(other)) > 0.75
    np.testing.assert_allclose(points.score(other.iloc[:3]), points.score(other)[:3], atol=1e-12)


def test_outcomes_of_one_kind_are_refused() -> None:
    X, y = frame(20)
    with pytest.raises(FitError, match="both kinds"):
        fit_logistic(X, np.zeros_like(y))

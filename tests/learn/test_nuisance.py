"""Who looked: learned apart from the features, averaged out, and gone from the model; sums stay exact."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.recipe import CohortRule, ModelRule, Recipe
from riskscore.errors import FitError
from riskscore.explanation.treeshap import shap_values
from riskscore.learn.estimator import RiskClassifier
from riskscore.learn.nuisance import fit_apart, nuisance_of

RECIPE = Recipe("r", "", "", "site", 1, (), ModelRule(10, {}), nuisance=("office", "inspector_id"))
SETTINGS = {"max_depth": 4, "subsample": 0.7, "colsample_bytree": 0.6, "min_child_weight": 5}


def world(n: int = 4000, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, np.ndarray]:
    """Places with a risk, in regions with one office each, whose inspectors find unequally much of the same."""
    rng = np.random.default_rng(seed)
    region, inspector = rng.integers(0, 4, n), rng.integers(0, 6, n)
    fines = rng.poisson(1.0, n).astype(float)
    size = rng.normal(size=n)
    size[rng.random(n) < 0.2] = np.nan
    office = region  # the one that serves the region
    rows = pd.DataFrame({
        "fines": fines, "size": size, "region": pd.Categorical([f"r{k}" for k in region]),
    })  # fmt: skip
    who = pd.DataFrame({
        "office": pd.Categorical([f"o{k}" for k in office]),
        "inspector_id": pd.Categorical([f"i{o}{k}" for o, k in zip(office, inspector, strict=True)]),
    })  # fmt: skip
    risk = 0.6 * fines + 0.5 * np.nan_to_num(size) - 1.2 + 1.0 * (inspector - 2.5) / 2.5 * (1 + 0.3 * (fines > 1))
    return rows, who, (rng.random(n) < 1 / (1 + np.exp(-risk))).astype(int)


def fitted(seeds: tuple[int, ...] = (1, 2)) -> RiskClassifier:
    return RiskClassifier(rounds=60, seeds=seeds).set_params(**SETTINGS)


def test_margins_and_shap_values_add_up_without_the_nuisance_columns() -> None:
    rows, who, y = world()
    apart = fit_apart(fitted(), rows, who, y)
    margin, phi = apart.estimator.decision_function(rows), apart.estimator.contributions(rows)
    assert phi.shape == (len(rows), rows.shape[1] + 1)
    assert (np.abs(phi.sum(axis=1) - margin) <= 2e-6 * np.maximum(1.0, np.abs(phi).sum(axis=1))).all()
    codes = apart.estimator.encode(rows)
    for booster in apart.estimator.boosters_:
        exact = shap_values(booster, codes, margin=booster.margin(codes))
        np.testing.assert_allclose(exact, booster.contributions(codes), atol=5e-6)


def test_averaging_out_moves_the_base_value_alone() -> None:
    rows, who, y = world()
    whole = fitted().set_params(interaction=[[0, 1, 2], [3, 4]])
    both = pd.concat([rows, who], axis=1)
    before = whole.fit(both, y).contributions(both)
    apart = fit_apart(fitted(), rows, who, y)
    after = apart.estimator.contributions(rows)
    scale = np.maximum(1.0, np.abs(before).sum(axis=1, keepdims=True))
    assert (np.abs(after[:, :3] - before[:, :3]) <= 2e-6 * scale).all()
    assert np.ptp(after[:, -1]) == 0
    mean = float((before[:, 3:5].sum(axis=1) + before[:, -1]).mean())
    assert abs(after[0, -1] - mean) < 2e-6
    assert apart.removed.std() > 0.3, "there was something to average out"


def test_without_the_constraint_a_feature_s_share_hangs_on_who_looked() -> None:
    """Why the constraint is needed: the share of one and the same value then differs between inspectors."""
    rows, who, y = world()
    both = pd.concat([rows, who], axis=1)
    free, kept = fitted().fit(both, y), fitted().set_params(interaction=[[0, 1, 2], [3, 4]]).fit(both, y)
    first = pd.Categorical([f"{word[:2]}0" for word in who["inspector_id"]], who["inspector_id"].cat.categories)
    other = both.assign(inspector_id=first)  # the first inspector of each office makes every visit

    def change(model: RiskClassifier) -> float:
        return float(np.abs(model.contributions(other)[:, :3] - model.contributions(both)[:, :3]).max())

    assert change(kept) < 1e-5
    assert change(free) > 0.05


def test_the_ranking_is_nearer_to_the_risk_than_without() -> None:
    """Strict inspectors go more often where a past find is on record; what they add is no risk of the place."""
    rng = np.random.default_rng(3)
    n = 12_000
    marked = rng.random(n) < 0.5
    strict = rng.random(n) < np.where(marked, 0.85, 0.15)
    true = rng.normal(size=n)
    rows = pd.DataFrame({"marked": marked.astype(float), "true": true})
    who = pd.DataFrame({"inspector_id": pd.Categorical(np.where(strict, "s", "m"))})
    y = (rng.random(n) < 1 / (1 + np.exp(-(true + 2.0 * strict - 1.5)))).astype(int)
    plain, apart = fitted().fit(rows, y), fit_apart(fitted(), rows, who, y)

    def follows(model: RiskClassifier) -> float:
        return float(np.corrcoef(model.decision_function(rows), true)[0, 1])

    assert follows(apart.estimator) > follows(plain) + 0.05


def test_no_name_of_an_office_or_inspector_is_left_in_the_model() -> None:
    rows, who, y = world()
    described, boosters = fit_apart(fitted(), rows, who, y).estimator.to_state()
    assert "nuisance" not in str(described)
    assert not any(str(i) in str(described["categories"]) for i in who["inspector_id"].cat.categories)
    again = RiskClassifier.from_state(described, boosters)
    assert again.n_features_in_ == 3


def test_the_same_rows_and_seed_give_the_same_bytes() -> None:
    rows, who, y = world(1500)
    one, two = (fit_apart(fitted(), rows, who, y).estimator.to_state() for _ in range(2))
    assert one == two


def visits(records_of):
    rows = [
        ("a", "S1", "2020-03-01", "2020-03-05", "north", "i1", None),
        ("b", "S1", "2020-06-01", "2020-06-05", "south", "i2", None),
        ("c", "S2", "2021-02-01", "2021-02-05", "south", "i3", None),
        ("d", "S2", "2021-02-01", "2021-09-01", "north", "i4", "c"),
        ("e", "S3", "2020-02-01", "2022-01-05", "north", "i1", None),
    ]
    names = ("inspection_id", "site_id", "date", "known_on", "office", "inspector_id", "replaces")
    return records_of(inspections=[dict(zip(names, row, strict=True)) for row in rows])


def register(*entities: str, on: str = "2020-01-01") -> Cohort:
    return Cohort("site", np.array(entities, dtype=object), np.full(len(entities), day(on), dtype=np.int32))


def test_the_visit_behind_a_row_of_a_register_is_the_first_in_the_horizon(records_of) -> None:
    found = nuisance_of(visits(records_of), RECIPE, register("S1", "S2", "S3"), dt.date(2021, 12, 31))
    assert found["inspector_id"].tolist()[0] == "i1"
    assert found["office"].isna().tolist() == [False, True, True], "S2 is visited later, S3's visit is not yet known"
    found = nuisance_of(visits(records_of), RECIPE, register("S1", "S2", on="2020-03-02"), dt.date(2021, 12, 31))
    assert found["inspector_id"].tolist() == ["i2", "i4"], "S2 was visited in the horizon; the correction counts"


def test_a_correction_counts_once_it_is_known(records_of) -> None:
    at = register("S2", on="2021-01-01")
    for known, who in ((dt.date(2021, 8, 1), "i3"), (dt.date(2021, 12, 31), "i4")):
        assert nuisance_of(visits(records_of), RECIPE, at, known)["inspector_id"].tolist() == [who]


def test_the_visit_behind_a_row_of_visits_is_its_own(records_of) -> None:
    recipe = replace(RECIPE, cohort=CohortRule(kind="visits"))
    as_of = np.array([day("2021-01-25"), day("2020-05-25")], dtype=np.int32)
    cohort = Cohort("site", np.array(["S2", "S1"], dtype=object), as_of, np.array(["c", "b"], dtype=object))
    for known, who in ((dt.date(2021, 12, 31), ["i4", "i2"]), (dt.date(2021, 3, 1), ["i3", "i2"])):
        assert nuisance_of(visits(records_of), recipe, cohort, known)["inspector_id"].tolist() == who


def test_a_column_that_the_visits_lack_is_answered_with_the_nearest(records_of) -> None:
    with pytest.raises(FitError, match="Did you mean 'inspector_id'"):
        nuisance_of(visits(records_of), replace(RECIPE, nuisance=("inspectorid",)), register("S1"), dt.date(2021, 1, 1))

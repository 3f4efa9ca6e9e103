"""A shipped recipe, tried on a small simulated country."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import cohort_of
from riskscore.definitions.catalog import load_catalog, select
from riskscore.labels import label
from riskscore.simulate import simulate
from riskscore.splits import rolling_origins

KNOWN = dt.date(2025, 1, 1)


@pytest.fixture
def aucs() -> Callable[[str], dict[str, float]]:
    """Return a factory: ``aucs("site_risk")`` gives the mean AUC over the recipe's test dates, by what ranked."""

    def make(name: str) -> dict[str, float]:
        from riskscore.learn.baselines import prior_rate
        from riskscore.learn.estimator import RiskClassifier
        from riskscore.learn.metrics import auc

        catalog = load_catalog()
        recipe = catalog.recipe(name)
        records, _ = simulate(sites=8000, seed=31)
        cohort = cohort_of(records, recipe)
        y = label(records, recipe, cohort, KNOWN).target(recipe.rank_by)
        cohort, y = cohort.pick(~np.isnan(y)), y[~np.isnan(y)]
        matrix = build(records, select(recipe, catalog), cohort)
        X, directions = matrix.frame, {n: c.feature.monotone for n, c in matrix.columns.items()}
        found: dict[str, list[float]] = {"recipe": [], "defaults": [], "prior rate": []}
        for split in rolling_origins(cohort.as_of, recipe.splits, recipe.horizon, recipe.rung(2).delay, KNOWN):
            train, _, test = split.masks(cohort.as_of)
            tuned = RiskClassifier(rounds=recipe.model.rounds, seeds=recipe.model.seeds, monotone=directions)
            for kind, model in (("recipe", tuned.set_params(**recipe.model.params)), ("defaults", RiskClassifier())):
                found[kind].append(auc(y[test], model.fit(X[train], y[train]).decision_function(X[test])))
            visits = X.loc[test, f"inspection_history.visits.{recipe.entity}.all"]
            share = X.loc[test, f"uncontracted.share.{recipe.entity}.all"]
            prior = prior_rate(visits * share, visits, prior=float(y[train].mean()), smoothing=5.0)
            found["prior rate"].append(auc(y[test], prior))
        return {kind: float(np.mean(values)) for kind, values in found.items()}

    return make

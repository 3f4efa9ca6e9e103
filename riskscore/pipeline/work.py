"""Where the heavy work is done: on this machine, or on an engine that does the same elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe
from riskscore.explanation.reasons import explained
from riskscore.learn.fit import Model, fit_model
from riskscore.learn.nuisance import nuisance_of
from riskscore.learn.selection.visits import visits_of
from riskscore.records.model import Records
from riskscore.splits import Split

Say = Callable[[str], None]


@dataclass(frozen=True)
class Scored:
    """A cohort's features with the margin, shape (n,), and the SHAP values, shape (n, p + 1), of every row."""

    matrix: FeatureMatrix
    margin: NDArray[np.float64]
    values: NDArray[np.float64]


class Work(Protocol):
    """What a whole register makes heavy. Features, margins and SHAP values are the same wherever it is done."""

    def build(self, records: Records, families: Sequence[Family], cohort: Cohort, say: Say) -> FeatureMatrix:
        """Return the features of a cohort."""

    def score(self, model: Model, records: Records, cohort: Cohort) -> Scored:
        """Return a cohort's features, scored and explained."""

    def train(
        self,
        records: Records,
        families: Sequence[Family],
        cohort: Cohort,
        target: NDArray[np.float64],
        groups: NDArray[Any],
        split: Split,
        recipe: Recipe,
        say: Say,
    ) -> tuple[Model, FeatureMatrix]:
        """Return a model trained and calibrated on the split's dates, and the features of the cohort."""


class Here:
    """The machine that the command runs on."""

    def build(self, records: Records, families: Sequence[Family], cohort: Cohort, say: Say) -> FeatureMatrix:
        """Return the features of a cohort."""
        return build(records, families, cohort, say)

    def score(self, model: Model, records: Records, cohort: Cohort) -> Scored:
        """Return a cohort's features, scored and explained."""
        matrix = build(records, model.families, cohort)
        return Scored(matrix, *explained(model, matrix))

    def train(
        self,
        records: Records,
        families: Sequence[Family],
        cohort: Cohort,
        target: NDArray[np.float64],
        groups: NDArray[Any],
        split: Split,
        recipe: Recipe,
        say: Say,
    ) -> tuple[Model, FeatureMatrix]:
        """Return a model trained and calibrated on the split's dates, and the features of the cohort."""
        matrix = build(records, families, cohort, lambda what: say(f"features: {what}"))

        def tell(done: int, of: int) -> None:
            if done % max(1, of // 10) == 0:
                say(f"growing trees: {done} of {of}")

        who = nuisance_of(records, recipe, cohort, split.origin)
        drawn = ~np.isnan(visits_of(records, recipe, cohort, split.origin).drawn)
        model = fit_model(matrix, target, split, cohort.as_of, recipe, families, tell,
                          groups=groups, nuisance=who, drawn=drawn)  # fmt: skip
        return model, matrix


HERE = Here()

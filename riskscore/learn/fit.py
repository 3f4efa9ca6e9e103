"""From a feature matrix and its outcomes to a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureColumn, FeatureMatrix
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe
from riskscore.errors import FitError
from riskscore.learn.calibrate import Calibrator, fit_calibrator, support
from riskscore.splits import Split

if TYPE_CHECKING:
    from riskscore.learn.estimator import RiskClassifier

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Model:
    """A fitted recipe with the definitions it was fitted from.

    ``refusal`` is why no percentage is shown, empty where the outcomes support one.
    """

    recipe: Recipe
    families: tuple[Family, ...]
    estimator: RiskClassifier
    calibrator: Calibrator
    counts: Mapping[str, int]
    refusal: str

    @property
    def columns(self) -> list[str]:
        """The columns that the boosters read, in their order."""
        return [str(name) for name in self.estimator.feature_names_in_]

    def margin(self, matrix: FeatureMatrix) -> NDArray[np.float64]:
        """Return the margin (log-odds) of every row, shape (n,)."""
        return self.estimator.decision_function(self.features(matrix))

    def features(self, matrix: FeatureMatrix) -> pd.DataFrame:
        """Return the matrix's columns as the boosters know them; a column that it lacks is missing."""
        return matrix.frame.reindex(columns=self.columns)


def fit_model(
    matrix: FeatureMatrix,
    target: NDArray[np.float64],
    split: Split,
    as_of: NDArray[np.int32],
    recipe: Recipe,
    families: Sequence[Family],
    progress: Progress | None = None,
) -> Model:
    """Train on the split's training dates and calibrate on its later ones.

    Parameters
    ----------
    matrix : FeatureMatrix of n rows
    target : array of 1, 0 and NaN, shape (n,)
    split : Split
    as_of : int32 array, shape (n,)
        Day number of each row.

    Raises
    ------
    FitError
        If the training dates have outcomes of one kind only.
    """
    train, later = rows_of(target, split, as_of, recipe)
    rows = matrix.frame[train]
    rows = rows.loc[:, rows.notna().any()]
    estimator = estimator_of(recipe, {name: matrix.columns[name] for name in rows.columns})
    estimator.fit(rows, target[train].astype(np.int64), progress=progress)
    margin = estimator.decision_function(matrix.frame.loc[later, list(rows.columns)]) if later.any() else np.array([])
    return calibrated(recipe, families, estimator, target[train], margin, target[later], matrix.frame.shape[1])


def rows_of(
    target: NDArray[np.float64], split: Split, as_of: NDArray[np.int32], recipe: Recipe
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows train and which calibrate: those of the split's dates with a known outcome.

    Raises
    ------
    FitError
        If the training dates have outcomes of one kind only.
    """
    known = ~np.isnan(target)
    train, later, _ = split.masks(as_of)
    train, later = train & known, later & known
    positives = int(target[train].sum())
    if not 0 < positives < int(train.sum()):
        raise FitError(
            f"{positives} of {int(train.sum())} outcomes in training reached '{recipe.rung(recipe.rank_by).name}'.",
            where=f"recipe '{recipe.name}'",
            next="Both kinds are needed: begin the cohort earlier, or rank by a lower rung.",
        )
    return train, later


def calibrated(
    recipe: Recipe,
    families: Sequence[Family],
    estimator: RiskClassifier,
    trained_on: NDArray[np.float64],
    margin: NDArray[np.float64],
    outcome: NDArray[np.float64],
    width: int,
) -> Model:
    """Return the model of a fitted estimator.

    Parameters
    ----------
    trained_on : array of 1 and 0
        Outcomes of the rows of training.
    margin, outcome : arrays, shape (n,)
        Of the rows that calibrate.
    width : int
        Columns of the matrix, those without a value in training among them.
    """
    calibrator = fit_calibrator(margin, outcome, method=recipe.calibration if margin.size else "none")
    positives, used = int(trained_on.sum()), int(estimator.n_features_in_)
    counts = {
        "training rows": int(trained_on.size),
        "training positives": positives,
        "calibration rows": calibrator.n,
        "calibration positives": calibrator.positives,
        "columns": used,
        "columns without a value in training": width - used,
    }
    refusal = support(positives, calibrator.positives, recipe.minimum_positives)
    if recipe.calibration == "none":
        refusal = "no percentage: the recipe does not calibrate"
    return Model(recipe, tuple(families), estimator, calibrator, counts, refusal)


def estimator_of(recipe: Recipe, columns: Mapping[str, FeatureColumn]) -> RiskClassifier:
    """Return the recipe's estimator, not yet fitted."""
    from riskscore.learn.estimator import RiskClassifier

    monotone = {name: c.feature.monotone for name, c in columns.items() if c.feature.monotone}
    made = RiskClassifier(rounds=recipe.model.rounds, seeds=recipe.model.seeds, monotone=monotone)
    return made.set_params(**recipe.model.params)

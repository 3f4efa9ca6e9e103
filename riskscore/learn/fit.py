"""From a feature matrix and its outcomes to a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureColumn, FeatureMatrix
from riskscore.dates import day
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe
from riskscore.errors import FitError
from riskscore.learn.calibrate import FEWEST, Calibrator, fit_calibrator, support
from riskscore.learn.ladder import Part, Sought, UpperRung, fit_rungs, out_of_fold, rung_margins
from riskscore.learn.nuisance import grow
from riskscore.learn.parts import blind_margin, parts_of
from riskscore.learn.ranges import refit
from riskscore.learn.selection.propensity import Propensity
from riskscore.splits import Split

if TYPE_CHECKING:
    from riskscore.learn.booster import Booster
    from riskscore.learn.estimator import RiskClassifier

Progress = Callable[[int, int], None]
PARTS = "parts of the employers, one for each booster"


@dataclass(frozen=True)
class Model:
    """A fitted recipe with the definitions it was fitted from.

    ``refusal`` is why no percentage is shown, empty where the outcomes support one. ``rungs`` are those above the one
    that ranks, from common to rare; each starts from the margin of the one below. ``refits`` are boosters of the same
    recipe on other draws of the employers; they say how firmly a rank stands. ``visits`` is the chance of a visit;
    None where the cohort is made of visits, or everybody was visited.
    """

    recipe: Recipe
    families: tuple[Family, ...]
    estimator: RiskClassifier
    calibrator: Calibrator
    counts: Mapping[str, int]
    refusal: str
    rungs: tuple[UpperRung, ...] = ()
    refits: tuple[Booster, ...] = ()
    visits: Propensity | None = None

    @property
    def columns(self) -> list[str]:
        """The columns that the boosters read, in their order."""
        return [str(name) for name in self.estimator.feature_names_in_]

    def margin(self, matrix: FeatureMatrix) -> NDArray[np.float64]:
        """Return the margin (log-odds) of every row, shape (n,)."""
        return self.estimator.decision_function(self.features(matrix))

    def margins_above(self, matrix: FeatureMatrix, margin: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return the margin of each upper rung, given that of the rung that ranks; shape (n,) each."""
        grown = any(rung.correction.trees for rung in self.rungs)
        table = self.estimator.encode(self.features(matrix)) if grown else np.empty((margin.size, 0), dtype=np.float32)
        return rung_margins(self.rungs, margin, table)

    def refitted_margins(self, matrix: FeatureMatrix) -> NDArray[np.float64]:
        """Return the margin of every row by each refit, shape (B, n)."""
        if not self.refits:
            return np.empty((0, len(matrix.frame)))
        table = self.estimator.encode(self.features(matrix))
        return np.array([booster.margin(table) for booster in self.refits])

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
    *,
    groups: NDArray[Any] | None = None,
    nuisance: pd.DataFrame | None = None,
    drawn: NDArray[np.bool_] | None = None,
) -> Model:
    """Train on the split's training dates and calibrate on its later ones.

    Parameters
    ----------
    matrix : FeatureMatrix of n rows
    target : array of 1, 0 and NaN, shape (n,)
    split : Split
    as_of : int32 array, shape (n,)
        Day number of each row.
    groups : array, shape (n,), optional
        Employers: with so many rows that a part is enough, each seed learns from some of them (see `parts_of`).
    nuisance : DataFrame of n rows, optional
        Who looked, where the recipe names such columns; learned apart and averaged out.
    drawn : bool array, shape (n,), optional
        Rows visited by a draw with a logged chance; see `calibrating`.

    Raises
    ------
    FitError
        If the training dates have outcomes of one kind only.
    """
    train, later = rows_of(target, split, as_of, recipe)
    drawn = np.zeros(later.shape, dtype=bool) if drawn is None else drawn
    later = calibrating(later, drawn, target, recipe)
    rows = matrix.frame[train]
    rows = rows.loc[:, rows.notna().any()]
    estimator = estimator_of(recipe, {name: matrix.columns[name] for name in rows.columns})
    outcome = target[train].astype(np.int64)
    parts = None if groups is None else parts_of(groups[train], outcome, len(recipe.model.seeds))
    estimator = grow(estimator, rows, None if nuisance is None else nuisance[train], outcome, progress, parts)
    margin = estimator.decision_function(matrix.frame.loc[later, list(rows.columns)]) if later.any() else np.array([])
    model = calibrated(recipe, families, estimator, target[train], margin, target[later], matrix.frame.shape[1],
                       drawn=int(drawn[later].sum()))  # fmt: skip
    return model if estimator.parts_ is None else replace(model, counts={**model.counts, PARTS: len(estimator.seeds)})


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


def calibrating(
    later: NDArray[np.bool_], drawn: NDArray[np.bool_], target: NDArray[np.float64], recipe: Recipe
) -> NDArray[np.bool_]:
    """Return the rows that calibrate: visits drawn at random where these hold enough known cases, else all.

    A draw shows what places of a margin are like; other visits show what places are like that somebody chose.

    Parameters
    ----------
    later, drawn : bool arrays, shape (n,)
        Rows of the calibration dates with a known outcome; rows visited by a draw with a logged chance.
    target : array, shape (n,)
    recipe : Recipe
        Its ``minimum_positives`` is enough, and never fewer than ten.
    """
    chosen = later & drawn
    enough = max(recipe.minimum_positives, FEWEST)
    return chosen if int(target[chosen].sum()) >= enough else later


def calibrated(
    recipe: Recipe,
    families: Sequence[Family],
    estimator: RiskClassifier,
    trained_on: NDArray[np.float64],
    margin: NDArray[np.float64],
    outcome: NDArray[np.float64],
    width: int,
    *,
    drawn: int = 0,
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
    drawn : int
        How many of the rows that calibrate were visited by a draw with a logged chance.
    """
    calibrator = fit_calibrator(margin, outcome, method=recipe.calibration if margin.size else "none")
    positives, used = int(trained_on.sum()), int(estimator.n_features_in_)
    counts = {
        "training rows": int(trained_on.size),
        "training positives": positives,
        "calibration rows": calibrator.n,
        "calibration positives": calibrator.positives,
        "calibration rows drawn at random": drawn,
        "columns": used,
        "columns without a value in training": width - used,
    }
    refusal = support(positives, calibrator.positives, recipe.minimum_positives)
    if recipe.calibration == "none":
        refusal = "no percentage: the recipe does not calibrate"
    return Model(recipe, tuple(families), estimator, calibrator, counts, refusal)


def with_rungs(
    model: Model,
    matrix: FeatureMatrix,
    target: NDArray[np.float64],
    above: Mapping[int, NDArray[np.float64]],
    split: Split,
    as_of: NDArray[np.int32],
    groups: NDArray[Any],
) -> Model:
    """Return the model with the rungs above the one that ranks, learned on the same dates.

    Parameters
    ----------
    matrix : FeatureMatrix of n rows
    target : array of 1, 0 and NaN, shape (n,)
        Of the rung that ranks.
    above : mapping of level to such an array
        Of the rungs above it.
    split : Split
    as_of : int32 array, shape (n,)
    groups : array, shape (n,)
        Rows of one group (an employer) are held out together.
    """
    recipe, estimator = model.recipe, model.estimator
    train, later = rows_of(target, split, as_of, recipe)
    frame = model.features(matrix)
    entity = matrix.frame.index.get_level_values("entity").to_numpy()
    table = estimator.encode(frame[train])
    if estimator.parts_ is None:
        blind = out_of_fold(estimator, frame[train], target[train], groups[train])
    else:
        blind = blind_margin(estimator.boosters_, table, estimator.parts_)
    learned = Part(blind, table, as_of[train], entity[train])
    tested = Part(np.array([]), np.empty((0, len(model.columns)), dtype=np.float32), as_of[later], entity[later])
    if later.any():
        tested = replace(tested, lower=estimator.decision_function(frame[later]), table=estimator.encode(frame[later]))
    sought = [
        Sought(
            k, recipe.rung(k).name, y[train], recipe.rung(k).delay.after(recipe.horizon.after(as_of[train])), y[later]
        )
        for k, y in sorted(above.items())
    ]
    rungs = fit_rungs(
        sought, learned, tested,
        before=day(split.calibrate[0] if split.calibrate else split.origin),
        method=recipe.calibration, minimum=recipe.minimum_positives,
        feature_types=["c" if name in estimator.categories_ else "q" for name in model.columns],
        monotone=[matrix.columns[name].feature.monotone for name in model.columns],
    )  # fmt: skip
    return replace(model, rungs=rungs)


def with_refits(
    model: Model,
    matrix: FeatureMatrix,
    target: NDArray[np.float64],
    split: Split,
    as_of: NDArray[np.int32],
    groups: NDArray[Any],
    progress: Progress | None = None,
) -> Model:
    """Return the model with the refits that its recipe asks for; parameters as for `with_rungs`."""
    train, _ = rows_of(target, split, as_of, model.recipe)
    frame, b = model.features(matrix)[train], model.recipe.model.refits
    return replace(model, refits=refit(model.estimator, frame, target[train], groups[train], b, progress))


def estimator_of(recipe: Recipe, columns: Mapping[str, FeatureColumn]) -> RiskClassifier:
    """Return the recipe's estimator, not yet fitted."""
    from riskscore.learn.estimator import RiskClassifier

    monotone = {name: c.feature.monotone for name, c in columns.items() if c.feature.monotone}
    made = RiskClassifier(rounds=recipe.model.rounds, seeds=recipe.model.seeds, monotone=monotone)
    return made.set_params(**recipe.model.params)

"""Who looked: columns of the visit that may explain what was found there, and may not raise a rank.

An office or an inspector that looks harder finds more. Such nuisance columns are learned beside the features, in trees
of their own: XGBoost's interaction constraints keep them out of every path that holds a feature. Each of their trees
is then replaced by its mean over the training rows, which moves the base value and nothing else, so margins and SHAP
values stay exact, and no trace of an office or an inspector is left in the stored model.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureColumn
from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.recipe import Recipe
from riskscore.errors import FitError, nearest
from riskscore.learn.booster import Booster, Progress
from riskscore.learn.parts import Parts
from riskscore.learn.selection.visits import inspections, visit_of_rows
from riskscore.records.model import Records

if TYPE_CHECKING:
    from riskscore.learn.estimator import RiskClassifier

Floats = NDArray[np.float64]
_PREFIX = "nuisance."  # no family can be called so: a family's name is followed by a feature's
_PLACE = frozenset({"region", "district", "latitude", "longitude"})
_SAMPLE = 2000  # rows at which the spread by office is read off


@dataclass(frozen=True)
class Apart:
    """The estimator that knows the features alone, and what each training row lost: the nuisance trees' margin."""

    estimator: RiskClassifier
    removed: Floats


def nuisance_of(records: Records, recipe: Recipe, cohort: Cohort, known_by: dt.date) -> pd.DataFrame | None:
    """Return the recipe's nuisance columns of the visit behind each row, as known before a day.

    It is the row's own visit where the cohort is made of visits, else the first visit in ``[as_of, as_of + horizon)``;
    a row without a visit has none.

    Returns
    -------
    DataFrame, shape (n, k), of categories, with the cohort's index; None where the recipe names no such column

    Raises
    ------
    FitError
        The inspections lack a column, or it holds no categories.
    """
    if not recipe.nuisance:
        return None
    visits = inspections(records)
    at = visit_of_rows(visits, recipe, cohort, day(known_by))
    found = {}
    for name in recipe.nuisance:
        if not visits.view.has(name):
            raise FitError(f"the visits have no column '{name}'.", where=f"recipe '{recipe.name}': nuisance",
                           next=nearest(name, sorted(visits.view.table.present)))  # fmt: skip
        values = visits.view.values(name)
        if values.kind != "text":
            raise FitError(f"'{name}' holds no categories.", where=f"recipe '{recipe.name}': nuisance",
                           next="Name columns that say who looked: office, inspector_id.")  # fmt: skip
        found[name] = pd.Categorical.from_codes(np.append(values.data, -1)[at], categories=pd.Index(values.words))
    return pd.DataFrame(found, index=cohort.index)


def grow(
    estimator: RiskClassifier, rows: pd.DataFrame, nuisance: pd.DataFrame | None, y: NDArray[Any],
    progress: Progress | None = None, parts: Parts | None = None,
) -> RiskClassifier:  # fmt: skip
    """Return the estimator trained on the rows, what the nuisance columns explain averaged out where there are any."""
    if nuisance is None:
        return estimator.fit(rows, y, parts=parts, progress=progress)
    return fit_apart(estimator, rows, nuisance, y, progress).estimator


def fit_apart(
    estimator: RiskClassifier, rows: pd.DataFrame, nuisance: pd.DataFrame, y: NDArray[Any],
    progress: Progress | None = None,
) -> Apart:  # fmt: skip
    """Train with the nuisance columns in trees of their own, and return the estimator without those trees.

    Parameters
    ----------
    estimator : RiskClassifier
        Not yet fitted.
    rows : DataFrame, shape (n, p)
    nuisance : DataFrame of categories, shape (n, k)
    y : array of 0 and 1, shape (n,)

    Examples
    --------
    >>> from riskscore.learn.estimator import RiskClassifier
    >>> fines, office = np.arange(200) % 10, pd.Categorical(["north", "south"] * 100)
    >>> rows, who = pd.DataFrame({"fines": fines}), pd.DataFrame({"office": office})
    >>> apart = fit_apart(RiskClassifier(rounds=20), rows, who, np.arange(200) % 3 == 0)
    >>> list(apart.estimator.feature_names_in_), apart.removed.shape
    (['fines'], (200,))
    """
    from riskscore.learn.estimator import RiskClassifier

    width = rows.shape[1]
    known = nuisance.loc[:, nuisance.notna().any()].add_prefix(_PREFIX)
    both = pd.concat([rows, known.set_axis(rows.index)], axis=1)
    estimator.set_params(interaction=[list(range(width)), list(range(width, both.shape[1]))])
    estimator.fit(both, y, progress=progress)
    table = estimator.encode(both)
    kept, removed = [], np.zeros(len(rows))
    for booster in estimator.boosters_:
        alone = _features_alone(booster, width, 0.0)
        part = booster.margin(table) - alone.margin(table[:, :width])
        kept.append(_features_alone(booster, width, float(part.mean())).to_bytes())
        removed += part / len(estimator.boosters_)
    described, _ = estimator.to_state()
    described["params"]["interaction"] = None
    described["columns"], described["n_columns"] = described["columns"][:width], width
    described["categories"] = {n: c for n, c in described["categories"].items() if not n.startswith(_PREFIX)}
    return Apart(RiskClassifier.from_state(described, kept), removed)


def _features_alone(booster: Booster, width: int, shift: float) -> Booster:
    """Return the booster without trees of columns from ``width`` on, its base value moved by ``shift``."""
    model = booster.dump()
    learner = model["learner"]
    forest = learner["gradient_booster"]["model"]
    kept = [tree for tree in forest["trees"] if not _splits_from(tree, width)]
    for i, tree in enumerate(kept):
        tree["id"], tree["tree_param"]["num_feature"] = i, str(width)
    forest["trees"], forest["tree_info"] = kept, [0] * len(kept)
    forest["iteration_indptr"] = list(range(len(kept) + 1))
    forest["gbtree_model_param"]["num_trees"] = str(len(kept))
    for name in ("feature_names", "feature_types"):
        learner[name] = learner[name][:width]
    learner["attributes"] = {name: json.dumps(json.loads(v)[:width]) for name, v in learner["attributes"].items()}
    said = learner["learner_model_param"]
    chance = float(said["base_score"].strip("[]"))  # a probability; the trees add to its log-odds
    moved = 1.0 / (1.0 + np.exp(-(np.log(chance / (1.0 - chance)) + shift)))
    said["base_score"], said["num_feature"] = f"[{moved:.9g}]", str(width)
    return Booster.from_dump(model)


def _splits_from(tree: Mapping[str, Any], width: int) -> bool:
    """Say whether a tree splits by nuisance columns; a tree that mixes them with features cannot be taken apart."""
    sides = zip(tree["split_indices"], tree["left_children"], strict=True)
    which = {column >= width for column, left in sides if left >= 0}
    if len(which) > 1:
        raise FitError("a tree holds a feature beside a nuisance column.", where="XGBoost",
                       next="Take 'nuisance' out of the recipe: this XGBoost cannot keep it apart.")  # fmt: skip
    return True in which


def spread_by_office(
    estimator: RiskClassifier, frame: pd.DataFrame, columns: Mapping[str, FeatureColumn], office: pd.Series[Any]
) -> dict[str, float]:
    """Return how far each office's scores lie from the mean at equal records, in log-odds.

    The region can let the office back in. Rows keep all their values but those that tell where a place is; these are
    drawn from the rows of each office in turn, so what differs between offices is the region's doing alone.

    Parameters
    ----------
    estimator : RiskClassifier
    frame : DataFrame, shape (n, p)
        The estimator's columns.
    columns : mapping of column name to FeatureColumn
    office : Series of n categories
        Of the visit behind each row; rows without one are left out.
    """
    where = [name for name in frame if _PLACE & _reads(columns[str(name)])]
    draws = np.random.default_rng(0)
    seen = np.flatnonzero(office.notna().to_numpy())
    rows = frame.iloc[np.sort(draws.permutation(seen)[:_SAMPLE])]
    found = {}
    for name in sorted(str(o) for o in office.dropna().unique()):
        own = np.flatnonzero((office == name).to_numpy())
        drawn = frame.iloc[own[draws.integers(0, own.size, len(rows))]]
        moved = rows.assign(**{str(column): drawn[column].to_numpy() for column in where})
        moved = moved.astype({c: frame[c].dtype for c in where})
        found[name] = float(estimator.decision_function(moved).mean())
    mean = float(np.mean(list(found.values()))) if found else 0.0
    return {name: value - mean for name, value in found.items()}


def _reads(column: FeatureColumn) -> frozenset[str]:
    """Return the columns of the records that a feature reads, and those that say who its peers are."""
    feature = column.feature
    found = {name for level in feature.peers for name in level} if column.key == "peers" else set()
    for expression in (feature.value, feature.where, feature.of, feature.per, feature.holds):
        if expression is not None:
            found |= expression.columns | {name for _, name in expression.parents}
    return frozenset(found)

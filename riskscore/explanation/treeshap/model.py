"""A boosted model as arrays: what the explanation needs of XGBoost's stored form, and nothing else."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import ExplanationError
from riskscore.explanation.treeshap.ubjson import read_ubjson

_CATEGORY_LIMIT = 16_777_216  # XGBoost sends larger category codes to the left, as it does unknown ones

# How an objective turns its stored base score into a margin; others store the margin itself.
_LOGISTIC = {"binary:logistic", "binary:logitraw", "reg:logistic"}
_LOGARITHMIC = {"count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft"}


@dataclass(frozen=True)
class Tree:
    """One tree; all arrays have one entry per node, node 0 is the root.

    ``left`` is -1 at a leaf, whose value stands in ``value``. ``column`` is the column to compare: a feature,
    or beyond them a category set (see ``Ensemble.sets``). A row goes left if it is below ``threshold``.
    """

    left: NDArray[np.int64]
    right: NDArray[np.int64]
    feature: NDArray[np.int64]
    column: NDArray[np.int64]
    threshold: NDArray[np.float32]
    default_left: NDArray[np.bool_]
    share: NDArray[np.float64]  # the part of the parent's training weight that came here; 1 at the root
    value: NDArray[np.float64]


@dataclass(frozen=True)
class CategorySet:
    """The categories of one feature that go right at a categorical split."""

    feature: int
    codes: tuple[int, ...]

    def column(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return 1 where the category goes right, 0 where it goes left, missing where it is missing."""
        known = (x >= 0) & (x < _CATEGORY_LIMIT)
        code = np.where(known, x, -1).astype(np.int64)  # cut off, not rounded, as XGBoost does
        right = np.isin(code, np.array(self.codes, dtype=np.int64)).astype(np.float32)
        return np.where(np.isnan(x), np.float32(np.nan), right)


@dataclass(frozen=True)
class Ensemble:
    """All trees of a one-output booster; ``unsupported`` says why XGBoost must explain it, or is empty."""

    trees: tuple[Tree, ...]
    n_features: int
    base_margin: float
    sets: tuple[CategorySet, ...] = ()
    feature_names: tuple[str, ...] = ()
    unsupported: str = ""


def read_model(data: bytes) -> Ensemble:
    """Return the trees of an XGBoost model from its bytes, as UBJSON or JSON.

    Raises
    ------
    ExplanationError
        The bytes are not an XGBoost model.
    """
    try:
        # Both forms begin with a bracket; JSON goes on with a quotation mark (or white space), UBJSON with a length.
        stored = json.loads(data) if data[1:2] in (b'"', b" ", b"\n") else read_ubjson(data)
        learner = stored["learner"]
        return _ensemble(learner)
    except (KeyError, TypeError, IndexError, ValueError) as err:
        raise ExplanationError(
            f"the bytes are not a model that XGBoost 3 stored ({type(err).__name__}: {err}).",
            next="Give a booster, or the bytes that its save_raw() returned.",
        ) from err


def _ensemble(learner: Mapping[str, Any]) -> Ensemble:
    booster = learner["gradient_booster"]
    params = learner["learner_model_param"]
    n_features = int(params["num_feature"])
    names = tuple(learner.get("feature_names", ()))
    reason = ""
    if booster["name"] not in ("gbtree", "dart"):
        reason = f"the booster is '{booster['name']}', which has no trees"
    elif int(params.get("num_class", 0)) > 1 or int(params.get("num_target", 1)) > 1:
        reason = "the model has several outputs"
    if reason:
        return Ensemble((), n_features, 0.0, (), names, reason)
    sets: dict[CategorySet, int] = {}
    model = booster["gbtree"]["model"] if booster["name"] == "dart" else booster["model"]
    # Dropout leaves each tree a weight: XGBoost 3.2 keeps them beside the trees' model, 3.4 within it.
    weights = booster.get("weight_drop", model.get("weight_drop", [1.0] * len(model["trees"])))
    pairs = zip(model["trees"], weights, strict=True)
    trees = tuple(_tree(t, float(np.float32(weight)), n_features, sets) for t, weight in pairs)
    margin = _base_margin(params["base_score"], learner["objective"]["name"])
    return Ensemble(trees, n_features, margin, tuple(sets), names)


def _tree(stored: Mapping[str, Any], weight: float, n_features: int, sets: dict[CategorySet, int]) -> Tree:
    left = np.asarray(stored["left_children"], dtype=np.int64)
    right = np.asarray(stored["right_children"], dtype=np.int64)
    feature = np.asarray(stored["split_indices"], dtype=np.int64)
    threshold = np.array(stored["split_conditions"], dtype=np.float32)
    column = feature.copy()
    starts, sizes = stored["categories_segments"], stored["categories_sizes"]
    for node, start, size in zip(stored["categories_nodes"], starts, sizes, strict=True):
        codes = tuple(int(c) for c in stored["categories"][int(start) : int(start) + int(size)])
        found = CategorySet(int(feature[node]), codes)
        column[node] = n_features + sets.setdefault(found, len(sets))
        threshold[node] = 0.5
    cover = np.array(stored["sum_hessian"], dtype=np.float32).astype(np.float64)
    inner = np.flatnonzero(left >= 0)
    share = np.ones(len(left))
    whole = cover[left[inner]] + cover[right[inner]]
    # Shares of the children's sum, so that they add up to one; half each where training left no weight.
    share[left[inner]] = np.where(whole > 0, cover[left[inner]] / np.where(whole > 0, whole, 1.0), 0.5)
    share[right[inner]] = 1.0 - share[left[inner]]
    value = weight * np.where(left < 0, threshold, 0).astype(np.float64)
    if not np.isfinite(value).all():
        raise ValueError("a leaf value is not a finite number")
    default_left = np.asarray(stored["default_left"], dtype=np.bool_)
    return Tree(left, right, feature, column, threshold, default_left, share, value)


def _base_margin(stored: str | float, objective: str) -> float:
    score = float(str(stored).strip("[]"))
    if objective in _LOGISTIC:
        return -math.log(1.0 / score - 1.0)
    if objective in _LOGARITHMIC:
        return math.log(score)
    return score

"""`RiskClassifier`: the booster behind scikit-learn's conventions.

XGBoost's parameters keep their own names and defaults; tuned values belong in recipes. Several seeds are averaged
by their mean margin, so their SHAP values average too: n seeds cost n times the fit and n times the explanation.
scikit-learn is imported with this module, so import the module inside functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags, assert_all_finite
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_array, check_is_fitted, column_or_1d, validate_data

from riskscore.errors import FitError, nearest
from riskscore.learn.booster import Booster, Progress, train_seeds
from riskscore.learn.encode import encode, observed_categories
from riskscore.learn.parts import Parts, train_parts

_OURS = ("rounds", "seeds", "monotone", "interaction")
_OTHER_NAMES = {"learning_rate": "eta", "min_split_loss": "gamma", "lambda": "reg_lambda", "alpha": "reg_alpha"}


class InputError(FitError, ValueError):
    """Data or parameters do not fit the estimator; scikit-learn expects a ValueError."""


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc, unused-ignore]
    """Classify rare outcomes with boosted trees; rank by `decision_function`, the margin in log-odds.

    Parameters
    ----------
    rounds : int
        Number of trees of each seed.
    seeds : sequence of int
        One booster for each; the margin is their mean.
    monotone : mapping of column name to -1, 0 or 1, or one of these for each column, optional
        1: a higher value never lowers the margin.
    interaction : groups of column names or positions, optional
        Only columns of one group may share a path.
    nthread : int, optional
        Threads; all processors by default. It never changes the result.
    eta, max_depth, ... : optional
        XGBoost's parameters; None is XGBoost's own default.

    Attributes
    ----------
    classes_ : array, shape (2,)
    boosters_ : tuple of Booster, one for each seed
    categories_ : dict of column name to the categories of training, in the order of their codes
    n_features_in_ : int
    feature_names_in_ : array of str, shape (p,), where X was a frame
    parts_ : int8 array, shape (n,), of the rows of training, or None where every booster learned from all

    Notes
    -----
    In a frame, columns of dtype category stay categories; one that training did not see counts as missing, and so
    does NaN. `set_params(**recipe.model.params)` names the valid parameters where one is wrong.

    Examples
    --------
    >>> X = pd.DataFrame({"fines": [0.0, 3.0, 1.0, 4.0] * 25, "kind": pd.Categorical(["farm", "shop"] * 50)})
    >>> model = RiskClassifier(rounds=5, seeds=(1, 2)).fit(X, [0, 1, 0, 1] * 25)
    >>> model.predict(X[:2]).tolist(), model.contributions(X[:2]).shape
    ([0, 1], (2, 3))
    """

    def __init__(
        self,
        *,
        rounds: int = 100,
        seeds: Sequence[int] = (1,),
        monotone: Mapping[str, int] | Sequence[int] | None = None,
        interaction: Sequence[Sequence[str | int]] | None = None,
        nthread: int | None = None,
        eta: float | None = None,
        max_depth: int | None = None,
        max_leaves: int | None = None,
        grow_policy: str | None = None,
        max_bin: int | None = None,
        min_child_weight: float | None = None,
        gamma: float | None = None,
        reg_lambda: float | None = None,
        reg_alpha: float | None = None,
        max_delta_step: float | None = None,
        scale_pos_weight: float | None = None,
        subsample: float | None = None,
        colsample_bytree: float | None = None,
        colsample_bylevel: float | None = None,
        colsample_bynode: float | None = None,
        max_cat_to_onehot: int | None = None,
        max_cat_threshold: int | None = None,
    ) -> None:
        self.rounds = rounds
        self.seeds = seeds
        self.monotone = monotone
        self.interaction = interaction
        self.nthread = nthread
        self.eta = eta
        self.max_depth = max_depth
        self.max_leaves = max_leaves
        self.grow_policy = grow_policy
        self.max_bin = max_bin
        self.min_child_weight = min_child_weight
        self.gamma = gamma
        self.reg_lambda = reg_lambda
        self.reg_alpha = reg_alpha
        self.max_delta_step = max_delta_step
        self.scale_pos_weight = scale_pos_weight
        self.subsample = subsample
        self.colsample_bytree = colsample_bytree
        self.colsample_bylevel = colsample_bylevel
        self.colsample_bynode = colsample_bynode
        self.max_cat_to_onehot = max_cat_to_onehot
        self.max_cat_threshold = max_cat_threshold

    def set_params(self, **params: Any) -> RiskClassifier:
        """Set parameters, by XGBoost's other names for them too (``lambda`` is no name in Python), and return self.

        Examples
        --------
        >>> RiskClassifier().set_params(**{"lambda": 5.0, "learning_rate": 0.1})
        RiskClassifier(eta=0.1, reg_lambda=5.0)
        """
        super().set_params(**{_OTHER_NAMES.get(name, name): value for name, value in params.items()})
        return self

    def fit(
        self,
        X: pd.DataFrame | ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        parts: Parts | None = None,
        progress: Progress | None = None,
    ) -> RiskClassifier:
        """Train one booster for each seed and return self.

        Parameters
        ----------
        X : DataFrame or array, shape (n, p)
        y : array of two classes, shape (n,)
        sample_weight : array, shape (n,), optional
        parts : int8 array, shape (n,), optional
            The booster of seed k learns from the rows of part k alone (see `parts_of`).
        progress : callable, optional
            Called after each round with the rounds done and the rounds in all.
        """
        table = self._table(X, y)
        self.classes_, codes = self._classes(y, len(table))
        weight = None
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, table, dtype=np.float32)
        params = self.get_params(deep=False)
        self.parts_ = parts
        self.boosters_: tuple[Booster, ...] = (train_seeds if parts is None else partial(train_parts, parts=parts))(
            table,
            codes,
            seeds=tuple(self.seeds),
            params={name: value for name, value in params.items() if name not in _OURS and value is not None},
            rounds=self.rounds,
            weight=weight,
            feature_types=["c" if name in self.categories_ else "q" for name in self._names()],
            monotone=self._directions(),
            interaction=self._groups(),
            progress=progress,
        )
        return self

    def decision_function(self, X: pd.DataFrame | ArrayLike) -> NDArray[np.float64]:
        """Return the margin (log-odds of ``classes_[1]``), the mean over the seeds; shape (n,)."""
        check_is_fitted(self)
        table = self._table(X)
        total = np.zeros(len(table))
        for booster in self.boosters_:
            total += booster.margin(table, threads=self.nthread)
        return total / len(self.boosters_)

    def predict_proba(self, X: pd.DataFrame | ArrayLike) -> NDArray[np.float64]:
        """Return the uncalibrated probabilities of both classes, shape (n, 2)."""
        up = 1.0 / (1.0 + np.exp(-np.clip(self.decision_function(X), -700, 700)))
        return np.column_stack([1.0 - up, up])

    def predict(self, X: pd.DataFrame | ArrayLike) -> NDArray[Any]:
        """Return the more probable class of each row, shape (n,)."""
        above = self.decision_function(X) > 0
        chosen: NDArray[Any] = self.classes_[above.astype(int)]
        return chosen

    def contributions(self, X: pd.DataFrame | ArrayLike) -> NDArray[np.float64]:
        """Return exact SHAP values on the margin's scale, the mean over the seeds.

        Returns
        -------
        float64 array, shape (n, p + 1)
            The last column is the base value; a row sums to its margin.
        """
        check_is_fitted(self)
        table = self._table(X)
        total = np.zeros((len(table), table.shape[1] + 1))
        for booster in self.boosters_:
            total += booster.contributions(table, threads=self.nthread)
        return total / len(self.boosters_)

    def encode(self, X: pd.DataFrame | ArrayLike) -> NDArray[np.float32]:
        """Return the rows as the boosters read them: float32, missing as NaN, categories as codes; shape (n, p)."""
        check_is_fitted(self)
        return self._table(X)

    def to_state(self) -> tuple[dict[str, Any], tuple[bytes, ...]]:
        """Return what JSON can hold of the fitted estimator, and the bytes of its boosters."""
        check_is_fitted(self)
        names = getattr(self, "feature_names_in_", None)
        described = {
            "params": {**self.get_params(deep=False), "seeds": list(self.seeds)},
            "classes": self.classes_.tolist(),
            "columns": None if names is None else [str(name) for name in names],
            "n_columns": int(self.n_features_in_),
            "categories": self.categories_,
        }
        return described, tuple(booster.to_bytes() for booster in self.boosters_)

    @classmethod
    def from_state(cls, described: Mapping[str, Any], boosters: Sequence[bytes]) -> RiskClassifier:
        """Return the fitted estimator that `to_state` described."""
        made = cls(**{**described["params"], "seeds": tuple(described["params"]["seeds"])})
        made.classes_ = np.array(described["classes"])
        made.n_features_in_ = described["n_columns"]
        if described["columns"] is not None:
            made.feature_names_in_ = np.array(described["columns"], dtype=object)
        made.categories_ = {name: list(values) for name, values in described["categories"].items()}
        made.boosters_ = tuple(Booster.from_bytes(raw) for raw in boosters)
        made.parts_ = None  # of rows that are not stored
        return made

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags

    def _table(self, X: Any, y: Any = "no_validation") -> NDArray[np.float32]:
        """Return X as numbers; with y, learn its columns and categories first."""
        reset = not (isinstance(y, str) and y == "no_validation")
        rules = {"dtype": np.float32, "order": "C", "ensure_all_finite": "allow-nan"}
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, y, reset=reset, skip_check_array=True)
            if reset:
                self.categories_ = observed_categories(X)
            return np.asarray(check_array(encode(X, self.categories_), **rules, input_name="X", estimator=self))
        if reset:
            validate_data(self, X, y, reset=True, skip_check_array=True)
            self.categories_ = {}
        return np.asarray(validate_data(self, X, reset=reset, **rules))

    def _classes(self, y: ArrayLike, rows: int) -> tuple[NDArray[Any], NDArray[np.intp]]:
        outcome = column_or_1d(y, warn=True)
        assert_all_finite(outcome, input_name="y", estimator_name=type(self).__name__)
        check_classification_targets(outcome)
        if len(outcome) != rows:
            raise InputError(f"X has {rows} rows and y has {len(outcome)}.", next="Give one outcome for each row.")
        classes, codes = np.unique(outcome, return_inverse=True)
        if len(classes) == 1:
            raise InputError(
                f"every outcome is {classes[0]}: one class alone teaches nothing.",
                next="Choose more as-of dates, or a more common rung.",
            )
        if len(classes) > 2:
            kind = type_of_target(outcome, input_name="y")
            raise InputError(f"Only binary classification is supported. The type of the target is {kind}.")
        return classes, codes

    def _names(self) -> list[str]:
        return [str(n) for n in getattr(self, "feature_names_in_", range(self.n_features_in_))]

    def _position(self, column: str | int) -> int:
        names = self._names()
        if isinstance(column, int) and column < len(names):
            return column
        if column not in names:
            raise InputError(f"there is no column '{column}' to constrain.", next=nearest(str(column), names))
        return names.index(str(column))

    def _directions(self) -> list[int] | None:
        if self.monotone is None:
            return None
        if not isinstance(self.monotone, Mapping):
            return [int(sign) for sign in self.monotone]
        signs = [0] * self.n_features_in_
        for name, sign in self.monotone.items():
            signs[self._position(name)] = int(sign)
        return signs

    def _groups(self) -> list[list[int]] | None:
        if self.interaction is None:
            return None
        return [[self._position(column) for column in group] for group in self.interaction]

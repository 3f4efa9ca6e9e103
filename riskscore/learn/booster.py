"""The one door to XGBoost: train, bytes, margin, contributions.

What holds, and is tested on every supported version: the same rows, parameters and seed give the same bytes on one
platform and one version of XGBoost, with any number of threads. Two versions grow different trees from one seed.
A stored booster gives the same margins and contributions with any number of threads.
"""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import FitError
from riskscore.learn.device import device

if TYPE_CHECKING:
    import xgboost

Floats = NDArray[np.float32] | NDArray[np.float64]
Progress = Callable[[int, int], None]
"""Called after each round with the rounds done and the rounds in all."""

_FIXED = {"objective": "binary:logistic", "tree_method": "hist"}
SMALL = 20_000  # rows
CATEGORIES = "categories"  # attribute of the model: for each column the number of categories, 0 for numbers


@dataclass(frozen=True)
class Booster:
    """A trained binary classifier, held as XGBoost's own bytes.

    Parameters
    ----------
    raw : bytes
        The model in XGBoost's UBJSON format.

    Examples
    --------
    >>> X = np.arange(200, dtype=np.float32).reshape(-1, 1)
    >>> booster = train(X, X[:, 0] > 99, params={"max_depth": 1}, rounds=3)
    >>> bool(booster.margin(X[:1])[0] < booster.margin(X[-1:])[0])
    True
    >>> Booster.from_bytes(booster.to_bytes()) == booster
    True
    """

    raw: bytes

    def to_bytes(self) -> bytes:
        """Return the model in XGBoost's UBJSON format."""
        return self.raw

    @classmethod
    def from_bytes(cls, raw: bytes) -> Booster:
        """Return the booster that ``to_bytes`` wrote; FitError if the bytes are no model."""
        booster = cls(bytes(raw))
        _ = booster._model
        return booster

    def to_json(self) -> bytes:
        """Return the model in XGBoost's JSON format, for readers of its trees."""
        return bytes(self._model.save_raw("json"))

    def dump(self) -> dict[str, Any]:
        """Return the model as nested lists: trees, base score, feature types (XGBoost's JSON schema)."""
        dumped: dict[str, Any] = json.loads(self.to_json())
        return dumped

    @classmethod
    def from_dump(cls, dumped: Mapping[str, Any]) -> Booster:
        """Return the booster of nested lists as `dump` gives them."""
        return cls(bytes(cls.from_bytes(json.dumps(dumped).encode())._model.save_raw("ubj")))

    @property
    def rounds(self) -> int:
        """The number of trees."""
        return int(self._model.num_boosted_rounds())

    def margin(self, X: Floats, *, threads: int | None = None) -> NDArray[np.float64]:
        """Return the log-odds of each row.

        Parameters
        ----------
        X : float array, shape (n, p)
            Missing is NaN; categories are codes. A code beyond those of training counts as missing.
        threads : int, optional
            Number of threads; all processors by default. It never changes the result.

        Returns
        -------
        float64 array, shape (n,)
        """
        found = self._predict(X, threads, output_margin=True)
        return found.astype(np.float64)

    def contributions(self, X: Floats, *, threads: int | None = None) -> NDArray[np.float32]:
        """Return the exact SHAP values of each row on the margin's scale (XGBoost's ``pred_contribs``).

        Parameters
        ----------
        X : float array, shape (n, p)
        threads : int, optional

        Returns
        -------
        float32 array, shape (n, p + 1)
            The last column is the base value; a row sums to its margin.
        """
        return self._predict(X, threads, pred_contribs=True)

    def _predict(self, X: Floats, threads: int | None, **what: bool) -> NDArray[np.float32]:
        import xgboost

        model, threads = self._model, threads or threads_for(len(X))
        if X.ndim != 2 or X.shape[1] != model.num_features():
            raise FitError(
                f"the model knows {model.num_features()} columns, the data has shape {X.shape}.",
                next="Give the columns that the model was trained on, in their order.",
            )
        matrix = xgboost.DMatrix(
            _known_codes(X, self._categories),
            feature_names=model.feature_names,
            feature_types=model.feature_types,
            enable_categorical=True,
            nthread=threads,
        )
        model.set_param({"nthread": threads, "device": device()})
        return np.asarray(model.predict(matrix, **what), dtype=np.float32)

    @cached_property
    def _model(self) -> xgboost.Booster:
        import xgboost

        try:
            return xgboost.Booster(model_file=bytearray(self.raw))
        except (xgboost.core.XGBoostError, ValueError) as error:
            raise FitError("the bytes are no XGBoost model.", next="Fit the model again.") from error

    @cached_property
    def _categories(self) -> list[int]:
        stored = self._model.attr(CATEGORIES)
        return json.loads(stored) if stored else [0] * int(self._model.num_features())


def train(
    X: Floats,
    y: NDArray[Any],
    *,
    params: Mapping[str, Any],
    rounds: int,
    weight: NDArray[Any] | None = None,
    base_margin: NDArray[Any] | None = None,
    feature_types: Sequence[str] | None = None,
    monotone: Sequence[int] | None = None,
    interaction: Sequence[Sequence[int]] | None = None,
    feature_names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Booster:
    """Return one trained booster; see `train_seeds`, of which this is the case of one seed, ``params["seed"]``."""
    return train_seeds(
        X, y, seeds=(int(params.get("seed", 0)),), params=params, rounds=rounds, weight=weight, base_margin=base_margin,
        feature_types=feature_types, monotone=monotone, interaction=interaction, feature_names=feature_names,
        progress=progress,
    )[0]  # fmt: skip


def train_seeds(
    X: Floats,
    y: NDArray[Any],
    *,
    seeds: Sequence[int],
    params: Mapping[str, Any],
    rounds: int,
    weight: NDArray[Any] | None = None,
    base_margin: NDArray[Any] | None = None,
    feature_types: Sequence[str] | None = None,
    monotone: Sequence[int] | None = None,
    interaction: Sequence[Sequence[int]] | None = None,
    feature_names: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> tuple[Booster, ...]:
    """Return one trained booster for each seed; the rows are binned once for all of them.

    Parameters
    ----------
    X : float array, shape (n, p)
        Missing is NaN. A column of type ``"c"`` holds whole codes from 0.
    y : array of 0 and 1, shape (n,)
    seeds : sequence of int
    params : mapping
        XGBoost's parameters by its own names; one that XGBoost does not know is an error.
    rounds : int
        Number of trees.
    weight : array, shape (n,), optional
    base_margin : array, shape (n,), optional
        Log-odds to start from. The booster then learns a correction: its ``margin`` leaves the start out, and
        the two are to be added.
    feature_types : sequence of ``"q"`` and ``"c"``, optional
        All numbers by default.
    monotone : sequence of -1, 0 and 1, optional
    interaction : sequence of groups of column positions, optional
        Columns that may share a path.
    feature_names : sequence of str, optional
        Kept inside the model.
    progress : callable, optional
        Called after each round with the rounds done and the rounds in all.

    Returns
    -------
    tuple of Booster, one for each seed

    Raises
    ------
    FitError
        No rows, a parameter that XGBoost does not know, or whatever XGBoost itself refuses.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [2.0], [np.nan]] * 20, dtype=np.float32)
    >>> pair = train_seeds(X, np.array([0, 0, 1, 1] * 20), seeds=(1, 2), params={"subsample": 0.5}, rounds=2)
    >>> [b.rounds for b in pair]
    [2, 2]
    """
    import xgboost

    types = list(feature_types) if feature_types is not None else ["q"] * X.shape[1]
    if not len(X):
        raise FitError("there are no rows to learn from.", next="Choose earlier or more as-of dates.")
    for name in _FIXED.keys() & params.keys():
        raise FitError(f"'{name}' is always '{_FIXED[name]}'.", where="XGBoost", next="Leave it out of the parameters.")
    settings = {**params, **_FIXED, "device": device()}
    if monotone is not None:
        settings["monotone_constraints"] = "(" + ",".join(str(int(m)) for m in monotone) + ")"
    if interaction is not None:
        # XGBoost reads groups of names where a matrix has names; the text form takes positions in both cases.
        settings["interaction_constraints"] = json.dumps([[int(i) for i in group] for group in interaction])
    if base_margin is not None:
        settings["base_score"] = 0.5  # log-odds 0: XGBoost would fit an intercept that the start already holds
    categories = _count_codes(X, types)
    threads = settings.setdefault("nthread", threads_for(len(X)))
    boosters = []
    try:
        matrix = xgboost.QuantileDMatrix(
            X,
            label=np.asarray(y, dtype=np.float32),
            weight=weight,
            base_margin=base_margin,
            feature_names=list(feature_names) if feature_names is not None else None,
            feature_types=types,
            enable_categorical=True,
            nthread=threads,
            max_bin=int(settings.get("max_bin", 256)),
        )
        for k, seed in enumerate(seeds):
            calls = [_tell(progress, k * rounds, len(seeds) * rounds)] if progress else None
            # XGBoost only warns of a parameter that it does not know, from a callback that cannot raise.
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always")
                model = xgboost.train({**settings, "seed": int(seed)}, matrix, rounds, callbacks=calls)
            for warning in heard:
                raise ValueError(str(warning.message))
            model.set_attr(**{CATEGORIES: json.dumps(categories)})
            boosters.append(Booster(bytes(model.save_raw("ubj"))))
    except (xgboost.core.XGBoostError, ValueError) as error:
        raise FitError(_first_words(str(error)), where="XGBoost", next="Look at [model] in the recipe.") from error
    return tuple(boosters)


def threads_for(rows: int) -> int:
    """Return how many threads are worth it: few rows are done before a second thread has found its work.

    Examples
    --------
    >>> threads_for(100)
    1
    """
    return 1 if rows < SMALL else os.cpu_count() or 1


def _tell(progress: Progress, done: int, total: int) -> xgboost.callback.TrainingCallback:
    """Return XGBoost's form of a progress callback."""
    import xgboost

    class Tell(xgboost.callback.TrainingCallback):  # type: ignore[misc, unused-ignore]
        def after_iteration(self, model: Any, epoch: int, evals_log: Any) -> bool:
            progress(done + epoch + 1, total)
            return False

    return Tell()


def _count_codes(X: Floats, types: Sequence[str]) -> list[int]:
    """Return for each column the number of categories (highest code + 1), 0 for numbers."""
    counts = [0] * len(types)
    for j, kind in enumerate(types):
        codes = X[:, j][~np.isnan(X[:, j])] if kind == "c" else X[:0, j]
        if codes.size:
            if codes.min() < 0 or (codes != np.floor(codes)).any():
                raise FitError(f"column {j} has categories that are no whole codes from 0.", next="Encode them first.")
            counts[j] = int(codes.max()) + 1
    return counts


def _known_codes(X: Floats, categories: Sequence[int]) -> Floats:
    """Return X with unknown codes as missing; XGBoost alone would send them down one side of every split."""
    columns = [j for j, n in enumerate(categories) if n]
    if not columns:
        return X
    wrong = [(j, rows) for j in columns if (rows := ~((X[:, j] >= 0) & (X[:, j] < categories[j]))).any()]
    if wrong:
        X = X.copy()
        for j, rows in wrong:
            X[rows, j] = np.nan
    return X


def _first_words(message: str) -> str:
    """Return XGBoost's message without its time stamp and stack trace."""
    lines = [line.strip() for line in message.split("Stack trace")[0].splitlines() if line.strip()]
    return " ".join(line.rsplit(".cc:", 1)[-1].lstrip("0123456789: ") if ".cc:" in line else line for line in lines)

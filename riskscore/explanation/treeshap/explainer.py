"""Exact Shapley values of a boosted model for whole registers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import ExplanationError
from riskscore.explanation.treeshap import compiled, engine
from riskscore.explanation.treeshap.blocks import cut
from riskscore.explanation.treeshap.fallback import model_bytes, slow_contributions
from riskscore.explanation.treeshap.model import Ensemble, Tree, read_model
from riskscore.explanation.treeshap.rows import float_columns
from riskscore.explanation.treeshap.tables import MAX_BITS, TABLE_BYTES, Batch, split, tabulate

LONGEST_PATH = 62  # distinct features on a path; a code is one 64-bit number
FEW_ROWS = 512  # up to here only the entries that the rows need are made, not whole tables
COMPILED_ROWS = 20_000  # from here on compiling, a second or two, pays
TOLERANCE = 1e-5  # of the margins' scale


class TreeShap:
    """The tables of one model, for explaining many sets of rows.

    Parameters
    ----------
    booster : xgboost.Booster, an estimator with ``get_booster``, a booster with ``to_bytes``, or bytes
        Bytes are what ``save_raw`` returns, as UBJSON or JSON.

    Attributes
    ----------
    base_value : float
        The mean margin over the training weight: what the values of a row start from.
    unsupported : str
        Why XGBoost's own, slower contributions are used; empty if they are not.
    """

    def __init__(self, booster: Any) -> None:
        self._booster = booster
        self._model = read_model(model_bytes(booster))
        trees = self._model.trees
        self._blocks = [block for tree in trees for block in cut(tree, MAX_BITS)]
        longest = max((block.mask.shape[1] for block in self._blocks), default=0)
        self.unsupported = self._model.unsupported
        if longest > LONGEST_PATH:
            self.unsupported = f"a path asks {longest} features, more than {LONGEST_PATH}"
        self.base_value = self._model.base_margin + math.fsum(_mean(tree) for tree in trees)
        reach = [_reach(tree) for tree in trees]
        self._scale = math.hypot(*reach)
        # No contribution exceeds the sum of the trees' reaches: the finest units that fit 31 bits, with room to round.
        self._fixed_point = math.frexp(2.0**31 / 1.01 / max(math.fsum(reach), 2.0**-900))[1] - 1
        self._runs = list(split(self._blocks, TABLE_BYTES))
        self._kept: Batch | None = None

    def values(
        self,
        X: Any,
        *,
        base_margin: ArrayLike | None = None,
        margin: ArrayLike | None = None,
        threads: int = 1,
    ) -> NDArray[np.float64]:
        """Return the contribution of every feature to every row's margin; see `shap_values`."""
        model = self._model
        start = None if base_margin is None else np.asarray(base_margin, dtype=np.float64).reshape(-1)
        if self.unsupported:
            return slow_contributions(self._booster, X, start, self.unsupported)
        features = float_columns(X, model.n_features, model.feature_names)
        rows = features.shape[0]
        values = np.zeros((rows, model.n_features + 1))
        reached = np.zeros(rows)
        fast = rows >= COMPILED_ROWS and compiled.available()
        step = compiled.ROWS if fast else engine.ROWS
        parts = [slice(first, min(first + step, rows)) for first in range(0, rows, step)]
        unit = 2.0**-self._fixed_point
        for batch in self._batches(rows):
            program = compiled.Program.of(batch) if fast else None

            def explain(part: slice, batch: Batch = batch, program: compiled.Program | None = program) -> None:
                columns = _columns(model, features[part])
                total = np.zeros((model.n_features + 1, columns.shape[1]), dtype=np.int32)
                if program is None:
                    engine.add_contributions(batch, columns, self._fixed_point, total)
                else:
                    compiled.add_contributions(program, columns, total)
                    engine.add_wide(batch, columns, self._fixed_point, total)
                # Whole numbers below 2**31 times a power of two: these sums are exact.
                values[part, :-1] += (total[:-1] * unit).T
                reached[part] += total[-1] * unit

            if threads > 1 and len(parts) > 1:
                explain(parts[0])  # alone: the first call compiles
                with ThreadPoolExecutor(threads) as pool:
                    list(pool.map(explain, parts[1:]))
            else:
                for part in parts:
                    explain(part)
        values[:, -1] = self.base_value if start is None else self.base_value - model.base_margin + start
        self._check(values, reached + (model.base_margin if start is None else start), "the trees' own sum")
        if margin is not None:
            self._check(values, np.asarray(margin, dtype=np.float64).reshape(-1), "the margin given")
        return values

    def _batches(self, rows: int) -> Iterator[Batch]:
        if self._kept is not None:
            yield self._kept
        elif rows <= FEW_ROWS:
            yield Batch((), (), np.zeros(0, dtype=np.int32), tuple(self._blocks))
        elif len(self._runs) > 1:
            for blocks in self._runs:
                yield tabulate(blocks, self._fixed_point)
        else:
            self._kept = tabulate(self._blocks, self._fixed_point)
            yield self._kept

    def _check(self, values: NDArray[np.float64], margin: NDArray[np.float64], against: str) -> None:
        if margin.shape != values.shape[:1]:
            raise ExplanationError(f"there are {len(values)} rows and {len(margin)} margins.")
        gap = np.abs(values.sum(axis=1) - margin)
        wrong = np.flatnonzero(~(gap <= TOLERANCE * (self._scale + np.abs(margin))))
        if len(wrong):
            row = int(wrong[0])
            raise ExplanationError(
                f"the contributions of {len(wrong)} of {len(values)} rows do not add up to {against}: "
                f"{values[row].sum():.9g} and {margin[row]:.9g}.",
                where=f"row {row}",
                next="Check that model and rows belong together; nothing was explained.",
            )


def shap_values(
    booster: Any,
    X: Any,
    *,
    base_margin: ArrayLike | None = None,
    margin: ArrayLike | None = None,
    threads: int = 1,
) -> NDArray[np.float64]:
    """Return the exact Shapley value of every feature for every row, on the margin's scale.

    The values are those of XGBoost's ``predict(pred_contribs=True)`` (path-dependent TreeSHAP), many times faster.
    The same row gets the same bytes whatever other rows are asked for, and with any number of threads.

    Parameters
    ----------
    booster : xgboost.Booster, an estimator with ``get_booster``, a booster with ``to_bytes``, or bytes
        All its trees count. Bytes are what ``save_raw`` returns, as UBJSON or JSON.
    X : array or DataFrame, shape (n_rows, n_features)
        Missing values are NaN.
    base_margin : array, shape (n_rows,), optional
        What each row's margin starts from, in place of the model's base score.
    margin : array, shape (n_rows,), optional
        The margins that XGBoost predicted; every row is checked against them too.
    threads : int
        Threads that share the rows.

    Returns
    -------
    array of float64, shape (n_rows, n_features + 1)
        The last column is the base value; each row sums to its margin.

    Warns
    -----
    SlowExplanation
        The model has several outputs or no trees: XGBoost's own contributions were used.

    Raises
    ------
    ExplanationError
        The rows do not fit the model, or some row's values do not add up.

    Examples
    --------
    >>> import numpy as np, xgboost
    >>> X = np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0], [3.0, np.nan]])
    >>> model = xgboost.XGBRegressor(n_estimators=3, max_depth=2).fit(X, [0, 1, 2, 3])
    >>> phi = shap_values(model, X)
    >>> phi.shape, bool(np.allclose(phi.sum(axis=1), model.predict(X)))
    ((4, 3), True)
    """
    return TreeShap(booster).values(X, base_margin=base_margin, margin=margin, threads=threads)


def _columns(model: Ensemble, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the columns that the trees compare, one after the other in memory."""
    columns = np.empty((model.n_features + len(model.sets), len(features)), dtype=np.float32)
    columns[: model.n_features] = features.T
    for place, chosen in enumerate(model.sets, start=model.n_features):
        columns[place] = chosen.column(columns[chosen.feature])
    return columns


def _mean(tree: Tree) -> float:
    """Return the tree's mean over the training weight: leaf values times the shares along their paths."""
    weight = np.zeros(len(tree.left))
    weight[0] = 1.0
    order = [0]
    for node in order:
        if tree.left[node] >= 0:
            for child in (int(tree.left[node]), int(tree.right[node])):
                weight[child] = weight[node] * tree.share[child]
                order.append(child)
    return math.fsum(float(w * v) for w, v in zip(weight, tree.value, strict=True))


def _reach(tree: Tree) -> float:
    """Return a bound on the tree's contributions and values."""
    leaves = tree.value[tree.left < 0]
    low, high = float(np.min(leaves)), float(np.max(leaves))
    return max(high - low, high, -low)

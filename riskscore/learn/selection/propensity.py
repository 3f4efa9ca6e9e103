"""The chance of being visited in the horizon, from what was known before the day.

It says where outcomes could be seen, never where the risk is: its columns are the recipe's and besides those that tell
how visits come about (month, office, rule in force), which the risk model may not know. Where the rule in force allows
no visit the chance is exactly 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import FitError
from riskscore.learn.folds import folds_of
from riskscore.learn.selection.overlap import Overlap, overlap_of, similarity_to_visited
from riskscore.learn.thinned import thinned

if TYPE_CHECKING:
    from riskscore.learn.estimator import RiskClassifier

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
_REFERENCE = 1_000  # points of the visited rows' chances that a run keeps
_FOLDS = 3  # of the models that judge the rows of training
_SETTINGS = {
    "eta": 0.15, "max_depth": 3, "min_child_weight": 10, "subsample": 0.8, "colsample_bytree": 0.5, "max_bin": 64,
}  # fmt: skip
_ROUNDS = 50


@dataclass(frozen=True)
class Propensity:
    """A model of the chance of a visit, with how the visited rows that it learned from lie on it.

    Parameters
    ----------
    estimator : RiskClassifier
    slope, intercept : float
        From the estimator's margin to the log-odds of a visit, fitted to margins by models that did not see the
        row's employer.
    reference : float array, shape (m,)
        The visited rows' chances by those models, sorted; at most a thousand, evenly spaced by rank.
    overlap : Overlap
        Of the rows that it learned from.
    """

    estimator: RiskClassifier
    slope: float
    intercept: float
    reference: Floats
    overlap: Overlap

    def probability(self, frame: pd.DataFrame, closed: Flags) -> Floats:
        """Return the chance of a visit of each row, 0 where the rule in force allows none; shape (n,).

        Parameters
        ----------
        frame : DataFrame, shape (n, p)
            The columns of `fit_visited`; one that is not there counts as missing.
        closed : bool array, shape (n,)
        """
        wanted = [str(name) for name in self.estimator.feature_names_in_]
        margin = self.estimator.decision_function(frame.reindex(columns=wanted))
        return np.where(closed, 0.0, _chance(self.slope * margin + self.intercept))

    def similarity(self, probability: Floats, closed: Flags) -> Floats:
        """Return the share of visited training rows whose chance of a visit was no higher than each row's."""
        return similarity_to_visited(probability, self.reference, closed)

    def to_state(self) -> tuple[dict[str, Any], bytes]:
        """Return what JSON can hold of it, and the bytes of its booster."""
        described, (trees,) = self.estimator.to_state()
        state = {
            "estimator": described, "slope": self.slope, "intercept": self.intercept,
            "reference": self.reference.tolist(), "overlap": self.overlap.to_state(),
        }  # fmt: skip
        return state, trees

    @classmethod
    def from_state(cls, state: Mapping[str, Any], trees: bytes) -> Propensity:
        """Return the model that `to_state` described."""
        from riskscore.learn.estimator import RiskClassifier

        return cls(
            RiskClassifier.from_state(state["estimator"], (trees,)), state["slope"], state["intercept"],
            np.array(state["reference"]), Overlap.from_state(state["overlap"]),
        )  # fmt: skip


def fit_visited(
    frame: pd.DataFrame, visited: Flags, groups: NDArray[Any], closed: Flags, *, weight: Floats | None = None
) -> Propensity:
    """Return the model of the chance of a visit.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    visited : bool array, shape (n,)
        Whether somebody went there in the horizon.
    groups : array, shape (n,)
        Rows of one group (an employer) are held out together where the rows of training are judged.
    closed : bool array, shape (n,)
        Where the rule in force on the row's day allowed no visit; such rows teach nothing.
    weight : array, shape (n,), optional
        Rows that each row stands for, where they were thinned already.

    Raises
    ------
    FitError
        Every row that may be visited was, or none.

    Examples
    --------
    >>> row = np.arange(4000)
    >>> frame, visited = pd.DataFrame({"size": row % 100}), row // 100 % 10 < row % 100 // 10
    >>> made = fit_visited(frame, visited, row // 2, np.zeros(4000, dtype=bool))
    >>> small, large = made.probability(pd.DataFrame({"size": [5, 95]}), np.zeros(2, dtype=bool))
    >>> bool(small < large)
    True
    """
    if weight is None:
        rows, weight = thinned(visited)
        frame, visited, groups, closed = frame.iloc[rows], visited[rows], groups[rows], closed[rows]
    open_ = np.flatnonzero(~closed)
    _check(visited[open_])
    used = frame.iloc[open_]
    used = used.loc[:, used.notna().any()]
    margin = _blind(used, visited[open_], groups[open_], weight[open_], _FOLDS, seed=0)
    slope, intercept = _line(margin, visited[open_], weight[open_])
    blind = np.zeros(visited.shape)
    blind[open_] = _chance(slope * margin + intercept)
    reference = np.sort(blind[visited & ~closed])
    if reference.size > _REFERENCE:
        reference = reference[np.linspace(0, reference.size - 1, _REFERENCE).round().astype(np.int64)]
    return Propensity(
        _estimator().fit(used, visited[open_].astype(np.int64), weight[open_]), slope, intercept, reference,
        overlap_of(blind, visited, closed, reference, weight),
    )  # fmt: skip


def cross_fit_visited(
    frame: pd.DataFrame, visited: Flags, groups: NDArray[Any], closed: Flags, *, folds: int = 5, seed: int = 0
) -> Floats:
    """Return the chance of a visit of each row by a model that saw no row of its group; 0 where closed.

    Rows without a visit are thinned in training and weighted back (see `thinned`). One line from margin to log-odds is
    fitted to all rows' blind margins: two numbers that no single row moves.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
    visited : bool array, shape (n,)
    groups : array, shape (n,)
    closed : bool array, shape (n,)
    folds : int
    seed : int
        Of the draws that share out groups and thin rows.

    Returns
    -------
    float64 array, shape (n,)

    Raises
    ------
    FitError
        Every row that may be visited was, or none.

    Examples
    --------
    >>> row = np.arange(4000)
    >>> frame, visited = pd.DataFrame({"size": row % 100}), row // 100 % 10 < row % 100 // 10
    >>> closed = row < 40
    >>> chance = cross_fit_visited(frame, visited, row // 2, closed)
    >>> float(chance[:40].max()), bool(abs(chance[40:].mean() - visited[40:].mean()) < 0.01)
    (0.0, True)
    """
    open_ = np.flatnonzero(~closed)
    _check(visited[open_])
    used, seen = frame.iloc[open_], visited[open_]
    rows, stands = thinned(seen, seed=seed)
    weight = np.zeros(seen.shape)
    weight[rows] = stands
    margin = _blind(used, seen, groups[open_], weight, folds, seed=seed)
    slope, intercept = _line(margin[rows], seen[rows], stands)
    found = np.zeros(visited.shape)
    found[open_] = _chance(slope * margin + intercept)
    return found


def _blind(
    frame: pd.DataFrame, visited: Flags, groups: NDArray[Any], weight: Floats, folds: int, *, seed: int
) -> Floats:
    """Return each row's margin by a model that saw no row of its group; rows of weight 0 are only judged."""
    margin = np.empty(visited.shape)
    for own in folds_of(groups, folds, seed=seed):
        learned = ~own & (weight > 0)
        _check(visited[learned])
        told = frame[learned]
        told = told.loc[:, told.notna().any()]
        made = _estimator().fit(told, visited[learned].astype(np.int64), weight[learned])
        margin[own] = made.decision_function(frame.loc[own, told.columns])
    return margin


def _estimator() -> RiskClassifier:
    from riskscore.learn.estimator import RiskClassifier

    return RiskClassifier(rounds=_ROUNDS, **_SETTINGS)  # type: ignore[arg-type]


def _line(margin: Floats, visited: Flags, weight: Floats) -> tuple[float, float]:
    """Return slope and intercept of greatest weighted likelihood, by Newton's method; the slope is not negative."""
    width = float(margin.std()) or 1.0
    x, y = np.column_stack([margin / width, np.ones(margin.size)]), visited.astype(np.float64)
    beta = np.array([width, 0.0])
    for _ in range(50):
        p = _chance(x @ beta)
        gradient = x.T @ (weight * (p - y))
        hessian = x.T @ (x * (weight * p * (1 - p))[:, None]) + 1e-6 * np.eye(2)
        step = np.clip(np.linalg.solve(hessian, gradient), -2.0, 2.0)  # far from the top a whole step overshoots
        beta = beta - step
        if float(np.abs(step).max()) < 1e-9:
            break
    if beta[0] <= 0:  # the columns tell nothing of who is visited
        share = float(np.average(y, weights=weight))
        return 0.0, float(np.log(share / (1 - share)))
    return float(beta[0] / width), float(beta[1])


def _chance(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -700, 700))))


def _check(visited: Flags) -> None:
    if not 0 < int(visited.sum()) < visited.size:
        raise FitError(
            f"{int(visited.sum())} of {visited.size} rows that may be visited were: who is visited cannot be learned.",
            where="selection",
            next="Choose a cohort that holds visited and other places, or dates of which visits are known.",
        )

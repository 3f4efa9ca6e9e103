"""One step up the ladder: what a rarer outcome adds to the margin of the more common one below it.

A shift, a shift and a slope, or a few shallow trees on top of them. Few cases can teach little: a shift needs one, a
slope ten, trees thirty, and the richer form is taken only if it foretold later dates better. A shift and a slope
above 0 leave the order as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.learn.booster import Booster, train
from riskscore.learn.thinned import thinned

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

NEEDED: Mapping[str, int] = {"shift": 1, "slope": 10, "trees": 30}  # known cases, from plain to rich
FOLDS = 3
MANY = 50_000  # rows of which a sample that keeps the cases teaches as much
_SPREAD = 0.5  # of the slope around 1, before any case was seen
_PARAMS: Mapping[str, Any] = {
    "eta": 0.1, "max_depth": 2, "reg_lambda": 50.0, "subsample": 0.7, "colsample_bytree": 0.4, "seed": 1,
}  # fmt: skip
_ROUNDS = 40


@dataclass(frozen=True)
class Correction:
    """What turns the margin of the rung below into that of a rung: ``slope * lower + shift + trees``.

    ``losses`` holds the mean log loss of each form tried on later dates than it was fitted on.

    Examples
    --------
    >>> Correction("slope", slope=2.0, shift=-1.0).margin(np.array([0.5]), np.empty((1, 0))).tolist()
    [0.0]
    """

    form: str  # "none", "shift", "slope" or "trees"
    slope: float = 1.0
    shift: float = 0.0
    trees: Booster | None = None
    losses: Mapping[str, float] = field(default_factory=dict)

    def margin(self, lower: Floats, table: NDArray[np.float32]) -> Floats:
        """Return the rung's margin.

        Parameters
        ----------
        lower : array, shape (n,)
            Margin of the rung below.
        table : float32 array, shape (n, p)
            The rows as the boosters read them.
        """
        margin = self.slope * lower + self.shift
        return margin if self.trees is None else margin + self.trees.margin(table)

    def contributions(self, lower: Floats, of_trees: Floats | None = None) -> Floats:
        """Return the rung's SHAP values: those of the rung below scaled, the base shifted, those of the trees added.

        Margins add, so Shapley values add: they are exact if those given are.

        Parameters
        ----------
        lower : array, shape (n, p + 1)
            SHAP values of the rung below; the last column is the base value.
        of_trees : array, shape (n, p + 1), optional
            SHAP values of ``trees``, where there are any.
        """
        values = self.slope * lower
        values[:, -1] += self.shift
        return values if of_trees is None else values + of_trees


@dataclass(frozen=True)
class Rows:
    """What a correction is fitted on: rows with a known outcome of the rung.

    ``lower`` is the margin of the rung below, ``y`` 1 or 0, ``table`` the rows as the boosters read them, ``as_of``
    the day of each and ``known_on`` the day on which its outcome was known. ``weight`` is how many rows each stands
    for; None: itself.
    """

    lower: Floats
    y: Floats
    table: NDArray[np.float32]
    as_of: NDArray[np.int32]
    known_on: NDArray[np.int32]
    weight: Floats | None = None

    def pick(self, rows: Flags) -> Rows:
        """Return some of the rows."""
        weight = None if self.weight is None else self.weight[rows]
        return Rows(self.lower[rows], self.y[rows], self.table[rows], self.as_of[rows], self.known_on[rows], weight)

    def thinned(self) -> Rows:
        """Return the cases and a draw of the others, weighted back, where there are very many rows."""
        if self.y.size <= MANY:
            return self
        kept, weight = thinned(self.y == 1)
        return Rows(self.lower[kept], self.y[kept], self.table[kept], self.as_of[kept], self.known_on[kept], weight)

    def log_loss(self, margin: Floats) -> float:
        """Return the log loss of a margin, summed over the rows."""
        return float(((np.logaddexp(0, margin) - self.y * margin) * self.stands).sum())

    @property
    def stands(self) -> Floats:
        """How many rows each stands for, shape (n,)."""
        return np.ones(self.y.size) if self.weight is None else self.weight


def fit_correction(
    rows: Rows, cases: int, *, feature_types: Sequence[str] | None = None, monotone: Sequence[int] | None = None
) -> Correction:
    """Return the form that the number of cases allows and later dates bear out.

    Parameters
    ----------
    rows : Rows
    cases : int
        Known cases behind the positive rows.
    feature_types : sequence of "q" and "c", optional
    monotone : sequence of -1, 0 and 1, optional
        The constraints of the rung below; the trees keep them too.

    Examples
    --------
    >>> day = np.arange(40, dtype=np.int32)
    >>> few = Rows(np.linspace(-3, 0, 40), (day % 10 == 9).astype(float), np.zeros((40, 1), np.float32), day, day + 1)
    >>> fit_correction(few, 4).form
    'shift'
    """
    if not 0 < rows.y.sum() < rows.y.size:
        return Correction("none")
    rows = rows.thinned()
    allowed = [form for form, needed in NEEDED.items() if cases >= needed]
    lost: list[dict[str, float]] = []  # of each fold: form -> log loss
    seen = 0.0
    for earlier, later in rolling_folds(rows) if len(allowed) > 1 else ():
        tested = rows.pick(later)
        tried = _forms(rows.pick(earlier), allowed, feature_types, monotone)
        lost.append({form: tested.log_loss(made.margin(tested.lower, tested.table)) for form, made in tried.items()})
        seen += float(tested.stands.sum())
    best = _winner(allowed, lost)
    made = _forms(rows, allowed[: allowed.index(best) + 1], feature_types, monotone)[best]
    losses = {form: sum(fold[form] for fold in lost) / seen for form in allowed} if seen else {}
    return Correction(made.form, made.slope, made.shift, made.trees, losses)


def _winner(allowed: Sequence[str], lost: Sequence[Mapping[str, float]]) -> str:
    """Return the plainest form, or a richer one that lost less than it on all dates together and in most folds."""
    best = allowed[0]
    for form in allowed[1:] if lost else ():
        gain = [fold[best] - fold[form] for fold in lost]
        if sum(gain) > 0 and 2 * sum(g > 0 for g in gain) > len(gain):
            best = form
    return best


def rolling_folds(rows: Rows, folds: int = FOLDS) -> Iterator[tuple[Flags, Flags]]:
    """Give (earlier, later) rows: each time all outcomes of the earlier ones were known before the later ones' dates.

    The dates are cut where the cases lie: half of them are always earlier, the others are shared among the folds.
    """
    order = np.argsort(rows.as_of, kind="stable")
    cases = np.cumsum(rows.y[order])
    marks = np.linspace(0.5, 1.0, folds + 1) * cases[-1]
    cuts = [rows.as_of[order][min(int(np.searchsorted(cases, m, side="right")), order.size - 1)] for m in marks[:-1]]
    for k, start in enumerate(cuts):
        end = cuts[k + 1] if k + 1 < len(cuts) else np.iinfo(np.int32).max
        earlier, later = rows.known_on <= start, (rows.as_of >= start) & (rows.as_of < end)
        if 0 < rows.y[earlier].sum() < earlier.sum() and rows.y[later].any():
            yield earlier, later


def _forms(
    rows: Rows, forms: Sequence[str], feature_types: Sequence[str] | None, monotone: Sequence[int] | None
) -> dict[str, Correction]:
    """Return each form fitted; the trees start from shift and slope."""
    made = {}
    line = Correction("shift")
    for form in forms:
        if form == "trees":
            grown = train(
                rows.table, rows.y, params=_PARAMS, rounds=_ROUNDS, weight=rows.weight,
                base_margin=line.margin(rows.lower, rows.table), feature_types=feature_types, monotone=monotone,
            )  # fmt: skip
            made[form] = Correction(form, line.slope, line.shift, grown)
        else:
            slope, shift = _line(rows, free=form == "slope")
            line = made[form] = Correction(form, slope, shift)
    return made


def _line(rows: Rows, *, free: bool) -> tuple[float, float]:
    """Return slope and shift of greatest posterior likelihood by Newton's method; the slope is 1 unless ``free``.

    The slope is drawn towards 1 as if ten cases or so had said so, and stays above 0: the rung below is a better guess
    of the order than a few cases that contradict it.
    """
    y, stands = rows.y, rows.stands
    beta = np.array([1.0, 0.0])
    share = np.average(y, weights=stands)
    beta[1] = np.log(share / (1 - share)) - np.average(rows.lower, weights=stands)
    columns = np.column_stack([rows.lower, np.ones(y.size)])
    prior = np.array([1 / _SPREAD**2, 0.0])

    def loss(at: Floats) -> float:
        return rows.log_loss(columns @ at) + float(0.5 * (prior * (at - [1.0, 0.0]) ** 2).sum())

    now = loss(beta)
    for _ in range(100):
        p = 0.5 * (1 + np.tanh(0.5 * (columns @ beta)))
        gradient = columns.T @ (stands * (p - y)) + prior * (beta - [1.0, 0.0])
        hessian = columns.T @ (columns * (stands * p * (1 - p))[:, None]) + np.diag(prior) + 1e-9 * np.eye(2)
        step = np.linalg.solve(hessian, gradient) if free else np.array([0.0, gradient[1] / hessian[1, 1]])
        size = 1.0
        while size > 1e-9 and loss(beta - size * step) > now:
            size /= 2
        before, beta = now, beta - size * step
        now = loss(beta)
        if before - now < 1e-10:
            break
    if beta[0] <= 0:
        return _line(rows, free=False)
    return float(beta[0]), float(beta[1])

"""From margin to probability, learned on later dates than the booster saw.

The order of the margins is never turned round: a fit that would do so gives every row the base rate instead.
Whether a percentage may be shown at all is decided by `support`, not here: probabilities are always computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import FitError, nearest
from riskscore.learn.venn_abers import VennAbers, fit_venn_abers

Floats = NDArray[np.float64]
Method = Literal["sigmoid", "isotonic", "none"]
METHODS = ("sigmoid", "isotonic", "none")
FEWEST = 10  # known cases; with fewer no recipe may ask for percentages


@dataclass(frozen=True)
class Calibrator:
    """A rising function from margin to probability.

    Parameters
    ----------
    method : "sigmoid", "isotonic" or "none"
    n, positives : int
        Rows with a known outcome that it was fitted on, and how many of them are positive.
    slope, intercept : float
        Of the sigmoid, in log-odds; 1 and 0 for "none".
    margins, probabilities : tuple of float
        Corners of the isotonic line; between them it is straight, beyond them level.
    spread : VennAbers, optional
        How uncertain the calibration is; None for "none".

    Examples
    --------
    >>> margin = np.linspace(-3, 3, 400)
    >>> calibrator = fit_calibrator(margin, np.arange(400) % 400 > 300, method="sigmoid")
    >>> Calibrator.from_state(calibrator.to_state()) == calibrator, calibrator.positives
    (True, 99)
    """

    method: Method
    n: int
    positives: int
    slope: float = 1.0
    intercept: float = 0.0
    margins: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()
    spread: VennAbers | None = None

    def probability(self, margin: ArrayLike) -> Floats:
        """Return the probability of each margin, shape (n,)."""
        given = np.asarray(margin, dtype=np.float64)
        if self.method == "isotonic":
            return np.asarray(np.interp(given, self.margins, self.probabilities))
        return _sigmoid(self.slope * given + self.intercept)

    def interval(self, margin: ArrayLike) -> tuple[Floats, Floats]:
        """Return between what the calibration leaves the probability of each margin; shape (n,) each.

        Venn-Abers' p0 and p1, widened to the probability itself where a sigmoid leaves them: a wider interval covers
        no less. It says nothing of the entity's own uncertainty.
        """
        shown = self.probability(margin)
        if self.spread is None:
            return shown, shown
        low, high = self.spread.interval(margin)
        return np.minimum(low, shown), np.maximum(high, shown)

    def to_state(self) -> dict[str, Any]:
        """Return what JSON can hold of it."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Calibrator:
        """Return the calibrator that `to_state` described."""
        lists = {name: tuple(state[name]) for name in ("margins", "probabilities")}
        spread = state["spread"]
        found = None if spread is None else VennAbers(*(tuple(spread[name]) for name in ("knots", "low", "high")))
        return cls(**{**state, **lists, "spread": found})


def fit_calibrator(margin: ArrayLike, y: ArrayLike, *, method: str) -> Calibrator:
    """Return the calibrator fitted on the rows with a known outcome.

    Parameters
    ----------
    margin : array, shape (n,)
        Margins on dates that the booster never saw.
    y : array of 1, 0 and NaN (outcome unknown), shape (n,)
    method : "sigmoid", "isotonic" or "none"
        Sigmoid: Platt's two numbers with his smoothed targets (1999), fit for few positives. Isotonic: any rising
        line, for hundreds of positives; it stays between 1/(n+2) and (n+1)/(n+2), as n rows prove no certainty.

    Raises
    ------
    FitError
        Unknown method, or no row with a known outcome.
    """
    if method not in METHODS:
        raise FitError(f"there is no calibration '{method}'.", where="calibration", next=nearest(method, METHODS))
    outcome, given = np.asarray(y, dtype=np.float64), np.asarray(margin, dtype=np.float64)
    known = ~np.isnan(outcome)
    outcome, given = outcome[known], given[known]
    n, positives = len(outcome), int(outcome.sum())
    if method == "none":
        return Calibrator("none", n, positives)
    if not n:
        raise FitError(
            "no calibration date has a known outcome.",
            where="calibration",
            next="Choose a longer calibration period, or method 'none'.",
        )
    spread = fit_venn_abers(given, outcome)
    if method == "isotonic":
        margins, probabilities = _isotonic(given, outcome)
        return Calibrator("isotonic", n, positives, margins=margins, probabilities=probabilities, spread=spread)
    slope, intercept = _platt(given, outcome)
    return Calibrator("sigmoid", n, positives, slope=slope, intercept=intercept, spread=spread)


def support(positives_in_training: int, positives_in_calibration: int, minimum: int) -> str:
    """Return why no percentage is shown, to stand where it would stand; empty if the cases suffice.

    Fewer than ten cases never do, whatever the minimum.

    Examples
    --------
    >>> support(60, 12, minimum=50)
    'no percentage: 60 known cases in training and 12 in calibration, at least 50 are needed in each'
    >>> support(60, 50, minimum=50)
    ''
    """
    minimum = max(minimum, FEWEST)
    if min(positives_in_training, positives_in_calibration) >= minimum:
        return ""
    return (
        f"no percentage: {positives_in_training} known {_cases(positives_in_training)} in training and "
        f"{positives_in_calibration} in calibration, at least {minimum} are needed in each"
    )


def _cases(n: int) -> str:
    return "case" if n == 1 else "cases"


def _sigmoid(x: Floats) -> Floats:
    """Return the logistic function without overflow."""
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def _platt(margin: Floats, y: Floats) -> tuple[float, float]:
    """Return slope and intercept of greatest likelihood for Platt's targets, by Newton's method."""
    positives = y.sum()
    target = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (len(y) - positives + 2))
    middle, width = margin.mean(), margin.std()
    columns = np.column_stack([(margin - middle) / (width or 1.0), np.ones(len(y))])
    base = np.log(target.mean() / (1 - target.mean()))
    beta, loss = np.array([0.0, base]), _loss(columns @ np.array([0.0, base]), target)
    for _ in range(100 if width else 0):
        p = _sigmoid(columns @ beta)
        gradient = columns.T @ (p - target)
        hessian = columns.T @ (columns * (p * (1 - p))[:, None]) + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-10 and _loss(columns @ (beta - size * step), target) > loss:
            size /= 2
        beta = beta - size * step
        before, loss = loss, _loss(columns @ beta, target)
        if before - loss < 1e-12 * len(y):
            break
    if beta[0] <= 0:  # higher margins were rarer here: the margin says nothing about the level
        return 0.0, float(base)
    slope = float(beta[0] / width)
    return slope, float(beta[1] - slope * middle)


def _loss(log_odds: Floats, target: Floats) -> float:
    """Return the cross-entropy."""
    return float((np.logaddexp(0, log_odds) - target * log_odds).sum())


def _isotonic(margin: Floats, y: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    from sklearn.isotonic import IsotonicRegression

    line = IsotonicRegression().fit(margin, y)
    bound = 1 / (len(y) + 2)
    heights = np.clip(line.y_thresholds_, bound, 1 - bound)
    return tuple(map(float, line.X_thresholds_)), tuple(map(float, heights))

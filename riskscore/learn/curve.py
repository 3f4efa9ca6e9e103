"""What a ranking finds as one goes down it, for many weightings of the same rows at once.

AUC, average precision and precision in the top share are all read off one curve: rows, positives and negatives so
far, at the end of each group of tied scores. With one weighting it gives the metric, with a block of bootstrap
weights the metric of every draw, without sorting again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import FitError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """Cumulated weights at the end of each group of ties, highest scores first; arrays of shape (draws, groups).

    ``rows`` counts all rows, ``hits`` and ``misses`` those whose outcome is known. Every metric has shape (draws,)
    and is NaN where it has no value.
    """

    rows: Floats
    hits: Floats
    misses: Floats

    def auc(self) -> Floats:
        """Return the chance that a positive scores above a negative, ties counting one half."""
        before = np.hstack([np.zeros((len(self.hits), 1)), self.hits[:, :-1]])
        steps = np.diff(self.misses, axis=1, prepend=0.0)
        return _ratio((steps * (self.hits + before)).sum(axis=1) / 2, self.hits[:, -1] * self.misses[:, -1])

    def average_precision(self) -> Floats:
        """Return the mean precision over the positives, a group of ties being one step."""
        steps = np.diff(self.hits, axis=1, prepend=0.0)
        precision = _ratio(self.hits, self.hits + self.misses, none=0.0)
        return _ratio((steps * precision).sum(axis=1), self.hits[:, -1])

    def precision_at(self, share: float) -> Floats:
        """Return positives among the known outcomes in the top share of the rows, ties in random order."""
        hits, misses = self._at(share)
        return _ratio(hits, hits + misses)

    def recall_at(self, share: float) -> Floats:
        """Return the share of all positives that the top share of the rows holds, ties in random order."""
        return _ratio(self._at(share)[0], self.hits[:, -1])

    def lift_at(self, share: float) -> Floats:
        """Return the precision in the top share of the rows divided by the base rate."""
        return _ratio(self.precision_at(share), _ratio(self.hits[:, -1], self.hits[:, -1] + self.misses[:, -1]))

    def _at(self, share: float) -> tuple[Floats, Floats]:
        """Return hits and misses in the top share; the group of ties at its edge counts in part."""
        places = share * self.rows[:, -1:]
        # A sum of weights may miss the last place by rounding: the edge is the first group that reaches it nearly.
        edge = np.minimum((self.rows < places * (1 - 1e-12)).sum(axis=1, keepdims=True), self.rows.shape[1] - 1)
        prior = np.maximum(edge - 1, 0)

        def until(counts: Floats) -> tuple[Floats, Floats]:
            start = np.where(edge > 0, np.take_along_axis(counts, prior, axis=1), 0.0)
            return start, np.take_along_axis(counts, edge, axis=1) - start

        (rows, more_rows), (hits, more_hits), (misses, more_misses) = map(until, (self.rows, self.hits, self.misses))
        part = _ratio(places - rows, more_rows, none=0.0)
        return (hits + part * more_hits)[:, 0], (misses + part * more_misses)[:, 0]


@dataclass(frozen=True)
class Order:
    """Rows sorted by falling score once, ready for any weights."""

    order: NDArray[np.intp]
    last: NDArray[np.intp]  # position of the last row of each group of ties
    hits: NDArray[np.bool_]  # in order
    misses: NDArray[np.bool_]

    @classmethod
    def of(cls, y: ArrayLike, score: ArrayLike) -> Order:
        """Sort the rows; FitError if the outcome is not 1, 0 or NaN, or a score is missing."""
        outcome, value = np.asarray(y, dtype=np.float64), np.asarray(score, dtype=np.float64)
        if outcome.shape != value.shape or outcome.ndim != 1 or not outcome.size:
            raise FitError(f"{outcome.shape} outcomes cannot be matched to {value.shape} scores.")
        if np.isnan(value).any():
            raise FitError(f"{int(np.isnan(value).sum())} scores are missing.", next="Rank only rows with a score.")
        hits, misses = outcome == 1, outcome == 0
        if not (hits | misses | np.isnan(outcome)).all():
            raise FitError("an outcome is neither 1, 0 nor missing.")
        order = np.argsort(-value, kind="stable")
        falling = value[order]
        last = np.append(np.flatnonzero(falling[1:] != falling[:-1]), len(value) - 1)
        return cls(order, last, hits[order], misses[order])

    def curve(self, weights: Floats | None = None) -> Curve:
        """Return the curve of these weights, shape (draws, n), or of each row counting once."""
        sorted_weights = np.ones((1, len(self.order))) if weights is None else weights[:, self.order]
        return Curve(*(self._cumulate(sorted_weights * kind) for kind in (1.0, self.hits, self.misses)))

    def _cumulate(self, weights: Floats) -> Floats:
        found: Floats = np.cumsum(weights, axis=1)[:, self.last]
        return found


def _ratio(above: Floats, below: Floats, none: float = np.nan) -> Floats:
    """Divide, with ``none`` where the divisor is 0."""
    divided: Floats = np.divide(above, below, out=np.full(np.shape(above), none), where=below != 0)
    return divided

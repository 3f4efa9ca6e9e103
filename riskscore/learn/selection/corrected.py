"""Metrics of a whole cohort from outcomes that were seen only where somebody went.

Each row gets an *expected outcome* that may lie outside 0 to 1, and metrics are read off it as off real outcomes.
With ``m`` the chance of a find and ``e`` the chance of a visit, both by models that saw neither the row nor its
employer, the doubly robust one (Robins, Rotnitzky and Zhao 1994; for rankings Dudík, Langford and Li 2011) is

    phi = m                     where nobody went
    phi = m + (y - m) / e       where a visit found y

Its mean is right if either model is, as long as visits depend on nothing that the columns do not hold. Metrics that
pair rows (AUC, average precision) leave out a row's pair with itself, since the square of phi is no outcome.

Visits drawn at random with a logged chance ``p`` need no model (Horvitz and Thompson 1952): each speaks for ``1 / p``
places, and sums are divided by the sum of these weights (Hájek 1971).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import FitError
from riskscore.learn.curve import Curve, Floats, Order

Flags = NDArray[np.bool_]


def expected_outcome(find: Floats, visit: Floats, y: Floats) -> Floats:
    """Return the doubly robust outcome of each row.

    Parameters
    ----------
    find : array, shape (n,)
        Chance that a visit finds something, by models that did not see the row's employer.
    visit : array, shape (n,)
        Chance of a visit, likewise; above 0 wherever there is an outcome.
    y : array of 1, 0 and NaN, shape (n,)
        NaN where nobody went.

    Raises
    ------
    FitError
        A row was visited although it had no chance of it.

    Examples
    --------
    >>> expected_outcome(np.full(3, 0.2), np.full(3, 0.5), np.array([1, 0, np.nan])).round(2).tolist()
    [1.8, -0.2, 0.2]
    """
    seen = ~np.isnan(y)
    if (visit[seen] <= 0).any():
        raise FitError(
            f"{int((visit[seen] <= 0).sum())} visited rows had no chance of a visit.",
            where="selection",
            next="Leave rows out where the rule in force allows no visit: nothing corrects for those.",
        )
    phi = find.astype(np.float64, copy=True)
    phi[seen] += (y[seen] - find[seen]) / visit[seen]
    return phi


@dataclass(frozen=True)
class ExpectedCurve(Curve):
    """A curve of expected outcomes; ``own`` cumulates what rows would add if they were paired with themselves."""

    own: Floats

    def auc(self) -> Floats:
        """Return the chance that a positive scores above a negative of another row, ties counting one half."""
        before = np.hstack([np.zeros((len(self.hits), 1)), self.hits[:, :-1]])
        steps = np.diff(self.misses, axis=1, prepend=0.0)
        pairs = (steps * (self.hits + before)).sum(axis=1) - self.own[:, -1]
        every = self.hits[:, -1] * self.misses[:, -1] - self.own[:, -1]
        return _ratio(pairs / 2, every)

    def average_precision(self) -> Floats:
        """Return the mean precision over the positives, a group of ties being one step."""
        steps = np.diff(self.hits, axis=1, prepend=0.0) * self.hits + np.diff(self.own, axis=1, prepend=0.0)
        known = self.hits + self.misses
        return _ratio(_ratio(steps, known, none=0.0).sum(axis=1), self.hits[:, -1])


@dataclass(frozen=True)
class Tally:
    """Rows sorted by falling score with what each counts for and against; `curve` as that of `Order`."""

    order: Order
    hits: Floats  # in the rows' own order
    misses: Floats
    own: Floats

    @classmethod
    def of_expected(cls, phi: Floats, order: Order) -> Tally:
        """Return the tally of expected outcomes, in an order in which no outcome is known."""
        return cls(order, phi, 1 - phi, phi * (1 - phi))

    @classmethod
    def of_draws(cls, y: Floats, probability: Floats, drawn: Flags, order: Order) -> Tally:
        """Return the tally of visits drawn at random, each speaking for ``1 / probability`` places.

        Parameters
        ----------
        y : array of 1, 0 and NaN, shape (n,)
        probability : array, shape (n,)
            The logged chance of the draw.
        drawn : bool array, shape (n,)
            Rows whose visit was drawn; only these count.
        order : Order
        """
        weight = np.zeros(y.shape)
        weight[drawn] = 1 / probability[drawn]
        outcome = np.where(drawn, y, 0.0)
        return cls(order, weight * outcome, weight * (1 - outcome), np.zeros(y.shape))

    def curve(self, weights: Floats | None = None) -> ExpectedCurve:
        """Return the curve of these weights, shape (draws, n), or of each row counting once."""
        times = np.ones((1, len(self.hits))) if weights is None else weights
        parts = (times, times * self.hits, times * self.misses, times**2 * self.own)
        return ExpectedCurve(*(np.cumsum(part[:, self.order.order], axis=1)[:, self.order.last] for part in parts))


def share_of_seats(score: Floats, seats: int) -> Floats:
    """Return the share of each row in the first ``seats`` places, tied rows sharing what is left; sums to ``seats``.

    Examples
    --------
    >>> share_of_seats(np.array([0.9, 0.5, 0.5, 0.1]), 2).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    if seats >= score.size:
        return np.ones(score.shape)
    if seats < 1:
        return np.zeros(score.shape)
    edge = np.partition(score, score.size - seats)[score.size - seats]
    above, tied = score > edge, score == edge
    return np.where(above, 1.0, np.where(tied, (seats - above.sum()) / tied.sum(), 0.0))


def _ratio(above: Floats, below: Floats, none: float = np.nan) -> Floats:
    divided: Floats = np.divide(above, below, out=np.full(np.shape(above), none), where=below != 0)
    return divided

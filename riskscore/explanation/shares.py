"""What each document adds to the margin: Shapley values of the game in which the players are documents.

The worth of a set of documents is the margin that the entity would have if the records held no others about it,
its place in the registers and its peers left as they are. Sums over all sets where there are few documents; over
orders drawn at random, each with its reverse, where there are many.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from riskscore.errors import ExplanationError

EXACT = 12  # documents up to which every set is worked out
COALITIONS = 2_048  # sets worked out beyond that, about
FEWEST = 16  # orders drawn at least
SEED = 20_250_101
Floats = NDArray[np.float64]
Worth = Callable[[NDArray[np.bool_]], Floats]
"""From sets, shape (k, n), to the worth of each, shape (k,)."""


@dataclass(frozen=True)
class Shares:
    """Shapley values of n documents.

    ``values`` and ``errors`` (standard errors, 0 where exact) have shape (n,); ``without`` is the worth of all
    documents but one, for each; ``none`` and ``all`` the worth of none and of all. ``none + values.sum() == all``.
    """

    values: Floats
    errors: Floats
    without: Floats
    none: float
    all: float
    orders: int  # drawn; 0: exact


def shares(n: int, worth: Worth) -> Shares:
    """Return the share of each of ``n`` documents.

    Raises
    ------
    ExplanationError
        If the shares do not add up.

    Examples
    --------
    >>> found = shares(2, lambda sets: 3.0 * sets[:, 0] + 1.0 * sets.all(axis=1))
    >>> found.values.tolist(), found.none, found.all
    ([3.5, 0.5], 0.0, 4.0)
    """
    found = _exact(n, worth) if n <= EXACT else _sampled(n, worth)
    if abs(found.none + found.values.sum() - found.all) > 1e-9 * (1 + np.abs(found.values).sum()):
        raise ExplanationError("the shares of the documents do not add up.")
    return found


def _exact(n: int, worth: Worth) -> Shares:
    sets = (np.arange(1 << n)[:, None] >> np.arange(n)) & 1 == 1
    v = worth(sets)
    size = sets.sum(axis=1)
    weight = np.array([1.0 / (n * comb(n - 1, k)) for k in range(n)])
    values, without = np.zeros(n), np.zeros(n)
    for i in range(n):
        lacks = ~sets[:, i]
        values[i] = (weight[size[lacks]] * (v[sets[:, i]] - v[lacks])).sum()
        without[i] = v[(1 << n) - 1 - (1 << i)]
    # the sum over sets rounds; what it leaves is shared so that the parts give the whole
    values += (v[-1] - v[0] - values.sum()) / max(1, n)
    return Shares(values, np.zeros(n), without, float(v[0]), float(v[-1]), 0)


def _sampled(n: int, worth: Worth) -> Shares:
    pairs = max(FEWEST // 2, COALITIONS // (2 * n))
    draw = np.random.default_rng(SEED)
    drawn = np.array([draw.permutation(n) for _ in range(pairs)])
    orders = np.stack([drawn, drawn[:, ::-1]], axis=1).reshape(-1, n)
    rank = np.argsort(orders, axis=1)  # place of each document in each order
    begun = rank[:, None, :] < np.arange(n + 1)[None, :, None]  # order, documents so far, document
    lone = ~np.eye(n, dtype=bool)
    sets, at = np.unique(np.concatenate([begun.reshape(-1, n), lone]), axis=0, return_inverse=True)
    v = worth(sets)[at.ravel()]
    along = v[: begun.shape[0] * (n + 1)].reshape(-1, n + 1)
    added = np.take_along_axis(np.diff(along, axis=1), rank, axis=1)  # order, document
    paired = added.reshape(pairs, 2, n).mean(axis=1)
    errors = paired.std(axis=0, ddof=1) / np.sqrt(pairs)
    return Shares(paired.mean(axis=0), errors, v[-n:], float(along[0, 0]), float(along[0, -1]), 2 * pairs)

"""The Shapley values of leaves, without subtraction of large numbers and exact for any path length."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray


@cache
def quadrature(degree: int) -> tuple[tuple[float, float], ...]:
    """Return Gauss-Legendre points and weights on [0, 1], exact for polynomials up to ``degree``.

    They are made with additions, products and divisions alone, so that every machine gets the same bits.

    Examples
    --------
    >>> [(round(t, 4), round(w, 4)) for t, w in quadrature(3)]
    [(0.7887, 0.5), (0.2113, 0.5)]
    """
    count = degree // 2 + 1
    found = []
    for i in range(count):
        x = 1.0 - 2.0 * (i + 0.75) / (count + 0.5)  # a start; Newton's method does the rest
        x *= 1.5 - 0.5 * x * x  # towards the cosine that the roots follow
        for _ in range(100):
            before, p = 0.0, 1.0
            for k in range(count):
                before, p = p, ((2 * k + 1) * x * p - k * before) / (k + 1)
            slope = count * (before - x * p) / (1.0 - x * x)
            x, last = x - p / slope, x
            if abs(x - last) < 1e-16:
                break
        found.append(((1.0 + x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope)))
    return tuple(found)


def leaf_values(on: NDArray[np.bool_], share: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each feature's Shapley value at each leaf, by the path-dependent definition.

    A leaf's path asks ``d`` distinct features. A known feature counts 1 where the row follows the path and 0 where
    it does not; an unknown one counts its ``share`` z. Weighing all orders of the features is an integral over the
    chance t of being known: ``phi_i = v (o_i - z_i) * integral of prod_{j != i} (z_j + t (o_j - z_j)) dt``. It is of a
    polynomial of degree d - 1 with terms that are all positive: a few points give it exactly and nothing cancels.

    Parameters
    ----------
    on : (leaves, d, n) of bool
        Whether row n follows the leaf's path in this feature. Pad short paths with ``on`` true and ``share`` 1.
    share : (leaves, d)
        Product of the shares of the path's nodes that ask this feature.
    value : (leaves,)
        Leaf values.

    Returns
    -------
    (leaves, d, n) of float64
    """
    depth = on.shape[1]
    change = on - share[:, :, None]
    rest = np.zeros(on.shape)
    for t, weight in quadrature(max(depth - 1, 0)):
        factor = share[:, :, None] + t * change
        ahead = np.full((len(on), on.shape[2]), weight)
        products = np.empty(on.shape)
        for i in range(depth):
            products[:, i] = ahead
            ahead = ahead * factor[:, i]
        behind = np.ones_like(ahead)
        for i in reversed(range(depth)):
            products[:, i] *= behind
            behind = behind * factor[:, i]
        rest += products
    found: NDArray[np.float64] = value[:, None, None] * change * rest
    return found

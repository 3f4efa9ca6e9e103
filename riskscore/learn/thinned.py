"""A sample of many rows in which the rare kind stays whole, and each row says how many it stands for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOST = 20_000  # rows of either kind: more teach a simple model nothing further
PER_RARE, FEWEST = 4, 10_000  # rows of the common kind: so many for each rare row, and at least so many


def thinned(rare: NDArray[np.bool_], *, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the rows to learn from, in order, and how many rows each stands for.

    Of the rare rows at most `MOST` are drawn; of the others at most `PER_RARE` for each of these, not fewer than
    `FEWEST` and not more than `MOST`. Each stands for as many of its kind as were left out for it.

    Examples
    --------
    >>> rows, weight = thinned(np.arange(100_000) < 100)
    >>> rows.size, round(float(weight.sum()))
    (10100, 100000)
    """
    draws, weight = np.random.default_rng(seed), np.zeros(rare.shape)
    for kind, most in ((rare, MOST), (~rare, min(MOST, max(FEWEST, PER_RARE * int(rare.sum()))))):
        rows = np.flatnonzero(kind)
        kept = rows if rows.size <= most else draws.permutation(rows)[:most]
        weight[kept] = rows.size / max(1, kept.size)
    rows = np.flatnonzero(weight)
    return rows, weight[rows]

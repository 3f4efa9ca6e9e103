"""Who is in which arm: half of every stratum, drawn from a seed and from what the records were."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]


def generator(seed: int, records: Mapping[str, str], purpose: str) -> np.random.Generator:
    """Return the source of chance for a seed and a fingerprint of records: the same for the same two."""
    text = f"{purpose}|" + "|".join(f"{table}={records[table]}" for table in sorted(records))
    return np.random.default_rng([seed, int(hashlib.sha256(text.encode()).hexdigest()[:16], 16)])


def draw(strata: Codes, rng: np.random.Generator, draws: int = 1, rows: Codes | None = None) -> NDArray[np.bool_]:
    """Draw the first arm: half of each stratum; of an odd stratum, a coin says which arm gets one more.

    Parameters
    ----------
    strata : array of codes, shape (n,)
        The stratum of each unit.
    rng : Generator
        Only ``random`` is called: the stream of numbers that numpy keeps the same across its versions.
    draws : int
        How often all of it is drawn.
    rows : array of positions, optional
        The units that are asked for. What is drawn for them has the same chances, whoever else is asked for.

    Returns
    -------
    bool array, shape (draws, number of units asked for)
        True: in the first arm.

    Examples
    --------
    >>> found = draw(np.array([0, 0, 0, 0, 1, 1]), np.random.default_rng(1), 100)
    >>> sorted(set(found[:, :4].sum(axis=1).tolist())), sorted(set(found[:, 4:].sum(axis=1).tolist()))
    ([2], [1])
    """
    asked = np.arange(strata.size) if rows is None else rows
    out = np.zeros((draws, asked.size), dtype=bool)
    sizes = np.bincount(strata)
    for code in np.unique(strata[asked]):
        left = np.full(draws, sizes[code] // 2) + (rng.random(draws) < 0.5) * (sizes[code] % 2)
        for already, column in enumerate(np.flatnonzero(strata[asked] == code)):
            out[:, column] = rng.random(draws) * (sizes[code] - already) < left
            left = left - out[:, column]
    return out


def smallest_p(strata: Codes) -> float:
    """Return the smallest p-value that a test by drawing again can give: two of all allocations.

    Examples
    --------
    >>> round(smallest_p(np.zeros(4, dtype=np.int64)), 3), round(smallest_p(np.zeros(8, dtype=np.int64)), 3)
    (0.333, 0.029)
    """
    ways = sum(math.log(math.comb(int(s), int(s) // 2) * (1 + int(s) % 2)) for s in np.bincount(strata) if s)
    return min(1.0, 2 * math.exp(-ways))

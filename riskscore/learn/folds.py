"""Folds for cross-fitting that keep linked rows together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def folds_of(groups: NDArray[Any], folds: int, *, seed: int = 0) -> Iterator[NDArray[np.bool_]]:
    """Give the rows of each fold; a group lies in one of them whole."""
    code, ids = pd.factorize(groups, sort=True)
    fold = np.random.default_rng(seed).permutation(np.arange(len(ids)) % folds)[code]
    for k in range(folds):
        if (fold == k).any():
            yield fold == k

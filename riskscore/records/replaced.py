"""Chains of corrections: which rows replace each other in a circle."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def in_cycle(ids: pd.Series[Any], replaces: pd.Series[Any]) -> NDArray[np.bool_]:
    """Return the rows whose chain of ``replaces`` leads into a circle.

    Examples
    --------
    >>> in_cycle(pd.Series(["a", "b", "c", "d"]), pd.Series(["b", "a", None, "c"])).tolist()
    [True, True, False, False]
    """
    n = len(ids)
    correcting = np.flatnonzero(replaces.notna().to_numpy())
    if not len(correcting):
        return np.zeros(n, dtype=bool)
    # chains run among correcting rows only, which are few; the last place stands for "the chain ends"
    targets = pd.Index(ids.iloc[correcting]).get_indexer(pd.Index(replaces.iloc[correcting]))
    end = len(correcting)
    step = np.append(np.where(targets < 0, end, targets), end)
    for _ in range(int(end).bit_length() + 1):  # each round doubles the length of the leap
        step = step[step]
    found = np.zeros(n, dtype=bool)
    found[correcting[step[:end] != end]] = True
    return found

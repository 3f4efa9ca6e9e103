"""How alike visits of one cluster are: the intra-cluster correlation, from an office's own past visits."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Correlation:
    """``rho`` with its interval, and from how many visits and clusters; NaN where these are too few."""

    rho: float
    low: float
    high: float
    visits: int
    clusters: int


def correlation(
    found: NDArray[np.float64], cluster: NDArray[np.int64], stratum: NDArray[np.int64] | None = None
) -> Correlation:
    """Return the correlation of two visits of one cluster, by analysis of variance.

    The interval is Searle's for normal outcomes with the mean cluster size that serves unequal clusters (Donner 1986);
    for shares it is an approximation, and wide where clusters are few.

    Parameters
    ----------
    found : array of 0 and 1, shape (n,)
    cluster : array of codes, shape (n,)
    stratum : array of codes, shape (n,), optional
        What clusters lie in; how strata differ is left out.

    Examples
    --------
    >>> found, cluster = np.array([1.0, 1, 1, 0, 0, 0, 1, 0]), np.array([0, 0, 0, 1, 1, 1, 2, 2])
    >>> round(correlation(found, cluster).rho, 2)
    0.71
    """
    from scipy.stats import f

    strata = np.zeros(found.size, dtype=np.int64) if stratum is None else stratum
    _, first, code = np.unique(cluster, return_index=True, return_inverse=True)
    _, within = np.unique(strata[first], return_inverse=True)  # the stratum of each cluster
    size = np.bincount(code).astype(np.float64)
    of_stratum = np.bincount(within, size)
    freedom, rest = size.size - of_stratum.size, found.size - size.size
    nothing = Correlation(math.nan, math.nan, math.nan, int(found.size), int(size.size))
    if freedom < 1 or rest < 1:
        return nothing
    mean = np.bincount(code, found) / size
    overall = np.bincount(within, mean * size) / of_stratum
    between = float((size * (mean - overall[within]) ** 2).sum()) / freedom
    inside = float(((found - mean[code]) ** 2).sum()) / rest
    usual = float((of_stratum - np.bincount(within, size**2) / of_stratum).sum()) / freedom
    if inside == 0:
        return nothing
    ratio, tail = between / inside, (1 - CONFIDENCE) / 2

    def rho(value: float) -> float:
        return (value - 1) / (value + usual - 1)

    return Correlation(
        rho(ratio), rho(ratio / f.ppf(1 - tail, freedom, rest)), rho(ratio / f.ppf(tail, freedom, rest)),
        int(found.size), int(size.size),
    )  # fmt: skip

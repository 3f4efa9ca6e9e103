"""False alarms, power and coverage of field trials, simulated: ``python tests/benchmarks/bench_trial.py [TRIALS]``."""

from __future__ import annotations

import sys
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.trial.allocation import draw
from riskscore.trial.comparison import difference
from riskscore.trial.size import Size, power

SHARE, DETECT, RHO, DRAWS = 0.25, 0.375, 0.05, 999
PLACES_VISITED = 430  # of all places that were drawn into an arm
# unit -> offices, clusters of each, visits of a cluster; strata of so many clusters
DESIGNS = {"place": (1, 2000, 1, 100), "week": (5, 24, 7, 4), "office": (16, 1, 60, 16)}


def strata_of(unit: str) -> NDArray[np.int64]:
    offices, weeks, _, block = DESIGNS[unit]
    return np.arange(offices * weeks) // block


def visits_of(unit: str, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return how many visits each cluster has: one, or a number that varies by half of the mean."""
    offices, weeks, mean, _ = DESIGNS[unit]
    if mean == 1:
        return np.bincount(rng.permutation(offices * weeks)[:PLACES_VISITED], minlength=offices * weeks)
    return np.maximum(1, rng.normal(mean, mean / 2, offices * weeks)).astype(np.int64)


def finds_of(visits: NDArray[np.int64], share: Any, rho: float, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return finds whose chance is the cluster's own: a beta with the mean ``share`` and the correlation ``rho``."""
    own = share if rho == 0 else rng.beta(share * (1 - rho) / rho, (1 - share) * (1 - rho) / rho, visits.size)
    return rng.binomial(visits, own)


def one(unit: str, detect: float, rng: np.random.Generator) -> tuple[float, bool, bool]:
    """Return the p-value of a simulated trial, whether its interval holds the truth, and what a plain z-test says."""
    strata, visits = strata_of(unit), visits_of(unit, rng)
    first = draw(strata, rng)[0]
    found = finds_of(visits, np.where(first, detect, SHARE), 0.0 if unit == "place" else RHO, rng)
    rows = np.flatnonzero(visits)
    seen = difference(
        found[rows].astype(float), visits[rows].astype(float), first[rows], strata, rows, rng, DRAWS, 0.05
    )
    n, m, all_ = visits[first].sum(), visits[~first].sum(), found.sum() / visits.sum()
    z = abs(seen.estimate) / np.sqrt(all_ * (1 - all_) * (1 / n + 1 / m))
    return seen.p, seen.low <= detect - SHARE <= seen.high, bool(z > 1.96)


def main(trials: int) -> None:
    """Print a row per design and truth."""
    print(f"{trials} trials each, {DRAWS} draws, rho {RHO} within clusters")
    for unit, detect in product(DESIGNS, (SHARE, DETECT)):
        rng = np.random.default_rng(1)
        p, held, plain = map(np.array, zip(*(one(unit, detect, rng) for _ in range(trials)), strict=True))
        offices, weeks, mean, block = DESIGNS[unit]
        size = (Size(215, clustered=False) if unit == "place" else
                Size(offices * weeks / 2, mean, block if unit == "week" else 0, RHO, 0.5))  # fmt: skip
        planned = power(size, SHARE, detect) if detect != SHARE else 0.05
        print(f"{unit:8}{detect:6.1%}  shown {np.mean(p < 0.05):6.1%}  planned {planned:6.1%}  "
              f"interval holds {held.mean():6.1%}  plain z-test shows {plain.mean():6.1%}")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)

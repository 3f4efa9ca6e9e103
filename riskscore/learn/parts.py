"""Boosters of a large register that each learn from employers of their own, so that the others can speak for these.

Several seeds are averaged anyway. Where even a part of the rows teaches a booster all that can be measured, each seed
takes another part: the fit costs as many times less as there are seeds, and for every row there are boosters that
never saw its employer, for the rungs above to start from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.learn.booster import Booster, Floats, Progress, train_seeds
from riskscore.learn.folds import folds_of

Parts = NDArray[np.int8]
ENOUGH = 200_000  # rows of a part; what a larger one gains is measured in docs/decisions/0036
BOTH = 20_000  # rows of a part with either outcome


def parts_of(groups: NDArray[Any], y: NDArray[Any], parts: int) -> Parts | None:
    """Return the part of each row, those of one group together; None where a part would be too small to learn from.

    Parameters
    ----------
    groups : array, shape (n,)
    y : array of 1 and 0, shape (n,)
    parts : int
        As many as there are seeds.

    Examples
    --------
    >>> y, groups = np.arange(700_000) % 2, np.arange(700_000) // 2
    >>> np.unique(parts_of(groups, y, 3), return_counts=True)[1].tolist()
    [233334, 233334, 233332]
    >>> parts_of(groups, y, 4) is None
    True
    """
    if parts < 2 or len(y) < parts * ENOUGH:
        return None
    found = np.full(len(y), -1, dtype=np.int8)
    for k, own in enumerate(folds_of(groups, parts)):
        found[own] = k
        if own.sum() < ENOUGH or min(y[own].sum(), own.sum() - y[own].sum()) < BOTH:
            return None
    return found if found.max() == parts - 1 else None


def train_parts(
    X: Floats, y: NDArray[Any], parts: Parts, *, seeds: Sequence[int], rounds: int,
    weight: NDArray[Any] | None = None, progress: Progress | None = None, **settings: Any,
) -> tuple[Booster, ...]:  # fmt: skip
    """Return one booster for each seed, that of seed k learned from the rows of part k; the rest as `train_seeds`."""
    boosters: list[Booster] = []
    for k, seed in enumerate(seeds):
        own = parts == k

        def tell(done: int, of: int, before: int = k * rounds) -> None:
            if progress is not None:
                progress(before + done, len(seeds) * rounds)

        boosters += train_seeds(X[own], y[own], seeds=(seed,), rounds=rounds,
                                weight=None if weight is None else weight[own], progress=tell, **settings)  # fmt: skip
    return tuple(boosters)


def blind_margin(boosters: Sequence[Booster], X: Floats, parts: Parts) -> NDArray[np.float64]:
    """Return the mean margin of each row by the boosters that did not learn from its part; shape (n,)."""
    margin = np.zeros(len(X))
    for k, booster in enumerate(boosters):
        others = parts != k
        margin[others] += booster.margin(X[others])
    return margin / (len(boosters) - 1)

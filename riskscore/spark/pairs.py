"""Which thing is needed in which partition: sorted pairs, joined by numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.history.windows import Ints, stretches


@dataclass(frozen=True, eq=False)
class Pairs:
    """Pairs (thing, partition) without repetition, as ascending integers ``thing * partitions + partition``."""

    packed: Ints
    partitions: int

    @classmethod
    def of(cls, thing: NDArray[np.integer], partition: NDArray[np.integer], partitions: int) -> Pairs:
        """Return the pairs; a thing below 0 is none.

        Examples
        --------
        >>> Pairs.of(np.array([4, 4, -1]), np.array([1, 1, 0]), 2).packed.tolist()
        [9]
        """
        there = thing >= 0
        return cls(np.unique(thing[there].astype(np.int64) * partitions + partition[there]), partitions)

    @property
    def thing(self) -> Ints:
        """The thing of each pair."""
        return self.packed // self.partitions

    @property
    def partition(self) -> Ints:
        """The partition of each pair."""
        return self.packed % self.partitions

    def __or__(self, other: Pairs) -> Pairs:
        return Pairs(np.union1d(self.packed, other.packed), self.partitions)

    def to(self, row: NDArray[np.integer], thing: NDArray[np.integer]) -> Pairs:
        """Return where each row goes if row ``row[i]`` goes wherever ``thing[i]`` does.

        Examples
        --------
        >>> sites = Pairs.of(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        >>> found = sites.to(np.arange(3), np.array([1, 0, -1]))
        >>> list(zip(found.thing.tolist(), found.partition.tolist()))
        [(0, 1), (1, 0), (1, 1)]
        """
        things = self.thing
        owner, position = stretches(np.searchsorted(things, thing), np.searchsorted(things, thing, side="right"))
        return Pairs.of(row[owner], self.partition[position], self.partitions)

"""Which thing is needed in which partition: sorted pairs, joined by numpy."""

from __future__ import annotations

from collections.abc import Sequence
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
        return cls(distinct([thing[there].astype(np.int64) * partitions + partition[there]]), partitions)

    @property
    def thing(self) -> Ints:
        """The thing of each pair."""
        return self.packed // self.partitions

    @property
    def partition(self) -> Ints:
        """The partition of each pair."""
        return self.packed % self.partitions

    def __or__(self, other: Pairs) -> Pairs:
        if not (self.packed.size and other.packed.size):
            return self if self.packed.size else other
        return Pairs(distinct([self.packed, other.packed]), self.partitions)

    def to(self, row: NDArray[np.integer], thing: NDArray[np.integer]) -> Pairs:
        """Return where each row goes if row ``row[i]`` goes wherever ``thing[i]`` does.

        Examples
        --------
        >>> sites = Pairs.of(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
        >>> found = sites.to(np.arange(3), np.array([1, 0, -1]))
        >>> list(zip(found.thing.tolist(), found.partition.tolist()))
        [(0, 1), (1, 0), (1, 1)]
        """
        first = thing.astype(np.int64) * self.partitions
        begin, end = np.searchsorted(self.packed, first), np.searchsorted(self.packed, first + self.partitions)
        owner, position = stretches(begin, end)
        return Pairs.of(row[owner], self.packed[position] % self.partitions, self.partitions)


def distinct(packed: Sequence[Ints]) -> Ints:
    """Return the different numbers of some arrays, ascending.

    numpy's ``unique`` goes by hashes, which takes four times as long as sorting numbers that nearly all differ.

    Examples
    --------
    >>> distinct([np.array([3, 1]), np.array([3])]).tolist()
    [1, 3]
    """
    found = np.concatenate([np.array([], dtype=np.int64), *packed])
    found.sort()
    again = found[1:] == found[:-1]
    return found[np.append(True, ~again)] if again.any() else found

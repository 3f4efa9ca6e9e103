"""The contributions of every block for every code, side by side in memory and made in batches of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.explanation.treeshap.blocks import Block

MAX_BITS = 10  # answers per block: a table of 1024 entries per feature, 40 kB, stays in the cache
TABLE_BYTES = 400_000_000  # more tables than this are made, used and dropped in turns


@dataclass(frozen=True)
class Batch:
    """Some blocks and their tables.

    ``tables[i]`` belongs to ``blocks[i]``: (slots + 1, codes), a piece of ``flat``. ``wide`` are blocks with more
    answers than `MAX_BITS`, and all blocks where rows are so few that whole tables do not pay: their entries are made
    for the rows at hand.
    """

    blocks: tuple[Block, ...]
    tables: tuple[NDArray[np.int32], ...]
    flat: NDArray[np.int32]
    wide: tuple[Block, ...]


def tabulate(blocks: Sequence[Block], fixed_point: int) -> Batch:
    """Return the tables of some blocks, in units of ``2 ** -fixed_point``."""
    narrow = tuple(block for block in blocks if len(block.bits) <= MAX_BITS)
    flat = np.empty(sum(_entries(block) for block in narrow), dtype=np.int32)
    tables = []
    start = 0
    for block in narrow:
        table = flat[start : start + _entries(block)].reshape(len(block.slots) + 1, -1)
        table[:] = block.entries(np.arange(table.shape[1]), fixed_point)
        tables.append(table)
        start += table.size
    return Batch(narrow, tuple(tables), flat, tuple(block for block in blocks if len(block.bits) > MAX_BITS))


def split(blocks: Sequence[Block], table_bytes: int) -> Iterator[Sequence[Block]]:
    """Yield runs of blocks whose tables take at most ``table_bytes``, or one block where it alone takes more."""
    first, used = 0, 0
    for place, block in enumerate(blocks):
        size = 4 * _entries(block) if len(block.bits) <= MAX_BITS else 0
        if used + size > table_bytes and place > first:
            yield blocks[first:place]
            first, used = place, 0
        used += size
    yield blocks[first:]


def _entries(block: Block) -> int:
    return (len(block.slots) + 1) << len(block.bits)

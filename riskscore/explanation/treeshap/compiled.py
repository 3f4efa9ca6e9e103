"""The same sums as ``engine``, compiled by numba where it is installed; whole numbers make them the same to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from riskscore.explanation.treeshap.gather import add_entries, teach_numba
from riskscore.explanation.treeshap.tables import Batch

ROWS = 4096  # rows per turn: codes in the innermost cache, columns and sums in the next


@dataclass(frozen=True)
class Program:
    """Blocks with tables, flattened: each ``..._start`` has one entry per block (or bit), and one for the end."""

    bit_start: NDArray[np.int64]
    step_start: NDArray[np.int64]
    column: NDArray[np.int64]
    threshold: NDArray[np.float32]
    below: NDArray[np.bool_]
    missing: NDArray[np.bool_]
    slot_start: NDArray[np.int64]
    feature: NDArray[np.int64]  # -1, the last row of the sums, takes the leaf values
    table_start: NDArray[np.int64]
    tables: NDArray[np.int32]

    @classmethod
    def of(cls, batch: Batch) -> Program:
        """Return the batch's blocks that have tables."""
        bits = [steps for block in batch.blocks for steps in block.bits]
        steps = [step for bit in bits for step in bit]
        return cls(
            _starts(len(block.bits) for block in batch.blocks),
            _starts(len(bit) for bit in bits),
            np.array([s.column for s in steps], dtype=np.int64),
            np.array([s.threshold for s in steps], dtype=np.float32),
            np.array([s.below for s in steps], dtype=np.bool_),
            np.array([s.missing for s in steps], dtype=np.bool_),
            _starts(len(block.slots) + 1 for block in batch.blocks),
            np.array([f for block in batch.blocks for f in (*block.slots, -1)], dtype=np.int64),
            _starts(table.size for table in batch.tables),
            batch.flat,
        )


def _starts(sizes: Iterable[int]) -> NDArray[np.int64]:
    return np.cumsum(np.array([0, *sizes], dtype=np.int64))


def available() -> bool:
    """Return whether numba is installed; it is not imported."""
    return find_spec("numba") is not None


def add_contributions(program: Program, columns: NDArray[np.float32], total: NDArray[np.int32]) -> None:
    """Add the tables' contributions to ``total``, as ``engine.add_contributions`` does."""
    p = program
    code = np.empty(columns.shape[1], dtype=np.uint16)
    taken = np.empty(columns.shape[1], dtype=np.bool_)
    steps = (p.bit_start, p.step_start, p.column, p.threshold, p.below, p.missing)
    _kernel()(*steps, p.slot_start, p.feature, p.table_start, p.tables, columns, code, taken, total)


@cache
def _kernel() -> Callable[..., None]:
    teach_numba()
    compiled: Callable[..., None] = import_module("numba").njit(nogil=True)(_add)
    return compiled


def _add(
    bit_start: NDArray[np.int64],
    step_start: NDArray[np.int64],
    column: NDArray[np.int64],
    threshold: NDArray[np.float32],
    below: NDArray[np.bool_],
    missing: NDArray[np.bool_],
    slot_start: NDArray[np.int64],
    feature: NDArray[np.int64],
    table_start: NDArray[np.int64],
    tables: NDArray[np.int32],
    columns: NDArray[np.float32],
    code: NDArray[np.uint16],
    taken: NDArray[np.bool_],
    total: NDArray[np.int32],
) -> None:
    rows = columns.shape[1]
    for block in range(len(bit_start) - 1):
        code[:] = 0
        for bit in range(bit_start[block], bit_start[block + 1]):
            one = np.uint16(1 << (bit - bit_start[block]))
            first = step_start[bit]
            x, t = columns[column[first]], threshold[first]
            # Nearly every bit is one comparison that is false for a missing value: a loop without branches.
            if step_start[bit + 1] == first + 1 and below[first]:
                for i in range(rows):
                    code[i] |= one if x[i] < t else np.uint16(0)
                continue
            if step_start[bit + 1] == first + 1:
                for i in range(rows):
                    code[i] |= one if x[i] >= t else np.uint16(0)
                continue
            taken[:] = True
            for step in range(first, step_start[bit + 1]):
                x, t, sought = columns[column[step]], threshold[step], below[step]
                if sought == missing[step]:
                    for i in range(rows):
                        taken[i] &= (x[i] >= t) != sought
                else:
                    for i in range(rows):
                        taken[i] &= (x[i] < t) == sought
            for i in range(rows):
                code[i] |= one if taken[i] else np.uint16(0)
        size = 1 << (bit_start[block + 1] - bit_start[block])
        for slot in range(slot_start[block], slot_start[block + 1]):
            start = table_start[block] + (slot - slot_start[block]) * size
            add_entries(total[feature[slot]], tables[start : start + size], code)

"""From rows to contributions: answers packed into codes, codes into whole numbers, whole numbers summed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskscore.explanation.treeshap.blocks import Block, Step
from riskscore.explanation.treeshap.tables import Batch

ROWS = 16384  # rows per turn: their columns and sums stay in the processor's cache
WIDE_ROWS = 512  # rows at once where no table is: all leaves' values stand in memory then


def add_contributions(batch: Batch, columns: NDArray[np.float32], fixed_point: int, total: NDArray[np.int32]) -> None:
    """Add a batch's contributions to ``total``, whose rows are the features and, last, the leaf values.

    Parameters
    ----------
    columns : (n_columns, n)
        What the trees compare, one column after the other in memory.
    total : (n_features + 1, n)
    """
    rows = columns.shape[1]
    gathered = np.empty((max((len(table) for table in batch.tables), default=0), rows), dtype=np.int32)
    for block, table in zip(batch.blocks, batch.tables, strict=True):
        found = gathered[: len(table)]
        table.take(_codes(block, columns), axis=1, out=found, mode="clip")  # "raise" would copy; no code is outside
        _add(block, found, total)
    add_wide(batch, columns, fixed_point, total)


def add_wide(batch: Batch, columns: NDArray[np.float32], fixed_point: int, total: NDArray[np.int32]) -> None:
    """Add the contributions of the blocks that have no table."""
    for block in batch.wide:
        for first in range(0, columns.shape[1], WIDE_ROWS):
            part = slice(first, first + WIDE_ROWS)
            _add(block, block.entries(_codes(block, columns[:, part]), fixed_point), total[:, part])


def _add(block: Block, found: NDArray[np.int32], total: NDArray[np.int32]) -> None:
    for slot, feature in enumerate((*block.slots, -1)):
        np.add(total[feature], found[slot], out=total[feature])


def _codes(block: Block, columns: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return each row's code in a block."""
    rows = columns.shape[1]
    taken, other = np.empty(rows, dtype=np.bool_), np.empty(rows, dtype=np.bool_)
    found = np.zeros(rows, dtype=np.int64)
    for first in range(0, len(block.bits), 8):  # a byte at a time: narrow numbers are many to a register
        byte = np.zeros(rows, dtype=np.uint8)
        for steps in reversed(block.bits[first : first + 8]):
            _answer(steps[0], columns, taken)
            for step in steps[1:]:
                _answer(step, columns, other)
                np.logical_and(taken, other, out=taken)
            np.add(byte, byte, out=byte)
            np.bitwise_or(byte, taken.view(np.uint8), out=byte)
        if first:
            found += byte.astype(np.int64) << first
        else:
            np.copyto(found, byte)
    return found


def _answer(step: Step, columns: NDArray[np.float32], out: NDArray[np.bool_]) -> None:
    """Write whether each row takes the step; comparisons with a missing value are false, hence the two forms."""
    if step.below == step.missing:
        np.greater_equal(columns[step.column], step.threshold, out=out)
    else:
        np.less(columns[step.column], step.threshold, out=out)
    if step.missing:
        np.logical_not(out, out=out)

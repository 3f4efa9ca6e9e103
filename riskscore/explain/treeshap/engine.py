"""From rows to contributions: answers packed into codes, codes into whole numbers, whole numbers summed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.explain.treeshap.blocks import Block, Step

ROWS = 8192  # rows per turn: their columns and sums stay in the processor's cache


@dataclass(frozen=True)
class Tabulated:
    """A block with its contributions for every possible code; without ``table`` they are made for each row."""

    block: Block
    table: NDArray[np.int32] | None


def answer(step: Step, columns: NDArray[np.float32], out: NDArray[np.bool_]) -> None:
    """Write whether each row takes the step; comparisons with a missing value are false, hence the two forms."""
    if step.below == step.missing:
        np.greater_equal(columns[step.column], step.threshold, out=out)
    else:
        np.less(columns[step.column], step.threshold, out=out)
    if step.missing:
        np.logical_not(out, out=out)


def codes(block: Block, columns: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return each row's code in a block."""
    found = np.zeros(columns.shape[1], dtype=np.int64)
    one, all_ = np.empty(columns.shape[1], dtype=np.bool_), np.empty(columns.shape[1], dtype=np.bool_)
    for b, steps in enumerate(block.bits):
        answer(steps[0], columns, all_)
        for step in steps[1:]:
            answer(step, columns, one)
            np.logical_and(all_, one, out=all_)
        found |= all_.astype(np.int64) << b
    return found


def add_contributions(
    blocks: tuple[Tabulated, ...], columns: NDArray[np.float32], fixed_point: int, total: NDArray[np.int32]
) -> None:
    """Add the blocks' contributions to ``total``, whose rows are the features and, last, the leaf values."""
    for tabulated in blocks:
        block = tabulated.block
        code = codes(block, columns)
        if tabulated.table is not None:
            found = tabulated.table.take(code, axis=1)
        else:
            found = block.entries(code, fixed_point)
        for slot, feature in enumerate((*block.slots, len(total) - 1)):
            total[feature] += found[slot]

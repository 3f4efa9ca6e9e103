"""Cutting trees into blocks of leaves whose Shapley values depend on a few yes-or-no answers.

The answers of a block are those to its inner nodes and, for each distinct feature on the path above, whether the
row followed that path in this feature. A path that asks one feature three times thus gives one answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.explanation.treeshap.model import Tree
from riskscore.explanation.treeshap.shapley import leaf_values

ROUNDING_BITS = 20  # leaves are summed this much finer than tables are stored, so that each entry is rounded once


@dataclass(frozen=True)
class Step:
    """One comparison: true if the row's value is below ``threshold`` (or not below); ``missing`` if it is missing."""

    column: int
    threshold: np.float32
    below: bool
    missing: bool


@dataclass(frozen=True)
class Block:
    """Leaves under one node. Bit b of a row's code is set if all ``bits[b]`` are true for the row.

    ``slots`` are the features that the leaves' paths ask, ascending. Per leaf and feature of its path, the row
    follows the path if ``code & mask == want``; unused places of short paths hold mask 0, share 1 and slot -1.
    """

    bits: tuple[tuple[Step, ...], ...]
    slots: tuple[int, ...]
    mask: NDArray[np.int64]  # (leaves, d)
    want: NDArray[np.int64]
    share: NDArray[np.float64]
    slot: NDArray[np.int64]
    value: NDArray[np.float64]  # (leaves,)

    def entries(self, codes: NDArray[np.int64], fixed_point: int) -> NDArray[np.int32]:
        """Return the block's contributions for some codes, in units of ``2 ** -fixed_point``.

        They are whole numbers, so that sums over blocks come out the same in every order.

        Returns
        -------
        (len(slots) + 1, n) of int32
            The last row is the value of the leaf that the row falls into, 0 if it falls outside the block.
        """
        on = (codes & self.mask[:, :, None]) == self.want[:, :, None]
        fine = np.zeros((len(self.slots), len(codes)), dtype=np.int64)
        for leaf, whole in enumerate(self._by_leaf(on, fixed_point)):
            for place, slot in enumerate(self.slot[leaf]):
                if slot >= 0:
                    fine[slot] += whole[place]
        found = np.empty((len(self.slots) + 1, len(codes)), dtype=np.int32)
        # Rounding the running sum, not each entry, keeps the sum over the features as exact as one entry.
        found[:-1] = np.diff(_rounded(np.cumsum(fine, axis=0)), axis=0, prepend=0)
        reached = on.all(axis=1) * _whole(self.value, fixed_point)[:, None]
        found[-1] = _rounded(reached.sum(axis=0))
        return found

    def _by_leaf(self, on: NDArray[np.bool_], fixed_point: int) -> Iterator[NDArray[np.int64]]:
        """Yield each leaf's values, (d, n); patterns fewer than the codes are worked out once."""
        depth = on.shape[1]
        if on.shape[2] <= 1 << depth:
            yield from _whole(leaf_values(on, self.share, self.value), fixed_point)
            return
        power = 1 << np.arange(depth, dtype=np.int64)[:, None]
        patterns = (np.arange(1 << depth) & power) > 0
        each = leaf_values(np.broadcast_to(patterns, (len(on), *patterns.shape)), self.share, self.value)
        for values, followed in zip(_whole(each, fixed_point), on, strict=True):
            yield values.take((followed * power).sum(axis=0), axis=1)


def _whole(values: NDArray[np.float64], fixed_point: int) -> NDArray[np.int64]:
    return np.rint(np.ldexp(values, fixed_point + ROUNDING_BITS)).astype(np.int64)


def _rounded(fine: NDArray[np.int64]) -> NDArray[np.int64]:
    return (fine + (1 << (ROUNDING_BITS - 1))) >> ROUNDING_BITS


@dataclass(frozen=True)
class _Edge:
    node: int
    goes_left: bool


def cut(tree: Tree, max_bits: int) -> Iterator[Block]:
    """Yield the blocks of a tree, left to right: the largest sub-trees with at most ``max_bits`` answers.

    A leaf whose path alone asks more features than that is a block of its own.
    """
    inside = _inner_nodes(tree)
    todo: list[tuple[int, tuple[_Edge, ...]]] = [(0, ())]
    while todo:
        node, above = todo.pop()
        answers = len({int(tree.feature[e.node]) for e in above}) + inside[node]
        if answers <= max_bits or tree.left[node] < 0:
            yield _block(tree, node, above)
            continue
        todo.append((int(tree.right[node]), (*above, _Edge(node, False))))
        todo.append((int(tree.left[node]), (*above, _Edge(node, True))))


def _inner_nodes(tree: Tree) -> list[int]:
    """Return how many questions each node's sub-tree asks."""
    order, count = [0], [0] * len(tree.left)
    for node in order:
        if tree.left[node] >= 0:
            order += [int(tree.left[node]), int(tree.right[node])]
    for node in reversed(order):
        if tree.left[node] >= 0:
            count[node] = 1 + count[int(tree.left[node])] + count[int(tree.right[node])]
    return count


def _step(tree: Tree, edge: _Edge) -> Step:
    missing = bool(tree.default_left[edge.node]) == edge.goes_left
    return Step(int(tree.column[edge.node]), tree.threshold[edge.node], edge.goes_left, missing)


def _block(tree: Tree, root: int, above: tuple[_Edge, ...]) -> Block:
    bits: list[tuple[Step, ...]] = []
    # Per feature: which bits must be set, which must not, and the product of shares.
    path: dict[int, tuple[int, int, float]] = {}
    for feature in dict.fromkeys(int(tree.feature[e.node]) for e in above):
        edges = [e for e in above if tree.feature[e.node] == feature]
        share = 1.0
        for edge in edges:
            share *= float(tree.share[(tree.left if edge.goes_left else tree.right)[edge.node]])
        mask = 1 << len(bits)
        plain = _plain(tree, edges[0])
        alone = len(edges) == 1
        bits.append((_step(tree, plain),) if alone else tuple(_step(tree, e) for e in edges))
        path[feature] = (mask, mask if not alone or plain == edges[0] else 0, share)
    leaves: list[tuple[dict[int, tuple[int, int, float]], float]] = []
    todo = [(root, path)]
    while todo:
        node, path = todo.pop()
        if tree.left[node] < 0:
            leaves.append((path, float(tree.value[node])))
            continue
        mask = 1 << len(bits)
        plain = _plain(tree, _Edge(node, True))
        bits.append((_step(tree, plain),))
        feature = int(tree.feature[node])
        seen = path.get(feature, (0, 0, 1.0))
        for child, goes_left in ((int(tree.right[node]), False), (int(tree.left[node]), True)):
            want = mask if goes_left == plain.goes_left else 0
            todo.append(
                (child, {**path, feature: (seen[0] | mask, seen[1] | want, seen[2] * float(tree.share[child]))})
            )
    return _packed(tuple(bits), leaves)


def _plain(tree: Tree, edge: _Edge) -> _Edge:
    """Return the edge of the same node that a missing value does not take: one comparison answers it."""
    return _Edge(edge.node, not bool(tree.default_left[edge.node]))


def _packed(bits: tuple[tuple[Step, ...], ...], leaves: list[tuple[dict[int, tuple[int, int, float]], float]]) -> Block:
    slots = tuple(sorted({f for path, _ in leaves for f in path}))
    shape = (len(leaves), max(len(path) for path, _ in leaves))
    mask, want = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    share, slot = np.ones(shape), np.full(shape, -1, dtype=np.int64)
    for i, (path, _) in enumerate(leaves):
        for j, (feature, (m, w, z)) in enumerate(path.items()):
            mask[i, j], want[i, j], share[i, j], slot[i, j] = m, w, z, slots.index(feature)
    return Block(bits, slots, mask, want, share, slot, np.array([v for _, v in leaves]))

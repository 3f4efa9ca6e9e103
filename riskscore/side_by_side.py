"""Work done on all processors at once; numpy and Arrow let go of the interpreter while they count."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Found = TypeVar("Found")


FEW = 20_000  # rows that are not worth sharing out


def side_by_side(does: Callable[[Item], Found], items: Iterable[Item], *, worth: bool = True) -> list[Found]:
    """Return what a function finds for each item, in the order of the items; one by one where threads are not worth it.

    Examples
    --------
    >>> side_by_side(lambda n: n * n, [3, 1, 2])
    [9, 1, 4]
    """
    wanted = list(items)
    if len(wanted) < 2 or not worth:
        return [does(item) for item in wanted]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(does, wanted))

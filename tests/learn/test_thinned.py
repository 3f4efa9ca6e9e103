"""A sample of many rows: no larger than it must be, and weighted back."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.learn.thinned import MOST, thinned


def test_a_large_register_costs_no_more_than_a_middling_one() -> None:
    visited = np.arange(1_000_000) % 5 == 0
    rows, weight = thinned(visited)
    assert visited[rows].sum() == (~visited[rows]).sum() == MOST
    assert weight.sum() == pytest.approx(1_000_000)
    assert weight[visited[rows]].sum() == pytest.approx(200_000)

"""Invented places and offices, so that a plan can be made without records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskscore.planning.places import Places


@pytest.fixture
def places_of() -> Callable[..., Places]:
    def make(n: int = 40, seed: int = 0, **cells: dict[int, Any]) -> Places:
        rng = np.random.default_rng(seed)
        north = np.arange(n) % 2 == 0
        frame = pd.DataFrame({
            "entity": [f"P{i:04d}" for i in range(n)], "employer": [f"E{i:04d}" for i in range(n)],
            "region": np.where(north, "N", "S"), "district": "", "sector": np.where(np.arange(n) % 3 == 0, "F", "G"),
            "site_type": "shop", "latitude": np.where(north, 41.0, 39.0) + rng.normal(0, 0.1, n),
            "longitude": 48.0 + rng.normal(0, 0.1, n), "rank": np.arange(1, n + 1), "band": "B", "urgent": False,
            "located": True, "finding": np.linspace(0.6, 0.05, n), "value": np.linspace(2.0, 0.1, n),
            "workers": 10.0, "visited": np.arange(n) % 4 < 2, "similarity": rng.random(n),
            "demand": "", "because": "", "partner": "", "out": "",
        })  # fmt: skip
        for column, said in cells.items():
            for row, value in said.items():
                frame.loc[row, column] = value
        return Places(frame, ("Value: as given.",))

    return make

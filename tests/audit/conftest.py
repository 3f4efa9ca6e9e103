"""A register of employers whose outcomes hang together, ranked well, ranked unfairly, or ranked by who works there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from riskscore.audit.attributes import Attributes, share_band


@dataclass(frozen=True)
class Register:
    """Rows of a backtest as `riskscore.audit.audit.audit` takes them, with what was read of each."""

    rows: pd.DataFrame
    found: Attributes
    foreign: np.ndarray  # high share of foreign workers


def register(seed: int, employers: int = 700, gone: float = 0.6) -> Register:
    """Return a register in which no group differs from any other, ranked by employers' traits."""
    random = np.random.default_rng(seed)
    employer = np.repeat(np.arange(employers), random.integers(1, 6, employers))
    n = employer.size
    trait = random.normal(size=employers)[employer]
    positive = random.random(n) < 1 / (1 + np.exp(1.0 - 1.2 * trait))
    foreign = (random.random(employers) < 0.2)[employer]
    share = np.where(foreign, 0.5, 0.0)
    groups = pd.DataFrame({
        "region": random.choice(["Bakı", "Gəncə", "Quba", "Şəki"], employers, p=[0.5, 0.3, 0.15, 0.05])[employer],
        "foreign_workers": share_band(share, 0.2),
    })  # fmt: skip
    expired = np.where(foreign & (random.random(employers) < 0.3)[employer], 90.0, 0.0)
    visited = random.random(n) < gone
    rows = pd.DataFrame({
        "origin": "2023-01-01", "entity": [f"S{i:05}" for i in range(n)], "group": [f"E{e}" for e in employer],
        "target": np.where(visited, positive, np.nan),
        "days": np.where(positive & visited, random.integers(1, 365, n), np.nan),
        "model": 0.8 * trait + 0.7 * random.normal(size=n) + 0.5 * (expired > 0),
    })  # fmt: skip
    return Register(rows, Attributes(groups, share, pd.DataFrame({"expired": expired})), foreign)


@pytest.fixture
def register_of() -> Callable[..., Register]:
    """Return the factory: ``register_of(seed)``."""
    return register

"""One simulation at national size, shared by the tests of this folder."""

from __future__ import annotations

import pytest

from riskscore.simulate import Simulation, simulate


@pytest.fixture(scope="session")
def national() -> Simulation:
    """Return a simulation at national size."""
    return simulate()


@pytest.fixture(scope="session")
def national_hidden() -> Simulation:
    """Return one whose selection has a cause outside the records."""
    return simulate(setting="hidden")

"""A local Spark for these tests alone; they skip where pyspark or Java is missing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

WANTED = find_spec("pyspark") is not None and shutil.which("java") is not None


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """Return a session with two executors, each a process of its own, that share nothing with the driver."""
    if not WANTED:
        pytest.skip("wants pyspark (pip install 'riskscore[spark]') and Java")
    from riskscore.spark.session import open_session

    session = open_session("local-cluster[2,1,1024]")
    yield session
    session.stop()

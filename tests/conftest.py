"""Fixtures that many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

WANT_DATA = "wants the public records: set RISKSCORE_DATA to the folder that holds them"


@pytest.fixture
def real_data() -> Path:
    """Return the folder of public records, or skip with the reason."""
    folder = os.environ.get("RISKSCORE_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip(WANT_DATA)
    return Path(folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end how many tests were skipped for want of data."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if WANT_DATA in str(r.longrepr)]
    terminalreporter.write_line(f"skipped for want of data: {len(skipped)}")

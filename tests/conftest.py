"""Fixtures that many tests share."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import TABLES, Column, TableSchema

# The same examples at every run, so that a change is judged by itself; --hypothesis-profile=search looks for new ones.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

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


@pytest.fixture
def records_of() -> Callable[..., Records]:
    """Return a factory: ``records_of(inspections=[{...}, ...], covers_from={...})`` gives canonical Records."""

    def make(
        covers_from: Mapping[str, str] | None = None,
        as_of_now: Sequence[str] = (),
        further: Mapping[str, Sequence[Column]] | None = None,
        **tables: Sequence[Mapping[str, Any]],
    ) -> Records:
        found = {}
        for name, rows in tables.items():
            schema = TABLES[name].with_further(tuple((further or {}).get(name, ())))
            covers = (covers_from or {}).get(name)
            frame = _canonical(pd.DataFrame(list(rows)), schema)
            found[name] = RecordTable(
                schema=schema,
                frame=frame,
                covers_from=dt.date.fromisoformat(covers) if covers else None,
                as_of_now=name in as_of_now,
                present=frozenset(k for row in rows for k in row) & frozenset(schema.names),
            )
        return Records(found, source="test")

    return make


def _canonical(rows: pd.DataFrame, schema: TableSchema) -> pd.DataFrame:
    """Return rows with the types that reading gives; a row without ``known_on`` was known on its date."""
    if "known_on" not in rows and "date" in rows:
        rows["known_on"] = rows["date"]
    out = {}
    for column in schema.columns:
        cells = rows[column.name] if column.name in rows else pd.Series([None] * len(rows), dtype=object)
        if column.type == "date":
            out[column.name] = pd.to_datetime(cells).astype("datetime64[s]")
        elif column.type in ("number", "money"):
            out[column.name] = pd.to_numeric(cells).astype("float64")
        elif column.type == "integer":
            out[column.name] = pd.to_numeric(cells).astype("Int64")
        elif column.type == "flag":
            out[column.name] = cells.astype("boolean")
        elif column.type == "category" or column.refers:
            words = sorted({str(c) for c in cells.dropna()})
            out[column.name] = pd.Series(pd.Categorical(cells, categories=pd.Index(words, dtype="str")))
        else:
            out[column.name] = cells.astype("str")
    return pd.DataFrame(out)

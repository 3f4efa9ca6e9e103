"""Fixtures that many tests share."""

from __future__ import annotations

import datetime as dt
import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
def postgresql() -> Iterator[str]:
    """Start a server of our own on a free port and return its URL."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        pytest.skip("PostgreSQL's server is not installed")
    if importlib.util.find_spec("psycopg") is None or importlib.util.find_spec("sqlalchemy") is None:
        pytest.skip("the extra 'database' is not installed")
    folder = Path("/tmp") / f"riskscore-postgres-{os.getpid()}"  # the socket's path must be short
    folder.mkdir()
    user: dict[str, str] = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "nobody")
        user = {"user": "nobody"}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    binary, data = binaries[-1].parent, folder / "data"
    (folder / "password").write_text("p@ss word")
    (folder / "password").chmod(0o644)

    def call(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, cwd=folder, **user)  # type: ignore[call-overload]

    try:
        call(f"{binary}/initdb", "-D", str(data), "-U", "office", "-A", "md5", f"--pwfile={folder}/password", "-N")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        call(f"{binary}/pg_ctl", "-D", str(data), "-o", options, "-l", f"{folder}/log", "-w", "start")
        time.sleep(0.1)
        yield f"postgresql+psycopg://office:p%40ss%20word@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            call(f"{binary}/pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


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

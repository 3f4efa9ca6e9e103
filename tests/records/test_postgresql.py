"""PostgreSQL as a source, where its server is installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from riskscore.errors import RecordsError
from riskscore.records import read_records

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a server of our own on a free port and return its URL."""
    if not BINARIES:
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
    binary, data = BINARIES[-1].parent, folder / "data"
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


def test_a_postgresql_database_gives_its_records_and_never_its_password(server: str) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(server)
    with engine.begin() as connection:
        for statement in (
            "create table inspections (inspection_id text, site_id bigint, date date, known_on timestamptz,"
            ' workers_present int, share numeric(6, 3), "Caller name" text)',
            "insert into inspections values ('007', 42, '2024-01-31', '2024-02-05 10:00+04', 12, 0.125, 'Aysel'),"
            " ('008', 43, '2024-02-01', null, null, null, 'Aysel')",
        ):
            connection.execute(sqlalchemy.text(statement))
    engine.dispose()
    frame = read_records(server)["inspections"].frame
    assert frame["inspection_id"].tolist() == ["007", "008"]
    assert frame["site_id"].tolist() == ["42", "43"]
    assert frame["known_on"].tolist() == [pd.Timestamp("2024-02-05"), pd.Timestamp("2024-02-01")]
    assert frame["share"].tolist()[0] == 0.125
    assert not frame.astype("str").isin(["Aysel"]).any().any()
    with pytest.raises(RecordsError) as found:
        read_records(server.replace("p%40ss%20word", "wr0ng"))
    assert "wr0ng" not in str(found.value)
    assert "office" not in str(found.value)

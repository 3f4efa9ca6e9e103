"""A password given to a command is in nothing that the command says or writes."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest

from riskscore.__main__ import main
from riskscore.errors import RecordsError, redacted
from riskscore.pipeline.demo import sample_folder
from riskscore.records.read import read_records

CANARY = "k4n4ry"
ADDRESSES = (
    f"postgresql+psycopg://anna:{CANARY}@127.0.0.1:1/records",
    f"postgresql+psycopg://anna:x@{CANARY}@127.0.0.1:1/records",  # the sign in it should have been written %40
    f"postgresql+psycopg://anna:x {CANARY}@127.0.0.1:1/records",
    f"postgresql+psycopg://anna:x/{CANARY}@127.0.0.1:port/records",
    f"postgresql+psycopg://127.0.0.1:1/records?password={CANARY}",
    f"postgresql+psycopg://127.0.0.1:1/records;password={CANARY}",
    f"postgresql+psycopg:/anna:{CANARY}@127.0.0.1:1/records",  # a slash too few makes it a path
    f"nosuch://anna:{CANARY}@127.0.0.1/records",
    f"sqlite:///nowhere.db?password={CANARY}",
    f"host=127.0.0.1 user=anna password={CANARY}",
)
WHO = ("--role", "inspector", "--who", "p-1", "--why", "asked")
COMMANDS = {
    "check": ("check", "ADDRESS"),
    "rank": ("rank", "ADDRESS", "--as-of", "2025-01-01", "--as-known-at", "2025-01-01"),
    "import": ("import", "ADDRESS", "--into", "here"),
    "suggest": ("mapping", "suggest", "ADDRESS"),
    "ledger show": ("ledger", "show", "--ledger", "ADDRESS"),
    "ledger add": ("ledger", "add", "visited", *WHO, "--ledger", "ADDRESS"),
    "a store": ("fit", ".", "--as-of", "2025-01-01", "--store", "ADDRESS"),
    "an output": ("features", "list", "--out", "ADDRESS"),
    "a mapping": ("check", ".", "--mapping", "ADDRESS"),
    "one too many": ("check", ".", "ADDRESS"),
    "no command": ("ADDRESS",),
}


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *typed: str) -> str:
    monkeypatch.setattr(sys, "argv", ["riskscore", *typed])
    with pytest.raises(SystemExit) as end:
        main()
    out, err = capsys.readouterr()
    return f"{out}\n{err}\nexit {end.value.code}"


@pytest.mark.parametrize("debug", [(), ("--debug",)], ids=["", "debug"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_refusal_repeats_a_password_or_makes_a_file_of_it(command, debug, capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    for address in ADDRESSES:
        if address.startswith("host=") and command in ("ledger add", "an output", "a store"):
            continue  # a file may be called so
        typed = [address if word == "ADDRESS" else word for word in COMMANDS[command]]
        text = said(capsys, monkeypatch, *typed, *(debug if command != "no command" else ()))
        assert CANARY not in text, address
        assert "exit 0" not in text, address
        assert not [p for p in tmp_path.rglob("*") if CANARY in str(p)], address


def test_an_error_that_nobody_foresaw_is_told_without_the_password(capsys, monkeypatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(f"connection to {ADDRESSES[0]} failed")

    monkeypatch.setattr("riskscore.records.read.Container", fail)
    text = said(capsys, monkeypatch, "check", ADDRESSES[0])
    assert "Traceback" in text
    assert "postgresql+psycopg://***@127.0.0.1:1/records failed" in text
    assert CANARY not in text


@pytest.mark.parametrize("source", [ADDRESSES[0], Path(ADDRESSES[0])])
def test_python_is_told_no_password_either(source) -> None:
    with pytest.raises(RecordsError) as found:
        read_records(source, as_known_at="2025-01-01")
    assert CANARY not in f"{found.value} {found.value.where} {vars(found.value)}"


def test_what_is_no_credential_is_left_as_it_is() -> None:
    for text in (
        "Write sqlite:///records.db or postgresql+psycopg://user:password@host/database.",
        "C:/office@baku/inspections.csv: no column 'date'.", "Check host, name and password.", "spark://host:7077",
        "mail office@example.org", "sqlite:////srv/records.db",
    ):  # fmt: skip
        assert redacted(text) == text


def test_an_error_cannot_act_on_the_terminal_that_shows_it(capsys, monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    text = said(capsys, monkeypatch, "check", "\x1b]0;owned\x07\u202erecords")
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert r"\x1b]0;owned\x07\u202erecords" in text


def everything_under(folder: Path) -> bytes:
    """Return the names and the contents of all files of a folder, what is packed in them unpacked."""
    found = [str(path).encode() for path in folder.rglob("*")]
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        found.append(path.read_bytes())
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as packed:
                found += [packed.read(name) for name in packed.namelist()]
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            table = pq.read_table(path)
            text = io.StringIO()
            table.to_pandas().to_csv(text)
            found += [text.getvalue().encode(), repr(table.schema.metadata).encode()]
    return b"\n".join(found)


def test_records_and_ledger_in_a_database_leave_its_password_nowhere(
    office, postgresql, typed, tmp_path, monkeypatch
) -> None:
    import pandas as pd
    import sqlalchemy

    engine = sqlalchemy.create_engine(postgresql)
    for table in ("employers", "sites", "inspections", "complaints", "penalties"):
        pd.read_csv(sample_folder() / f"{table}.csv", dtype=str).to_sql(table, engine, index=False)
    engine.dispose()
    monkeypatch.chdir(tmp_path)
    address, asked = postgresql, ("--as-of", "2025-01-01", "--store", "runs")
    spoken = [
        typed("check", address, "--format", "csv", "--out", "check.csv"),
        typed("import", address, "--into", "records"),
        typed("imports", "list", "records", "--format", "json"),
        typed("fit", address, "--recipe", "quick", "--definitions", str(office.definitions), *asked),
        typed("runs", "list", "--store", "runs"),
        typed("rank", address, *asked, "--keep", "kept", "--out", "list.xlsx", "--format", "xlsx"),
        typed("explain", address, *asked, "--top", "1", "--type", "json", "--out", "dossiers"),
        typed("explain", address, *asked, "--top", "1", "--out", "pages"),
        typed("ledger", "add", "visited", *WHO, "--ledger", address, "--entity", "S0001"),
        typed("ledger", "show", "--ledger", address),
        typed("ledger", "anchor", "--ledger", address, "--out", "anchor.json"),
    ]
    with engine.connect() as connection:
        rows = [
            str(connection.execute(sqlalchemy.text(f"select * from {t}")).all())
            for t in ("ledger_entries", "ledger_sealed")
        ]
    engine.dispose()
    written = everything_under(tmp_path)
    assert len(written) > 100_000
    whole = written.decode("utf-8", "replace") + "".join(r.output for r in spoken) + "".join(rows)
    for secret in ("p%40ss", "p@ss", "office:", "%20word"):
        assert secret not in whole

"""A ledger with some decisions, and a way to write into its tables behind its back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra 'ledger' is not installed")
pytest.importorskip("alembic", reason="the extra 'ledger' is not installed")

from riskscore.ledger.add import add
from riskscore.ledger.database import Ledger, open_ledger

NOON = dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC)
HASH = "ab" * 32


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return open_ledger(tmp_path / "ledger.db", make=True)


Write = Callable[..., int]


@pytest.fixture
def write() -> Write:
    """Return a function that adds an entry with usual values and returns its number."""

    def one(ledger: Ledger, event: str = "visited", hours: int = 0, **said: object) -> int:
        usual = {"role": "inspector", "who": "p-17", "why": "first on the list", "entity": "S-1"}
        if event == "confirmed":
            usual = {"role": "supervisor", "who": "p-3", "why": "read it"}
        return add(ledger, event, at=NOON + dt.timedelta(hours=hours), **{**usual, **said}).seq  # type: ignore[arg-type]

    return one


@pytest.fixture
def filled(ledger: Ledger, write: Write) -> Ledger:
    """Return a ledger with seven entries; the third refers, the fourth confirms it."""
    write(ledger)
    write(ledger, "rated", dossier=HASH)
    write(ledger, "referred", dossier=HASH, run="site_risk-2025-01-01-1a2b3c4d", why="papers were kept")
    write(ledger, "confirmed", about=3, dossier=HASH)
    for hours in (1, 2, 3):
        write(ledger, "outcome", entity="S-2", hours=hours)
    return ledger


@pytest.fixture
def behind() -> Callable[..., None]:
    """Return a function that runs statements on the tables without their triggers, as somebody with the file could."""

    def run(ledger: Ledger, *statements: str) -> None:
        with ledger.writing() as connection:
            for table, when in (("entries", "update"), ("entries", "delete"), ("sealed", "update")):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS ledger_{table}_no_{when}")
            for statement in statements:
                connection.exec_driver_sql(statement)

    return run

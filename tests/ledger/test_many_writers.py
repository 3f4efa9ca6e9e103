"""Processes that write at once: one chain, nothing lost, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import pytest

from riskscore.errors import LedgerError
from riskscore.ledger.anchor import make_anchor
from riskscore.ledger.database import open_ledger
from riskscore.ledger.erase import erase
from riskscore.ledger.rows import entries
from riskscore.ledger.verify import verify

WRITERS, EACH = 3, 12
NOON = dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC)

WRITER = """
import datetime as dt, sys, alembic, sqlalchemy
from riskscore.ledger.add import add
from riskscore.ledger.database import open_ledger
from riskscore.errors import LedgerError
place, who, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()  # all begin together
ledger = open_ledger(place, make=True)
for i in range(count):
    at = dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC)
    add(ledger, "outcome", role="inspector", who=who, why=f"result {i}", at=at, entity="S-1")
try:
    add(ledger, "confirmed", role="supervisor", who=who, why="read it", at=at, about=1, dossier="ab" * 32)
except LedgerError as error:
    print(error)
"""


def write_at_once(place: str) -> list[str]:
    """Let processes write, none waiting for another, into a ledger that begins with a referral or is not there yet."""
    started = [
        subprocess.Popen([sys.executable, "-c", WRITER, place, f"w-{i}", str(EACH)], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for i in range(WRITERS)
    ]  # fmt: skip
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    done = [process.communicate(timeout=120) for process in started]
    assert all(process.returncode == 0 for process in started), done
    return [out for out, _ in done]


def what_must_hold(place: str, referred: int) -> None:
    ledger = open_ledger(place)
    found = entries(ledger)
    assert verify(ledger, [make_anchor(ledger, NOON)]).findings == ()
    assert [e.seq for e in found] == list(range(1, len(found) + 1))
    for i in range(WRITERS):
        own = [e.why for e in found if e.who == f"w-{i}" and e.event == "outcome"]
        assert own == [f"result {k}" for k in range(EACH)], "each writer's entries stand in its order"
    assert sum(e.event == "confirmed" for e in found) == referred, "one of those who tried, and no more"


def test_processes_that_write_one_file_at_once_make_one_chain(ledger, write) -> None:
    write(ledger, "referred", dossier="ab" * 32)
    said = write_at_once(ledger.name)
    assert sum("confirmed by entry" in out for out in said) == WRITERS - 1
    what_must_hold(ledger.name, 1)


def test_processes_that_make_one_file_at_once_make_one_ledger(tmp_path) -> None:
    place = str(tmp_path / "ledger.db")
    write_at_once(place)
    what_must_hold(place, 0)


def test_a_writer_that_dies_leaves_nothing_half_written(filled) -> None:
    def die() -> None:
        with filled.writing() as connection:
            connection.exec_driver_sql("DELETE FROM ledger_sealed WHERE seq = 1")
            raise KeyError

    with pytest.raises(KeyError):
        die()
    assert verify(filled).findings == ()


def test_a_ledger_in_postgresql_is_kept_and_guarded_alike(postgresql, write) -> None:
    write_at_once(postgresql)
    ledger = open_ledger(postgresql)
    assert "p@ss" not in ledger.name
    what_must_hold(postgresql, 0)
    anchor = make_anchor(ledger, NOON)
    erase(ledger, [1], ["why"], role="supervisor", who="p-3", why="retention is over", at=NOON)
    assert verify(ledger, [anchor]).findings == ()
    assert entries(ledger)[0].why is None
    for statement in ("UPDATE ledger_entries SET role = 'x'", "DELETE FROM ledger_entries", "TRUNCATE ledger_entries",
                      "UPDATE ledger_sealed SET text = 'x'"):  # fmt: skip
        with pytest.raises(LedgerError), ledger.writing() as connection:
            connection.exec_driver_sql(statement)
    with ledger.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_entries_stay ON ledger_entries")
        connection.exec_driver_sql("UPDATE ledger_entries SET role = 'supervisor' WHERE seq = 2")
    assert verify(ledger, [anchor]).findings == (
        "entry 2 is not what was written: its hash does not fit what it says.",
    )
    with pytest.raises(LedgerError) as told:
        open_ledger(postgresql.replace("p%40ss%20word", "wr0ng"))
    assert "wr0ng" not in str(told.value)


def test_an_account_that_may_only_add_can_write_and_can_erase_nothing(postgresql, write) -> None:
    write(open_ledger(postgresql, make=True))
    with open_ledger(postgresql).writing() as connection:
        connection.exec_driver_sql("CREATE ROLE desk LOGIN PASSWORD 'desk'")
        connection.exec_driver_sql("GRANT SELECT ON ledger_entries, ledger_sealed, ledger_version TO desk")
        connection.exec_driver_sql("GRANT INSERT ON ledger_entries, ledger_sealed TO desk")
    desk = open_ledger(postgresql.replace("office:p%40ss%20word", "desk:desk"), make=True)
    assert write(desk) == 2
    with pytest.raises(LedgerError, match="ProgrammingError"):
        erase(desk, [1], ["why"], role="supervisor", who="p-3", why="retention is over", at=NOON)
    assert [e.why for e in entries(desk)] == ["first on the list"] * 2

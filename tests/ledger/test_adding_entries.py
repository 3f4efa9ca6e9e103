"""What an entry must name, the two-person rule, and that nothing written is altered by the ledger's own door."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from riskscore.errors import LedgerError
from riskscore.ledger.add import add
from riskscore.ledger.database import open_ledger
from riskscore.ledger.entry import EVENTS
from riskscore.ledger.frame import COLUMNS, as_frame
from riskscore.ledger.rows import entries
from riskscore.ledger.verify import verify

NOON = dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC)
HASH = "ab" * 32


def test_entries_are_read_as_they_were_written_and_numbered_without_a_gap(filled) -> None:
    found = entries(filled)
    assert [e.seq for e in found] == [1, 2, 3, 4, 5, 6, 7]
    assert (found[2].who, found[2].why, found[2].entity) == ("p-17", "papers were kept", "S-1")
    assert (found[2].run, found[2].dossier, found[2].at) == (
        "site_risk-2025-01-01-1a2b3c4d",
        HASH,
        "2025-03-04T12:00:00+00:00",
    )
    assert [e.previous for e in found[1:]] == [e.hash for e in found[:-1]]
    assert [e.seq for e in entries(filled, "S-2")] == [5, 6, 7]


def test_a_time_elsewhere_is_written_in_utc(ledger, write) -> None:
    baku = dt.timezone(dt.timedelta(hours=4))
    add(
        ledger,
        "visited",
        role="inspector",
        who="p-1",
        why="a visit",
        entity="S",
        at=dt.datetime(2025, 1, 1, 2, tzinfo=baku),
    )
    assert entries(ledger)[0].at == "2024-12-31T22:00:00+00:00"


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_says_what_it_lacks(ledger, event) -> None:
    with pytest.raises(LedgerError) as told:
        add(ledger, event, role="supervisor", who="p-1", why="a reason", at=NOON)
    for name in EVENTS[event]:
        assert f"{name}: '{event}' needs it." in str(told.value)
    assert entries(ledger) == ()


def test_everything_wrong_is_told_at_once_and_a_name_is_not_repeated(ledger) -> None:
    with pytest.raises(LedgerError) as told:
        add(
            ledger,
            "refered",
            role="boss",
            who="Aysel M.",
            why=" ",
            at=NOON.replace(tzinfo=None),
            dossier="x",
            run="a/b",
        )
    text = str(told.value)
    assert "Did you mean 'referred'?" in text
    assert "Aysel" not in text
    for name in ("role", "who", "why", "dossier", "run", "at"):
        assert f"  {name}: " in text
    assert entries(ledger) == ()


def test_a_referral_waits_until_a_second_person_confirms_it(ledger, write) -> None:
    number = write(ledger, "referred", dossier=HASH)
    assert as_frame(entries(ledger))["standing"].tolist() == ["waits for a second person"]
    write(ledger, "confirmed", about=number, dossier=HASH)
    frame = as_frame(entries(ledger))
    assert list(frame.columns) == list(COLUMNS)
    assert frame["standing"].tolist()[0] == "confirmed by 2"
    assert frame["entity"].tolist() == ["S-1", "S-1"], "a confirmation is about the same place"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"who": "p-17"}, "second, different person"),
        ({"role": "inspector"}, "by a supervisor"),
        ({"dossier": "cd" * 32}, "the hashes differ"),
        ({"about": 1}, "no referral but 'visited'"),
        ({"about": 9}, "no entry 9"),
    ],
)
def test_a_referral_is_confirmed_by_another_supervisor_over_the_same_dossier(ledger, write, said, words) -> None:
    write(ledger)
    number = write(ledger, "referred", dossier=HASH)
    with pytest.raises(LedgerError, match=words):
        write(ledger, "confirmed", **{"about": number, "dossier": HASH, **said})
    assert len(entries(ledger)) == 2


@pytest.mark.parametrize("event", ["confirmed", "dismissed"])
def test_a_referral_is_decided_once(ledger, write, event) -> None:
    number = write(ledger, "referred", dossier=HASH)
    write(ledger, event, about=number, dossier=HASH)
    with pytest.raises(LedgerError, match=f"{event} by entry 2"):
        write(ledger, "confirmed", about=number, dossier=HASH, who="p-4")


@pytest.mark.parametrize("statement", ["UPDATE ledger_entries SET role = 'x'", "DELETE FROM ledger_entries",
                                       "UPDATE ledger_sealed SET text = 'x'"])  # fmt: skip
def test_the_tables_refuse_to_be_altered(filled, statement) -> None:
    with pytest.raises(LedgerError, match="IntegrityError"), filled.writing() as connection:
        connection.exec_driver_sql(statement)
    assert verify(filled).findings == ()


def test_a_ledger_that_is_not_there_is_not_made_by_looking(tmp_path) -> None:
    with pytest.raises(LedgerError, match="there is no ledger"):
        open_ledger(tmp_path / "ledger.db")
    assert not list(tmp_path.iterdir())
    (tmp_path / "empty.db").touch()
    with pytest.raises(LedgerError, match="there is no ledger"):
        open_ledger(tmp_path / "empty.db")


def test_a_ledger_of_a_newer_version_is_left_alone(filled, behind) -> None:
    behind(filled, "UPDATE ledger_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match="newer version"):
        open_ledger(filled.name, make=True)


def test_a_file_that_is_no_database_and_a_wrong_address_are_told_in_words(tmp_path) -> None:
    (tmp_path / "list.csv").write_text("site,rank\n" * 200)
    with pytest.raises(LedgerError, match="the database refused"):
        open_ledger(tmp_path / "list.csv", make=True)
    with pytest.raises(LedgerError, match="SQLite or PostgreSQL") as told:
        open_ledger("mysql://office:s3cret@host/ledger")
    assert "s3cret" not in str(told.value)
    with pytest.raises(LedgerError, match="cannot be read"):
        open_ledger("://")


def test_only_its_owner_may_read_a_new_file(ledger) -> None:
    assert Path(ledger.name).stat().st_mode & 0o077 == 0

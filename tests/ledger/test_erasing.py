"""What is erased is gone, the chain still verifies, and who erased what is on record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from riskscore.errors import LedgerError
from riskscore.ledger.anchor import make_anchor
from riskscore.ledger.erase import erase, written_before
from riskscore.ledger.rows import entries
from riskscore.ledger.verify import verify

NOON = dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC)
BY = {"role": "supervisor", "who": "p-3", "why": "retention is over", "at": NOON}
HASH = "ab" * 32


def test_an_erased_reason_is_nowhere_in_the_file_and_the_chain_verifies_to_an_older_anchor(filled) -> None:
    anchor = make_anchor(filled, NOON)
    file = Path(filled.name)
    assert b"papers were kept" in file.read_bytes()
    written = erase(filled, [3], ["why"], **BY)
    assert b"papers were kept" not in file.read_bytes()
    assert [(e.event, e.about, e.erased) for e in written] == [("erased", 3, "why")]
    assert verify(filled, [anchor]).findings == ()
    third = entries(filled)[2]
    assert (third.why, third.who) == (None, "p-17")
    assert "why" in third.seals, "the seal stays"


def test_a_seal_tells_nothing_of_a_short_text(ledger, write) -> None:
    write(ledger)
    write(ledger)
    first, second = entries(ledger)
    assert all(first.seals[part] != second.seals[part] for part in first.seals), "equal texts, different salts"


def test_the_two_person_rule_is_not_called_broken_by_an_erasure(filled) -> None:
    for number in (3, 4):
        erase(filled, [number], ["who"], **BY)
        assert verify(filled).findings == ()


def test_a_referral_whose_author_was_erased_cannot_be_confirmed(ledger, write) -> None:
    write(ledger, "referred", dossier=HASH)
    erase(ledger, [1], ["who"], **BY)
    with pytest.raises(LedgerError, match="refer anew"):
        write(ledger, "confirmed", about=1, dossier=HASH)


def test_what_was_erased_before_is_passed_over(filled) -> None:
    assert len(erase(filled, [1, 2], ["why", "entity"], **BY)) == 2
    assert erase(filled, [1, 2], ["why"], **BY) == ()
    assert [e.erased for e in erase(filled, [2], ["who", "why"], **BY)] == ["who"]


def test_what_was_erased_and_put_back_is_found(filled, behind) -> None:
    with filled.reading() as connection:
        salt, text = connection.exec_driver_sql(
            "SELECT salt, text FROM ledger_sealed WHERE seq = 3 AND part = 'why'"
        ).one()
    erase(filled, [3], ["why"], **BY)
    behind(filled, f"INSERT INTO ledger_sealed VALUES (3, 'why', '{salt}', '{text}')")
    assert verify(filled).findings == ("the why of entry 3 was erased by entry 8 and is back.",)


def test_nothing_is_erased_where_an_entry_or_a_part_is_unknown(filled) -> None:
    for numbers, parts, words in (
        ([1, 99], ["why"], "no entry 99"),
        ([1], ["when"], "no part"),
        ([0], ["why"], "no entry 0"),
    ):
        with pytest.raises(LedgerError, match=words):
            erase(filled, numbers, parts, **BY)
    with pytest.raises(LedgerError, match="nothing is erased"):
        erase(filled, [1], ["why"], **{**BY, "who": "Aysel M."})
    assert entries(filled)[0].why == "first on the list"
    assert len(entries(filled)) == 7


def test_retention_is_over_for_what_was_written_before_a_day(ledger, write) -> None:
    for hours in (0, 11, 12):
        write(ledger, hours=hours)
    assert written_before(entries(ledger), "2025-03-05") == [1, 2]

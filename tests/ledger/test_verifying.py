"""What verifying finds: every altered, removed or moved row; and what it says it cannot find."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.errors import LedgerError
from riskscore.ledger.add import add
from riskscore.ledger.anchor import Anchor, make_anchor, read_anchor
from riskscore.ledger.database import Ledger, open_ledger
from riskscore.ledger.entry import CHAINED, START, hash_of
from riskscore.ledger.verify import verify

NOON = dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC)
HASH = "ab" * 32


def chain_anew(ledger: Ledger) -> None:
    """Give every row the hash that its content asks for, as somebody who knows the program could."""
    with ledger.writing() as connection:
        previous = START
        for row in connection.execute(sqlalchemy.text("SELECT * FROM ledger_entries ORDER BY seq")).mappings().all():
            said = {**row, "previous": previous}
            previous = hash_of(said)
            connection.execute(
                sqlalchemy.text("UPDATE ledger_entries SET previous = :p, hash = :h WHERE seq = :s"),
                {"p": said["previous"], "h": previous, "s": row["seq"]},
            )


def test_a_ledger_as_written_verifies_with_and_without_an_anchor(filled) -> None:
    alone, anchored = verify(filled), verify(filled, [make_anchor(filled, NOON)])
    assert (alone.entries, alone.findings, anchored.findings) == (7, (), ())
    assert any("No anchor was given" in note for note in alone.notes)
    assert not any("anchor" in note for note in anchored.notes)
    assert any("two pseudonyms are two persons" in note for note in anchored.notes)


def test_what_is_younger_than_the_anchor_is_said_to_be_unproved(filled, write) -> None:
    anchor = make_anchor(filled, NOON)
    write(filled)
    assert any(n.startswith("Entry 8 is younger than the newest anchor") for n in verify(filled, [anchor]).notes)


@pytest.mark.parametrize("column", [c for c in CHAINED if c not in ("seq", "about", "previous")])
def test_every_altered_column_is_found_and_its_row_is_named(filled, behind, column) -> None:
    behind(filled, f"UPDATE ledger_entries SET {column} = 'x' WHERE seq = 3")
    assert any("entry 3 is not what was written" in f for f in verify(filled).findings)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE ledger_entries SET about = 2 WHERE seq = 4", "entry 4 is not what was written"),
        ("UPDATE ledger_entries SET previous = hash WHERE seq = 4", "entry 4 does not follow entry 3"),
        ("UPDATE ledger_entries SET hash = previous WHERE seq = 4", "entry 5 does not follow entry 4"),
        ("DELETE FROM ledger_entries WHERE seq = 5", "entry 5 is missing"),
        ("DELETE FROM ledger_entries WHERE seq < 3", "entries 1 to 2 are missing"),
        ("UPDATE ledger_sealed SET text = 'p-18' WHERE seq = 3 AND part = 'who'", "the who of entry 3 is not what"),
        ("UPDATE ledger_sealed SET salt = 'x' WHERE seq = 3 AND part = 'why'", "the why of entry 3 is not what"),
        ("DELETE FROM ledger_sealed WHERE seq = 3 AND part = 'why'", "the why of entry 3 is gone, and no erasure"),
        ("INSERT INTO ledger_sealed VALUES (99, 'why', 'x', 'x')", "a text 'why' for entry 99"),
        ("UPDATE ledger_entries SET role = x'00ff' WHERE seq = 2", "entry 2 is not what was written"),
    ],
)
def test_what_was_altered_behind_the_ledgers_back_is_found(filled, behind, statement, words) -> None:
    behind(filled, statement)
    assert any(words in finding for finding in verify(filled).findings)


def test_two_rows_that_changed_places_are_found(filled, behind) -> None:
    behind(filled, *(f"UPDATE ledger_entries SET seq = {b} WHERE seq = {a}" for a, b in ((5, 50), (6, 5), (50, 6))))
    found = verify(filled).findings
    assert any("entry 5 does not follow entry 4" in f for f in found)


@settings(max_examples=20)
@given(seq=st.integers(1, 4), column=st.sampled_from(["event", "role", "at", "entity_seal"]))
def test_a_chain_made_anew_agrees_with_itself_and_not_with_an_anchor(tmp_path_factory, seq, column) -> None:
    ledger = open_ledger(tmp_path_factory.mktemp("l") / "ledger.db", make=True)
    for _ in range(4):
        add(ledger, "visited", role="inspector", who="p-1", why="a visit", entity="S", at=NOON)
    anchor = make_anchor(ledger, NOON)
    with ledger.writing() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_entries_no_update")
        connection.exec_driver_sql(f"UPDATE ledger_entries SET {column} = 'x' WHERE seq = {seq}")
        if column == "entity_seal":
            connection.exec_driver_sql(f"UPDATE ledger_entries SET entity_seal = NULL WHERE seq = {seq}")
            connection.exec_driver_sql(f"DELETE FROM ledger_sealed WHERE seq = {seq} AND part = 'entity'")
    chain_anew(ledger)
    assert verify(ledger).findings == (), "this is what no chain can show, and what the note says"
    assert len(verify(ledger, [anchor]).findings) == 1


def test_two_anchors_narrow_down_where_a_chain_was_made_anew(ledger, write, behind) -> None:
    anchors = []
    for _ in range(3):
        write(ledger)
        write(ledger)
        anchors.append(make_anchor(ledger, NOON))
    behind(ledger, "UPDATE ledger_entries SET role = 'supervisor' WHERE seq = 4")
    chain_anew(ledger)
    found = verify(ledger, anchors).findings
    assert [f.rpartition("somewhere in ")[2] for f in found] == ["entries 3 to 4.", "entries 3 to 6."]


def test_a_tail_cut_off_is_found_with_an_anchor_alone(filled, behind) -> None:
    anchor = make_anchor(filled, NOON)
    behind(filled, "DELETE FROM ledger_entries WHERE seq > 5", "DELETE FROM ledger_sealed WHERE seq > 5")
    assert verify(filled).findings == ()
    assert ["entries 6 to 7 are missing at the end" in f for f in verify(filled, [anchor]).findings] == [True]


def test_an_anchor_of_another_ledger_is_told_as_such(filled, tmp_path, write) -> None:
    other = open_ledger(tmp_path / "other.db", make=True)
    write(other)
    assert "of another ledger" in verify(filled, [make_anchor(other, NOON)]).findings[0]


def test_an_entry_chained_by_hand_that_breaks_the_two_person_rule_is_found(ledger, write, behind) -> None:
    write(ledger, "referred", dossier=HASH)
    write(ledger, "outcome", role="supervisor")
    behind(ledger, f"UPDATE ledger_entries SET event = 'confirmed', about = 1, dossier = '{HASH}' WHERE seq = 2")
    chain_anew(ledger)
    found = verify(ledger).findings
    assert len(found) == 1
    assert "entry 2 confirms entry 1 and may not: a second, different person" in found[0]


def test_a_clock_set_back_is_noted(ledger, write) -> None:
    write(ledger, hours=2)
    write(ledger, hours=1)
    verdict = verify(ledger)
    assert verdict.findings == ()
    assert any("Entry 2 bears an earlier time than entry 1" in note for note in verdict.notes)


def test_an_anchor_is_read_as_it_was_written_and_nothing_else_is_taken_for_one(filled, tmp_path) -> None:
    made = make_anchor(filled, NOON)
    path = tmp_path / "anchor.json"
    path.write_text(made.to_text())
    assert read_anchor(path) == made
    for text in ("", "[]", "{}", made.to_text().replace(made.head, "x"), made.to_text().replace("7", "-7", 1)):
        path.write_text(text)
        with pytest.raises(LedgerError, match="no anchor"):
            read_anchor(path)
    with pytest.raises(LedgerError, match="cannot be read"):
        read_anchor(tmp_path / "none.json")


def test_an_empty_ledger_has_nothing_to_anchor_and_lacks_all_that_an_anchor_knows(ledger) -> None:
    with pytest.raises(LedgerError, match="no entry"):
        make_anchor(ledger, NOON)
    found = verify(ledger, [Anchor(HASH, 2, HASH, "2025-01-01T00:00:00+00:00")]).findings
    assert ["entries 1 to 2 are missing at the end" in f for f in found] == [True]

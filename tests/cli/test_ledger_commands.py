"""``riskscore ledger`` as typed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

pytest.importorskip("alembic", reason="the extra 'ledger' is not installed")

BY = ("--role", "inspector", "--who", "p-17", "--why", "first on the list")
SECOND = ("--role", "supervisor", "--who", "p-3", "--why", "read it")


@pytest.fixture
def ledger(typed, tmp_path, monkeypatch):
    """Return a function that types a ledger command on one file."""
    monkeypatch.setenv("RISKSCORE_LEDGER", str(tmp_path / "ledger.db"))
    (tmp_path / "d.json").write_text("{}")
    return lambda *words, code=0: typed("ledger", *words, code=code)


@pytest.fixture
def referred(ledger, tmp_path):
    """Refer a place and have it confirmed; return the folder."""
    dossier = ("--dossier", str(tmp_path / "d.json"))
    said = ledger("add", "referred", *BY, "--entity", "S0001", "--run", "site_risk-2025-01-01-1a2b3c4d", *dossier)
    assert "another person" in said.stderr
    ledger("add", "confirmed", *SECOND, "--about", "1", *dossier)
    return tmp_path


def test_entries_are_added_shown_and_verified(ledger, referred) -> None:
    shown = ledger("show").stdout
    assert "confirmed by 2" in shown
    assert max(map(len, shown.splitlines())) <= 100
    rows = json.loads(ledger("show", "--entity", "S0001", "--format", "json").stdout)
    assert [(r["event"], r["who"]) for r in rows] == [("referred", "p-17"), ("confirmed", "p-3")]
    assert json.loads(ledger("show", "--entity", "S9", "--format", "json").stdout) == []
    verdict = ledger("verify")
    assert "2 entries: all agree" in verdict.stdout
    assert "No anchor was given" in verdict.stderr


def test_an_anchor_is_written_once_signed_and_checked(ledger, referred, tmp_path) -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.generate()
    private, public, anchor = (str(tmp_path / name) for name in ("office.pem", "office.pub", "anchor.json"))
    Path(private).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    Path(public).write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    ledger("anchor", "--out", anchor, "--sign", private)
    assert "never written over" in ledger("anchor", "--out", anchor, code=1).stderr
    ledger("verify", "--anchor", anchor, "--signed-by", public)
    assert "signature on the anchor" in ledger("verify", "--anchor", anchor).stderr
    text = Path(anchor).read_text()
    Path(anchor).write_text(text.replace('"entries": 2', '"entries": 1'))
    found = ledger("verify", "--anchor", anchor, "--signed-by", public, code=3).stdout
    assert "NOT that" in found
    assert "another head" in found
    assert "--anchor" in ledger("verify", "--signed-by", public, code=2).stderr


def test_an_altered_row_exits_with_3_and_is_named(ledger, referred) -> None:
    with sqlite3.connect(referred / "ledger.db") as connection:
        connection.execute("DROP TRIGGER ledger_entries_no_update")
        connection.execute("UPDATE ledger_entries SET event = 'dismissed' WHERE seq = 1")
    connection.close()
    assert "entry 1 is not what was written" in ledger("verify", code=3).stdout


def test_parts_are_erased_by_number_by_place_and_by_day(ledger, referred) -> None:
    ledger("erase", "1", "--part", "why", *SECOND)
    assert "(erased)" in ledger("show").stdout
    assert "from 2 of 2" in ledger("erase", "--entity", "S0001", "--part", "entity", *SECOND).stderr
    assert "from 0 of 0" in ledger("erase", "--before", "2000-01-01", "--part", "who", *SECOND).stderr
    ledger("verify")
    assert "--before" in ledger("erase", "--part", "who", *SECOND, code=2).stderr


def test_what_is_wrong_is_told_in_words(ledger, tmp_path) -> None:
    assert "there is no ledger" in ledger("show", code=1).stderr
    said = ledger("add", "referred", "--role", "inspector", "--who", "Aysel M.", "--why", "x", code=1).stderr
    assert "Aysel" not in said
    assert "dossier: 'referred' needs it." in said
    assert "why" in ledger("add", "visited", "--role", "inspector", "--who", "p-1", code=2).stderr
    absent = ("--dossier", str(tmp_path / "none.json"))
    assert "no SHA-256" in ledger("add", "referred", *BY, "--entity", "S", *absent, code=1).stderr

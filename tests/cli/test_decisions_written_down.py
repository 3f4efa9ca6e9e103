"""The ledger beside lists, plans and dossiers: what is written into it, and its head in every dossier."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

pytest.importorskip("alembic", reason="the extra 'ledger' is not installed")

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from riskscore.explanation.compose import LEDGER
from riskscore.ledger.anchor import IN_DOSSIER
from riskscore.ledger.entry import EVENTS
from riskscore.pipeline.demo import sample_folder
from riskscore.report.dossier.closing import LABELS

BY = ("--role", "supervisor", "--who", "p-3", "--why", "the list of January")


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """Work in a folder of one's own, without a ledger named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RISKSCORE_LEDGER", raising=False)
    return tmp_path


@pytest.fixture
def keys(desk) -> tuple[str, str]:
    key = Ed25519PrivateKey.generate()
    (desk / "office.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (desk / "office.pub").write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return "office.pem", "office.pub"


def entries(typed) -> list[dict]:
    return json.loads(typed("ledger", "show", "--format", "json").stdout)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_event_is_written_with_what_it_must_name_and_with_nothing_less(typed, desk) -> None:
    (desk / "d.json").write_text("{}")
    given = {"entity": "S0001", "run": "quick-1", "dossier": "d.json", "about": "1"}
    typed("ledger", "add", "referred", *BY, "--entity", "S0001", "--dossier", "d.json")
    for event, names in EVENTS.items():
        by = (*BY[:3], "p-4", *BY[4:])  # whoever confirms is another person
        for absent in names:
            less = [word for name in names if name != absent for word in (f"--{name}", given[name])]
            assert f"{absent}: '{event}' needs it." in typed("ledger", "add", event, *by, *less, code=1).stderr
        typed("ledger", "add", event, *by, *(word for name in names for word in (f"--{name}", given[name])))
        assert "--why" in typed("ledger", "add", event, *by[:-2], code=2).stderr
    assert [row["event"] for row in entries(typed)[1:]] == [*EVENTS]
    assert {*EVENTS} == {"ranked", "planned", "visited", "rated", "referred", "confirmed", "dismissed", "objected",
                         "corrected", "outcome"}  # fmt: skip
    typed("ledger", "verify")


def test_a_list_is_written_down_where_somebody_says_why_and_never_silently(office, typed, desk) -> None:
    said = typed("rank", *office.asked("--top", "1"))
    assert "ledger" not in said.stderr, "where none is in use, nothing is said of it"
    told = typed("rank", *office.asked("--top", "1", "--keep", "january", *BY)).stderr
    assert "ledger entry 1: ranked" in told
    (entry,) = entries(typed)
    assert (entry["event"], entry["who"], entry["why"]) == ("ranked", "p-3", "the list of January")
    assert (entry["run"], entry["dossier"]) == (office.run, sha256(desk / "january" / "manifest.json"))
    assert "Not written to the ledger" in typed("rank", *office.asked("--top", "1")).stderr
    assert len(entries(typed)) == 1
    for words, wanted in (((*BY[:-2], "--keep", "x"), "all of --role"), (BY, "--keep FOLDER")):
        assert wanted in typed("rank", *office.asked(*words), code=2).stderr
    name = ("--role", "supervisor", "--who", "Aysel M.", "--why", "the list of January")
    refused = typed("rank", *office.asked(*name, "--keep", "x"), code=1).stderr
    assert "no pseudonym" in refused
    assert "Aysel" not in refused
    assert not (desk / "x").exists(), "told before the work is done"


def test_a_plan_is_written_down_with_the_hash_of_its_visits(office, typed, desk) -> None:
    pytest.importorskip("ortools")
    offices = ("--offices", str(sample_folder() / "offices.toml"), "--from", "2025-01-06", "--days", "3")
    assert "--out FOLDER" in typed("plan", *office.asked(*offices, *BY), code=2).stderr
    typed("plan", *office.asked(*offices, *BY, "--out", "plan"))
    (entry,) = entries(typed)
    assert (entry["event"], entry["run"]) == ("planned", office.run)
    assert entry["dossier"] == sha256(desk / "plan" / "plan.csv")


def test_the_names_of_the_ledgers_head_are_those_of_its_anchors() -> None:
    assert tuple(IN_DOSSIER) == LEDGER
    assert set(LEDGER) < set(LABELS)


def test_a_dossier_holds_the_signed_head_and_serves_as_an_anchor(office, typed, desk, keys) -> None:
    private, public = keys
    typed("ledger", "add", "visited", *BY, "--entity", "S0001")
    typed("ledger", "add", "outcome", *BY, "--entity", "S0001")
    for type_ in ("json", "html"):
        typed("explain", *office.asked("--top", "1", "--type", type_, "--sign", private))
    (written,) = (desk / "dossiers").glob("*.json")
    content = json.loads(written.read_text(encoding="utf-8"))
    head = {name: content["provenance"][name] for name in LEDGER}
    rows = entries(typed)
    assert (head["ledger entries"], head["ledger"], head["ledger head"]) == ("2", rows[0]["hash"], rows[1]["hash"])
    page = written.with_suffix(".html").read_text(encoding="utf-8")
    assert all(part in page for part in head.values())

    again = typed("verify", str(written), office.records, "--store", str(office.store))
    assert "values are as written" in again.stdout
    assert "the head of the ledger is taken as written" in again.stderr

    anchored = ("ledger", "verify", "--anchor", str(written), "--signed-by", public)
    Path(f"{written}.sig").unlink()  # the signature of the head is inside
    typed("ledger", "add", "outcome", *BY, "--entity", "S0002")
    assert "Entry 3 is younger than the newest anchor" in typed(*anchored).stderr
    content["provenance"]["ledger head"] = "0" * 64
    written.write_text(json.dumps(content), encoding="utf-8")
    found = typed(*anchored, code=3).stdout
    assert "another head" in found
    assert "NOT that" in found
    for wrong in ({"ledger entries": "two"}, {"ledger": "x"}, {"ledger": None}):
        written.write_text(json.dumps({**content, "provenance": {**content["provenance"], **wrong}}), encoding="utf-8")
        assert "no anchor" in typed(*anchored, code=1).stderr


def test_without_a_ledger_a_dossier_is_as_before_and_one_that_is_named_must_be_there(office, typed, desk) -> None:
    typed("explain", *office.asked("--top", "1", "--type", "json"))
    (written,) = (desk / "dossiers").glob("*.json")
    assert not set(LEDGER) & set(json.loads(written.read_text(encoding="utf-8"))["provenance"])
    typed("rank", *office.asked("--run", "none", "--keep", "x", *BY), code=1)
    assert entries(typed) == [], "what failed is not written down"
    assert "no entry yet" in typed("explain", *office.asked("--top", "1", "--type", "json")).stderr
    named = typed("explain", *office.asked("--top", "1", "--ledger", "none.db"), code=1)
    assert "there is no ledger" in named.stderr
    assert "no anchor" in typed("ledger", "verify", "--anchor", str(written), "--ledger", "none.db", code=1).stderr

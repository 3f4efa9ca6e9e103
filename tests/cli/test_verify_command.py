"""``verify`` with records and with signatures, and ``--pseudonymise`` as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from riskscore.records.pseudonyms import Pseudonyms

KEY = b"long enough to be no guess"


def key_pair(folder: Path, name: str = "office", kind=Ed25519PrivateKey) -> tuple[str, str]:
    """Write a private and a public key in PEM, and return both paths."""
    key = kind.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return str(private), str(public)


@pytest.fixture(scope="module")
def explained(office, typed, tmp_path_factory):
    """Return (folder of two signed dossiers and their pages, public key)."""
    folder = tmp_path_factory.mktemp("explained")
    private, public = key_pair(folder)
    for type_ in ("json", "html"):
        typed("explain", *office.asked("--top", "2", "--type", type_, "--out", str(folder), "--sign", private))
    return folder, public


def one_of(folder: Path, suffix: str) -> Path:
    return next(p for p in sorted(folder.glob(f"*{suffix}")) if p.stem != "index")


def test_a_dossier_as_written_exits_with_0_and_says_how_much_was_compared(office, typed, explained) -> None:
    path = one_of(explained[0], ".json")
    out = typed("verify", str(path), office.records, "--store", str(office.store)).stdout
    assert "values are as written" in out
    assert path.stem in out


def test_a_changed_digit_exits_with_3_and_is_named(office, typed, explained, tmp_path) -> None:
    path = one_of(explained[0], ".json")
    content = json.loads(path.read_text(encoding="utf-8"))
    number = repr(content["margin"])
    digit = number[-1]
    text = path.read_text(encoding="utf-8").replace(number, number[:-1] + ("3" if digit != "3" else "4"))
    (tmp_path / "d.json").write_text(text, encoding="utf-8")
    out = typed("verify", str(tmp_path / "d.json"), office.records, "--store", str(office.store), code=3).stdout
    assert f"margin: written {number[:-1]}" in out


@pytest.mark.parametrize("suffix", [".json", ".html"])
def test_a_signature_holds_for_the_file_as_it_is_and_for_no_other(typed, explained, tmp_path, suffix) -> None:
    folder, public = explained
    path = one_of(folder, suffix)
    assert "is that of the key's owner" in typed("verify", str(path), "--signed-by", public).stdout
    other = key_pair(tmp_path, "other")[1]
    assert "is NOT that" in typed("verify", str(path), "--signed-by", other, code=3).stdout
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    Path(f"{copy}.sig").write_bytes(Path(f"{path}.sig").read_bytes())
    typed("verify", str(copy), "--signed-by", public, code=3)
    copy.write_bytes(path.read_bytes())
    typed("verify", str(copy), "--signed-by", public)
    Path(f"{copy}.sig").write_text("no signature")
    typed("verify", str(copy), "--signed-by", public, code=3)


def test_no_key_is_in_what_was_written(explained) -> None:
    folder, _ = explained
    secret = (folder / "office.pem").read_text().splitlines()[1]
    written = [p for p in folder.iterdir() if p.suffix != ".pem"]
    assert len(written) > 6
    assert not [p for p in written if secret in p.read_text(encoding="utf-8")]


def test_what_is_missing_is_said_in_words(office, typed, explained, tmp_path) -> None:
    folder, public = explained
    path = one_of(folder, ".json")
    assert "--signed-by" in typed("verify", str(path), code=2).stderr
    (tmp_path / "d.json").write_bytes(path.read_bytes())
    assert "cannot be read" in typed("verify", str(tmp_path / "d.json"), "--signed-by", public, code=1).stderr
    page = one_of(folder, ".html")
    said = typed("verify", str(page), office.records, "--store", str(office.store), code=1).stderr
    assert "--type json" in said
    wrong, wrong_public = key_pair(tmp_path, "wrong", X25519PrivateKey)
    assert "no Ed25519 public key" in typed("verify", str(path), "--signed-by", wrong_public, code=1).stderr
    refused = typed("explain", *office.asked("--top", "1", "--out", str(tmp_path / "x"), "--sign", wrong), code=1)
    assert "no Ed25519 private key" in refused.stderr
    assert not (tmp_path / "x").exists(), "a key that cannot sign is refused before anything is written"


def test_lists_and_dossiers_are_written_with_pseudonyms(office, typed, tmp_path, monkeypatch) -> None:
    (tmp_path / "key").write_bytes(KEY)
    as_json, hide = ("--format", "json", "--top", "3"), ("--pseudonymise", str(tmp_path / "key"))
    names = Pseudonyms(KEY)
    plain = [(r["entity"], r["employer"]) for r in json.loads(typed("rank", *office.asked(*as_json)).stdout)]
    told = [(r["entity"], r["employer"]) for r in json.loads(typed("rank", *office.asked(*as_json, *hide)).stdout)]
    assert told == [(names.of("sites", s), names.of("employers", e)) for s, e in plain]
    monkeypatch.setenv("RISKSCORE_PSEUDONYMISE", str(tmp_path / "key"))
    done = typed("explain", *office.asked("--top", "2", "--out", str(tmp_path / "d"), "--type", "json"))
    written = sorted(p.name for p in (tmp_path / "d").glob("*.json"))
    assert written == sorted(f"{names.of('sites', s)}.json" for s, _ in plain[:2])
    assert KEY.decode() not in done.output
    one = str(tmp_path / "d" / written[0])
    assert "values are as written" in typed("verify", one, office.records, "--store", str(office.store)).stdout

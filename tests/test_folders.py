"""Folders with a manifest: whole or not at all, and whatever was altered, cut or deleted is refused by its name."""

from __future__ import annotations

import datetime as dt
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import riskscore as rs
from riskscore.champion import STANDING, champion, promote
from riskscore.errors import RecordsError, RiskscoreError, StoreError
from riskscore.folders import MANIFEST, folders, open_folder, write_folder
from riskscore.pipeline.kept import differing, keep
from riskscore.pipeline.prepare import choose
from riskscore.records.imports.append import import_records
from riskscore.records.imports.steps import undo
from riskscore.store import load_run, runs

FILES = {"a.bin": b"12345", "inner/b.txt": b"text"}
DAY = dt.date(2024, 3, 1)
Read = Callable[[], object]


@pytest.fixture(scope="module")
def kinds(tmp_path_factory) -> dict[str, tuple[Path, Read]]:
    """Return, for each kind of file that is kept, where it lies and what reads all of it."""
    folder = tmp_path_factory.mktemp("kept")
    store, records, rows = folder / "runs", folder / "records", folder / "list"
    recipe = choose("site_risk").recipe
    quick = replace(recipe, families=("uncontracted", "place"))
    quick = replace(quick, model=replace(quick.model, rounds=5, seeds=(1, 2), refits=2))
    sample = rs.sample_records()
    run = rs.fit(sample, quick, "2024-01-01", store=store)
    promote(store, run.id, "site_risk", "2025-01-01", "first run")
    listed = rs.rank(run, sample, "2025-01-01")
    keep(listed, rows)
    (folder / "inspections.csv").write_text("inspection_id,site_id,date\n1,S,2024-01-01\n2,S,never\n")
    few = rs.read_records(folder / "inspections.csv", None)
    for day in (0, 1, 2):
        import_records(few, records, DAY + dt.timedelta(days=day))
    before = DAY + dt.timedelta(days=2)  # what is undone is read only for days before the undoing
    undo(records, before + dt.timedelta(days=1), "a mistake")
    return {
        "run": (store / run.id, lambda: (runs(store), load_run(store, run.id))),
        "champion": (store / STANDING, lambda: champion(store)),
        "record store": (records, lambda: [rs.read_records(records, as_known_at=day) for day in (None, before)]),
        "kept list": (rows, lambda: differing(listed, rows)),
    }


def flipped(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


@contextmanager
def in_place_of(path: Path, data: bytes | None) -> Iterator[None]:
    """Put other bytes, or none, where a file lies."""
    was = path.read_bytes()
    path.unlink() if data is None else path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(was)


@pytest.mark.parametrize("kind", ["run", "champion", "record store", "kept list"])
def test_a_flipped_bit_a_cut_tail_and_a_deleted_file_are_refused_by_the_files_name(kinds, kind) -> None:
    place, read = kinds[kind]
    files = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
    assert kind != "run" or {p.name.split(".")[0] for p in files} >= {
        "model", "refit", "rung", "visits", "estimator", "calibrator", "ladder", "manifest", "phrases", "place"
    }  # fmt: skip
    chance = random.Random(7)
    for path in files:
        data = path.read_bytes()
        damaged = [*(flipped(data, chance) for _ in range(5)), cut(data, chance), b""]
        if path.name != STANDING:  # without it a store has no champion, as before the first was named
            damaged.append(None)
        for other in damaged:
            with in_place_of(path, other), pytest.raises(RiskscoreError) as told:
                read()
            assert str(path) in str(told.value), (path, other)
    read()


def test_a_folder_is_written_once_and_says_if_it_was_there(tmp_path) -> None:
    target = tmp_path / "new" / "one"
    assert write_folder(target, {"kind": "x"}, FILES)
    assert not write_folder(target, {"kind": "y"}, FILES)
    found = open_folder(target, StoreError, "")
    assert (found.noted["kind"], {name: found.read(name) for name in FILES}) == ("x", FILES)
    assert [p.name for p in target.parent.iterdir()] == ["one"]


def test_a_file_outside_the_folder_or_not_in_its_manifest_is_not_read(tmp_path) -> None:
    write_folder(tmp_path / "one", {}, FILES)
    (tmp_path / "one" / "added.txt").write_bytes(b"")
    (tmp_path / "secret.txt").write_bytes(b"12345")
    found = open_folder(tmp_path / "one", RecordsError, "")
    for name in ("added.txt", "../secret.txt"):
        with pytest.raises(RecordsError, match="the file is"):
            found.read(name)
    (tmp_path / "one" / "a.bin").unlink()
    (tmp_path / "one" / "a.bin").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(RecordsError, match="is missing"):
        found.read("a.bin")


@pytest.mark.parametrize("text", ["[]", "{}", "1", '{"files": [], "sha256": ""}', "[" * 100_000])
def test_what_is_no_manifest_is_refused(tmp_path, text) -> None:
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(StoreError, match="not what was written"):
        open_folder(tmp_path, StoreError, "")


def test_what_a_killed_process_left_is_never_read_and_swept_up_after_a_day(tmp_path) -> None:
    for name in (".making-old", ".making-now"):
        write_folder(tmp_path / name, {}, FILES)
    (tmp_path / ".making-file").write_bytes(b"")
    for name in (".making-old", ".making-file"):
        os.utime(tmp_path / name, (0, 0))
    assert folders(tmp_path) == []
    write_folder(tmp_path / "one", {}, FILES)
    assert folders(tmp_path) == [tmp_path / "one"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".making-now", "one"]

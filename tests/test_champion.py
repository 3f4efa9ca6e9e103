"""The champion of a store survives crashes, two hands at once, and nobody's tampering goes unseen."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from riskscore.champion import STANDING, champion, changes, promote, prune, rollback
from riskscore.errors import StoreError

LOOP = """
import sys
from riskscore.champion import promote
store, name, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
print("ready", flush=True)
for i in range(n):
    promote(store, f"{name}-{i}", "r", "2025-01-01", "why")
"""


def started(store: Path, name: str, n: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", LOOP, str(store), name, str(n)], stdout=subprocess.PIPE, text=True)


def test_the_champion_is_the_one_named_last_and_each_recipe_has_its_own(tmp_path: Path) -> None:
    assert champion(tmp_path) is None
    for run, recipe in (("a1", "a"), ("b1", "b"), ("a2", "a")):
        promote(tmp_path, run, recipe, "2025-01-01", "better")
    assert (champion(tmp_path, "a"), champion(tmp_path, "b"), champion(tmp_path)) == ("a2", "b1", "a2")


def test_a_rollback_goes_back_step_by_step_and_keeps_what_was(tmp_path: Path) -> None:
    for run in ("a1", "a2", "a3"):
        promote(tmp_path, run, "a", "2025-01-01", "better")
    assert [rollback(tmp_path, "a", "2025-02-01", "worse") for _ in range(2)] == ["a2", "a1"]
    with pytest.raises(StoreError, match="no champion before"):
        rollback(tmp_path, "a", "2025-02-01", "worse")
    assert [c["run"] for c in changes(tmp_path)] == ["a1", "a2", "a3", "a2", "a1"]


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_changes(tmp_path: Path, reason: str) -> None:
    with pytest.raises(StoreError, match="needs a reason"):
        promote(tmp_path, "a1", "a", "2025-01-01", reason)
    assert changes(tmp_path) == []


@pytest.mark.parametrize("how", ["altered", "cut short", "emptied"])
def test_a_tampered_file_is_refused_by_its_name(tmp_path: Path, how: str) -> None:
    promote(tmp_path, "a1", "a", "2025-01-01", "better")
    path = tmp_path / STANDING
    text = path.read_text(encoding="utf-8")
    path.write_text({"altered": text.replace("a1", "a9"), "cut short": text[:40], "emptied": ""}[how], encoding="utf-8")
    with pytest.raises(StoreError, match=STANDING):
        champion(tmp_path)
    with pytest.raises(StoreError, match=STANDING):
        promote(tmp_path, "a2", "a", "2025-01-01", "better")


@pytest.mark.skipif(os.name == "nt", reason="wants SIGKILL")
def test_killed_at_random_moments_the_file_is_the_old_or_the_new(tmp_path: Path) -> None:
    chance = random.Random(4)
    for attempt in range(6):
        before = changes(tmp_path)
        process = started(tmp_path, f"k{attempt}", 100_000)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        after = changes(tmp_path)  # whole, or this raises
        assert list(after[: len(before)]) == list(before)
        assert [c["run"] for c in after[len(before) :]] == [f"k{attempt}-{i}" for i in range(len(after) - len(before))]
    promote(tmp_path, "last", "r", "2025-01-01", "the lock of the killed is free")


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    both = [started(tmp_path, name, 40) for name in ("x", "y")]
    for process in both:
        assert process.communicate()
        assert process.returncode == 0
    runs = [c["run"] for c in changes(tmp_path)]
    assert sorted(runs) == sorted(f"{name}-{i}" for name in "xy" for i in range(40))


def test_pruning_keeps_whoever_was_champion_and_the_newest(tmp_path: Path) -> None:
    manifests: list[dict[str, Any]] = []
    for i in range(6):
        (tmp_path / f"a{i}").mkdir()
        (tmp_path / f"a{i}" / "manifest.json").write_text(json.dumps({}), encoding="utf-8")
        manifests.insert(0, {"run": f"a{i}", "recipe": "a"})
    for run in ("a0", "a2"):
        promote(tmp_path, run, "a", "2025-01-01", "better")
    assert prune(tmp_path, manifests, keep=1) == ["a4", "a3", "a1"]
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith(".")) == ["a0", "a2", "a5", STANDING]

"""The champion of a store survives crashes, two hands at once, and nobody's tampering goes unseen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from riskscore.champion import STANDING, champion, changes, promote, prune, rollback
from riskscore.errors import StoreError


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

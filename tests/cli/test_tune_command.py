"""riskscore tune: a table of figures, a new recipe, and a second try that is refused."""

from __future__ import annotations

import importlib.util

import pytest

from riskscore.definitions.recipe_file import recipe_from_text


def test_tune_writes_a_recipe_and_shows_the_figures_beside_the_old_ones(typed, office, tmp_path) -> None:
    pytest.importorskip("optuna")
    out = tmp_path / "quick_tuned.toml"
    call = ["tune", office.records, "--recipe", "quick", "--definitions", str(office.definitions), "--as-of",
            "2025-01-01", "--trials", "2", "--folds", "1", "--out", str(out)]  # fmt: skip
    found = typed(*call)
    assert all(word in found.stdout for word in ("tuned", "before", "defaults", "folds", "later"))
    assert recipe_from_text(out.read_text(encoding="utf-8"), "quick_tuned").tuned_on
    assert out.with_suffix(".study.sqlite").is_file()
    assert "there already" in typed(*call, code=1).stderr


def test_without_optuna_it_says_what_to_install(typed, office, tmp_path, monkeypatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr("riskscore.learn.search.find_spec", lambda name: None if name == "optuna" else found(name))
    said = typed("tune", office.records, "--out", str(tmp_path / "a.toml"), code=1).stderr
    assert "pip install 'riskscore[tune]'" in said

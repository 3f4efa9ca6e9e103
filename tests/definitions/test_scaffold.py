"""New definitions load as they are written, and nothing is overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from riskscore.definitions.catalog import load_catalog, select
from riskscore.definitions.phrases import render
from riskscore.definitions.scaffold import new_feature, new_recipe
from riskscore.errors import DefinitionError

ROOT = Path(__file__).resolve().parents[2]


def test_a_new_feature_and_a_new_recipe_load_and_work_together(tmp_path: Path) -> None:
    new_feature(tmp_path, "late_wages")
    new_recipe(tmp_path, "mine")
    found = load_catalog(tmp_path)
    assert "late_wages" in [family.name for family in select(found.recipe("mine"), found)]
    feature = found.family("late_wages").features[0]
    said = render(feature, "site", feature.windows[0], 2.0, "en", found.phrases)
    assert said == "2 visits at this site in the last year"


def test_the_new_test_runs_and_fails_until_the_reason_is_written(tmp_path: Path) -> None:
    definition, test = new_feature(tmp_path, "late_wages")
    assert _run(test) == 1
    text = definition.read_text(encoding="utf-8")
    definition.write_text(
        text.replace("State why this should tell something about risk.", "Unpaid wages bind."), encoding="utf-8"
    )
    assert _run(test) == 0


def _run(test: Path) -> int:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(test.parent), str(test)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, cwd=test.parent, capture_output=True, check=False).returncode


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    definition, _ = new_recipe(tmp_path, "mine")
    definition.write_text("mine", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"mine\.toml: is there already; nothing was written"):
        new_recipe(tmp_path, "mine")
    assert definition.read_text(encoding="utf-8") == "mine"
    definition.unlink()
    with pytest.raises(DefinitionError, match=r"test_mine\.py: is there already"):
        new_recipe(tmp_path, "mine")
    assert not definition.exists()


@pytest.mark.parametrize("name", ["", "Fines", "../fines", "fines.toml", "1fines", "phrases"])
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DefinitionError, match="Use a-z, 0-9 and _"):
        new_feature(tmp_path, name)
    assert not list(tmp_path.iterdir())

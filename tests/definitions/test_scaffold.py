"""New definitions load as they are written, and nothing is overwritten."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from riskscore.definitions.catalog import load_catalog, select
from riskscore.definitions.phrases import render
from riskscore.definitions.scaffold import new_feature, new_recipe
from riskscore.errors import DefinitionError


def test_a_new_feature_and_a_new_recipe_load_and_work_together(tmp_path: Path) -> None:
    new_feature(tmp_path, "late_wages")
    new_recipe(tmp_path, "mine")
    found = load_catalog(tmp_path)
    assert "late_wages" in [family.name for family in select(found.recipe("mine"), found)]
    feature = found.family("late_wages").features[0]
    said = render(feature, "site", feature.windows[0], 2.0, "en", found.phrases)
    assert said == "2 visits at this site in the last year"


def test_the_new_test_fails_until_the_reason_is_written(tmp_path: Path) -> None:
    definition, test = new_feature(tmp_path, "late_wages")
    claim = runpy.run_path(str(test))["test_late_wages_loads_and_says_why"]
    with pytest.raises(AssertionError, match="say why"):
        claim()
    text = definition.read_text(encoding="utf-8").replace("State why this should tell", "Unpaid wages tell")
    definition.write_text(text, encoding="utf-8")
    claim()


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

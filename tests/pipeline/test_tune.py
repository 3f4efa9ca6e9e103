"""Tuning: deterministic, resumable, inside the training dates, and a recipe that loads with its comments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("optuna")

import riskscore as rs
from riskscore.definitions.recipe import ModelRule, Recipe
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.definitions.recipe_text import retuned
from riskscore.errors import DefinitionError, FitError
from riskscore.learn.search import SPACE, search
from riskscore.pipeline.tune import Tuned, tune

QUICK = """\
title    = "Places, quickly"   # a comment that stays
why      = "A small model for tests."
entity   = "site"
rank_by  = "uncontracted"
families = ["fines", "place", "uncontracted"]
tuned_on = "nothing yet"
[cohort]
first = 2018-01-01
every = "12 months"
[[ladder]]
level = 1
name  = "uncontracted"
title = "uncontracted work found"
delay = "30 days"
any   = [{ table = "inspections", where = "uncontracted_workers > 0" }]
[model]
rounds = 25                    # few
seeds  = [1, 2]
[model.params]
reg_lambda = 2.5               # the long name
gamma      = 0.1
# the bands follow
[bands]
A = 0.1
B = 1.0
"""
PARAMS = QUICK[QUICK.index("[model.params]") : QUICK.index("# the bands")]
START = ModelRule(
    60,
    {"eta": 0.1, "max_depth": 3, "min_child_weight": 5, "subsample": 0.8, "colsample_bytree": 0.5, "lambda": 1.0},
    (1, 2),
)


def quick(text: str = QUICK) -> Recipe:
    return recipe_from_text(text, "quick")


def shape(model: ModelRule, k: int) -> float:
    """A metric that is best at slow, shallow trees."""
    params = {name: float(value) for name, value in model.params.items()}
    return 1.0 - abs(params["eta"] - 0.05) - 0.01 * params["max_depth"] + 0.001 * k


def searched(path: Path, trials: int, fold=shape, **more):
    return search(fold, 3, START, trials=trials, study=path, about={"records": "a"}, **more)


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    out = tmp_path_factory.mktemp("tuned") / "quick_tuned.toml"
    return tune(rs.sample_records(), quick(), "2025-01-01", out=out, trials=3, folds=2)


def test_the_same_seed_tries_the_same_settings_and_another_seed_others(tmp_path: Path) -> None:
    asked: list[list[ModelRule]] = [[], [], []]
    for tried, (name, seed) in zip(asked, (("a", 1), ("b", 1), ("c", 5)), strict=True):
        searched(tmp_path / f"{name}.sqlite", 4, lambda m, k, tried=tried: tried.append(m) or shape(m, k), seed=seed)
    assert asked[0] == asked[1]
    assert asked[0] != asked[2]


def test_a_search_that_was_cut_off_goes_on_to_what_an_unbroken_one_finds(tmp_path: Path) -> None:
    asked: list[ModelRule] = []

    def breaks(model: ModelRule, k: int) -> float:
        asked.append(model)
        if len(asked) == 17:
            raise KeyboardInterrupt
        return shape(model, k)

    with pytest.raises(KeyboardInterrupt):
        searched(tmp_path / "cut.sqlite", 8, breaks)
    again = len(asked)
    found = searched(tmp_path / "cut.sqlite", 8, breaks)
    assert again < len(asked) < 3 * 8 + 2, "it went on, and did not begin anew"
    assert found == searched(tmp_path / "whole.sqlite", 8)
    assert searched(tmp_path / "cut.sqlite", 8, lambda model, k: pytest.fail("all trials were done")) == found


def test_the_first_trial_is_the_recipe_as_it_stands_so_that_the_best_is_never_worse(tmp_path: Path) -> None:
    asked: list[ModelRule] = []
    searched(tmp_path / "a.sqlite", 1, lambda model, k: asked.append(model) or 0.5)
    assert asked == [START] * 3


def test_a_trial_that_falls_behind_is_cut_short(tmp_path: Path) -> None:
    found = searched(tmp_path / "a.sqlite", 12)
    assert found.cut_short > 0
    assert found.whole + found.cut_short == 12


def test_a_study_of_other_records_is_refused(tmp_path: Path) -> None:
    searched(tmp_path / "a.sqlite", 1)
    with pytest.raises(FitError, match="other records"):
        search(shape, 3, START, trials=1, study=tmp_path / "a.sqlite", about={"records": "b"})
    (tmp_path / "text.sqlite").write_text("no database at all, but a text that is long enough to be read as one")
    with pytest.raises(FitError, match="no study"):
        searched(tmp_path / "text.sqlite", 1)


def test_the_new_recipe_loads_with_its_comments_and_says_what_it_was_tuned_on(tuned: Tuned) -> None:
    text = tuned.file.read_text(encoding="utf-8")
    made = recipe_from_text(text, "quick_tuned")
    assert (
        replace(made, name="quick", file=quick().file, text=QUICK, tuned_on="nothing yet", model=quick().model)
        == quick()
    )
    assert made.model == tuned.found.model
    assert made.model.seeds == (1, 2)
    assert made.model.params["gamma"] == 0.1, "what is not searched stays"
    for comment in ("# a comment that stays", "# few", "# the long name", "# the bands follow"):
        assert comment in text
    figures = tuned.frame.set_index("settings")
    for said in (f"{figures.folds['tuned']:.3f}", f"{figures.later['defaults']:.3f}", "3 trials", "2 temporal folds"):
        assert said in made.tuned_on
    assert str(tuned.file.parent) not in text


def test_folds_end_before_the_calibration_dates_begin(tuned: Tuned) -> None:
    said = " ".join(recipe_from_text(tuned.file.read_text(encoding="utf-8"), "t").tuned_on.split())
    folds, _, later = said.partition("On the later dates")
    assert later.split()[0] == "2023-01-01"
    assert "2021-01-01" in folds
    assert "2022" not in folds, "an outcome of 2022-01-01 is known after the calibration date"


def test_the_new_recipe_fits_and_ranks(tuned: Tuned) -> None:
    records, made = rs.sample_records(), recipe_from_text(tuned.file.read_text(encoding="utf-8"), "quick_tuned")
    model = rs.fit(records, made, "2025-01-01")
    assert rs.rank(model, records, "2025-01-01").frame["rank"].is_unique


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    out.write_text("# mine\n")
    with pytest.raises(DefinitionError, match="there already"):
        tune(rs.sample_records(), quick(), "2025-01-01", out=out, trials=1)
    assert out.read_text() == "# mine\n"
    with pytest.raises(DefinitionError, match="cannot name"):
        tune(rs.sample_records(), quick(), "2025-01-01", out=tmp_path / "My Recipe.toml", trials=1)


def test_a_recipe_without_parameters_or_tuned_on_gets_them() -> None:
    bare = QUICK.replace('tuned_on = "nothing yet"\n', "").replace(
        "reg_lambda = 2.5               # the long name\n", ""
    )
    bare = bare.replace("[model.params]\ngamma      = 0.1\n", "")
    made = recipe_from_text(retuned(quick(bare), START, "the sample", "b"), "b")
    assert (made.tuned_on, made.model.rounds, made.model.params) == ("the sample", 60, START.params)


def test_settings_written_where_they_cannot_be_edited_are_told_before_any_work() -> None:
    inline = QUICK.replace(PARAMS, "").replace("seeds  = [1, 2]\n", "seeds  = [1, 2]\nparams = { eta = 0.2 }\n")
    with pytest.raises(DefinitionError):
        retuned(quick(inline), START, "x", "b")


def test_every_searched_setting_may_stand_in_a_recipe() -> None:
    from riskscore.definitions.xgboost_parameters import ALLOWED

    assert set(SPACE) - {"rounds"} <= set(ALLOWED)

"""A recipe with nuisance columns, the whole way: stored, ranked, explained; told in the card; never a reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import riskscore as rs
from riskscore.definitions.recipe import Recipe
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import DefinitionError, FitError
from riskscore.pipeline.card import card_lines
from riskscore.pipeline.work import Here
from riskscore.store import Run

DAY = "2025-01-01"
TEXT = """\
title    = "Places, quickly"
why      = "A small model for tests."
entity   = "site"
rank_by  = "uncontracted"
families = ["fines", "place", "uncontracted"]
nuisance = ["office", "inspector_id"]
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
rounds = 40
seeds  = [1, 2]
[model.params]
colsample_bytree = 0.5
"""


def recipe() -> Recipe:
    return recipe_from_text(TEXT, "quick")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = rs.fit(rs.sample_records(), recipe(), DAY, store=tmp_path_factory.mktemp("runs"))
    assert isinstance(made, Run)
    return made


def test_a_stored_model_ranks_and_explains_as_the_fitted_one_and_adds_up(run: Run) -> None:
    records = rs.sample_records()
    fresh = rs.fit(records, recipe(), DAY)
    listed, again = rs.rank(run, records, DAY), rs.rank(fresh, records, DAY)
    assert listed.frame["margin"].tolist() == again.frame["margin"].tolist()
    margin = run.model.margin(listed.matrix)
    total = np.abs(listed.values).sum(axis=1)
    assert (np.abs(listed.values.sum(axis=1) - margin) <= 2e-6 * np.maximum(1.0, total)).all()
    assert np.ptp(listed.values[:, -1]) < 1e-9
    dossier = rs.dossiers(listed, [str(listed.frame["entity"].iloc[0])])[0]
    assert abs(dossier.base + sum(dossier.contributions.values()) - dossier.margin) < 1e-5


def test_who_looked_is_no_reason_and_is_nowhere_in_the_run(run: Run) -> None:
    assert run.model.recipe.nuisance == ("office", "inspector_id"), "the stored text says it"
    assert not any("office" in name or "inspector" in name for name in run.model.columns)
    inspectors = set(rs.sample_records()["inspections"].frame["inspector_id"].dropna().astype(str))
    state, boosters = run.model.estimator.to_state()
    held = str(state) + "".join(raw.decode("latin-1") for raw in boosters)
    assert not [name for name in inspectors if f"'{name}'" in held]


def test_the_nuisance_columns_change_the_model(run: Run) -> None:
    plain = rs.fit(rs.sample_records(), replace(recipe(), nuisance=()), DAY)
    listed = rs.rank(plain, rs.sample_records(), DAY)
    assert not np.allclose(run.model.margin(listed.matrix), listed.model.margin(listed.matrix))


def test_the_card_says_what_was_averaged_out_and_how_the_offices_still_differ(run: Run) -> None:
    (said,) = [line for line in card_lines(run.manifest) if "who looked" in line]
    assert "office, inspector_id averaged out" in said
    offices = run.manifest["card"]["nuisance"]["offices"]
    assert len(offices) > 3
    assert abs(sum(offices.values())) < 1e-9
    assert f"{max(offices.values()) - min(offices.values()):.2f} between offices" in said


def test_a_backtest_corrects_at_every_date() -> None:
    records = rs.sample_records()
    one, two = (rs.backtest(records, made, DAY, origins=1) for made in (recipe(), replace(recipe(), nuisance=())))
    assert one.mean().loc["auc", "model"] != two.mean().loc["auc", "model"]
    assert one.mean().loc["auc", "random"] == two.mean().loc["auc", "random"], "the same places"


def test_an_engine_is_refused_rather_than_left_uncorrected() -> None:
    with pytest.raises(FitError, match="cannot average out"):
        rs.fit(rs.sample_records(), recipe(), DAY, work=Here())


def test_refits_that_would_not_be_corrected_are_refused() -> None:
    with pytest.raises(DefinitionError, match="nuisance: a refit knows nothing of who looked"):
        recipe_from_text(TEXT.replace("rounds = 40", "rounds = 40\nrefits = 5"), "quick")

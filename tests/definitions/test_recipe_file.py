"""What a recipe file may say, and what is said about one that is wrong."""

from __future__ import annotations

import datetime as dt
import warnings

import numpy as np
import pytest

from riskscore.dates import Period
from riskscore.definitions.recipe import AuditRule, CohortRule, GateRule, Recipe, SplitRule
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.definitions.xgboost_parameters import ALLOWED
from riskscore.errors import DefinitionError

HEAD = """
title = "Sites"
why = "To choose."
entity = "site"
rank_by = 2
"""
LADDER = """
[[ladder]]
level = 1
name = "breach"
title = "a breach found"
any = [{table = "findings"}]
[[ladder]]
level = 2
name = "fined"
title = "fined"
delay = "90 days"
any = [{table = "penalties", where = "amount_azn > 0"}, {table = "inspections", where = "minors_found > 0"}]
"""
MODEL = "[model]\nrounds = 10\n"


def read(head: str = HEAD, ladder: str = LADDER, rest: str = MODEL) -> Recipe:
    return recipe_from_text(head + ladder + rest, "sites")


def refused(head: str = HEAD, ladder: str = LADDER, rest: str = MODEL) -> str:
    with pytest.raises(DefinitionError) as caught:
        read(head, ladder, rest)
    return str(caught.value)


def test_every_table_reaches_the_recipe() -> None:
    recipe = read(
        HEAD + 'horizon = "6 months"\nfamilies = ["*", "!peers*"]\ncapacity = [0.02]\ntuned_on = "simulated records"\n',
        rest="""
        [model]
        rounds = 300
        seeds = [1, 2, 3]
        [model.params]
        eta = 0.03
        max_depth = 5
        lambda = 5
        [cohort]
        kind = "visits"
        first = 2015-01-01
        last = 2020-12-31
        where = "trigger = 'planned'"
        lead = "7 days"
        [calibration]
        method = "isotonic"
        minimum_positives = 30
        [bands]
        A = 0.1
        B = 1.0
        [splits]
        every = "6 months"
        origins = 4
        calibration = "24 months"
        [baseline]
        table = "inspections"
        value = "uncontracted_workers"
        where = "workers_present > 0"
        smoothing = 2
        [urgent]
        table = "complaints"
        where = "urgent"
        within = "14 days"
        """,
    )
    assert (recipe.horizon, recipe.families, recipe.capacity) == (Period(months=6), ("*", "!peers*"), (0.02,))
    assert [rung.name for rung in recipe.ladder] == ["breach", "fined"]
    assert recipe.rung(2).delay == Period(days=90)
    assert [condition.table for condition in recipe.rung(2).any] == ["penalties", "inspections"]
    assert (recipe.model.rounds, recipe.model.seeds) == (300, (1, 2, 3))
    assert recipe.model.params == {"eta": 0.03, "max_depth": 5, "lambda": 5}
    assert (recipe.cohort.kind, recipe.cohort.first, recipe.cohort.last) == (
        "visits", dt.date(2015, 1, 1), dt.date(2020, 12, 31),
    )  # fmt: skip
    assert (recipe.calibration, recipe.minimum_positives, recipe.bands) == ("isotonic", 30, {"A": 0.1, "B": 1.0})
    assert recipe.splits == SplitRule(Period(months=6), 4, Period(months=24))
    assert recipe.baseline is not None
    assert (recipe.baseline.value.text, recipe.baseline.smoothing) == ("uncontracted_workers", 2.0)
    assert recipe.urgent is not None
    assert (recipe.urgent.table, recipe.urgent_within) == ("complaints", Period(days=14))


def test_what_is_left_out_has_the_defaults_of_the_recipe() -> None:
    recipe, plain = read(), Recipe("", "", "", "", 1, (), read().model)
    for key in ("families", "horizon", "calibration", "minimum_positives", "bands", "capacity", "urgent_within"):
        assert getattr(recipe, key) == getattr(plain, key), key
    assert (recipe.cohort, recipe.splits, recipe.urgent, recipe.baseline) == (CohortRule(), SplitRule(), None, None)


def test_rank_by_is_a_level_or_the_name_of_a_rung() -> None:
    assert read(HEAD.replace("rank_by = 2", 'rank_by = "fined"')).rank_by == 2
    assert "rank_by: no rung has the level 3" in refused(HEAD.replace("rank_by = 2", "rank_by = 3"))
    said = refused(HEAD.replace("rank_by = 2", 'rank_by = "find"'))
    assert "rank_by: no rung is called 'find'. Did you mean 'fined'?" in said


@pytest.mark.parametrize(
    ("ladder", "said"),
    [
        (LADDER.replace("level = 2", "level = 3"), "levels 1, 3; expected 1, 2, 3"),
        (LADDER.replace('"fined"\ntitle', '"breach"\ntitle'), "two rungs are called 'breach'"),
        (LADDER.replace("amount_azn > 0", "amount_azn >"), "ladder 'fined': any 1: where: expected a column"),
        (LADDER.replace("wher", "were"), "ladder 'fined': any 1: unknown key 'weree'"),
        (LADDER.replace("90 days", "all"), "delay: it must be a length of time"),
        ("", "the key 'ladder' is missing"),
    ],
)
def test_a_wrong_ladder_is_refused(ladder: str, said: str) -> None:
    assert said in refused(ladder=ladder)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("", "the key 'model' is missing"),
        ("[model]\nrounds = 0", "rounds: found 0, expected at least 1"),
        ("[model]\nrounds = 5\nseeds = [1, 1]", "seeds are different whole numbers"),
        (MODEL + "[model.params]\nmax_dept = 3", "no parameter 'max_dept'. Did you mean 'max_depth'?"),
        (MODEL + "[model.params]\nmax_depth = 3.5", "max_depth: expected a whole number"),
        (MODEL + "[model.params]\nnthread = 3", "does not set 'nthread'. The machine decides."),
        (MODEL + "[model.params]\neta = 0.1\nlearning_rate = 0.1", "'eta' and 'learning_rate' are one parameter"),
        (MODEL + "refits = 1", "refits: one refit gives no range."),
        (MODEL + "[bands]\nA = 0.5\nB = 0.1\nC = 1.0", "shares must grow from band to band"),
        (MODEL + "[bands]\nA = 0.1\nB = 0.5", "the last being 1.0"),
        (MODEL + '[cohort]\nkind = "register"\nlead = "7 days"', "lead: a cohort of kind 'register' does not use it"),
        (MODEL + "[cohort]\nfirst = 2020-01-01\nlast = 2019-01-01", "2019-01-01 lies before first = 2020-01-01"),
        (MODEL + '[cohort]\nfirst = "2020-01-01"', "first: found '2020-01-01', expected a date without quotes"),
        (MODEL + '[cohort]\nevery = "0 days"', "every: it must be a length of time"),
        (MODEL + '[calibration]\nmethod = "platt"', "method: 'platt' is unknown"),
        (MODEL + '[baseline]\ntable = "inspections"', "the key 'value' is missing"),
        (MODEL + "[band]\nA = 1.0", "unknown key 'band'. Did you mean 'bands'?"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_a_way_out(rest: str, said: str) -> None:
    assert said in refused(rest=rest)
    assert "models/sites.toml" in refused(rest=rest)


def test_refits_are_off_unless_the_recipe_asks_for_them() -> None:
    assert read().model.refits == 0
    assert read(rest=MODEL + "refits = 20").model.refits == 20


def test_capacity_is_a_share() -> None:
    assert "capacity: each is a share of the cohort" in refused(HEAD + "capacity = [20]\n")


def test_the_installed_xgboost_knows_every_parameter_that_a_recipe_may_set() -> None:
    import xgboost

    examples = {"max_bin": 16, "tree_method": "hist", "grow_policy": "lossguide", "sampling_method": "uniform"}
    params = {
        name: examples.get(name, 1) for name in ALLOWED if name not in ("reg_lambda", "reg_alpha", "min_split_loss")
    }
    data = xgboost.DMatrix(np.arange(8.0).reshape(4, 2), np.array([0, 1, 0, 1]))

    def said(params: dict[str, object]) -> list[str]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            xgboost.train({**params, "validate_parameters": True, "objective": "binary:logistic"}, data, 1)
        return [str(warning.message) for warning in caught]

    assert said(params) == []
    assert "no_such_parameter" in said({"no_such_parameter": 1})[0]


def test_the_limits_of_the_gate_are_the_recipes() -> None:
    assert read().gate == GateRule()
    said = read(rest=MODEL + '[gate]\nmetric = "precision"\nmargin = 0.01\n').gate
    assert said == GateRule(metric="precision", margin=0.01)
    assert "Did you mean 'margin'?" in refused(rest=MODEL + "[gate]\nmargins = 0.01\n")
    assert "at most 0.5" in refused(rest=MODEL + "[gate]\nmargin = 0.9\n")
    assert "'lift' is unknown" in refused(rest=MODEL + '[gate]\nmetric = "lift"\n')


def test_the_limits_of_an_audit_are_the_recipes() -> None:
    assert read().audit == AuditRule()
    said = read(rest=MODEL + "[audit]\nproxy_gain_limit = 0.02\nminimum_rows = 50\n").audit
    assert said == AuditRule(proxy_gain_limit=0.02, minimum_rows=50)
    assert "unknown key 'proxy_limit'. Did you mean 'proxy_gain_limit'?" in refused(
        rest=MODEL + "[audit]\nproxy_limit = 1\n"
    )
    assert "at most 0.5" in refused(rest=MODEL + "[audit]\nproxy_gain_limit = 0.9\n")

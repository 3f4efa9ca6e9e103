"""Rungs above the one that ranks: what few cases may teach, exact sums, no look ahead, refusals."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from riskscore.explanation.treeshap import shap_values
from riskscore.learn import correction
from riskscore.learn.calibrate import FEWEST
from riskscore.learn.correction import NEEDED, Correction, Rows, fit_correction, rolling_folds
from riskscore.learn.estimator import RiskClassifier
from riskscore.learn.ladder import (
    Part,
    Sought,
    UpperRung,
    cases_above,
    falling,
    fit_rungs,
    out_of_fold,
    rung_margins,
    told_of_cases,
)


def world(n: int = 4000, *, base: float = -4.0, slope: float = 1.0, extra: float = 0.0, seed: int = 0) -> Rows:
    """Return rows whose rare outcome follows ``base + slope * lower``, and column 1 above 1 by ``extra``."""
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(n, 4)).astype(np.float32)
    lower = table[:, 0] - 1.5
    chance = 1 / (1 + np.exp(-(base + slope * lower + extra * (table[:, 1] > 1))))
    as_of = np.sort(rng.integers(0, 1000, n)).astype(np.int32)
    return Rows(lower.astype(float), (rng.random(n) < chance).astype(float), table, as_of, as_of + np.int32(60))


def cases(rows: Rows) -> int:
    return int(rows.y.sum())


def test_the_shift_gives_the_known_cases_their_number() -> None:
    rows = world()
    made = fit_correction(rows, 5)
    assert (made.form, made.slope) == ("shift", 1.0)
    found = 1 / (1 + np.exp(-made.margin(rows.lower, rows.table)))
    assert found.sum() == pytest.approx(cases(rows), rel=1e-4)


def test_a_slope_is_taken_where_it_foretells_later_dates_and_comes_near_the_true_one() -> None:
    rows = world(20_000, slope=1.9, base=-3.0)
    made = fit_correction(rows, cases(rows))
    assert made.form in ("slope", "trees")
    assert made.slope == pytest.approx(1.9, abs=0.3)
    assert made.losses["slope"] < made.losses["shift"]


def test_trees_are_taken_where_a_column_matters_to_the_rare_outcome_alone() -> None:
    rows = world(8000, extra=3.0)
    made = fit_correction(rows, cases(rows))
    assert made.form == "trees"
    assert made.trees is not None
    assert fit_correction(rows, NEEDED["trees"] - 1).form != "trees"


def test_a_sample_of_very_many_rows_teaches_what_all_of_them_do(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = world(120_000, extra=2.0)
    sampled = fit_correction(rows, cases(rows))
    monkeypatch.setattr(correction, "MANY", 120_000)
    whole = fit_correction(rows, cases(rows))
    assert sampled.form == whole.form == "trees"
    assert (sampled.slope, sampled.shift) == pytest.approx((whole.slope, whole.shift), abs=0.15)
    assert sampled.losses == pytest.approx(whole.losses, rel=0.03)
    later = world(60_000, extra=2.0, seed=1)
    lost = [later.log_loss(made.margin(later.lower, later.table)) for made in (sampled, whole)]
    assert lost[0] == pytest.approx(lost[1], rel=0.005)


def test_trees_keep_the_monotone_constraints() -> None:
    rows = world(8000, extra=3.0)
    free, held = (fit_correction(rows, 99, monotone=m) for m in (None, [0, -1, 0, 0]))
    grid = np.zeros((50, 4), dtype=np.float32)
    grid[:, 1] = np.linspace(-3, 3, 50)
    assert free.trees is not None
    assert np.ptp(free.trees.margin(grid)) > 0
    assert held.trees is None or (np.diff(held.trees.margin(grid)) <= 0).all()


def test_cases_that_contradict_the_order_do_not_turn_it_round() -> None:
    rows = world(8000, slope=-1.5, base=-4.0)
    assert fit_correction(rows, 29).slope > 0


def test_no_case_or_cases_alone_leave_the_margin_as_it_is() -> None:
    rows = world(100)
    for y in (np.zeros(100), np.ones(100)):
        made = fit_correction(Rows(rows.lower, y, rows.table, rows.as_of, rows.known_on), int(y.sum()))
        assert made.form == "none"
        assert (made.margin(rows.lower, rows.table) == rows.lower).all()


def test_outcomes_of_earlier_rows_are_known_before_the_later_dates() -> None:
    rows = world()
    folds = list(rolling_folds(rows))
    assert len(folds) == 3
    for earlier, later in folds:
        assert rows.known_on[earlier].max() <= rows.as_of[later].min()
    assert not (folds[0][1] & folds[1][1]).any()


def test_the_values_of_every_rung_add_up_to_its_margin_and_are_those_of_the_trees_together() -> None:
    rows = world(6000, extra=3.0)
    estimator = RiskClassifier(rounds=20, seeds=(1,), max_depth=3).fit(rows.table, (rows.lower > -1).astype(int))
    lower = estimator.decision_function(rows.table)
    values = shap_values(estimator.boosters_[0], rows.table, margin=lower)
    made = fit_correction(Rows(lower, rows.y, rows.table, rows.as_of, rows.known_on), cases(rows))
    assert made.trees is not None
    found = made.contributions(values, shap_values(made.trees, rows.table))
    np.testing.assert_allclose(found.sum(axis=1), made.margin(lower, rows.table), atol=1e-5)
    by_xgboost = made.slope * estimator.contributions(rows.table) + made.trees.contributions(rows.table)
    np.testing.assert_allclose(found[:, :-1], by_xgboost[:, :-1], atol=1e-4)
    plain = Correction("slope", 0.5, -2.0)
    scaled = plain.contributions(values)
    np.testing.assert_allclose(scaled.sum(axis=1), plain.margin(lower, rows.table), atol=1e-5)
    np.testing.assert_allclose(values.sum(axis=1), lower, atol=1e-5)  # what was given is left as it was


def test_the_margin_of_a_row_comes_from_models_that_did_not_see_its_group() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(60), 5)
    # a column that names the group: whoever saw the group knows its outcome by heart
    frame = pd.DataFrame({"group": group.astype(float), "noise": rng.normal(size=300)})
    y = (rng.random(60) < 0.4).astype(float)[group]
    model = RiskClassifier(rounds=60, seeds=(1, 2), max_depth=6, min_child_weight=0).fit(frame, y.astype(int))
    seen, unseen = model.decision_function(frame), out_of_fold(model, frame, y, group.astype(str))
    apart = [m[y == 1].mean() - m[y == 0].mean() for m in (seen, unseen)]
    assert apart[0] > 4
    assert apart[1] < 0.3 * apart[0]


def rungs(n: int, minimum: int = 50) -> tuple[UpperRung, ...]:
    rows = world(3000, base=-1.0)
    some = np.flatnonzero(rows.y)[:n]
    rare = np.zeros(3000)
    rare[some] = 1
    who = np.arange(3000).astype(str)
    part = Part(rows.lower, rows.table, rows.as_of, who)
    sought = [Sought(2, "fined", rows.y, rows.known_on, rows.y), Sought(3, "opened", rare, rows.known_on, rare)]
    return fit_rungs(sought, part, part, before=10_000, method="sigmoid", minimum=minimum, feature_types=["q"] * 4,
                     monotone=[0] * 4)  # fmt: skip


def test_fewer_cases_than_the_recipe_asks_for_are_refused_and_fewer_than_ten_whatever_it_asks_for() -> None:
    common, rare = rungs(20)
    assert common.refusal == ""
    assert "20 known cases in training" in rare.refusal
    assert rare.cases == ()
    assert rungs(20, minimum=20)[1].refusal == ""
    few = rungs(FEWEST - 1, minimum=1)[1]
    assert "at least 10" in few.refusal
    assert len(few.cases) == FEWEST - 1


def test_one_entity_on_several_dates_is_one_case() -> None:
    rows = world(600, base=-1.0)
    part = Part(rows.lower, rows.table, rows.as_of, (np.arange(600) % 12).astype(str))
    y = np.where(np.arange(600) % 12 < 4, 1.0, 0.0)
    [made] = fit_rungs([Sought(2, "fined", y, rows.known_on, y)], part, part, before=10_000, method="sigmoid",
                       minimum=1, feature_types=["q"] * 4, monotone=[0] * 4)  # fmt: skip
    assert made.positives == 4
    assert made.correction.form == "shift"


def test_outcomes_that_were_open_when_calibration_began_teach_nothing() -> None:
    rows = world(2000, base=-1.0)
    part = Part(rows.lower, rows.table, rows.as_of, np.arange(2000).astype(str))
    found = [
        fit_rungs([Sought(2, "fined", y, rows.known_on, rows.y)], part, part, before=500, method="sigmoid", minimum=1,
                  feature_types=["q"] * 4, monotone=[0] * 4)[0].correction
        for y in (rows.y, np.where(rows.known_on > 500, 1 - rows.y, rows.y))
    ]  # fmt: skip
    assert found[0] == found[1]


def test_a_rung_goes_through_json_and_gives_the_same_margin() -> None:
    rows = world(8000, extra=3.0)
    made = UpperRung(2, "fined", fit_correction(rows, cases(rows)), rungs(5)[0].calibrator, "", 9, (0.1, 0.2))
    state, trees = made.to_state()
    again = UpperRung.from_state(json.loads(json.dumps(state)), trees)
    assert again == made
    margins = [rung_margins([rung], rows.lower, rows.table)[0] for rung in (made, again)]
    assert np.array_equal(*margins)


def test_a_rarer_outcome_is_never_likelier_and_a_refused_rung_hides_nothing() -> None:
    found, changed = falling([np.array([0.5, 0.1]), np.array([np.nan, np.nan]), np.array([0.2, 0.3])])
    assert changed == 1
    assert np.isnan(found[1]).all()
    assert found[2].tolist() == [0.2, 0.1]


def test_a_case_left_out_is_compared_with_the_rows_of_others_alone() -> None:
    margin = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    entity = np.array(["a", "a", "b", "c", "d"])
    assert cases_above(margin, np.array([0.0, 1, 0, 0, 1]), entity) == (0.0, 1.0)


def test_a_handful_of_cases_is_told_with_an_exact_interval() -> None:
    said = told_of_cases("opened", (0.01, 0.05, 0.4, 0.7), 0.1)
    assert "2 of 4 in the top 10 % (7 to 93 %)" in said

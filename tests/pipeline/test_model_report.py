"""The report of a stored run: its figures are the backtest's, and nothing later than the run's day enters it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.pipeline.model_report import model_report
from riskscore.pipeline.prepare import choose
from riskscore.report.model_json import model_json

DAY = "2024-01-01"


@pytest.fixture(scope="module")
def records():
    return rs.sample_records()


@pytest.fixture(scope="module")
def quick():
    recipe = choose("site_risk").recipe
    recipe = replace(recipe, families=("uncontracted", "place", "reports"), splits=replace(recipe.splits, origins=2))
    text = recipe.text.replace(f"rounds = {recipe.model.rounds}", "rounds = 20").replace(
        "seeds  = [1, 2, 3]", "seeds = [1]"
    )
    text = text.replace('families = ["*"]', 'families = ["uncontracted", "place", "reports"]').replace(
        "origins     = 3", "origins = 2"
    )
    return replace(recipe, model=replace(recipe.model, rounds=20, seeds=(1,)), text=text)


@pytest.fixture(scope="module")
def run(records, quick, tmp_path_factory):
    return rs.fit(records, quick, DAY, store=tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def report(records, run):
    return model_report(run, records)


def test_the_figures_are_those_of_the_backtest(records, quick, report) -> None:
    found = rs.backtest(records, quick, DAY)
    mine = report.rolling.set_index(["origin", "model"])["value"]
    theirs = found.frame[found.frame["metric"] == "auc"].set_index(["origin", "model"])["value"]
    pd.testing.assert_series_equal(mine, theirs)
    assert report.origins["places"].sum() == len(found.rows)
    assert report.origins["visited"].sum() == found.rows["visited"].sum()


def test_the_first_share_of_the_list_is_of_the_whole_list_and_not_of_the_visited(records, quick, report) -> None:
    rows = rs.backtest(records, quick, DAY).rows
    within = pd.concat([
        part.sort_values(["model", "entity"], ascending=[False, True]).head(round(0.1 * len(part)))
        for _, part in rows.groupby("origin")
    ])  # fmt: skip
    mine = report.capacity.query("model == 'model' and share == 0.1").iloc[0]
    assert abs(mine.visited - within["visited"].sum()) <= 3, "a place or two of each date lie on the edge"
    assert mine.value == pytest.approx(within["target"].mean(), abs=0.02)


def test_what_was_said_is_compared_with_what_was_found(records, quick, report) -> None:
    rows = rs.backtest(records, quick, DAY).rows
    known = rows[rows["target"].notna() & rows["probability"].notna()]
    if report.calibration.empty:
        assert len(known) < 20
        return
    assert report.calibration["visited"].sum() == len(known)
    assert report.calibration["found"].sum() == known["target"].sum()
    assert (np.diff(report.calibration["said"]) >= 0).all()
    assert (report.calibration["left_low"] <= report.calibration["said"]).all()


def test_nothing_known_on_the_day_or_later_changes_the_report(records, run, report) -> None:
    tables = {}
    for name, table in records.tables.items():
        frame = table.frame
        if "known_on" in frame:
            frame = frame[~(frame["known_on"] >= pd.Timestamp(DAY))].reset_index(drop=True)
        later = {c.name: c.clock for c in table.schema.columns if c.clock}
        frame = frame.copy()
        for column, clock in later.items():
            if clock in frame and column != clock:
                frame.loc[frame[clock] >= pd.Timestamp(DAY), column] = None
        for clock in set(later.values()) & set(frame):
            frame.loc[frame[clock] >= pd.Timestamp(DAY), clock] = pd.NaT
        tables[name] = replace(table, frame=frame)
    blind = model_report(run, replace(records, tables=tables))
    assert "inspections" in blind.altered
    same = replace(blind, altered=report.altered, tables=report.tables)
    assert model_json(same) == model_json(report)
    assert blind.picture == report.picture


def test_the_list_is_told_of_as_it_is(report) -> None:
    assert 0 < report.listed["never visited"] < report.listed["places"]
    assert report.listed["beyond what visits speak for"] <= report.listed["places"]
    assert report.overlap is not None
    assert sum(m.weight for m in report.moving) > 0
    assert {m.title for m in report.moving} == {family.title for family in report.families}

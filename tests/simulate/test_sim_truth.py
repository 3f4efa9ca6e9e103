"""The truth means what it says, and selection depends on records alone or also on something hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd

from riskscore.simulate import Simulation


def visits_with_truth(made: Simulation) -> pd.DataFrame:
    visits = made.records["inspections"].frame
    visits = visits[~visits["inspection_id"].isin(visits["replaces"].dropna())]
    visits = visits.assign(
        site_id=visits["site_id"].astype(str), year=visits["date"].dt.year, found=visits["uncontracted_workers"] > 0
    )
    return visits.merge(
        made.truth.assign(site_id=made.truth["site_id"].astype(str)), on=["site_id", "year"], how="left"
    )


def test_levels_are_probabilities_that_fall_with_the_rung(national: Simulation) -> None:
    levels = national.truth[[f"level_{k}" for k in range(1, 6)]].to_numpy()
    assert (np.diff(levels, axis=1) <= 0).all()
    assert levels.min() >= 0
    assert levels.max() <= 1
    assert not national.truth.duplicated(["site_id", "year"]).any()


def test_random_visits_find_what_the_truth_foretells(national: Simulation) -> None:
    drawn = visits_with_truth(national).query("trigger == 'random'")
    for rows in (drawn, drawn[drawn["level_2"] > 0.2], drawn[drawn["level_2"] <= 0.2]):
        spread = np.sqrt((rows["level_2"] * (1 - rows["level_2"])).sum())
        assert abs(rows["found"].sum() - rows["level_2"].sum()) < 4 * spread


def test_truth_of_fines_and_referrals_adds_up_to_those_made(national: Simulation) -> None:
    seen = visits_with_truth(national)
    unasked = seen[~seen["trigger"].isin(["complaint", "hotline"])]
    fined = unasked["inspection_id"].isin(national.records["penalties"].frame["inspection_id"].astype(str))
    assert abs(fined.sum() / unasked["level_3"].sum() - 1) < 0.12


def test_reports_come_more_often_from_where_it_is_true(national: Simulation) -> None:
    share = visits_with_truth(national).groupby("trigger", observed=True)["found"].mean()
    assert share["complaint"] > 1.5 * share["random"]
    assert share["hotline"] > 1.5 * share["random"]


def gap_at_equal_records(made: Simulation) -> float:
    """Return how much riskier planned places of 2016 are than others of their type and registered size.

    In the first year nothing is remembered, so that type and registered headcount are all that a plan can go by.
    """
    truth = made.truth[made.truth["year"] == 2016].set_index("site_id")["level_2"]
    places = made.records["sites"].frame.drop_duplicates("site_id").set_index("site_id")
    rows = made.records["contracts"].frame
    registered = rows[rows["date"] < "2017-01-01"].groupby(rows["site_id"].astype(str))["registered_workers"].first()
    visits = made.records["inspections"].frame
    planned = visits[(visits["date"] < "2017-01-01") & visits["trigger"].isin(["planned", "raid"])]["site_id"].astype(
        str
    )
    frame = pd.DataFrame({
        "risk": truth, "type": places["site_type"].reindex(truth.index).astype(str),
        "size": registered.reindex(truth.index).astype(float), "visited": truth.index.isin(set(planned)),
    }).dropna()  # fmt: skip
    cell = [frame["type"], pd.cut(frame["size"], [-1, 6, 12, 20, 30, 40, 60, 1000])]
    expected = frame.groupby(cell, observed=True)["risk"].transform("mean")
    return float((frame["risk"] - expected)[frame["visited"]].mean())


def test_plans_follow_the_records_alone_unless_a_cause_is_hidden(
    national: Simulation, national_hidden: Simulation
) -> None:
    assert abs(gap_at_equal_records(national)) < 0.01
    assert gap_at_equal_records(national_hidden) > 0.05

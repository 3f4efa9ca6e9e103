"""Estimates for a choice of places, beside visits whose finds are counted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from riskscore.learn.selection.choices import choice_estimates
from riskscore.learn.selection.evaluation import Nuisances


def country(seed: int, n: int = 4000, hidden: float = 1.0):
    """Return true chances, nuisances that know them, and who was visited, likelier where more is found."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.05, 0.5, n)
    visit = 0.05 + 0.4 * truth
    seen = rng.random(n) < visit
    unseen = truth / (truth + hidden * (1 - truth))  # odds of a find divided by ``hidden`` where nobody went
    y = np.where(seen, (rng.random(n) < truth).astype(float), np.nan)
    return np.where(seen, truth, unseen), Nuisances(y, visit, truth, np.ones(n, dtype=bool)), seen


def one(known, chosen, made, **more):
    return choice_estimates(known, {"way": chosen}, made, np.arange(known.y.size), **more).iloc[0]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held = []
    for seed in range(60):
        truth, known, seen = country(seed)
        chosen = truth > np.quantile(truth, 0.9)
        found = one(known, chosen, seen, draws=200)
        held.append(found["low"] <= truth[chosen].mean() <= found["high"])
    assert 0.88 <= np.mean(held) <= 1.0


def test_what_the_visits_made_found_is_counted_and_not_estimated() -> None:
    truth, known, seen = country(1)
    found = one(known, truth > 0.4, seen)
    assert found["made"] == known.y[seen].mean()
    assert found["ahead"] == pytest.approx(found["value"] - found["made"])
    assert found["visited"] == (seen & (truth > 0.4)).sum()


def test_bounds_hold_the_truth_where_unvisited_places_hide_less_than_gamma_allows() -> None:
    held = {"corrected": [], "bounds": []}
    for seed in range(30):
        truth, known, seen = country(seed, hidden=2.0)
        chosen = known.find > np.quantile(known.find, 0.9)
        found = one(known, chosen, seen, draws=100)
        held["corrected"].append(found["low"] <= truth[chosen].mean() <= found["high"])
        held["bounds"].append(found["low_2"] <= truth[chosen].mean() <= found["high_2"])
    assert np.mean(held["corrected"]) < 0.8
    assert np.mean(held["bounds"]) > 0.9


def test_a_larger_gamma_opens_the_bounds_and_a_lead_is_lost_at_its_gamma() -> None:
    truth, known, seen = country(2)
    found = one(known, truth > 0.4, seen)
    assert found["low_3"] < found["low_2"] < found["low_1.5"] < found["value"] < found["high_1.5"] < found["high_3"]
    assert 1 < found["gamma"] < 20
    assert one(known, truth < 0.1, seen)["gamma"] == 1.0, "not ahead at all"


@pytest.mark.parametrize(
    ("places", "visits", "why"),
    [(10, 10, "only 10 of its places"), (100, 5, "only 5 of its places were visited"), (100, 50, "")],
)
def test_too_few_places_or_visits_give_no_figure_and_the_reason(places, visits, why) -> None:
    _, known, seen = country(3)
    rows = np.concatenate([np.flatnonzero(seen)[:visits], np.flatnonzero(~seen)[: places - visits]])
    chosen = np.isin(np.arange(seen.size), rows)
    found = one(known, chosen, seen)
    assert found["refused"].startswith(why) or why in found["refused"]
    assert np.isnan(found["value"]) == bool(why)


def test_places_without_overlap_are_in_no_figure() -> None:
    truth, known, seen = country(4)
    outside = replace(known, inside=truth < 0.4, y=np.where(truth < 0.4, known.y, 1.0))
    found = one(outside, truth > 0.3, seen)
    assert found["places"] == ((truth > 0.3) & (truth < 0.4)).sum()
    assert found["chosen"] == (truth > 0.3).sum()
    assert found["value"] < 0.45
    nobody = replace(known, inside=np.zeros(truth.size, dtype=bool))
    assert "only 0 visits" in one(nobody, truth > 0.3, seen)["refused"]

"""Corrected figures end to end on arrays with a known answer: nuisances learned, intervals, bounds, refusals."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from riskscore.errors import FitError
from riskscore.learn.curve import Curve
from riskscore.learn.selection.bounds import LARGEST
from riskscore.learn.selection.evaluation import (
    bounded_metrics,
    corrected_metrics,
    drawn_metrics,
    gamma_to_lose,
    nuisances,
)
from riskscore.learn.selection.finds import cross_fit_finds

METRICS = {"auc": Curve.auc, "precision": partial(Curve.precision_at, share=0.2)}
N = 6000


class World:
    """Places with one column that drives both the risk and the visits."""

    def __init__(self, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        self.x = random.normal(size=N)
        self.chance = 1 / (1 + np.exp(1.8 - 0.8 * self.x))
        self.visit = 1 / (1 + np.exp(1.6 - 0.9 * self.x))
        self.y = (random.random(N) < self.chance).astype(float)
        self.closed = random.random(N) < 0.1
        self.seen = (random.random(N) < self.visit) & ~self.closed
        self.frame = pd.DataFrame({"x": self.x, "noise": random.normal(size=N)})
        self.around = pd.DataFrame({"month": np.full(N, 1.0)})
        self.groups = np.arange(N) // 2
        self.scores = {"model": self.x, "other": random.random(N)}
        self.known = nuisances(
            self.frame, self.around, np.where(self.seen, self.y, np.nan), self.closed, self.groups, self.x
        )

    @property
    def told(self) -> np.ndarray:
        return np.where(self.seen, self.y, np.nan)


@pytest.fixture(scope="module")
def country():
    return World()


def truth(country, metric):
    rows = country.known.inside
    falling = np.argsort(-country.x[rows])[: rows.sum() // 5]
    return country.chance[rows][falling].mean()


def test_closed_places_have_no_chance_and_no_overlap(country) -> None:
    assert (country.known.visit[country.closed] == 0).all()
    assert not country.known.inside[country.closed].any()
    assert 0.5 < country.known.inside.mean() < 0.95


def test_the_corrected_interval_holds_what_the_visited_places_mislead_about(country) -> None:
    found = corrected_metrics(METRICS, country.scores, country.known, country.groups, "model").set_index(
        ["metric", "model"]
    )
    one = found.loc[("precision", "model")]
    assert one["low"] < truth(country, "precision") < one["high"]
    rows = country.seen
    naive = country.y[rows][np.argsort(-country.x[rows])[: rows.sum() // 5]].mean()
    assert naive - truth(country, "precision") > 0.05
    assert one["places"] == country.known.inside.sum() > one["visits"] == (country.known.inside & rows).sum()
    other = found.loc[("auc", "other")]
    assert other["behind_low"] > 0, "the model is ahead of a random order"
    assert one["behind"] == 0


def test_bounds_hold_the_corrected_interval_and_widen(country) -> None:
    found = bounded_metrics(METRICS, country.x, country.known, country.groups, "model", gammas=(1.0, 2.0), draws=50)
    corrected = corrected_metrics(METRICS, country.scores, country.known, country.groups, "model", draws=50)
    for metric in METRICS:
        one, two = (found[(found["metric"] == metric) & (found["gamma"] == g)].iloc[0] for g in (1.0, 2.0))
        same = corrected[(corrected["metric"] == metric) & (corrected["model"] == "model")].iloc[0]
        assert (one["low"], one["high"]) == pytest.approx((same["low"], same["high"]))
        assert two["low"] < one["low"] < one["high"] < two["high"]


def test_of_places_that_nobody_may_visit_there_are_bounds_alone(country) -> None:
    args = (METRICS, country.x, country.known, country.groups, "model")
    part, whole = (bounded_metrics(*args, everybody=all_, gammas=(2.0,), draws=50) for all_ in (False, True))
    assert whole["places"].tolist() == [N, N]
    assert whole["visits"].tolist() == part["visits"].tolist(), "no visit speaks for a closed place"
    width, inside = (frame.eval("high - low").to_numpy() for frame in (whole, part))
    assert (width > 0.9 * inside).all()
    everyone = np.argsort(-country.x)[: N // 5]
    one = whole[whole["metric"] == "precision"].iloc[0]
    assert one["low"] < country.chance[everyone].mean() < one["high"]


def test_a_good_order_leads_a_random_one_beyond_gamma_one(country) -> None:
    gamma = gamma_to_lose(country.known, country.x, country.scores["other"], 0.2)
    assert 1.2 < gamma < LARGEST
    assert gamma_to_lose(country.known, country.scores["other"], country.x, 0.2) == 1.0


def test_too_few_visits_of_a_kind_are_refused_with_their_count(country) -> None:
    few = np.where(np.arange(N) < 200, country.told, np.nan)
    few[few == 1] = np.nan
    few[:5] = 1.0
    with pytest.raises(FitError, match=r"5 of .* At least 20 visits"):
        cross_fit_finds(country.frame, few, country.groups, country.x)


def test_drawn_visits_speak_for_all_that_may_be_visited(country) -> None:
    random = np.random.default_rng(0)
    drawn = random.random(N) < 0.2
    probability = np.where(drawn, 0.2, np.nan)
    y = np.where(drawn, country.y, np.nan)
    args = (METRICS, country.scores, y, probability, country.closed, country.groups, "model")
    found = drawn_metrics(*args, draws=100).set_index(["metric", "model"])
    one = found.loc[("precision", "model")]
    rows = ~country.closed
    real = country.y[rows][np.argsort(-country.x[rows])[: rows.sum() // 5]].mean()
    assert one["low"] < real < one["high"]
    assert one["visits"] == (drawn & rows).sum()


def test_few_drawn_visits_are_refused(country) -> None:
    probability = np.full(N, np.nan)
    probability[:20] = 0.1
    with pytest.raises(FitError, match="visits were drawn at random"):
        drawn_metrics(METRICS, country.scores, country.y, probability, country.closed, country.groups, "model")

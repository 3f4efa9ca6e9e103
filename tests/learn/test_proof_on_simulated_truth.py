"""Corrected figures against a truth that is known; the benchmark behind it prints the whole table."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

BENCH = Path(__file__).parents[1] / "benchmarks" / "bench_selection.py"


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("bench_selection", BENCH)
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made  # its dataclasses look their module up
    spec.loader.exec_module(made)
    yield made
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def country(bench):
    return bench.Country.of(2500, 1, "ignorable")


@pytest.fixture(scope="module")
def one(bench, country):
    return bench.listed(country, bench.learn(country))


def test_a_year_drawn_anew_sees_other_places_by_the_same_rule(bench, country, one) -> None:
    first, second = (~np.isnan(country.drawn(seed)[one.place]) for seed in (1, 2))
    assert first.sum() == pytest.approx(second.sum(), rel=0.05)
    assert 0.1 < (first & second).sum() / first.sum() < 0.9
    assert one.chance[first].mean() > one.chance.mean() + 0.02, "plans favour the riskier places"


def test_what_is_found_in_a_drawn_year_follows_the_true_chances(country, one) -> None:
    found = np.array([country.drawn(seed)[one.place] for seed in range(30)])
    seen = ~np.isnan(found)
    expected = np.where(seen, one.chance, 0).sum(axis=1)
    assert np.nansum(found, axis=1).mean() == pytest.approx(expected.mean(), rel=0.05)


def test_corrected_figures_are_nearer_to_the_truth_than_those_of_visited_places(bench, country, one) -> None:
    drawn = [bench.evaluated(one, country.drawn(seed)[one.place], draws=50) for seed in range(3)]
    off = {
        way: np.mean([f[(f.metric == "average precision") & (f.model == "model") & (f.way == way)].eval("value - truth")
                      for f in drawn])
        for way in ("corrected", "visited only")
    }  # fmt: skip
    assert off["visited only"] > 0.03
    assert abs(off["corrected"]) < 0.7 * off["visited only"]


@pytest.mark.slow
@pytest.mark.parametrize(("setting", "least"), [("ignorable", 0.8), ("hidden", 0.0)])
def test_intervals_hold_the_truth_where_visits_follow_the_records_and_bounds_where_they_do_not(
    bench, setting, least
) -> None:
    every, brought = bench.run(3, 4, 6000, setting)
    held = bench.summary(every)["held"]
    assert held["precision 10%", "model", "corrected"] >= least
    assert held["average precision", "model", "corrected"] >= least
    assert held["average precision", "model", "visited only"] < 0.6
    assert held["precision 10%", "model", "bounds, Gamma 3.0"] >= 0.9
    assert (brought["as it is"] > 1.2 * brought["at random"]).all(), "at places never visited the list still helps"

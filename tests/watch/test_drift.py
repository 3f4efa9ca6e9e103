"""Drift that is there is found, and where there is none alarms are as rare as stated."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from riskscore.report.watch.drift import drift_html, drift_json
from riskscore.watch.drift import Limits, compare, judged, missing, of_counts, realised

LIMITS = Limits()


def sample(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Return columns as a register has them: counts, skewed money, rare flags, categories, half of one missing."""
    frame = pd.DataFrame({f"count_{i}": rng.poisson(0.2 + 0.3 * i, n).astype(float) for i in range(8)})
    frame = frame.assign(**{f"money_{i}": rng.lognormal(3, 1 + 0.1 * i, n) for i in range(6)})
    frame["half"] = np.where(rng.random(n) < 0.5, np.nan, rng.normal(size=n))
    frame["region"] = pd.Categorical(rng.choice(list("ABCDEFG"), n, p=[0.4, 0.2, 0.2, 0.1, 0.05, 0.03, 0.02]))
    return frame


def alarms(before: pd.DataFrame, after: pd.DataFrame, limits: Limits = LIMITS) -> set[tuple[str, str]]:
    found = judged(compare(before, after, "feature", limits) + missing(before, after, limits), limits)
    return set(zip(found.over["kind"], found.over["name"], strict=True))


@pytest.mark.parametrize(
    ("n", "tries"),
    [(300, 30), pytest.param(60, 200, marks=pytest.mark.slow), pytest.param(1000, 100, marks=pytest.mark.slow)],
)
def test_without_drift_alarms_are_no_commoner_than_stated(n: int, tries: int) -> None:
    rng = np.random.default_rng(7)
    by_chance_alone = Limits(psi=1e-9)
    loud, significant = 0, 0
    for _ in range(tries):
        before, after = sample(rng, n), sample(rng, n)
        loud += bool(alarms(before, after))  # both marks must be passed
        significant += bool(alarms(before, after, by_chance_alone))
    assert loud <= significant
    assert significant <= 0.05 * tries + 3 * np.sqrt(0.05 * 0.95 * tries)  # of one in twenty, three standard errors


def test_planted_drift_is_found_and_nothing_else() -> None:
    rng = np.random.default_rng(3)
    before, after = sample(rng, 1000), sample(rng, 1000)
    after["count_7"] += 2
    after["money_0"] *= 3
    after.loc[: 1000 // 3, "money_3"] = np.nan
    after["region"] = pd.Categorical(rng.choice(list("ABCDEFG"), 1000), categories=list("ABCDEFG"))
    planted = {("feature", "count_7"), ("feature", "money_0"), ("feature", "region"), ("missing", "money_3")}
    assert alarms(before, after) == planted


def test_in_a_large_register_a_tiny_difference_is_no_alarm() -> None:
    rng = np.random.default_rng(5)
    before, after = (pd.DataFrame({"x": rng.normal(shift, 1, 100_000)}) for shift in (0.0, 0.03))
    found = judged(compare(before, after, "feature", LIMITS), LIMITS).frame.iloc[0]
    assert found["q"] < 1e-6
    assert not found["over"]


def test_p_values_are_adjusted_for_the_number_of_columns() -> None:
    rng = np.random.default_rng(1)
    found = judged(compare(sample(rng, 300), sample(rng, 300), "feature", LIMITS), LIMITS).frame
    ordered = found.sort_values("p")
    m = len(ordered)
    expected = np.minimum.accumulate((ordered["p"] * m / np.arange(1, m + 1)).to_numpy()[::-1])[::-1]
    assert np.allclose(ordered["q"], np.minimum(expected, 1))


def test_finds_as_foretold_are_no_alarm_and_half_as_many_again_are() -> None:
    rng = np.random.default_rng(2)
    loud = 0
    for _ in range(100):
        chance = rng.beta(1, 8, 2000)
        loud += bool(len(judged([realised(chance, (rng.random(2000) < chance).astype(float), LIMITS)], LIMITS).over))
    assert loud <= 2
    more = (rng.random(2000) < np.minimum(1.5 * chance, 1)).astype(float)
    assert len(judged([realised(chance, more, LIMITS)], LIMITS).over) == 1


def test_too_few_rows_are_not_judged_and_that_is_said() -> None:
    few = pd.DataFrame({"x": np.arange(20.0)})
    found = judged(compare(few, few + 100, "feature", LIMITS), LIMITS).frame.iloc[0]
    assert not found["over"]
    assert found["note"] == "not judged: 20 and 20 rows, 30 needed"


def test_a_category_that_is_new_or_gone_counts() -> None:
    found = of_counts("kind", "visited", pd.Series({"planned": 500}), pd.Series({"raid": 500}), LIMITS)
    assert found.p < 1e-9
    assert np.isfinite(found.psi)
    assert len(judged([found], LIMITS).over) == 1


def test_page_and_json_say_the_same() -> None:
    rng = np.random.default_rng(3)
    before, after = sample(rng, 500), sample(rng, 500).assign(count_7=9.0)
    found = judged(compare(before, after, "feature", LIMITS), LIMITS, ["<b>a note</b>"])
    page, data = drift_html(found, "2024-01-01", "2025-01-01", "r1"), json.loads(drift_json(found, "a", "b", "r1"))
    assert data["alarms"] == 1 == page.count("<figure>")
    assert data["differences"][0]["name"] == "count_7"
    assert data["differences"][0]["over"] is True
    assert "&lt;b&gt;a note" in page
    assert page.count("<rect") == 2 * len(found.bins["feature", "count_7"])

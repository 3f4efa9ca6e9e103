"""Metrics by trigger and by era: each group by itself, none from a handful."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskscore.learn.by_group import by_group, means_by_group
from riskscore.learn.metrics import auc, top_k


def rows(n: int = 600) -> pd.DataFrame:
    """Two origins; the model knows the outcome of complaints alone."""
    draws = np.random.default_rng(0)
    target = (draws.random(n) < 0.4).astype(float)
    trigger = np.array(["complaint", "planned", "raid"])[draws.choice(3, n, p=[0.5, 0.47, 0.03])]
    score = np.where(trigger == "complaint", target + draws.normal(0, 0.5, n), draws.normal(size=n))
    found = pd.DataFrame({
        "origin": np.where(np.arange(n) < n // 2, "2020", "2021"), "entity": np.arange(n).astype(str),
        "group": (np.arange(n) // 2).astype(str), "target": target, "trigger": trigger,
        "model": score, "random": draws.random(n),
    })  # fmt: skip
    unseen = found.sample(50, random_state=1).assign(target=np.nan, trigger="", model=9.0)
    return pd.concat([found, unseen], ignore_index=True)


@pytest.fixture(scope="module")
def split() -> pd.DataFrame:
    return by_group(rows(), "trigger", ["model", "random"], 0.1)


def test_each_figure_is_that_of_the_group_alone(split) -> None:
    own = rows().query("origin == '2021' and trigger == 'planned'")
    found = split.query("origin == '2021' and trigger == 'planned' and model == 'model'").set_index("metric")
    assert found.loc["auc", "value"] == pytest.approx(auc(own["target"], own["model"]))
    precision = top_k(own["target"], own["model"], round(0.1 * len(own))).precision.expected
    assert found.loc["precision", "value"] == pytest.approx(precision, abs=0.05)
    assert found.loc["auc", ["visited", "positives"]].tolist() == [len(own), own["target"].sum()]
    assert found.loc["auc", "low"] < found.loc["auc", "value"] < found.loc["auc", "high"]


def test_a_model_that_knows_complaints_alone_shows_it(split) -> None:
    means = means_by_group(split, "trigger").set_index(["trigger", "metric"])
    assert means.loc[("complaint", "auc"), "model"] > 0.85
    assert abs(means.loc[("planned", "auc"), "model"] - 0.5) < 0.1


def test_a_handful_gets_its_counts_and_no_figure(split) -> None:
    assert split.loc[split["trigger"] == "raid", ["value", "low", "high"]].isna().all(axis=None)
    told = means_by_group(split, "trigger").set_index("trigger").loc["raid"]
    assert told["metric"] == "too few to say"
    assert told["visited"] == (rows()["trigger"] == "raid").sum()


def test_rows_that_nobody_visited_make_no_group(split) -> None:
    assert set(split["trigger"]) == {"complaint", "planned", "raid"}

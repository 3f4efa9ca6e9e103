"""``riskscore backtest --by``."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize(("by", "words"), [("trigger", "complaint"), ("era", "complaint_only")])
def test_figures_are_split_and_leave_out_nobody_who_was_visited(typed, office, by, words) -> None:
    asked = [office.records, "--recipe", "quick", "--definitions", str(office.definitions), "--as-of", "2025-01-01"]
    found = json.loads(typed("backtest", *asked, "--by", by, "--format", "json").stdout)
    ours = {row[by]: row for row in found if row["model"] == "model" and row["metric"] == "auc"}
    assert {"value", "low", "high", "visited", "positives"} <= set(ours[words])
    whole = json.loads(typed("backtest", *asked, "--format", "json").stdout)
    assert sum(row["visited"] for row in ours.values()) == whole["frame"][0]["visited"]
    assert words in typed("backtest", *asked, "--by", by).stdout

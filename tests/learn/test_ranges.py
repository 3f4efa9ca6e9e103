"""Rank ranges over refits, and tie marks by their rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from riskscore.learn.estimator import RiskClassifier
from riskscore.learn.ranges import RankRanges, rank_ranges, refit, tie_marks

PLACES = st.lists(st.tuples(st.integers(1, 30), st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=25)


@given(PLACES)
def test_places_that_share_a_mark_lie_in_each_others_ranges_and_a_mark_begins_only_where_that_ends(
    places: list[tuple[int, int, int]],
) -> None:
    middle, below, above = np.array(sorted(places)).T
    ranges = RankRanges(middle.astype(float), middle - below, middle + above)
    marks = tie_marks(ranges)

    def tied(i: int, j: int) -> bool:
        return bool(ranges.low[i] <= middle[j] <= ranges.high[i] and ranges.low[j] <= middle[i] <= ranges.high[j])

    for mark in set(marks.tolist()) - {0}:
        bearers = np.flatnonzero(marks == mark)
        assert bearers.size > 1
        assert bearers[0] == mark - 1
        assert all(tied(i, j) for i in bearers for j in bearers)
    for i in range(1, middle.size):
        if marks[i] == 0 or marks[i] == i + 1:  # begins one, or stands alone: not tied with all that came before
            above_it = range(marks[i - 1] - 1 if marks[i - 1] else i - 1, i)
            assert not all(tied(i, j) for j in above_it)


def test_a_range_holds_the_middle_of_the_refits() -> None:
    rng = np.random.default_rng(0)
    score = np.arange(50.0)[::-1]
    steady = rank_ranges(score + 0.01 * rng.normal(size=(40, 50)))
    assert (steady.low == steady.high).all()
    assert steady.middle.tolist() == list(range(1, 51))
    loose = rank_ranges(score + 20 * rng.normal(size=(40, 50)))
    assert (loose.low <= loose.middle).all()
    assert (loose.middle <= loose.high).all()
    assert np.mean(loose.high - loose.low) > 15


def table(n: int = 600) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=n), "kind": pd.Categorical(rng.choice(["farm", "shop"], n))})
    y = (rng.random(n) < 1 / (1 + np.exp(1 - frame["a"].to_numpy()))).astype(float)
    return frame, y, np.arange(n) // 3


def test_refits_are_the_same_at_every_run_and_differ_from_each_other() -> None:
    frame, y, groups = table()
    model = RiskClassifier(rounds=10, seeds=(7, 8), max_depth=2, subsample=0.5)
    one, again = (refit(model, frame, y, groups, 3) for _ in range(2))
    assert one == again
    assert len(set(one)) == 3


def test_the_more_rows_the_narrower_the_ranges() -> None:
    widths = []
    for n in (300, 6000):
        frame, y, groups = table(n)
        model = RiskClassifier(rounds=20, max_depth=2, eta=0.2).fit(frame, y.astype(int))
        rows = model.encode(table(600)[0])
        found = rank_ranges(np.array([b.margin(rows) for b in refit(model, frame, y, groups, 12)]))
        widths.append(float(np.mean(found.high - found.low)))
    assert widths[1] < 0.7 * widths[0]


def test_a_group_is_drawn_whole_or_not_at_all() -> None:
    """Ten rows of one employer count as one: their draws scatter as much as if there were a single row each."""
    frame, y, _ = table(60)
    tenfold = pd.concat([frame] * 10, ignore_index=True)
    model = RiskClassifier(rounds=5, max_depth=1, eta=0.5, min_child_weight=0)
    rows = model.fit(frame, y.astype(int)).encode(frame)

    def scatter(groups: np.ndarray) -> float:
        margins = [booster.margin(rows) for booster in refit(model, tenfold, np.tile(y, 10), groups, 12)]
        return float(np.std(margins, axis=0).mean())

    alone, whole = scatter(np.arange(600)), scatter(np.tile(np.arange(60), 10))
    assert whole > 1.5 * alone

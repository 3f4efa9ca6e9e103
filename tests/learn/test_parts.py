"""Seeds that learn from employers of their own: only where a part is enough, blind to the others, and as good."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.learn import fit as fitting
from riskscore.learn import parts
from riskscore.learn.estimator import RiskClassifier
from riskscore.learn.metrics import auc
from riskscore.learn.parts import blind_margin, parts_of
from riskscore.pipeline.card import card_lines
from riskscore.pipeline.prepare import choose


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a few hundred rows be as good as many."""
    monkeypatch.setattr(parts, "ENOUGH", 200)
    monkeypatch.setattr(parts, "BOTH", 10)


@pytest.mark.usefixtures("small")
def test_rows_of_one_group_lie_in_one_part_and_every_row_in_some() -> None:
    groups = np.array([f"E{k % 150:03d}" for k in range(900)], dtype=object)
    found = parts_of(groups, np.arange(900) % 3 == 0, 3)
    assert found is not None
    assert sorted(np.unique(found)) == [0, 1, 2]
    assert (pd.Series(found).groupby(groups).nunique() == 1).all()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("rows", "seeds", "positives", "groups"),
    [(500, 3, 100, 100), (900, 1, 100, 100), (900, 3, 20, 100), (900, 3, 890, 100), (900, 3, 300, 2)],
    ids=["too few rows", "one seed", "too few cases", "hardly another outcome", "fewer employers than parts"],
)
def test_where_a_part_would_teach_too_little_every_seed_learns_from_all(rows, seeds, positives, groups) -> None:
    y = (np.arange(rows) < positives).astype(float)
    assert parts_of(np.arange(rows) % groups, np.random.default_rng(0).permutation(y), seeds) is None


def test_a_booster_knows_nothing_of_the_parts_of_others() -> None:
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(90), 5)
    # a column that names the group: whoever saw the group knows its outcome by heart
    frame = pd.DataFrame({"group": group.astype(float), "noise": rng.normal(size=450)})
    y = (rng.random(90) < 0.4).astype(int)[group]
    part = (group % 3).astype(np.int8)
    model = RiskClassifier(rounds=60, seeds=(1, 2, 3), max_depth=6, min_child_weight=0).fit(frame, y, parts=part)
    table = model.encode(frame)
    for k, booster in enumerate(model.boosters_):
        alone = RiskClassifier(rounds=60, seeds=(k + 1,), max_depth=6, min_child_weight=0)
        alone.fit(frame[part == k], y[part == k])
        assert booster == alone.boosters_[0]
    seen, blind = model.decision_function(frame), blind_margin(model.boosters_, table, part)
    others = (model.boosters_[1].margin(table) + model.boosters_[2].margin(table)) / 2
    np.testing.assert_array_equal(blind[part == 0], others[part == 0])
    apart = [margin[y == 1].mean() - margin[y == 0].mean() for margin in (seen, blind)]
    assert apart[1] < 0.4 * apart[0]


def test_progress_counts_the_trees_of_all_seeds() -> None:
    X, y, told = np.arange(300.0).reshape(-1, 1), np.arange(300) % 2, []
    model = RiskClassifier(rounds=2, seeds=(1, 2, 3))
    model.fit(X, y, parts=(np.arange(300) // 2 % 3).astype(np.int8), progress=lambda done, of: told.append((done, of)))
    assert told == [(k, 6) for k in range(1, 7)]


@pytest.mark.usefixtures("small")
def test_a_fit_in_parts_says_so_keeps_its_rungs_blind_and_explains_exactly(tmp_path, monkeypatch) -> None:
    records, recipe = rs.sample_records(), choose("site_risk").recipe
    recipe = replace(recipe, model=replace(recipe.model, rounds=40, seeds=(1, 2, 3)))
    monkeypatch.setattr(fitting, "out_of_fold", None)  # nothing is fitted a second time
    run = rs.fit(records, recipe, "2025-01-01", store=tmp_path)
    assert run.model.counts["parts of the employers, one for each booster"] == 3
    assert any("each of 3 boosters learned from other employers" in line for line in card_lines(run.manifest))
    again = rs.load_run(tmp_path, run.id)
    listed = rs.rank(again, records, "2025-01-01")
    np.testing.assert_allclose(listed.values.sum(axis=1), again.model.margin(listed.matrix), atol=1e-5)
    assert len(run.model.rungs) == 3


def test_thirds_of_many_rows_rank_as_all_of_them_do() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(90_000, 6)).astype(np.float32)
    y = rng.random(90_000) < 1 / (1 + np.exp(1.5 - X @ [0.6, -0.4, 0.3, 0.2, 0.0, 0.0] - 0.3 * X[:, 0] * X[:, 1]))
    model = RiskClassifier(rounds=60, seeds=(1, 2, 3), max_depth=3, eta=0.1)
    learned, tested = slice(0, 60_000), slice(60_000, None)
    part = (np.arange(60_000) % 3).astype(np.int8)
    found = [
        auc(y[tested].astype(float), model.fit(X[learned], y[learned], parts=p).decision_function(X[tested]))
        for p in (None, part)
    ]
    assert found[0] - found[1] == pytest.approx(0.0, abs=0.004)

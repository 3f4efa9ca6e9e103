"""Venn-Abers against its definition, against the package of that name, and against the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from riskscore.learn.venn_abers import fit_venn_abers

ROWS = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=30)


@given(ROWS)
def test_each_end_is_the_rising_line_with_the_row_added_under_that_label(rows: list[tuple[int, bool]]) -> None:
    margin, y = np.array(rows, dtype=float).T
    at = np.arange(-0.5, 13.5, 0.5)
    found = fit_venn_abers(margin, y).interval(at)
    for label, values in zip((0.0, 1.0), found, strict=True):
        for s, value in zip(at, values, strict=True):
            line = IsotonicRegression().fit(np.append(margin, s), np.append(y, label))
            assert value == pytest.approx(line.predict([s])[0], abs=1e-9)


def some(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    margin = np.round(rng.normal(-1, 1.5, n), 2)
    return margin, (rng.random(n) < 1 / (1 + np.exp(-margin))).astype(float)


def test_the_ends_are_ordered_rise_with_the_margin_and_close_with_the_rows() -> None:
    at = np.linspace(-4, 3, 400)
    widths = []
    for n in (60, 600, 6000):
        low, high = fit_venn_abers(*some(n, 1)).interval(at)
        assert (low <= high).all()
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) >= 0).all()
        widths.append(float(np.mean(high - low)))
    assert widths[0] > 2 * widths[1] > 4 * widths[2]


def test_one_of_the_ends_is_calibrated_whatever_the_margin_means() -> None:
    """Over many draws, the chosen end (p1 of positives, p0 of negatives) is right on average, in each part."""
    chosen, outcome = [], []
    for seed in range(300):
        margin, y = some(81, seed)
        low, high = fit_venn_abers(margin[:-1] ** 3, y[:-1]).interval(margin[-1:] ** 3)
        chosen.append((high if y[-1] else low)[0])
        outcome.append(y[-1])
    order = np.argsort(chosen)
    for part in np.array_split(order, 3):
        assert np.mean(np.array(chosen)[part]) == pytest.approx(np.mean(np.array(outcome)[part]), abs=0.08)


def test_it_agrees_with_the_package_of_that_name() -> None:
    package = pytest.importorskip("venn_abers", reason="wants the package venn-abers, which nothing else needs")
    margin, y = some(300, 3)
    chance, at = 1 / (1 + np.exp(-margin)), np.linspace(0.01, 0.95, 200)
    theirs = package.VennAbers()
    theirs.fit(np.column_stack([1 - chance, chance]), y.astype(int))
    _, pair = theirs.predict_proba(np.column_stack([1 - at, at]))
    ours = np.column_stack(fit_venn_abers(chance, y).interval(at))
    np.testing.assert_allclose(ours, pair, atol=1e-9)


def test_very_many_margins_are_rounded_and_change_little(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    margin = rng.normal(-1, 1.5, 3000)
    y = (rng.random(3000) < 1 / (1 + np.exp(-margin))).astype(float)
    at = np.concatenate([margin[:200], rng.normal(-1, 1.5, 200), [-99.0, 99.0]])
    exact = np.array(fit_venn_abers(margin, y).interval(at))
    monkeypatch.setattr("riskscore.learn.venn_abers.MOST", 300)
    rounded = np.array(fit_venn_abers(margin, y).interval(at))
    assert 0 < np.abs(rounded - exact).mean() < 0.01
    steps = np.unique(np.quantile(margin, np.linspace(0, 1, 300), method="lower"))

    def down(s: np.ndarray) -> np.ndarray:
        return steps[np.maximum(np.searchsorted(steps, s, "right") - 1, 0)]

    monkeypatch.setattr("riskscore.learn.venn_abers.MOST", 5000)
    inside = at >= steps[0]
    np.testing.assert_array_equal(
        rounded[:, inside], np.array(fit_venn_abers(down(margin), y).interval(down(at)))[:, inside]
    )

"""Calibration: Platt against scikit-learn, never turned round, refusals in words."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.isotonic import IsotonicRegression

from riskscore.errors import FitError
from riskscore.learn.calibrate import METHODS, Calibrator, fit_calibrator, support


def rows(n: int = 2000, slope: float = 0.6, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    margin = rng.normal(-2, 1.5, n)
    return margin, (rng.random(n) < 1 / (1 + np.exp(-(slope * margin - 0.7)))).astype(float)


@pytest.mark.parametrize(("n", "slope"), [(2000, 0.6), (60, 1.0), (8000, 0.05)])
def test_the_sigmoid_has_the_greatest_likelihood_for_smoothed_targets(n: int, slope: float) -> None:
    margin, y = rows(n, slope)
    target = np.where(y == 1, (y.sum() + 1) / (y.sum() + 2), 1 / (n - y.sum() + 2))

    def loss(beta: np.ndarray) -> float:
        log_odds = beta[0] * margin + beta[1]
        return float((np.logaddexp(0, log_odds) - target * log_odds).sum())

    best = minimize(loss, [0.0, 0.0], tol=1e-12)
    found = fit_calibrator(margin, y, method="sigmoid")
    assert found.slope > 0
    assert (found.slope, found.intercept) == pytest.approx(tuple(best.x), abs=1e-3)
    assert loss(np.array([found.slope, found.intercept])) <= best.fun + 1e-6


def test_isotonic_equals_that_of_scikit_learn_short_of_certainty() -> None:
    margin, y = rows()
    found = fit_calibrator(margin, y, method="isotonic").probability(margin)
    theirs = IsotonicRegression().fit(margin, y).predict(margin)
    bound = 1 / (len(y) + 2)
    np.testing.assert_allclose(found, np.clip(theirs, bound, 1 - bound), atol=1e-9)
    assert theirs.min() == 0 < found.min()


@pytest.mark.parametrize("method", METHODS)
def test_a_higher_margin_never_has_a_lower_probability(method: str) -> None:
    grid = np.linspace(-800, 800, 5001)
    for slope in (0.6, -0.6):  # even where the calibration dates say the opposite
        margin, y = rows(slope=slope)
        found = fit_calibrator(margin, y, method=method).probability(grid)
        assert (np.diff(found) >= 0).all()
        assert 0 <= found.min() <= found.max() <= 1


@pytest.mark.parametrize("method", METHODS)
def test_the_state_goes_through_json(method: str) -> None:
    margin, y = rows(300)
    calibrator = fit_calibrator(margin, y, method=method)
    again = Calibrator.from_state(json.loads(json.dumps(calibrator.to_state())))
    assert again == calibrator
    assert np.array_equal(again.probability(margin), calibrator.probability(margin))


def test_unknown_outcomes_are_left_out_and_the_counts_say_so() -> None:
    margin, y = rows(400)
    part = y.copy()
    part[::2] = np.nan
    found = fit_calibrator(margin, part, method="sigmoid")
    assert found == fit_calibrator(margin[1::2], y[1::2], method="sigmoid")
    assert (found.n, found.positives) == (200, int(y[1::2].sum()))


@pytest.mark.parametrize("positives", [0, 1, 40])
def test_few_or_separable_cases_give_finite_probabilities_short_of_certainty(positives: int) -> None:
    margin = np.arange(40.0)
    found = fit_calibrator(margin, margin >= 40 - positives, method="sigmoid").probability([-100, 0, 39])
    assert np.isfinite(found).all()
    assert ((found > 0) & (found < 1))[1:].all()


def test_calibrated_probabilities_are_right_on_average_on_other_rows() -> None:
    calibrator = fit_calibrator(*rows(seed=1), method="sigmoid")
    margin, y = rows(20_000, seed=2)
    found = calibrator.probability(margin)
    for part in np.array_split(np.argsort(margin), 5):
        assert abs(found[part].mean() - y[part].mean()) < 0.03


def test_an_unknown_method_or_no_outcome_is_refused() -> None:
    with pytest.raises(FitError, match="Did you mean 'sigmoid'"):
        fit_calibrator([0.0], [1], method="sigmoidal")
    with pytest.raises(FitError, match="no calibration date"):
        fit_calibrator([0.0], [np.nan], method="sigmoid")


def test_a_percentage_needs_the_minimum_in_training_and_in_calibration() -> None:
    assert support(50, 50, 50) == ""
    assert "1 known case in training and 50 in calibration, at least 50" in support(1, 50, 50)
    assert support(50, 49, 50)
    assert "at least 10 are needed" in support(9, 9, 1)


@pytest.mark.parametrize("method", METHODS)
def test_the_percentage_lies_in_its_interval_which_closes_as_the_rows_grow(method: str) -> None:
    at = np.linspace(-6, 3, 200)
    widths = []
    for n in (80, 4000):
        calibrator = fit_calibrator(*rows(n), method=method)
        low, high = calibrator.interval(at)
        assert (low <= calibrator.probability(at)).all()
        assert (calibrator.probability(at) <= high).all()
        widths.append(float((high - low).mean()))
    assert widths[1] < widths[0] or method == "none"

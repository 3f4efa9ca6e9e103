"""Logistic points: the learned baseline that an office could work out by hand, on the model's own features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from riskscore.errors import FitError
from riskscore.learn.encode import Categories, encode, observed_categories

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """Numbers filled with their median, a column for each number's gaps, and a column for each category."""

    columns: tuple[str, ...]
    categories: Categories
    median: Floats  # of each number column; 0 where nothing is known
    gaps: NDArray[np.intp]  # positions of the number columns that had gaps in training

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Design:
        """Learn the categories, medians and gaps of a training frame."""
        columns, categories = tuple(map(str, frame.columns)), observed_categories(frame)
        numbers = encode(frame, categories)[:, [name not in categories for name in columns]]
        known = [column[~np.isnan(column)].astype(np.float64) for column in numbers.T]
        median = np.array([np.median(column) if column.size else 0.0 for column in known])
        return cls(columns, categories, median, np.flatnonzero(np.isnan(numbers).any(axis=0)))

    def matrix(self, frame: pd.DataFrame) -> Floats:
        """Return the design matrix, shape (n, numbers + gaps + categories)."""
        table = encode(frame[list(self.columns)], self.categories)
        numbers = table[:, [name not in self.categories for name in self.columns]].astype(np.float64)
        missing = np.isnan(numbers)
        parts = [np.where(missing, self.median, numbers), missing[:, self.gaps].astype(np.float64)]
        for j, name in enumerate(self.columns):
            if name in self.categories:
                parts.append((table[:, j : j + 1] == np.arange(len(self.categories[name]))).astype(np.float64))
        return np.hstack(parts)


@dataclass(frozen=True)
class LogisticPoints:
    """A fitted logistic regression; made by `fit_logistic`."""

    design: Design
    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def score(self, frame: pd.DataFrame) -> Floats:
        """Return the log-odds of each row, shape (n,)."""
        standard = (self.design.matrix(frame) - self.mean) / self.scale
        return np.asarray(standard @ self.weights + self.intercept)


def fit_logistic(frame: pd.DataFrame, y: ArrayLike, *, strength: float = 1.0) -> LogisticPoints:
    """Return the logistic regression fitted to the frame, every column scaled to unit variance.

    Parameters
    ----------
    frame : DataFrame, shape (n, p)
        Numbers, flags and categories.
    y : array of 0 and 1, shape (n,)
    strength : float
        scikit-learn's C: smaller is more strongly regularised.

    Raises
    ------
    FitError
        Outcomes of one kind only.

    Examples
    --------
    >>> frame = pd.DataFrame({"fines": [0, 3, None, 4] * 20, "kind": pd.Categorical(["farm", "shop"] * 40)})
    >>> points = fit_logistic(frame, [0, 1, 0, 1] * 20)
    >>> bool(points.score(frame)[1] > points.score(frame)[0])
    True
    """
    from sklearn.linear_model import LogisticRegression

    outcome = np.asarray(y)
    if len(np.unique(outcome)) != 2:
        raise FitError("the logistic baseline needs outcomes of both kinds.", next="Choose more as-of dates.")
    design = Design.of(frame)
    matrix = design.matrix(frame)
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=strength, max_iter=1000).fit((matrix - mean) / scale, outcome)
    return LogisticPoints(design, mean, scale, model.coef_[0], float(model.intercept_[0]))

"""From SHAP values to sentences: the largest parts of a margin, with the values and what is usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import window_of
from riskscore.asof.matrix import FeatureColumn, FeatureMatrix
from riskscore.dates import Period
from riskscore.definitions.phrases import Phrases, render
from riskscore.errors import ExplanationError
from riskscore.explanation.treeshap import shap_values
from riskscore.learn.booster import threads_for
from riskscore.learn.fit import Model

Floats = NDArray[np.float64]
TOLERANCE = 1e-5  # of the margin's scale
_BLOCK = 16_384  # rows whose parts are copied at a time


def explained(model: Model, matrix: FeatureMatrix) -> tuple[Floats, Floats]:
    """Return the margin of every row, shape (n,), and its SHAP values, the last the base value; shape (n, p + 1).

    Raises
    ------
    ExplanationError
        If the values of any row do not add up to its margin; nothing may be printed then.
    """
    table = model.features(matrix)
    codes, boosters = model.estimator.encode(table), model.estimator.boosters_
    margins = [booster.margin(codes) for booster in boosters]
    margin: Floats = sum(margins, np.zeros(len(codes))) / len(margins)  # as the estimator adds them up, to the bit
    values: Floats = np.zeros((len(codes), codes.shape[1] + 1))
    for booster, own in zip(boosters, margins, strict=True):  # one at a time: a register's values fill memory
        values += shap_values(booster, codes, margin=own, threads=threads_for(len(codes)))
    values /= len(boosters)
    wrong = np.abs(values.sum(axis=1) - margin) > TOLERANCE * np.maximum(1.0, np.abs(values).sum(axis=1))
    if wrong.any():
        entity = matrix.frame.index[int(np.flatnonzero(wrong)[0])][0]
        raise ExplanationError(f"{int(wrong.sum())} rows, the first '{entity}', do not add up to their margin.",
                               next="Nothing was written; report this with the run's id.")  # fmt: skip
    return margin, values


def sentence(c: FeatureColumn, value: Any, language: str, phrases: Phrases) -> str:
    """Return what one value means, as a sentence without a full stop."""
    window = Period(everything=True) if c.window == "now" else window_of(c)
    if dates_a_report(c):
        plain = replace(c.feature, reason={language: "{title} {where}"}, reason_if_zero={}, reason_if_missing={})
        said = render(plain, c.key, window, 1.0, language, phrases)
        return said[:1].upper() + said[1:]
    shown = value if isinstance(value, str) else None if pd.isna(value) else float(value)
    said = render(c.feature, c.key, window, shown, language, phrases)
    return said[:1].upper() + said[1:]


def dates_a_report(c: FeatureColumn) -> bool:
    """Say whether the value would tell on which day somebody made a report, and so perhaps who."""
    kinds = ("decayed_sum", "days_since", "last", "latest_of", "min", "max", "trend")
    return c.feature.table == "complaints" and c.feature.kind in kinds


def usual(matrix: FeatureMatrix) -> Mapping[str, Any]:
    """Return what is usual on this list: the median of each number, the commonest of each category, None if unknown."""
    found: dict[str, Any] = {}
    for name, values in matrix.frame.items():
        known = values.dropna()
        if isinstance(values.dtype, pd.CategoricalDtype):
            found[str(name)] = None if known.empty else str(known.mode().iloc[0])
        else:
            found[str(name)] = None if known.empty else float(known.median())
    return found


def main_reasons(
    model: Model, matrix: FeatureMatrix, values: Floats, phrases: Phrases, language: str, n: int = 3
) -> NDArray[np.object_]:
    """Return for each row the sentences of its largest raising parts, one per feature family, then "" up to ``n``.

    Returns
    -------
    array of str, shape (n_rows, n)
    """
    columns, frame = model.columns, model.features(matrix)
    chosen = _largest(values[:, :-1], [matrix.columns[c].family.name for c in columns], n)
    out = np.full(chosen.shape, "", dtype=object)
    for j in np.unique(chosen[chosen >= 0]):
        rows, place = np.nonzero(chosen == j)
        out[rows, place] = _sentences(matrix.columns[columns[j]], frame.iloc[rows, j], language, phrases)
    return out


def _largest(parts: Floats, family: Sequence[str], n: int) -> NDArray[np.int16]:
    """Return the columns of each row's largest positive parts, one per family, largest first, then -1."""
    chosen = np.full((len(parts), n), -1, dtype=np.int16)
    _, of = np.unique(np.array(family), return_inverse=True)
    for first in range(0, len(parts), _BLOCK):
        left = parts[first : first + _BLOCK].copy()
        for k in range(n):
            best = left.argmax(axis=1)  # the first of equal ones
            raises = left[np.arange(len(left)), best] > 0
            chosen[first : first + _BLOCK, k] = np.where(raises, best, -1)
            left[of[best][:, None] == of] = -np.inf
    return chosen


def _sentences(c: FeatureColumn, values: pd.Series[Any], language: str, phrases: Phrases) -> NDArray[np.object_]:
    """Return the sentence of each value; each different value is put into words once."""
    codes, different = pd.factorize(values, use_na_sentinel=False)
    said = [sentence(c, value, language, phrases) for value in different]
    return np.array(said, dtype=object)[codes]

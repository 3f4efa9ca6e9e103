"""A model report as JSON: every figure at full precision, in one order."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskscore.report.model_report import ModelReport, rows_of
from riskscore.report.model_words import in_short, limits

SHAPE = "riskscore model report 1"  # raised when a reader of older files would misread the new ones
_APART = ("picture", "recipe", "families")  # a drawing; and definitions, which the run keeps as text


def model_json(report: ModelReport) -> str:
    """Return a report as JSON with sorted keys; a figure that does not exist is null.

    The recipe and its families are named; their text stands in the run.
    """
    content: dict[str, Any] = {
        "shape": SHAPE,
        "recipe": report.recipe.name,
        "families": [family.name for family in report.families],
        "in short": list(in_short(report)),
        "limits": list(limits(report)),
    }
    content |= {f.name: getattr(report, f.name) for f in dataclasses.fields(report) if f.name not in _APART}
    content["audit"] = {"passed": report.audit.passed, **_fields(report.audit)}
    text = json.dumps(_plain(content), sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _fields(value: Any) -> dict[str, Any]:
    return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        return [_plain(row) for row in rows_of(value)]
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if dataclasses.is_dataclass(value):
        return _plain(_fields(value))
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if isinstance(value, float) and not math.isfinite(value) else value

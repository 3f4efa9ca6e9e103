"""A dossier as JSON: every value at full precision, in one order, so that two dossiers can be compared byte by byte."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from riskscore.explanation.dossier import Document, Dossier
from riskscore.report.private import shown_records
from riskscore.report.sums import assert_adds_up

SHAPE = "riskscore dossier 1"  # raised when a reader of older files would misread the new ones


def dossier_json(dossier: Dossier) -> str:
    """Return a dossier as JSON with sorted keys, dates as ``2024-01-31`` and floats in their shortest exact form.

    Records appear as in the page for people: of a complaint only the quarter, except in the prosecutor's copy.

    Raises
    ------
    ExplanationError
        Where a number is not finite, or base and contributions do not give the margin.
    """
    assert_adds_up(dossier)
    full = dossier.audience == "prosecutor"
    content = {"shape": SHAPE} | {f.name: _plain(getattr(dossier, f.name), full) for f in dataclasses.fields(dossier)}
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n"


def _plain(value: Any, full: bool) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): _plain(v, full) for k, v in value.items()}
    if isinstance(value, tuple):
        if value and isinstance(value[0], Document):
            return [dataclasses.asdict(d) for d in shown_records(value, reports_in_full=full)]
        return [_plain(v, full) for v in value]
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name), full) for f in dataclasses.fields(value)}
    return float(value) if isinstance(value, float) else value  # numpy's floats too

"""What drifted, for people and for programs."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from riskscore.report.page import render
from riskscore.watch.drift import Drift

KINDS = {
    "feature": "what the records say", "missing": "what is missing", "score": "scores", "visited": "who is visited",
    "finds": "what visits find", "predicted": "found against predicted",
}  # fmt: skip
WIDTH, HEIGHT, GAP = 640, 120, 4  # of a picture, in units of the drawing


@dataclass(frozen=True)
class Pair:
    """Two bars of a bin, as positions."""

    says: str
    x: float
    width: float
    before: float  # heights
    after: float


def drift_json(found: Drift, then: str, on: str, run: str) -> str:
    """Return the differences as JSON; numbers that are not known are null."""
    rows = [{k: _plain(v) for k, v in row.items()} for row in found.frame.to_dict("records")]
    limits = {k: getattr(found.limits, k) for k in ("psi", "false_alarms", "ratio", "fewest")}
    said = {"run": run, "against": then, "as_of": on, "limits": limits, "alarms": int(found.frame["over"].sum()),
            "notes": list(found.notes), "differences": rows}  # fmt: skip
    return json.dumps(said, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def drift_html(found: Drift, then: str, on: str, run: str) -> str:
    """Return the differences as a page: alarms with pictures first, then every column."""
    over = [(row, pairs(found, row["kind"], row["name"])) for row in found.over.to_dict("records")]
    return render(
        "watch/drift.html", then=then, on=on, run=run, over=over, rows=found.frame.to_dict("records"), kinds=KINDS,
        limits=found.limits, notes=found.notes, number=number, chance=chance, width=WIDTH, height=HEIGHT,
    )  # fmt: skip


def number(value: float) -> str:
    """Return a number for a table; a dash where it is not known.

    Examples
    --------
    >>> number(0.123456), number(float("nan")), number(1e-12)
    ('0.123', '–', '0')
    """
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) >= 5e-4 else "0"


def chance(value: float) -> str:
    """Return a p-value for a table.

    Examples
    --------
    >>> chance(0.0431), chance(1e-9)
    ('0.043', 'below 0.001')
    """
    return "–" if math.isnan(value) else f"{value:.3f}" if value >= 0.001 else "below 0.001"


def pairs(found: Drift, kind: str, name: str) -> list[Pair]:
    """Return the bars of one column: for each bin its share before and after."""
    bins = found.bins[kind, name]
    most = max(float(bins[["before", "after"]].max().max()), 1e-9)
    width = WIDTH / len(bins)
    return [
        Pair(
            f"{b.bin}: {b.before:.1%} before, {b.after:.1%} after", round(i * width, 1), round((width - GAP) / 2, 1),
            round(HEIGHT * float(b.before) / most, 1), round(HEIGHT * float(b.after) / most, 1),  # type: ignore[arg-type]
        )
        for i, b in enumerate(bins.itertuples())
    ]  # fmt: skip


def _plain(value: object) -> object:
    if isinstance(value, float) and math.isnan(value):
        return None
    return bool(value) if type(value).__name__ in ("bool", "bool_") else value

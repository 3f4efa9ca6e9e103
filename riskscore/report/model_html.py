"""A model report as one page: a model card for supervisors, offline, with its pictures in it."""

from __future__ import annotations

import base64
import math
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pandas as pd

from riskscore.audit.fairness import MEASURES
from riskscore.learn.backtest import MODEL
from riskscore.learn.selection.evaluation import BOUNDS, CORRECTED, LOGGED
from riskscore.report.cells import visible
from riskscore.report.forest import Forest, Group, forest
from riskscore.report.model_report import ModelReport, Row, rows_of
from riskscore.report.model_words import SPOKEN, in_short, leads, limits, percent, spoken_period
from riskscore.report.page import render
from riskscore.report.plot import Plot, Point, Series, number_axis, percent_axis, places, plot

GAMMA = 2.0  # of the bounds that are shown
ATTRIBUTES = {
    "region": "region",
    "sector": "sector",
    "size": "size of the employer (people with a registered contract)",
    "foreign_workers": "share of foreign workers",
}


@dataclass(frozen=True)
class Harm:
    """One harm among the groups of one attribute."""

    title: str
    explained: str
    picture: Forest | None  # None: fewer than two groups have a figure, or it is of days
    rows: tuple[Row, ...]
    unjudged: tuple[str, ...]
    days: bool  # figures are days, not shares


def model_html(report: ModelReport) -> str:
    """Return the page; it needs no network and no script, and prints on A4."""
    points = tomllib.loads(files("riskscore.report").joinpath("annex_iv.toml").read_text("utf-8"))["point"]
    overlap = report.overlap
    return render(
        "model.html",
        r=report,
        m=report.manifest,
        card=report.manifest["card"],
        sought=report.recipe.rung(report.recipe.rank_by).title,
        horizon=spoken_period(report.recipe.horizon),
        short=[_whole(said) for said in in_short(report)],
        limits=[_whole(said) for said in limits(report)],
        annex=points,
        spoken=SPOKEN,
        capacity=_capacity(report),
        capacity_rows=[_beside(rows, percent, _range) for rows in _grouped(report.capacity, "share")],
        rolling=_rolling(report),
        rolling_rows=[_beside(rows, _number, _numbers) for rows in _grouped(report.rolling, "origin")],
        calibration=_calibration(report),
        calibration_rows=rows_of(report.calibration),
        origins=rows_of(report.origins),
        parts=rows_of(report.parts),
        harms=_harms(report),
        proxy=report.audit.proxy,
        percent=percent,
        number=_number,
        picture=_data(report.picture),
        overlap=_overlap(report),
        overlap_bands=[] if overlap is None else overlap["bands"],
        corrected=_corrected(report),
        leads=[_whole(said) for said in leads(report)],
        coverage=_coverage(report),
        total=math.fsum(m.weight for m in report.moving) or 1.0,
    )


def _whole(text: str) -> Any:
    """Return a sentence of ours, which holds names at most in part, uncut."""
    from markupsafe import escape

    return escape(visible(text))


def _data(picture: str) -> Any:
    from markupsafe import Markup

    return Markup(base64.b64encode(picture.encode()).decode())


def _grouped(frame: pd.DataFrame, by: str) -> list[list[Row]]:
    rows = rows_of(frame)
    return [[row for row in rows if row[by] == value] for value in sorted({row[by] for row in rows})]


def _series(frame: pd.DataFrame, by: str) -> tuple[list[Series], list[Any], list[float]]:
    """Return a series per way of ranking, the places, and all values; the model alone has intervals."""
    rows = rows_of(frame)
    at = sorted({row[by] for row in rows})
    series, values = [], []
    for way in dict.fromkeys(row["model"] for row in rows):
        points = []
        for row in rows:
            if row["model"] == way:
                ends = (row["low"], row["high"]) if way == "model" else ()
                points.append(Point(at.index(row[by]), row["value"], *ends))
                values += [row["value"], *ends]
        series.append(Series(str(way), points))
    return series, at, values


def _capacity(report: ModelReport) -> Plot:
    """Return finds against the share of the list that is visited."""
    series, shares, values = _series(report.capacity, "share")
    across = places([_share(s) for s in shares], "first share of the list")
    return plot(series, across, percent_axis(values, "with a find, of the visited", 0.0))


def _rolling(report: ModelReport) -> Plot:
    """Return AUC by date."""
    series, origins, values = _series(report.rolling, "origin")
    return plot(series, places([str(o) for o in origins], "list of"), number_axis([*values, 0.5], "AUC"))


def _beside(rows: list[Row], spoken: Callable[[float], str], ends: Callable[[float, float], str]) -> Row:
    """Return a row of a table: the model with its interval, then the others."""
    mine, others = rows[0], [spoken(row["value"]) for row in rows[1:]]
    name = _share(mine["share"]) if "share" in mine else str(mine["origin"])
    visited = mine.get("visited")
    return {"name": name, "visited": visited, "mine": spoken(mine["value"]),
            "interval": ends(mine["low"], mine["high"]), "others": others}  # fmt: skip


def _calibration(report: ModelReport) -> Plot | None:
    rows = rows_of(report.calibration)
    if not rows:
        return None
    points = [
        Point(r["said"], r["seen"], r["low"], r["high"], min(r["left_low"], r["said"]), max(r["left_high"], r["said"]))
        for r in rows
    ]
    most = max(max(r["high"], r["left_high"]) for r in rows)
    x, y = (percent_axis([most], said, 0.0) for said in ("said before the visit", "found at the visits"))
    return plot([Series("visited places", points, joined=False)], x, y, diagonal=True)


def _overlap(report: ModelReport) -> Plot | None:
    """Return the share that was visited by the chance of a visit, band by band."""
    if report.overlap is None or not report.overlap["bands"]:
        return None
    bands = report.overlap["bands"]
    seen = [Point(i, b["visited"] / b["rows"] if b["rows"] else math.nan) for i, b in enumerate(bands)]
    said = [Point(i, b["mean_probability"]) for i, b in enumerate(bands)]
    x = places([str(i + 1) for i in range(len(bands))], "tenth of the places, from the least to the most visited")
    y = percent_axis([p.y for p in seen + said], "visited", 0.0)
    return plot([Series("visited", seen), Series("expected", said)], x, y)


def _corrected(report: ModelReport) -> list[Row]:
    """Return a row per date and figure: as measured at visited places, corrected, drawn by lot, bounded."""
    rows, share, out = rows_of(report.corrected), report.audit.capacity, []
    for row in rows:
        wanted = row["metric"] == "auc" or (row["metric"] == "precision" and row["share"] == share)
        if row["way"] != CORRECTED or row["model"] != MODEL or not wanted:
            continue
        same = [r for r in rows if all(r[k] == row[k] for k in ("origin", "metric", "model")) and _agree(r, row)]
        ends = next((r for r in same if r["way"] == BOUNDS and r["gamma"] == GAMMA), None)
        drawn = next((r for r in same if r["way"] == LOGGED), None)
        spoken, span = (_number, _numbers) if row["metric"] == "auc" else (percent, _range)
        out.append({
            "origin": str(row["origin"]),
            "figure": "AUC" if row["metric"] == "auc" else f"Finds in the first {_share(share)}",
            "places": row["places"], "visits": row["visits"], "value": spoken(row["value"]),
            "interval": span(row["low"], row["high"]),
            "drawn": "–" if drawn is None else f"{spoken(drawn['value'])} ({span(drawn['low'], drawn['high'])})",
            "bounds": "–" if ends is None else span(ends["low"], ends["high"]),
        })  # fmt: skip
    return out


def _agree(a: Row, b: Row) -> bool:
    return a["share"] == b["share"] or (math.isnan(a["share"]) and math.isnan(b["share"]))


def _coverage(report: ModelReport) -> list[Row]:
    """Return the shares of register, visits and list by region and sector on the newest date."""
    rows = rows_of(report.coverage)
    newest = max((str(row["origin"]) for row in rows), default="")
    return [row for row in rows if str(row["origin"]) == newest]


def _harms(report: ModelReport) -> list[tuple[str, list[Harm]]]:
    """Return the name of each attribute of the audit, and both harms and the days among its groups."""
    rows = rows_of(report.audit.fairness)
    return [
        (ATTRIBUTES.get(name, name), [
            _harm([r for r in rows if (r["attribute"], r["measure"]) == (name, measure)], measure)
            for measure in MEASURES
        ])
        for name in dict.fromkeys(row["attribute"] for row in rows)
    ]  # fmt: skip


def _harm(rows: list[Row], measure: str) -> Harm:
    ordered = sorted(rows, key=lambda r: (-r["counted"], r["group"]))
    judged = [r for r in ordered if not math.isnan(r["value"])]
    days = measure == "days until found"
    picture = None
    if len(judged) > 1 and not days:
        overall = math.fsum(r["value"] * r["counted"] for r in judged) / sum(r["counted"] for r in judged)
        picture = forest([Group(r["group"], r["value"], r["low"], r["high"], r["verdict"]) for r in judged], overall)
    said = tuple({
        "group": r["group"], "counted": r["counted"], "value": f"{r['value']:.0f}" if days else percent(r["value"]),
        "interval": f"{r['low']:.0f} to {r['high']:.0f}" if days else _range(r["low"], r["high"]),
        "verdict": r["verdict"], "difference": _difference(r, 1 if days else 100),
    } for r in judged)  # fmt: skip
    unjudged = tuple(r["group"] for r in ordered if math.isnan(r["value"]))
    return Harm(measure.capitalize(), MEASURES[measure], picture, said, unjudged, days)


def _difference(row: Row, scale: int) -> str:
    if math.isnan(row["difference"]):
        return "–"
    apart, low, high = (scale * row[name] for name in ("difference", "difference_low", "difference_high"))
    return f"{apart:+.0f} ({low:+.0f} to {high:+.0f})"


def _number(value: float, digits: int = 2) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _numbers(low: float, high: float) -> str:
    return "–" if math.isnan(low) else f"{low:.2f} to {high:.2f}"


def _range(low: float, high: float) -> str:
    return "–" if math.isnan(low) else f"{100 * low:.0f} to {100 * high:.0f} %"


def _share(share: float) -> str:
    return f"{100 * share:g} %"

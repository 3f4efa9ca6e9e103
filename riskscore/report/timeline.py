"""A picture of an entity's records on a line of time, one lane for each kind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from riskscore.explanation.dossier import Document
from riskscore.languages import Translator
from riskscore.report.page import render
from riskscore.report.paper import Picture
from riskscore.report.private import quarter_start
from riskscore.report.table_titles import TABLE_TITLES, table_title

LEFT, RIGHT, WIDTH = 170, 705, 720  # of the lines and the whole picture
LANE = 30  # height of a lane
QUARTER = 91  # days that the bar of a report covers
LEAST = 3 * 365  # days that the line covers at least


@dataclass(frozen=True)
class Mark:
    """One record: a dot, or a bar over the quarter of a report."""

    x: float
    width: float  # 0 for a dot


@dataclass(frozen=True)
class Lane:
    """The records of one table."""

    label: str
    marks: tuple[Mark, ...]
    y: int


def timeline(documents: Sequence[Document], as_of: dt.date, _: Translator, *, reports_in_full: bool) -> Picture | None:
    """Return the picture; None where no record has a date.

    A report stands as a bar over its whole quarter, so that the picture does not tell its day either.
    """
    dated = [d for d in documents if d.date is not None]
    if not dated:
        return None
    oldest = min(quarter_start(d.date) for d in dated if d.date)
    days = max((as_of - oldest).days, LEAST)
    first = as_of - dt.timedelta(days=days)

    def at(day: dt.date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / days, 1)

    def mark(document: Document) -> Mark:
        assert document.date
        if document.table == "complaints" and not reports_in_full:
            start = quarter_start(document.date)
            end = min(start + dt.timedelta(days=QUARTER), as_of)
            return Mark(at(start), round(max(at(end) - at(start), 2.0), 1))
        return Mark(at(document.date), 0.0)

    tables = [name for name in TABLE_TITLES if any(d.table == name for d in dated)]
    tables += sorted({d.table for d in dated} - set(tables))
    lanes = [
        Lane(
            table_title(name, _),
            tuple(sorted({mark(d) for d in dated if d.table == name}, key=lambda m: m.x)),
            i * LANE,
        )
        for i, name in enumerate(tables)
    ]
    years = [(at(dt.date(y, 1, 1)), str(y)) for y in range(first.year + 1, as_of.year + 1)]
    step = 1 + len(years) // 12
    height = LANE * len(lanes)
    counted = ", ".join(f"{table_title(name, _)}: {sum(d.table == name for d in dated)}" for name in tables)
    return Picture(
        render(
            "timeline.svg", lanes=lanes, years=years[::-1][::step], left=LEFT, right=RIGHT, width=WIDTH, height=height
        ),
        _("The records in time, up to {day}. The table below holds them all.", day=_.date(as_of)),
        _("Line of time with the records of each kind. {counted}.", counted=counted),
    )  # fmt: skip

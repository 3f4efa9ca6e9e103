"""Pictures of figures with their intervals, as positions that a template draws.

Series differ by the form of their marks and the dashes of their lines, so that no meaning hangs on colour.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, WIDTH = 62, 500, 720  # of the plot and the whole picture; the names of the series stand on the right
TOP, BOTTOM, HEIGHT = 14, 300, 352
NAME = 26  # height of a name on the right

# The first is the model: full and dark. Each a mark around 0, a colour, and a dash.
_LOOKS = (
    ("M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0", "#9a3412", ""),
    ("M-4.5,-4.5h9v9h-9z", "#0b4f79", "7 3"),
    ("M0,-5.5l5.2,9.5h-10.4z", "#3b6b1e", "2 3"),
    ("M0,-6l6,6l-6,6l-6,-6z", "#6b3fa0", "10 3 2 3"),
    ("M-4.5,-4.5l9,9M-4.5,4.5l9,-9", "#4a565e", "4 4"),
    ("M0,5.5l5.2,-9.5h-10.4z", "#7a5b00", "1 4"),
)


@dataclass(frozen=True)
class Point:
    """A figure at a place, with the intervals that it has; NaN where it has none."""

    x: float
    y: float
    low: float = math.nan
    high: float = math.nan
    left: float = math.nan
    right: float = math.nan


@dataclass(frozen=True)
class Series:
    """Points under one name; ``joined`` by a line or not."""

    name: str
    points: Sequence[Point]
    joined: bool = True


@dataclass(frozen=True)
class Axis:
    """From where to where, what is written at which places, and what it measures."""

    low: float
    high: float
    ticks: Sequence[tuple[float, str]]
    label: str


@dataclass(frozen=True)
class Mark:
    """A point as drawn."""

    x: float
    y: float
    up: tuple[float, float] | None  # ends of the interval from bottom to top
    across: tuple[float, float] | None
    says: str


@dataclass(frozen=True)
class Drawn:
    """A series as drawn."""

    name: str
    mark: str
    colour: str
    dash: str
    full: bool
    line: str  # of an SVG polyline; empty where the points are not joined
    marks: tuple[Mark, ...]
    key: int  # height of its name on the right


@dataclass(frozen=True)
class Plot:
    """A picture as positions."""

    series: tuple[Drawn, ...]
    across: tuple[tuple[float, str], ...]  # ticks
    upwards: tuple[tuple[float, str], ...]
    x_label: str
    y_label: str
    diagonal: tuple[float, float, float, float] | None
    left: int = LEFT
    right: int = RIGHT
    top: int = TOP
    bottom: int = BOTTOM
    width: int = WIDTH
    height: int = HEIGHT


def plot(series: Sequence[Series], x: Axis, y: Axis, *, diagonal: bool = False) -> Plot:
    """Return the positions of a picture.

    Parameters
    ----------
    series : sequence of Series
        The model first; at most six.
    diagonal : bool
        Whether to draw the line on which both axes agree.

    Examples
    --------
    >>> drawn = plot([Series("model", [Point(0.0, 0.5)])], percent_axis([0, 1], "x"), percent_axis([0, 1], "y"))
    >>> drawn.series[0].marks[0].x, drawn.series[0].marks[0].y
    (62.0, 157.0)
    """

    def across(value: float) -> float:
        return round(LEFT + (value - x.low) / (x.high - x.low) * (RIGHT - LEFT), 1)

    def upwards(value: float) -> float:
        return round(BOTTOM - (min(max(value, y.low), y.high) - y.low) / (y.high - y.low) * (BOTTOM - TOP), 1)

    found = []
    for i, one in enumerate(series):
        path, colour, dash = _LOOKS[i]
        marks = tuple(
            Mark(
                across(p.x), upwards(p.y),
                None if math.isnan(p.low) else (upwards(p.low), upwards(p.high)),
                None if math.isnan(p.left) else (across(p.left), across(p.right)),
                f"{one.name}: {p.y:.3f}",
            )
            for p in one.points if not math.isnan(p.y)
        )  # fmt: skip
        joined = " ".join(f"{m.x},{m.y}" for m in marks) if one.joined else ""
        found.append(Drawn(one.name, path, colour, dash, i == 0, joined, marks, TOP + 12 + i * NAME))
    ends = (max(x.low, y.low), min(x.high, y.high))
    below, beside = (tuple((at(place), said) for place, said in a.ticks) for at, a in ((across, x), (upwards, y)))
    line = (across(ends[0]), upwards(ends[0]), across(ends[1]), upwards(ends[1])) if diagonal else None
    return Plot(tuple(found), below, beside, x.label, y.label, line)


def percent_axis(values: Sequence[float], label: str, low: float | None = None) -> Axis:
    """Return an axis of per cents that holds all values, with five to nine ticks at round places.

    Examples
    --------
    >>> [said for _, said in percent_axis([0.12, 0.48], "share").ticks]
    ['10 %', '20 %', '30 %', '40 %', '50 %']
    """
    known = [v for v in values if not math.isnan(v)] or [0.0, 1.0]
    least, most = (min(known) if low is None else low), max(known)
    step = next(s for s in (0.02, 0.05, 0.1, 0.2) if (most - least) / s <= 7 or s == 0.2)
    first, last = math.floor(least / step + 1e-9), max(math.ceil(most / step - 1e-9), math.floor(least / step) + 1)
    ticks = [(i * step, f"{100 * i * step:.0f} %") for i in range(first, last + 1)]
    return Axis(first * step, last * step, ticks, label)


def number_axis(values: Sequence[float], label: str) -> Axis:
    """Return an axis of plain numbers with two digits, as `percent_axis`."""
    found = percent_axis(values, label)
    return Axis(found.low, found.high, [(at, f"{at:.2f}") for at, _ in found.ticks], label)


def places(labels: Sequence[str], label: str) -> Axis:
    """Return an axis with a place for each label, 0, 1, 2, ..."""
    return Axis(-0.4, len(labels) - 0.6, list(enumerate(labels)), label)

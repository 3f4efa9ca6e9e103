"""Groups one below the other, each with its figure and interval, as positions that a template draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from riskscore.report.cells import visible
from riskscore.report.plot import percent_axis

LEFT, RIGHT, WIDTH = 190, 560, 720
ROW, TOP = 24, 8
LABEL = 25  # characters that fit left of the plot


@dataclass(frozen=True)
class Group:
    """A group's figure; NaN where there is no verdict."""

    name: str
    value: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class Line:
    """A group as drawn; without a figure only its name and the verdict are."""

    short: str
    name: str
    y: int
    x: float | None
    low: float
    high: float
    verdict: str
    marked: bool  # differs from everybody else


@dataclass(frozen=True)
class Forest:
    """A picture as positions."""

    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    all: float | None  # position of the figure of all together
    left: int
    right: int
    width: int
    bottom: int
    height: int


def forest(groups: Sequence[Group], overall: float) -> Forest:
    """Return the positions of a picture of groups, with a line at the figure of all together.

    Examples
    --------
    >>> drawn = forest([Group("Bakı", 0.5, 0.4, 0.6, "not told apart")], 0.5)
    >>> drawn.lines[0].x == drawn.all
    True
    """
    axis = percent_axis([overall, *(v for g in groups for v in (g.low, g.high))], "")

    def at(value: float) -> float:
        return round(LEFT + (value - axis.low) / (axis.high - axis.low) * (RIGHT - LEFT), 1)

    lines = tuple(
        Line(
            _short(visible(g.name)), g.name, TOP + i * ROW + ROW // 2, None if math.isnan(g.value) else at(g.value),
            0.0 if math.isnan(g.value) else at(g.low), 0.0 if math.isnan(g.value) else at(g.high), g.verdict,
            g.verdict in ("higher", "lower"),
        )
        for i, g in enumerate(groups)
    )  # fmt: skip
    bottom = TOP + ROW * len(groups)
    ticks = tuple((at(place), said) for place, said in axis.ticks)
    return Forest(lines, ticks, None if math.isnan(overall) else at(overall), LEFT, RIGHT, WIDTH, bottom, bottom + 26)


def _short(name: str) -> str:
    return name if len(name) <= LABEL else f"{name[: LABEL - 1]}…"

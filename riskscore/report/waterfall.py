"""The picture of how base and families make the margin, as positions that a template draws."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from riskscore.explanation.dossier import Dossier
from riskscore.report.cells import visible
from riskscore.report.sums import by_size, rounded_to_sum, signed

MOST = 12  # families with a bar of their own; the smallest others share one
LEFT, RIGHT, WIDTH = 262, 640, 720  # of the plot and the whole picture, in units of the drawing
ROW = 26  # height of a bar and the space below it
LABEL = 36  # narrow characters that fit left of the plot


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall."""

    label: str
    short: str  # the label as it fits beside the bar
    number: str  # "+0.412"
    sum: str  # what base and the steps so far give
    effect: str  # "raises", "lowers" or "starts", "ends"
    x: float
    width: float
    end: float  # where the next step begins
    y: int


@dataclass(frozen=True)
class Waterfall:
    """The steps from base to margin; the printed numbers sum to the printed margin."""

    bars: tuple[Bar, ...]
    zero: float  # position of 0 log-odds
    left: int
    right: int
    width: int
    height: int
    margin: str
    base: str


def waterfall(dossier: Dossier) -> Waterfall:
    """Return the steps from the base value through the families, largest first, to the margin."""
    families = [(n, v) for n, v in by_size(dossier.families) if v]
    if len(families) > MOST:
        rest = families[MOST - 1 :]
        families = [*families[: MOST - 1], (f"{len(rest)} further families together", math.fsum(v for _, v in rest))]
    parts, total = rounded_to_sum([dossier.base, *(v for _, v in families)])
    ends = [math.fsum(parts[: i + 1]) for i in range(len(parts))]
    low, high = min(0.0, *ends), max(0.0, *ends)
    scale = (RIGHT - LEFT) / ((high - low) or 1.0)

    def at(value: float) -> float:
        return round(LEFT + (value - low) * scale, 1)

    def bar(i: int, label: str, value: float, effect: str, start: float, end: float) -> Bar:
        x, width = min(at(start), at(end)), max(abs(at(end) - at(start)), 1.0)
        return Bar(label, _fitted(label), signed(value), signed(end), effect, x, round(width, 1), at(end), i * ROW)

    bars = [bar(0, "Base: an average place in training", parts[0], "starts", 0.0, ends[0])]
    for i, (name, _) in enumerate(families, start=1):
        effect = "raises" if parts[i] > 0 else "lowers" if parts[i] < 0 else "leaves as it is"
        bars.append(bar(i, name, parts[i], effect, ends[i - 1], ends[i]))
    bars.append(bar(len(parts), "Score (margin)", total, "ends", 0.0, total))
    height = ROW * len(bars)
    return Waterfall(tuple(bars), at(0.0), LEFT, RIGHT, WIDTH, height, signed(total), signed(parts[0]))


def _fitted(label: str) -> str:
    """Return as much of a label as fits; wide characters of East Asian scripts count twice."""
    label, room = visible(label), LABEL
    for i, character in enumerate(label):
        room -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if room < 0:
            return label[: i - 1] + "…"
    return label

"""A picture of how a base value and steps make a total, and the table of the same figures."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from riskscore.languages import Translator
from riskscore.report.cells import visible
from riskscore.report.page import render
from riskscore.report.paper import Cell, Picture, Table
from riskscore.report.sums import rounded_to_sum

MOST = 16  # steps with a bar of their own; the smallest others share one
LEFT, RIGHT, WIDTH = 292, 640, 720  # of the plot and the whole picture, in units of the drawing
ROW = 26  # height of a bar and the space below it
LABEL = 42  # narrow characters that fit left of the plot


@dataclass(frozen=True)
class Step:
    """What is added on the way from the base to the score."""

    label: str
    value: float  # log-odds
    known_on: str = ""
    says: str = ""


@dataclass(frozen=True)
class Bar:
    """One step of the picture."""

    label: str
    short: str  # the label as it fits beside the bar
    number: str  # "+0.412"
    sum: str  # what base and the steps so far give
    effect: str  # "raises", "lowers" or "starts", "ends"
    x: float
    width: float
    end: float  # where the next step begins
    y: int


def waterfall(name: str, base: float, steps: Sequence[Step], caption: str, _: Translator) -> tuple[Picture, Table]:
    """Return the picture and the table from the base value through steps to the score.

    The printed numbers are rounded so that they sum to the printed score.

    Parameters
    ----------
    name : str
        Tells the drawings of one page apart.
    steps : sequence of Step
        In the order in which they are drawn. Of more than 16 the smallest share a last step. The table has columns for
        what the steps say where any says something.
    caption : str
        What the steps are.
    """
    kept = _most(steps, _)
    parts, total = rounded_to_sum([base, *(step.value for step in kept)])
    bars = _bars(parts, total, [step.label for step in kept], _)
    low = min(0.0, *(math.fsum(parts[: i + 1]) for i in range(len(parts))))
    high = max(0.0, *(math.fsum(parts[: i + 1]) for i in range(len(parts))))
    zero = round(LEFT + (0.0 - low) * (RIGHT - LEFT) / ((high - low) or 1.0), 1)
    score = _.decimal(total, 3, sign=True)
    picture = Picture(
        render("waterfall.svg", name=name, bars=bars, zero=zero, left=LEFT, width=WIDTH, height=ROW * len(bars)),
        caption + " " + _("Solid bars raise the score, hatched bars lower it. The table holds the same figures."),
        _("Waterfall: base {base}, then {n} steps, score {score}. The figures stand in the table.",
          base=bars[0].number, n=len(kept), score=score),
    )  # fmt: skip
    told, score_row = any(step.says for step in kept), Cell(_("Score (margin)"))
    effects = {"starts": "", "raises": _("raises"), "lowers": _("lowers"), "leaves": _("leaves as it is")}
    middle = [(Cell(step.known_on), Cell(step.says)) if told else (Cell(effects[bar.effect]),)
              for step, bar in zip([Step("", base), *kept], bars[:-1], strict=True)]  # fmt: skip
    table = Table(
        _("The steps. Each figure is rounded up or down by less than 0.001, so that the column adds up to the score."),
        (_("Step"), *((_("Known since"), _("What")) if told else (_("Effect"),)), _("Log-odds"), _("So far")),
        tuple((Cell(b.label), *m, Cell(b.number), Cell(b.sum)) for b, m in zip(bars[:-1], middle, strict=True)),
        (0.24, 0.13, 0.41, 0.11, 0.11) if told else (0.56, 0.18, 0.13, 0.13),
        frozenset({3, 4} if told else {2, 3}),
        (score_row, *(Cell() for _cell in middle[0]), Cell(score), Cell(score)),
    )
    return picture, table


def _most(steps: Sequence[Step], _: Translator) -> list[Step]:
    if len(steps) <= MOST:
        return list(steps)
    order = sorted(range(len(steps)), key=lambda i: (-abs(steps[i].value), i))
    own = sorted(order[: MOST - 1])
    rest = math.fsum(steps[i].value for i in order[MOST - 1 :])
    n = len(steps) - len(own)
    return [*(steps[i] for i in own), Step(_.plural("{n} further one", "{n} further ones together", n), rest)]


def _bars(parts: Sequence[float], total: float, labels: Sequence[str], _: Translator) -> list[Bar]:
    ends = [math.fsum(parts[: i + 1]) for i in range(len(parts))]
    low, high = min(0.0, *ends), max(0.0, *ends)
    scale = (RIGHT - LEFT) / ((high - low) or 1.0)

    def at(value: float) -> float:
        return round(LEFT + (value - low) * scale, 1)

    def bar(i: int, label: str, value: float, effect: str, start: float, end: float) -> Bar:
        x, width = min(at(start), at(end)), max(abs(at(end) - at(start)), 1.0)
        number, so_far = _.decimal(value, 3, sign=True), _.decimal(end, 3, sign=True)
        return Bar(label, fitted(label, LABEL), number, so_far, effect, x, round(width, 1), at(end), i * ROW)

    bars = [bar(0, _("Base: an average place in training"), parts[0], "starts", 0.0, ends[0])]
    for i, label in enumerate(labels, start=1):
        effect = "raises" if parts[i] > 0 else "lowers" if parts[i] < 0 else "leaves"
        bars.append(bar(i, label, parts[i], effect, ends[i - 1], ends[i]))
    return [*bars, bar(len(parts), _("Score (margin)"), total, "ends", 0.0, total)]


def fitted(label: str, room: int) -> str:
    """Return as much of a label as fits; wide characters of East Asian scripts count twice.

    Examples
    --------
    >>> fitted("People present against contracts", 10)
    'People pr…'
    """
    label = visible(label)
    for i, character in enumerate(label):
        room -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if room < 0:
            return label[: i - 1] + "…"
    return label

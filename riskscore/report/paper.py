"""A page as data: what stands on it, in order, in one language; HTML and PDF are made from the same paper."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cell:
    """One cell of a table; ``boxes`` are to be ticked by hand."""

    text: str = ""
    lines: tuple[str, ...] = ()  # instead of ``text``: several texts, one below the other
    boxes: tuple[str, ...] = ()
    code: bool = False  # an id or a command: every character counts


@dataclass(frozen=True)
class Words:
    """A paragraph. ``head`` stands before it in bold."""

    text: str
    head: str = ""
    quiet: bool = False
    kind: str = "words"


@dataclass(frozen=True)
class Note:
    """A paragraph in a frame: ``note``, or ``urgent`` for what nobody may overlook."""

    head: str
    text: str
    style: str = "note"
    kind: str = "note"


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    items: tuple[str, ...]
    kind: str = "points"


@dataclass(frozen=True)
class Table:
    """A table. The first cell of a row heads it; ``numbers`` are the columns that stand flush right."""

    caption: str
    head: tuple[str, ...]  # empty: the rows speak for themselves
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]  # shares of the width of the page
    numbers: frozenset[int] = frozenset()
    foot: tuple[Cell, ...] = ()
    kind: str = "table"


@dataclass(frozen=True)
class Picture:
    """A drawing, as SVG that needs nothing else. ``alt`` says what it shows to those who do not see it."""

    svg: str
    caption: str
    alt: str
    kind: str = "picture"


@dataclass(frozen=True)
class Figures:
    """A few large figures beside each other: label and value."""

    items: tuple[tuple[str, str], ...]
    kind: str = "figures"


@dataclass(frozen=True)
class Argument:
    """One reason: the sentence, labelled values, and the records behind it."""

    sentence: str
    values: tuple[tuple[str, str], ...]
    share: int  # per cent of all that works in the same direction; drawn as a bar
    raises: bool
    bar: str  # what the bar shows, in words
    measured: str  # under which family, and what it bears on
    records_head: str
    records: tuple[str, ...]


@dataclass(frozen=True)
class Arguments:
    """Reasons, the weightiest first."""

    items: tuple[Argument, ...]
    kind: str = "arguments"


@dataclass(frozen=True)
class Form:
    """Something to fill in by hand: boxes to tick, then labelled empty lines."""

    boxes: tuple[str, ...]
    lines: tuple[tuple[str, int], ...]  # label, how many lines
    kind: str = "form"


Block = Words | Note | Points | Table | Picture | Figures | Arguments | Form


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    blocks: tuple[Block, ...]
    new_page: bool = False
    together: bool = False  # not to be torn apart by the end of a page


@dataclass(frozen=True)
class Paper:
    """A whole page for people."""

    language: str
    above: str  # what kind of paper it is, above the title
    title: str
    below: str  # id, below the title
    blocks: tuple[Block, ...]  # before the first section
    sections: tuple[Section, ...]
    foot: str  # at the foot of every printed page; says so where no speaker has read the language
    day: str  # the day the paper is for, 2025-01-01

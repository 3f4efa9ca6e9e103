"""The parts of a parsed expression. Each keeps the span of text it was read from, so that errors can quote it."""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]  # first character, and the one after the last


@dataclass(frozen=True)
class Number:
    """A number written in the text."""

    value: float
    span: Span


@dataclass(frozen=True)
class Text:
    """A text in single quotes; compared with a date, it is a date."""

    value: str
    span: Span


@dataclass(frozen=True)
class Truth:
    """``true`` or ``false``."""

    value: bool
    span: Span


@dataclass(frozen=True)
class Name:
    """A column of the row, or of a parent of the row (``inspection.trigger``)."""

    parent: str | None
    column: str
    span: Span


@dataclass(frozen=True)
class Arithmetic:
    """``left op right`` with one of ``+ - * /``."""

    op: str
    left: Node
    right: Node
    span: Span


@dataclass(frozen=True)
class Negative:
    """``-operand``."""

    operand: Node
    span: Span


@dataclass(frozen=True)
class Comparison:
    """``left op right`` with one of ``= != < <= > >=``."""

    op: str
    left: Node
    right: Node
    span: Span


@dataclass(frozen=True)
class Membership:
    """``item in (options)``."""

    item: Node
    options: tuple[Number | Text, ...]
    span: Span


@dataclass(frozen=True)
class Missing:
    """``item is missing``; never unknown itself."""

    item: Node
    span: Span


@dataclass(frozen=True)
class Not:
    """``not operand``; unknown stays unknown."""

    operand: Node
    span: Span


@dataclass(frozen=True)
class Junction:
    """Conditions joined by ``and`` or by ``or``."""

    op: str
    operands: tuple[Node, ...]
    span: Span


Node = Number | Text | Truth | Name | Arithmetic | Negative | Comparison | Membership | Missing | Not | Junction


@dataclass(frozen=True)
class Expression:
    """A parsed expression: its text, what it reads, and its tree."""

    text: str
    columns: frozenset[str]
    parents: frozenset[tuple[str, str]]
    node: Node

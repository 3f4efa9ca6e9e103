"""The value of an expression for many rows at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from riskscore.dates import day
from riskscore.definitions import values as v
from riskscore.definitions.nodes import (
    Arithmetic,
    Comparison,
    Expression,
    Junction,
    Membership,
    Missing,
    Name,
    Negative,
    Node,
    Not,
    Number,
    Text,
    Truth,
)
from riskscore.definitions.values import Values
from riskscore.errors import DefinitionError, RiskscoreError

Resolve = Callable[[str | None, str], Values]
"""Return the column of a parent (None: of the row itself), one value per row."""


def evaluate(expression: Expression, resolve: Resolve, n: int) -> Values:
    """Return the value of an expression for each of n rows.

    Null is unknown: arithmetic with it gives null, a comparison with it is neither true nor false. With ``n = 0`` and
    empty columns this checks that the kinds of the columns go together.

    Parameters
    ----------
    expression : Expression
    resolve : callable
        ``resolve(parent, column)`` returns the column's ``Values``; it is called once for every mention.
    n : int
        Number of rows.

    Returns
    -------
    Values, shape (n,)

    Raises
    ------
    DefinitionError
        Naming the part of the expression whose kinds do not go together.

    Examples
    --------
    >>> from riskscore.definitions.grammar import parse
    >>> paid = Values("number", np.array([50.0, np.nan, 0.0]))
    >>> evaluate(parse("paid_azn > 0"), lambda parent, column: paid, 3).data.tolist()
    [1, -1, 0]
    """
    found = _Evaluation(expression, resolve).of(expression.node)
    if found.data.shape == (n,):
        return found
    return Values(found.kind, np.repeat(found.data, n), found.words)


def matches(expression: Expression, resolve: Resolve, n: int) -> NDArray[np.bool_]:
    """Return where a condition is true: neither false nor unknown.

    Examples
    --------
    >>> from riskscore.definitions.grammar import parse
    >>> urgent = Values("truth", np.array([1, 0, -1], dtype=np.int8))
    >>> matches(parse("not urgent"), lambda parent, column: urgent, 3).tolist()
    [False, True, False]
    """
    found = evaluate(expression, resolve, n)
    if found.kind != "truth":
        raise DefinitionError(
            f"'{expression.text}' gives {v.SPOKEN[found.kind]} where a condition is needed.",
            next="Compare it with something: ... > 0, ... = 'a text', ... is not missing.",
        )
    result: NDArray[np.bool_] = found.data == 1
    return result


class _Evaluation:
    """One pass over the tree of an expression; constants keep length 1 until the end, to save memory."""

    def __init__(self, expression: Expression, resolve: Resolve) -> None:
        self.text, self.resolve = expression.text, resolve

    def of(self, node: Node) -> Values:
        if isinstance(node, Name):
            return self.resolve(node.parent, node.column)
        if isinstance(node, Number):
            return Values("number", np.array([node.value]))
        if isinstance(node, Text):
            return Values("text", np.zeros(1, dtype=np.int32), (node.value,))
        if isinstance(node, Truth):
            return Values("truth", np.array([node.value], dtype=np.int8))
        if isinstance(node, Missing):
            return Values("truth", self.of(node.item).null().view(np.int8))
        if isinstance(node, Not):
            return v.negation(self.condition(node.operand))
        if isinstance(node, Junction):
            return self.junction(node)
        try:
            return self.operation(node)
        except v.NotPossible as why:
            raise DefinitionError(f"in '{self.quote(node)}': {why}") from None

    def junction(self, node: Junction) -> Values:
        found = self.condition(node.operands[0])
        for operand in node.operands[1:]:
            found = v.junction(node.op, found, self.condition(operand))
        return found

    def operation(self, node: Arithmetic | Negative | Comparison | Membership) -> Values:
        if isinstance(node, Negative):
            return v.arithmetic("-", Values("number", np.zeros(1)), self.of(node.operand))
        if isinstance(node, Membership):
            return self.membership(node)
        left, right = self.of(node.left), self.of(node.right)
        if isinstance(node, Arithmetic):
            return v.arithmetic(node.op, left, right)
        if left.kind == "day" and isinstance(node.right, Text):
            right = _day(node.right)
        elif right.kind == "day" and isinstance(node.left, Text):
            left = _day(node.left)
        return v.compare(node.op, left, right)

    def membership(self, node: Membership) -> Values:
        item = self.of(node.item)
        asks_for_text = isinstance(node.options[0], Text)
        if item.kind == "day" and asks_for_text:
            days = [_day(option) for option in node.options if isinstance(option, Text)]
            return v.member(item, tuple(int(d.data[0]) for d in days))
        if item.kind != ("text" if asks_for_text else "number"):
            offered = "texts" if asks_for_text else "numbers"
            raise v.NotPossible(f"{v.SPOKEN[item.kind]} is looked for in a list of {offered}.")
        return v.member(item, tuple(option.value for option in node.options))

    def condition(self, node: Node) -> Values:
        found = self.of(node)
        if found.kind != "truth":
            raise DefinitionError(
                f"in '{self.text}' the part '{self.quote(node)}' is {v.SPOKEN[found.kind]}, not a condition.",
                next="Compare it with something, as in '... > 0'.",
            )
        return found

    def quote(self, node: Node) -> str:
        return self.text[slice(*node.span)]


def _day(node: Text) -> Values:
    try:
        return Values("day", np.array([day(node.value)], dtype=np.int32))
    except RiskscoreError:
        raise v.NotPossible(f"'{node.value[:60]}' is no date; write a date as '2024-01-31'.") from None

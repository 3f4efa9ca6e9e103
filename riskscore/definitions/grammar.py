"""The small language of definitions: an expression about one row.

It knows columns of the row (``amount_azn``), columns of a parent (``inspection.trigger``), numbers, text in single
quotes (``''`` stands for a quote), ``true`` and ``false``, ``+ - * /``, ``= != < <= > >=``, ``in (...)``,
``is missing``, ``not``, ``and``, ``or`` and parentheses. There is no function, sub-query, clock or randomness, so an
expression cannot look ahead. It is parsed here and never handed to Python's ``eval``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from riskscore.definitions.evaluate import Resolve, evaluate, matches
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
from riskscore.errors import DefinitionError

__all__ = ["Expression", "Resolve", "Values", "evaluate", "matches", "parse"]

_KEYWORDS = frozenset({"and", "or", "not", "in", "is", "missing", "true", "false"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)|(?P<text>'(?:[^']|'')*')"
    r"|(?P<sign><=|>=|!=|==|[-+*/=<>(),.])|(?P<end>$))"
)
_HINTS = {
    '"': "Text stands in single quotes.",
    "'": "This quote is not closed; a quote inside a text is written twice: ''.",
    "&": "Write 'and'.",
    "|": "Write 'or'.",
    "!": "Write 'not', or '!=' for 'is not equal'.",
    "%": "There is no such sign; write shares as numbers, 0.1 for 10 %.",
}
# Text from a stranger's file must not exhaust the stack or the memory; no honest definition comes near these.
_LONGEST, _DEEPEST, _MOST_SIGNS = 10_000, 32, 100


class _Token(NamedTuple):
    kind: str  # number, name, text, sign, word (of the language) or end
    text: str
    start: int
    end: int


def parse(text: str) -> Expression:
    """Read an expression.

    Parameters
    ----------
    text : str
        For example ``"amount_azn > 0 and inspection.trigger != 'random'"``.

    Returns
    -------
    Expression
        With the columns and the parents' columns that it reads. Whether they exist, the engine knows.

    Raises
    ------
    DefinitionError
        Showing the place in the text and what was expected there.

    Examples
    --------
    >>> found = parse("amount_azn > 0 and inspection.trigger != 'random'")
    >>> sorted(found.columns), sorted(found.parents)
    (['amount_azn'], [('inspection', 'trigger')])
    """
    if len(text) > _LONGEST:
        raise DefinitionError(f"an expression of {len(text):,} characters; at most {_LONGEST:,} are read.")
    return _Parser(text).whole()


class _Parser:
    """Recursive descent; each method reads one level of binding, from ``or`` (loosest) to a single value."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.depth, self.signs = text, 0, 0, 0
        self.columns: set[str] = set()
        self.parents: set[tuple[str, str]] = set()
        self.tokens = self._split()

    def _split(self) -> list[_Token]:
        tokens, place = [], 0
        while True:
            found = _TOKEN.match(self.text, place)
            if found is None:
                place += len(self.text[place:]) - len(self.text[place:].lstrip())
                sign = self.text[place]
                self._fail(place, f"{sign!r} has no meaning here.", _HINTS.get(sign, ""))
            kind = str(found.lastgroup)
            word = found[kind]
            tokens.append(_Token("word" if word in _KEYWORDS else kind, word, found.start(kind), found.end(kind)))
            if kind == "end":
                return tokens
            place = found.end()

    def _fail(self, place: int, what: str, next: str = "") -> NoReturn:
        begin = max(0, place - 70)
        shown = re.sub(r"[^\S ]|[\x00-\x1f\x7f]", " ", self.text[begin : begin + 110])
        raise DefinitionError(what + (f" {next}" if next else "") + f"\n    {shown}\n    {' ' * (place - begin)}^")

    def _expected(self, what: str, next: str = "") -> NoReturn:
        token = self.tokens[self.at]
        seen = {"end": "the end", "text": token.text[:60]}.get(token.kind, f"'{token.text[:60]}'")
        self._fail(token.start, f"expected {what}, found {seen}.", next)

    def _accept(self, *texts: str) -> _Token | None:
        """Step over the next token and return it if it is one of these signs or words."""
        token = self.tokens[self.at]
        if token.kind in ("sign", "word") and token.text in texts:
            self.at += 1
            return token
        return None

    def _close(self) -> None:
        if not self._accept(")"):
            self._expected("')'")

    def whole(self) -> Expression:
        if self.tokens[0].kind == "end":
            self._fail(0, "the expression is empty.", "Leave the key out if every row counts.")
        node = self._either()
        token = self.tokens[self.at]
        if token.text == "(" and self.tokens[self.at - 1].kind == "name":
            self._fail(self.tokens[self.at - 1].start, f"there is no function '{self.tokens[self.at - 1].text}'.")
        if token.text in ("=", "==", "!=", "<", "<=", ">", ">="):
            self._expected("the end", "Comparisons do not chain: write 'a < b and b < c'.")
        if token.kind != "end":
            self._expected("an operator ('and', 'or', '=', '+', ...) or the end")
        return Expression(self.text, frozenset(self.columns), frozenset(self.parents), node)

    def _either(self) -> Node:
        return self._junction("or", self._every)

    def _every(self) -> Node:
        return self._junction("and", self._condition)

    def _junction(self, word: str, read: Callable[[], Node]) -> Node:
        start, operands = self.tokens[self.at].start, [read()]
        while self._accept(word):
            operands.append(read())
        return operands[0] if len(operands) == 1 else Junction(word, tuple(operands), self._span(start))

    def _condition(self) -> Node:
        start = self.tokens[self.at].start
        if self._accept("not"):
            self._deeper()
            operand = self._condition()
            self.depth -= 1
            return Not(operand, self._span(start))
        return self._comparison()

    def _comparison(self) -> Node:
        start = self.tokens[self.at].start
        left = self._sum()
        if op := self._accept("=", "==", "!=", "<", "<=", ">", ">="):
            right = self._sum()
            return Comparison("=" if op.text == "==" else op.text, left, right, self._span(start))
        if self._accept("is"):
            negated = self._accept("not")
            if not self._accept("missing"):
                self._expected("'missing'" if negated else "'missing' or 'not missing'", "To compare write '='.")
            return self._perhaps_not(bool(negated), Missing(left, self._span(start)))
        negated = self._accept("not")
        if self._accept("in"):
            options = self._options()
            return self._perhaps_not(bool(negated), Membership(left, options, self._span(start)))
        if negated:
            self._expected("'in' after 'not'")
        return left

    @staticmethod
    def _perhaps_not(negated: bool, node: Membership | Missing) -> Node:
        return Not(node, node.span) if negated else node

    def _options(self) -> tuple[Number | Text, ...]:
        if not self._accept("("):
            self._expected("'(' and a list, such as ('a', 'b')")
        options: list[Number | Text] = []
        while True:
            minus = self._accept("-")
            token = self.tokens[self.at]
            if token.kind == "number":
                options.append(Number(-self._number(token) if minus else self._number(token), self._step(token)))
            elif token.kind == "text" and not minus:
                options.append(Text(_unquoted(token.text), self._step(token)))
            else:
                self._expected("a number" if minus else "a number or a text in single quotes")
            if type(options[-1]) is not type(options[0]):
                self._fail(token.start, "a list holds numbers or texts, not both.")
            if not self._accept(","):
                self._close()
                return tuple(options)

    def _sum(self) -> Node:
        return self._chain(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._chain(("*", "/"), self._unary)

    def _chain(self, signs: tuple[str, str], read: Callable[[], Node]) -> Node:
        start, left = self.tokens[self.at].start, read()
        while op := self._accept(*signs):
            self.signs += 1
            if self.signs > _MOST_SIGNS:
                self._fail(op.start, f"more than {_MOST_SIGNS} signs of arithmetic.")
            left = Arithmetic(op.text, left, read(), self._span(start))
        return left

    def _unary(self) -> Node:
        start = self.tokens[self.at].start
        if self._accept("-"):
            self._deeper()
            operand = self._unary()
            self.depth -= 1
            return Negative(operand, self._span(start))
        return self._value()

    def _value(self) -> Node:
        token = self.tokens[self.at]
        if self._accept("("):
            self._deeper()
            node = self._either()
            self._close()
            self.depth -= 1
            return node
        if found := self._accept("true", "false"):
            return Truth(found.text == "true", (found.start, found.end))
        if token.kind == "number":
            return Number(self._number(token), self._step(token))
        if token.kind == "text":
            return Text(_unquoted(token.text), self._step(token))
        if token.kind == "name":
            return self._name(token)
        hint = "To ask whether a value is missing write 'x is missing'." if token.text == "missing" else ""
        self._expected("a column, a number, a text in single quotes or '('", hint)

    def _name(self, token: _Token) -> Name:
        self._step(token)
        if not self._accept("."):
            self.columns.add(token.text)
            return Name(None, token.text, (token.start, token.end))
        column = self.tokens[self.at]
        if column.kind != "name":
            self._expected(f"a column after '{token.text}.'")
        self._step(column)
        if self._accept("."):
            self._fail(column.end, "a parent's parent cannot be reached; one dot is allowed.")
        self.parents.add((token.text, column.text))
        return Name(token.text, column.text, (token.start, column.end))

    def _number(self, token: _Token) -> float:
        value = float(token.text)
        if value == float("inf"):
            self._fail(token.start, "this number is too large.")
        return value

    def _step(self, token: _Token) -> tuple[int, int]:
        self.at += 1
        return (token.start, token.end)

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail(self.tokens[self.at].start, f"nested more than {_DEEPEST} deep.")

    def _span(self, start: int) -> tuple[int, int]:
        return (start, self.tokens[self.at - 1].end)


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")

"""Columns of values in an expression, and what can be done with them: nulls stay null, unknown stays unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import MISSING, days_between, days_later

Kind = Literal["number", "truth", "text", "day"]
SPOKEN: Mapping[str, str] = {"number": "a number", "truth": "a condition", "text": "text", "day": "a date"}

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "=": np.equal, "!=": np.not_equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.true_divide,
}  # fmt: skip


class NotPossible(Exception):
    """Two kinds of value do not go together; the text says why."""


@dataclass(frozen=True)
class Values:
    """One value per row.

    Parameters
    ----------
    kind : "number", "truth", "text" or "day"
    data : array, shape (n,), or (1,) for a constant inside an expression
        number: float64, NaN is null. truth: int8, 1 true, 0 false, -1 unknown. text: int32 codes into ``words``, -1 is
        null. day: int32 days since 1970-01-01, ``dates.MISSING`` is null.
    words : sequence of str
        The different texts behind the codes.

    Examples
    --------
    >>> Values("text", np.array([0, -1, 1], dtype=np.int32), ("hotline", "raid")).null().tolist()
    [False, True, False]
    """

    kind: Kind
    data: NDArray[Any]
    words: tuple[str, ...] | NDArray[np.object_] = ()

    def null(self) -> NDArray[np.bool_]:
        """Say where the value is missing."""
        if self.kind == "number":
            return np.asarray(np.isnan(self.data))
        missing: NDArray[np.bool_] = self.data == (MISSING if self.kind == "day" else -1)
        return missing


def arithmetic(op: str, left: Values, right: Values) -> Values:
    """Return ``left op right``; null where either is null or the result is no finite number."""
    kinds = (left.kind, right.kind)
    if kinds == ("day", "day") and op == "-":
        return Values("number", days_between(right.data, left.data))
    if kinds == ("day", "number") and op in "+-":
        return Values("day", days_later(left.data, -right.data if op == "-" else right.data))
    if kinds == ("number", "day") and op == "+":
        return Values("day", days_later(right.data, left.data))
    if kinds != ("number", "number"):
        raise NotPossible(f"'{op}' cannot join {SPOKEN[left.kind]} and {SPOKEN[right.kind]}.")
    with np.errstate(all="ignore"):
        found = _ARITHMETIC[op](left.data, right.data)
    np.putmask(found, ~np.isfinite(found), np.nan)
    return Values("number", found)


def compare(op: str, left: Values, right: Values) -> Values:
    """Return the truth of ``left op right``; unknown where either is null."""
    if left.kind != right.kind:
        raise NotPossible(f"{SPOKEN[left.kind]} cannot be compared with {SPOKEN[right.kind]}.")
    if left.kind in ("text", "truth") and op not in ("=", "!="):
        raise NotPossible(f"{SPOKEN[left.kind]} has no order: only '=' and '!=' compare it.")
    other = right.data
    if left.kind == "text":
        other = _recoded(right, left)
    return _truth(_COMPARE[op](left.data, other), left, right)


def member(item: Values, options: tuple[Any, ...]) -> Values:
    """Return whether each value is one of the options (numbers or texts, as the item is); unknown where null."""
    if item.kind == "text":
        words = pd.Index(np.asarray(item.words, dtype=object)).isin(list(options))
        # one entry more, so that code -1 (null) falls on it
        return _truth(np.append(words, False)[item.data], item)
    return _truth(np.isin(item.data, options), item)


def junction(op: str, left: Values, right: Values) -> Values:
    """Return ``left and right`` or ``left or right`` where unknown is a third truth (Kleene)."""
    # the smaller of the codes is right but where one side alone decides: a false for "and", a true for "or"
    decides = 0 if op == "and" else 1
    found = np.minimum(left.data, right.data)
    np.putmask(found, (left.data == decides) | (right.data == decides), decides)
    return Values("truth", found)


def negation(value: Values) -> Values:
    """Return ``not value``; unknown stays unknown."""
    found = np.subtract(1, value.data, dtype=np.int8)
    np.putmask(found, value.data < 0, -1)
    return Values("truth", found)


def _recoded(text: Values, target: Values) -> NDArray[np.int32]:
    """Return the codes of ``text`` in the words of ``target``; a word that is not there gets a code of nobody."""
    coded: NDArray[np.int32] = text.data
    if text.words is target.words:
        return coded
    codes = pd.Index(np.asarray(target.words, dtype=object)).get_indexer(np.asarray(text.words, dtype=object))
    codes = np.append(np.where(codes < 0, len(target.words), codes), -1).astype(np.int32)
    return codes[coded]


def _truth(holds: NDArray[np.bool_], *sides: Values) -> Values:
    found = holds.view(np.int8)
    for side in sides:
        np.putmask(found, np.broadcast_to(side.null(), found.shape), -1)
    return Values("truth", found)

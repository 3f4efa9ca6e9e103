"""Expressions of a feature, evaluated once over the versions of its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.kinds import Inputs
from riskscore.dates import MISSING
from riskscore.definitions.feature import Feature
from riskscore.definitions.grammar import Expression, Values, evaluate, matches
from riskscore.definitions.nodes import Name, Node, Number
from riskscore.errors import DefinitionError
from riskscore.history.versions import EventTable, Versions
from riskscore.records.schema import PARENTS, TABLES

MILLIONTHS = 1_000_000


class Evaluated:
    """The expressions over one table's versions; each text is evaluated once."""

    def __init__(self, table: EventTable, versions: Versions) -> None:
        self.table, self.versions, self.n = table, versions, versions.start.size
        self._found: dict[tuple[str, str], Any] = {}

    def _resolve(self, parent: str | None, column: str) -> Values:
        return self.table.cell(self.versions, parent, column)

    def condition(self, expression: Expression | None) -> NDArray[np.bool_] | None:
        """Return where the expression is true, or None where there is none."""
        if expression is None:
            return None
        found: NDArray[np.bool_] = self._once(
            "condition", expression.text, lambda: matches(expression, self._resolve, self.n)
        )
        return found

    def value(self, expression: Expression) -> Values:
        """Return the expression's values."""
        found: Values = self._once("value", expression.text, lambda: evaluate(expression, self._resolve, self.n))
        return found

    def inputs(self, feature: Feature) -> tuple[Inputs, Values | None]:
        """Return what the feature's kind needs, and its value as it stands (its kind of value, its words)."""
        value = self.value(feature.value) if feature.value is not None else None
        if value is not None and value.kind == "text" and feature.kind not in ("last", "latest_of", "distinct"):
            raise DefinitionError(f"'{feature.kind}' needs numbers; value gives text.", where=feature.name)
        half_life = feature.half_life.days or feature.half_life.months * 30 if feature.half_life else 0
        return Inputs(
            where=self.condition(feature.where),
            there=self._there(feature),
            value=None if feature.value is None else self._numbers(feature.value),
            text=value is not None and value.kind == "text",
            scale=self._scale(feature.value),
            of=self.condition(feature.of),
            per=None if feature.per is None else self._numbers(feature.per),
            per_scale=self._scale(feature.per),
            holds=self.condition(feature.holds),
            half_life=half_life,
        ), value

    def _once(self, kind: str, text: str, make: Callable[[], Any]) -> Any:
        if (kind, text) not in self._found:
            self._found[kind, text] = make()
        return self._found[kind, text]

    def _numbers(self, expression: Expression) -> NDArray[Any]:
        value = self.value(expression)
        if value.kind in ("number", "text"):
            return value.data
        found: NDArray[Any] = self._once("numbers", expression.text, lambda: numbers(value))
        return found

    def _there(self, feature: Feature) -> NDArray[np.bool_] | None:
        """Return where a row matches and has whatever is summed; the condition itself where nothing is missing."""
        where = self.condition(feature.where)
        said = feature.where.text if feature.where else ""
        for expression in (feature.value, feature.per):
            if expression is None:
                continue
            null = self._once("null", expression.text, partial(_null, self.value(expression)))
            if null is not None:
                said = f"{said} | {expression.text}"
                where = self._once("there", said, partial(_both, where, null))
        return where

    def _scale(self, expression: Expression | None) -> int:
        """Return in what fraction of one the values are whole numbers, by the declared types alone."""
        if expression is None:
            return 1
        whole, types = True, set()
        for node in _walk(expression.node):
            if isinstance(node, Name):
                schema = self.table.view.schema if node.parent is None else TABLES[PARENTS[node.parent][1]]
                if node.parent is not None and node.parent in self.table.index:
                    schema = self.table.index[node.parent].view.schema
                types.add(schema.column(node.column).type)
            elif isinstance(node, Number):
                whole &= node.value == int(node.value)
            else:
                whole &= getattr(node, "op", "") != "/"
        if whole and types <= {"integer", "flag", "date", "category", "text", "id"}:
            return 1
        return 100 if expression.node.__class__ is Name and types == {"money"} else MILLIONTHS


def numbers(values: Values) -> NDArray[np.float64]:
    """Return values as float64: a truth as 1 or 0, a day as its number; null as NaN."""
    if values.kind == "number":
        return values.data
    missing = MISSING if values.kind == "day" else -1
    out: NDArray[np.float64] = np.where(values.data == missing, np.nan, values.data.astype(np.float64))
    return out


def _both(where: NDArray[np.bool_] | None, null: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return ~null if where is None else where & ~null


def _null(values: Values) -> NDArray[np.bool_] | None:
    null = values.null()
    return null if null.any() else None


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for f in fields(node):
        inner = getattr(node, f.name)
        for part in inner if isinstance(inner, tuple) else (inner,):
            if is_dataclass(part):
                yield from _walk(part)  # type: ignore[arg-type]

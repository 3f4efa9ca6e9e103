"""Reading a mapping file: strict, so that a misspelt key is an error with the nearest name and not a silent no."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from riskscore.definitions.toml_file import toml_content
from riskscore.errors import MappingError, Problem, nearest, raise_gathered
from riskscore.limits import BY_HAND, read_whole
from riskscore.records.mapping import ColumnRule, SourceMapping, SourceRule, TableRule
from riskscore.records.schema import TABLES, ColumnType

TYPES: tuple[str, ...] = get_args(ColumnType)
FURTHER_NAME = re.compile(r"[^\W\d]\w*")

_SOURCE = {
    "file": "texts", "sheet": "text", "table": "text", "encoding": "text", "delimiter": "text", "decimal": "text",
    "dates": "text", "null": "texts", "skip_rows": "whole number", "private": "texts",
}  # fmt: skip
_TABLE = {
    "source": "text", "columns": "section", "further": "section", "keep": "true or false", "drop": "texts",
    "where": "text", "known_on": "text", "covers_from": "date", "as_of_now": "true or false",
    "deduplicate": "true or false",
}  # fmt: skip
_COLUMN = {
    "from": "text", "join": "texts", "separator": "text", "number": "true or false", "constant": "value",
    "values": "section", "otherwise": "value", "times": "number", "format": "text", "clock": "text",
}  # fmt: skip
_FURTHER = {**_COLUMN, "type": "text"}


def read_mapping(path: str | Path) -> SourceMapping:
    """Read a mapping file.

    Parameters
    ----------
    path : str or Path
        A TOML file with ``[sources.NAME]`` and ``[tables.NAME]``; ``docs/records.md`` lists every key.

    Raises
    ------
    MappingError
        One error with everything wrong in the file: the key, what was expected, the nearest valid name.
    """
    where = Path(path).name
    try:
        text = read_whole(Path(path), BY_HAND, MappingError).decode("utf-8-sig")
        content = toml_content(text)
    except FileNotFoundError:
        raise MappingError("there is no such mapping file.", where=str(path), next="Check the path.") from None
    except OSError as error:
        raise MappingError(f"cannot be read ({error.strerror}).", where=str(path)) from None
    except UnicodeDecodeError:
        raise MappingError("is not UTF-8 text.", where=where, next="Save it as UTF-8.") from None
    except ValueError as error:
        raise MappingError(f"is no valid TOML: {error}.", where=where) from None
    return _Reader(where).mapping(content)


class _Reader:
    """Walks the parsed file and gathers problems."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, key: str, what: str, next: str = "") -> None:
        self.problems.append(Problem(0, f"{self.file}, {key}", what, next))

    def mapping(self, content: Mapping[str, Any]) -> SourceMapping:
        top = self.section("", content, {"sources": "section", "tables": "section"})
        sources = {n: self.source(n, said) for n, said in top.get("sources", {}).items()}
        rules: list[TableRule] = []
        for name, said in top.get("tables", {}).items():
            if name not in TABLES:
                self.wrong(f"tables.{name}", "there is no such table.", nearest(name, list(TABLES)))
                continue
            parts = said if isinstance(said, list) else [said]
            rules += [self.table(name, f"tables.{name}", part) for part in parts]
        for rule in rules:
            if sources and rule.source not in sources and rule.source != rule.table:
                self.wrong(
                    f"tables.{rule.table}.source", f"there is no source '{rule.source}'.",
                    nearest(rule.source, list(sources)),
                )  # fmt: skip
        raise_gathered(self.problems, MappingError, "the mapping cannot be used")
        return SourceMapping(self.file, sources, tuple(rules))

    def section(self, key: str, said: Any, allowed: Mapping[str, str]) -> dict[str, Any]:
        """Return the known keys of a section whose values have the right type."""
        if not isinstance(said, dict):
            self.wrong(key, f"a section was expected, not {said!r}."[:120])
            return {}
        found = {}
        for name, value in said.items():
            here = f"{key}.{name}".lstrip(".")
            if name not in allowed:
                self.wrong(here, "there is no such key.", nearest(name, list(allowed)))
            elif not _fits(value, allowed[name]):
                self.wrong(here, f"{allowed[name]} expected, seen {str(value)[:60]!r}.")
            else:
                found[name] = value
        return found

    def source(self, name: str, said: Any) -> SourceRule:
        found = self.section(f"sources.{name}", said, _SOURCE)
        if found.get("decimal", ".") not in (".", ","):
            self.wrong(f"sources.{name}.decimal", "'.' or ',' expected.")
        for key in ("file", "null", "private"):
            if key in found:
                found[key] = _texts(found[key])
        return SourceRule(name, **found)

    def table(self, name: str, key: str, said: Any) -> TableRule:
        found = self.section(key, said, _TABLE)
        schema = TABLES[name]
        columns, further = {}, {}
        for column, rule in found.pop("columns", {}).items():
            if column not in schema.names:
                advice = nearest(column, schema.names) + " Columns of your own go under 'further'."
                self.wrong(f"{key}.columns.{column}", f"the table {name} has no such column.", advice)
            else:
                columns[column] = self.column(f"{key}.columns.{column}", rule, _COLUMN)
        for column, rule in found.pop("further", {}).items():
            if column in schema.names:
                self.wrong(f"{key}.further.{column}", "is a column of the table.", "Put it under 'columns'.")
            elif not FURTHER_NAME.fullmatch(column):
                self.wrong(f"{key}.further.{column}", "a name is letters, digits and '_'.")
            else:
                further[column] = self.column(f"{key}.further.{column}", rule, _FURTHER)
        if found.get("deduplicate") and schema.kind != "entity":
            self.wrong(f"{key}.deduplicate", f"{name} are no register; only employers and sites are.")
        if found.get("as_of_now") and schema.kind != "entity":
            self.wrong(f"{key}.as_of_now", f"{name} are no register; only employers and sites are.")
        source = found.pop("source", name)
        found["drop"] = _texts(found.get("drop", ()))
        return TableRule(name, source, columns, further, **found)

    def column(self, key: str, said: Any, allowed: Mapping[str, str]) -> ColumnRule:
        if isinstance(said, str):
            return ColumnRule(take=said)
        found = self.section(key, said, allowed)
        if sum(k in found for k in ("from", "join", "constant")) != 1:
            self.wrong(key, "exactly one of 'from', 'join', 'constant' is expected.")
        if found.get("type", "text") not in TYPES:
            self.wrong(f"{key}.type", f"'{found['type']}' is no type.", nearest(found["type"], TYPES))
        if found.get("number") and "join" not in found:
            self.wrong(f"{key}.number", "belongs to 'join'.", 'Write join = ["column"].')
        values = {str(k): _as_text(v) for k, v in found.get("values", {}).items()}
        return ColumnRule(
            take=found.get("from"),
            join=_texts(found.get("join", ())),
            separator=found.get("separator", "-"),
            number=found.get("number", False),
            constant=_as_text(found["constant"]) if "constant" in found else None,
            values=values,
            otherwise=_as_text(found["otherwise"]) if "otherwise" in found else None,
            times=float(found["times"]) if "times" in found else None,
            format=found.get("format"),
            type=found.get("type"),
            clock=found.get("clock"),
        )


def _fits(value: Any, wanted: str) -> bool:
    if wanted == "texts":
        return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))
    if wanted == "whole number":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if wanted == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted == "value":
        return isinstance(value, str | int | float | bool | dt.date)
    if wanted == "section":
        return isinstance(value, dict)
    kinds: dict[str, type] = {"text": str, "true or false": bool, "date": dt.date}
    return isinstance(value, kinds[wanted]) and not (wanted == "date" and isinstance(value, dt.datetime))


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _as_text(value: Any) -> str:
    """Write a TOML value as a source would: ``true``, ``2024-01-31``, ``12``."""
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Strict reading of TOML: every key is asked for by name and type; what nobody asked for is a problem."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from riskscore.dates import Period
from riskscore.definitions.grammar import Expression, parse
from riskscore.errors import Problem, RiskscoreError, nearest
from riskscore.limits import BY_HAND, NESTED, is_nested_too_deep, read_whole

T = TypeVar("T")
NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")  # also a file's name
_UNREADABLE, _SHAPE, MEANING = 0, 1, 2  # weights of problems: what hides others comes first
# What a key of many parts costs grows with their square: 200 kB of "a.a.a" would fill any memory.
_LONG_KEY = re.compile(
    rf"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){{{NESTED}}}"""
)  # fmt: skip


def read_text(path: Path, problems: list[Problem]) -> str | None:
    """Return a file's text with plain newlines; None, and a problem, where it cannot be read."""
    try:
        return read_whole(path, BY_HAND, RiskscoreError).decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as why:
        what = f"byte {why.start} is no UTF-8."
        problems.append(Problem(_UNREADABLE, str(path), what, "Save the file with the encoding UTF-8."))
    except OSError as why:
        problems.append(Problem(_UNREADABLE, str(path), f"cannot be read: {why.strerror}."))
    except RiskscoreError as why:
        problems.append(Problem(_UNREADABLE, why.where, why.what, why.next))
    return None


def toml_content(text: str) -> dict[str, Any]:
    """Return what a TOML text holds.

    Raises
    ------
    ValueError
        It is no TOML, or nested deeper than any honest file.

    Examples
    --------
    >>> toml_content('title = "Fines"')
    {'title': 'Fines'}
    """
    try:
        if _LONG_KEY.search(text) is None and not is_nested_too_deep(content := tomllib.loads(text)):
            return content
    except RecursionError:
        pass
    raise ValueError("nested too deep")


def open_section(text: str, where: str, problems: list[Problem]) -> Section | None:
    """Return the top level of a TOML text; None, and a problem, where it is no TOML."""
    try:
        return Section(toml_content(text), where, problems)
    except ValueError as why:
        problems.append(Problem(_UNREADABLE, where, f"is no valid TOML: {why}."))
    return None


class Section:
    """One table of a TOML file. Problems gather in a list that all sections share; a wrong value reads as its default.

    Parameters
    ----------
    content : mapping
    where : str
        File and table, as a reader of the message can find them.
    problems : list of Problem

    Examples
    --------
    >>> problems: list[Problem] = []
    >>> section = Section({"titel": "Fines"}, "features/fines.toml", problems)
    >>> section.text("title", required=False)
    ''
    >>> section.close()
    >>> print(problems[0])
    features/fines.toml: unknown key 'titel'. Did you mean 'title'?
    """

    def __init__(self, content: Mapping[str, Any], where: str, problems: list[Problem]) -> None:
        self.content, self.where, self.problems = content, where, problems
        self.asked: list[str] = []

    def has(self, key: str) -> bool:
        """Say whether the key is written."""
        return key in self.content

    def problem(self, what: str, next: str = "", key: str = "", weight: int = MEANING) -> None:
        """Note a problem of this section, or of one of its keys."""
        where = self.where + (f": {key}" if key else "")
        self.problems.append(Problem(weight, where, what, next))

    def close(self) -> None:
        """Note every key that was never asked for; call it when all keys were."""
        for key in self.content:
            if key not in self.asked:
                self.problem(f"unknown key '{key[:60]}'.", nearest(key, self.asked), weight=_SHAPE)

    def _take(self, key: str, types: tuple[type, ...], spoken: str, required: bool) -> Any:
        """Return the raw value, or None where it is absent or of another type."""
        self.asked.append(key)
        if key not in self.content:
            if required:
                self.problem(f"the key '{key}' is missing.", f"It holds {spoken}.", weight=_SHAPE)
            return None
        value = self.content[key]
        # a bool is an int to Python, not to a reader; a datetime is a date
        if not isinstance(value, types) or isinstance(value, bool | dt.datetime):
            self.problem(f"found {_shown(value)}, expected {spoken}.", key=key, weight=_SHAPE)
            return None
        return value

    def text(self, key: str, *, required: bool = True, choices: Sequence[str] = ()) -> str:
        """Return a text; empty where absent. With choices, only those are right."""
        value = self._take(key, (str,), "a text", required)
        if value is None:
            return ""
        if required and not value.strip(" \t\n"):  # a no-break space may separate thousands
            self.problem("the text is empty.", key=key)
        if choices and value not in choices:
            self.problem(f"'{value[:60]}' is unknown.", nearest(value, list(choices)), key=key)
            return ""
        return str(value)

    def by_language(self, key: str) -> dict[str, str]:
        """Return the texts of a table such as ``title_in.az = "..."``, by language; empty where absent."""
        languages = self.section(key)
        if languages is None:
            return {}
        return {language: languages.text(language) for language in sorted(languages.content)}

    def texts(self, key: str, default: tuple[str, ...] = (), choices: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the texts of a list; one text alone stands for a list of one."""
        value = self._take(key, (str, list), "a text or a list of texts", required=False)
        if value is None:
            return default
        found = [value] if isinstance(value, str) else value
        if not found or not all(isinstance(item, str) for item in found):
            self.problem(f"found {_shown(value)}, expected a list of texts.", key=key, weight=_SHAPE)
            return default
        for item in found:
            if choices and item not in choices:
                self.problem(f"'{item[:60]}' is unknown.", nearest(item, list(choices)), key=key)
            if found.count(item) > 1:
                self.problem(f"'{item[:60]}' stands there twice.", key=key)
        return tuple(item for item in found if not choices or item in choices)

    def number(
        self, key: str, default: float = 0.0, *, required: bool = False, above: float = -1e300, most: float = 1e300
    ) -> float:
        """Return a number greater than ``above`` and at most ``most``."""
        value = self._take(key, (int, float), "a number", required)
        if value is None:
            return default
        if not above < value <= most:
            limits = ([f"greater than {above:g}"] if above > -1e300 else []) + ([f"at most {most:g}"] * (most < 1e300))
            self.problem(f"found {_shown(value)}, expected a number {' and '.join(limits)}".rstrip() + ".", key=key)
            return default
        return float(value)

    def integer(self, key: str, default: int = 0, *, required: bool = False, least: int = 1) -> int:
        """Return a whole number of at least ``least``."""
        value = self._take(key, (int,), "a whole number", required)
        if value is None:
            return default
        if value < least:
            self.problem(f"found {value}, expected at least {least}.", key=key)
            return default
        return int(value)

    def numbers(self, key: str, default: tuple[float, ...]) -> tuple[float, ...]:
        """Return the numbers of a list."""
        value = self._take(key, (list,), "a list of numbers", required=False)
        if value is None:
            return default
        if not value or not all(isinstance(x, int | float) and not isinstance(x, bool) for x in value):
            self.problem(f"found {_shown(value)}, expected a list of numbers.", key=key, weight=_SHAPE)
            return default
        return tuple(float(x) for x in value)

    def number_or_missing(self, key: str, default: float | None = None) -> float | None:
        """Return a number, or None where ``"missing"`` is written."""
        value = self._take(key, (int, float, str), 'a number or "missing"', required=False)
        if value is None:
            return default
        if isinstance(value, str):
            if value != "missing":
                self.problem(f'found {_shown(value)}, expected a number or "missing".', key=key, weight=_SHAPE)
            return None
        return float(value)

    def date(self, key: str) -> dt.date | None:
        """Return a date, written without quotes: 2024-01-31."""
        value = self._take(key, (dt.date,), "a date without quotes, such as 2024-01-31", required=False)
        return value if isinstance(value, dt.date) else None

    def period(self, key: str, default: Period) -> Period:
        """Return a period such as ``"6 months"``."""
        value = self._take(key, (str,), 'a period, such as "6 months"', required=False)
        return default if value is None else self._read(key, value, Period.parse, default)

    def periods(self, key: str, default: tuple[Period, ...]) -> tuple[Period, ...]:
        """Return the periods of a list."""
        words = self.texts(key)
        found = tuple(self._read(key, word, Period.parse, Period(days=1)) for word in words)
        for period, word in zip(found, words, strict=True):
            if period == Period():
                self.problem(f"'{word}' holds no day.", key=key)
            if found.count(period) > 1:
                self.problem(f"'{word}' is the same period as another in the list.", key=key)
        return found or default

    def expression(self, key: str, *, required: bool = False) -> Expression | None:
        """Return a parsed expression; None where absent."""
        value = self._take(key, (str,), "an expression in double quotes", required)
        return None if value is None else self._read(key, value, parse, None)

    def section(self, key: str, *, required: bool = False) -> Section | None:
        """Return a table below this one."""
        value = self._take(key, (dict,), f"a table: [{key}]", required)
        return None if value is None else Section(value, f"{self.where}: {key}", self.problems)

    def sections(self, key: str, *, required: bool = True) -> list[Section]:
        """Return the tables of a list, ``[[key]]``; each is named in messages by its own ``name``, or by its place."""
        value = self._take(key, (list,), f"a list of tables: [[{key}]]", required)
        found = []
        for number, item in enumerate(value or [], start=1):
            if not isinstance(item, dict):
                self.problem(f"found {_shown(item)}, expected a table.", key=f"{key} {number}", weight=_SHAPE)
                continue
            name = item.get("name")
            label = f"'{name[:60]}'" if isinstance(name, str) else str(number)
            found.append(Section(item, f"{self.where}: {key} {label}", self.problems))
        if value == [] and required:
            self.problem("the list is empty.", f"Write at least one [[{key}]].", weight=_SHAPE)
        return found

    def _read(self, key: str, value: str, read: Callable[[str], T], default: T) -> T:
        try:
            return read(value)
        except RiskscoreError as why:
            self.problem(str(why), key=key)
        return default


def _shown(value: object) -> str:
    """Return a value as TOML would write it, cut short."""
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    return str(value).lower() if isinstance(value, bool) else repr(value)[:60]

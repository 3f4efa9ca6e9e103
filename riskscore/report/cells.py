"""What a cell of a table, or a text in a report, may hold: plain values, nothing that acts on its reader."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from riskscore.errors import RiskscoreError

Plain = str | int | float | bool | dt.date | None

FORMULA_STARTS = frozenset("=+-@\N{MINUS SIGN}")
TEXT_LIMIT = 1_000  # characters of one text in a report, room for a visit with all its findings; a longer one is cut
# Unicode categories: control, format (among them the marks that turn the direction of writing), surrogate halves.
ACTING = frozenset({"Cc", "Cf", "Cs"})
JOINERS = frozenset("\u200c\u200d")  # belong to the spelling of several scripts
SEPARATORS = re.compile(r"([;\t\r\n])")


def plain(cell: Any, column: str) -> Plain:
    """Return a cell of a frame as a plain Python value; missing ones as None, midnights as dates.

    Raises
    ------
    RiskscoreError
        For an infinite number, which neither JSON nor a workbook can hold.

    Examples
    --------
    >>> plain(np.float64("nan"), "margin"), plain(pd.Timestamp("2024-05-01"), "as_of")
    (None, datetime.date(2024, 5, 1))
    """
    if type(cell) is str:  # most cells of a long list
        return cell
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return None
    if isinstance(cell, np.generic):
        cell = pd.Timestamp(cell) if isinstance(cell, np.datetime64) else cell.item()
    if isinstance(cell, float):
        if math.isinf(cell):
            raise RiskscoreError("an infinite number cannot be written.", where=f"column '{column}'")
        return None if math.isnan(cell) else cell
    if isinstance(cell, dt.datetime):
        return cell.date() if cell.time() == dt.time() and cell.tzinfo is None else cell.isoformat()
    if isinstance(cell, bool | int | str | dt.date):
        return cell
    return str(cell)


def plain_rows(frame: pd.DataFrame) -> tuple[list[str], list[list[Plain]]]:
    """Return the names of the columns and the rows; the levels of a named index come first.

    Raises
    ------
    RiskscoreError
        Where two columns have one name: half of the values would be lost on the way.

    Examples
    --------
    >>> plain_rows(pd.DataFrame({"rank": [1], "band": ["A"]}))
    (['rank', 'band'], [[1, 'A']])
    """
    names, cells = plain_columns(frame)
    return names, [list(row) for row in zip(*cells, strict=True)]


def plain_columns(frame: pd.DataFrame) -> tuple[list[str], list[list[Plain]]]:
    """Return what `plain_rows` does, the cells of one column together."""
    levels = [str(n) for n in frame.index.names if n is not None]
    names = levels + [str(c) for c in frame.columns]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise RiskscoreError(f"two columns are called '{twice[0]}'.", next="Rename one of them.")
    columns: list[Any] = [frame.index.get_level_values(n) for n in levels]
    columns += [frame.iloc[:, i] for i in range(frame.shape[1])]
    return names, [_plain_column(column, name) for name, column in zip(names, columns, strict=True)]


def _plain_column(column: Any, name: str) -> list[Plain]:
    """Return the cells of a column as `plain` does, the common types without asking each cell what it is."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind == "f":
        if np.isinf(column).any():
            plain(float("inf"), name)
        return [None if c != c else c for c in column.tolist()]
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biu":
        return list(column.tolist())
    if isinstance(column.dtype, pd.StringDtype):  # quicker to go through than Arrow's scalars
        column = column.to_numpy(dtype=object)
    return [c if type(c) is str else plain(c, name) for c in column]


def is_formula(text: str) -> bool:
    r"""Tell whether a spreadsheet could take a text for a formula.

    It does so for texts that begin with ``= + - @``, a tab or a return. Spaces, invisible characters and quotes
    before them are looked through, and full-width forms count as what they stand for.

    Examples
    --------
    >>> [is_formula(t) for t in ("=1+1", "  \uff1dSUM(A1)", "\tfine", "5 - 3", "A-1")]
    [True, True, True, False, False]
    """
    first = text[:1]
    if first.isascii() and first.isalnum():
        return False
    if first in ("\t", "\r"):
        return True
    for character in text:
        if character.isspace() or unicodedata.category(character) in ACTING:
            continue
        return unicodedata.normalize("NFKC", character)[:1] in FORMULA_STARTS
    return False


def shielded(text: str) -> str:
    r"""Return a text for CSV with an apostrophe before whatever a spreadsheet could take for a formula.

    A program set to another country splits lines at ``;`` or at tabs, so what follows one is shielded as well.

    Examples
    --------
    >>> shielded("=cmd()"), shielded("Tikinti; =cmd()"), shielded("S-12; 3 - 1")
    ("'=cmd()", "Tikinti;' =cmd()", 'S-12; 3 - 1')
    """
    if not SEPARATORS.search(text):
        return "'" + text if is_formula(text) else text
    parts = SEPARATORS.split(text)
    parts[2::2] = ["'" + part if is_formula(part) else part for part in parts[2::2]]
    whole = "".join(parts)
    return "'" + whole if is_formula(text) else whole


def visible(text: str) -> str:
    r"""Return a text with control characters and marks of direction written out instead of acting.

    Line ends and tabs become spaces. Without this a name could recolour a terminal or reverse what follows it.

    Examples
    --------
    >>> visible("a\x1b[31m\u202eb\nc")
    'a\\x1b[31m\\u202eb c'
    """
    return "".join(_written_out(c) for c in text)


def _written_out(character: str) -> str:
    if character in "\n\r\t\u2028\u2029":
        return " "
    if character in JOINERS or unicodedata.category(character) not in ACTING:
        return character
    return f"\\x{ord(character):02x}" if ord(character) < 256 else f"\\u{ord(character):04x}"


def cut(text: str, limit: int = TEXT_LIMIT) -> str:
    """Return at most ``limit`` characters of a text; a longer one says how long it was.

    Examples
    --------
    >>> cut("abcdef" * 100, 6)
    'abcdef… (cut; 600 characters)'
    """
    return text if len(text) <= limit else f"{text[:limit]}… (cut; {len(text):,} characters)"

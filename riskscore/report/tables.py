"""A frame as a table for people and programs: terminal, CSV, JSON, Parquet, Excel."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from riskscore.errors import RiskscoreError, nearest
from riskscore.report.atomic import write_bytes, write_text
from riskscore.report.cells import Plain, plain_columns, plain_rows, shielded

FORMATS = ("table", "csv", "json", "parquet", "xlsx")
_BLOCK = 50_000  # rows of a CSV file that are Python's own objects at a time
_QUOTED = re.compile('[,"\\r\\n]')


def write_table(frame: pd.DataFrame, format: str, out: Path | None, *, title: str = "") -> str | None:
    r"""Write a frame to a file, or return the text that belongs on standard output.

    Parameters
    ----------
    frame : pandas.DataFrame
        Levels of a named index become the first columns; an index without a name is left out.
    format : "table", "csv", "json", "parquet" or "xlsx"
        ``table`` fits the terminal, or 100 columns elsewhere. ``csv`` is UTF-8 with numbers in their shortest exact
        form; **a text that a spreadsheet could take for a formula gets an apostrophe before it**. ``json`` is a list
        of records, missing values are null, dates are ``2024-01-31``. ``xlsx`` keeps such texts as texts.
    out : Path or None
        None returns the text; Parquet and Excel need a file.
    title : str
        Heads the terminal's table and names the sheet of a workbook.

    Returns
    -------
    str or None
        The text, where ``out`` is None.

    Raises
    ------
    RiskscoreError
        For an unknown format, a missing ``out``, an infinite number, or more rows than a sheet can hold.

    Examples
    --------
    >>> write_table(pd.DataFrame({"site": ["S-1", "=1+1"], "margin": [0.5, None]}), "csv", None)
    "site,margin\nS-1,0.5\n'=1+1,\n"
    """
    if format not in FORMATS:
        raise RiskscoreError(f"'{format}' is no format of a table.", where="format", next=nearest(format, FORMATS))
    if format in ("parquet", "xlsx"):
        if out is None:
            raise RiskscoreError(f"{format} cannot be shown on a terminal.", next=f"Name a file: --out FILE.{format}")
        write_bytes(out, _parquet(frame) if format == "parquet" else _workbook(frame, title))
        return None
    if format == "csv" and out is not None:
        write_bytes(out, b"".join(block.encode("utf-8", "backslashreplace") for block in csv_blocks(frame)))
        return None
    text = _text(frame, format, title, shown=out is None)
    if out is None:
        return text.encode("utf-8", "backslashreplace").decode("utf-8")  # a half surrogate cannot be printed
    write_text(out, text)
    return None


def _text(frame: pd.DataFrame, format: str, title: str, *, shown: bool) -> str:
    if format == "table":
        from riskscore.report.terminal import as_terminal_table

        return as_terminal_table(*plain_rows(frame), title=title, shown=shown)
    return as_csv(frame) if format == "csv" else as_json(*plain_rows(frame))


def as_csv(frame: pd.DataFrame) -> str:
    r"""Return a frame as CSV with ``\n`` line ends; texts that look like formulas get an apostrophe before them.

    Examples
    --------
    >>> as_csv(pd.DataFrame({"a": ["@x"], "b": [-1.5]}))
    "a,b\n'@x,-1.5\n"
    """
    return "".join(csv_blocks(frame))


def csv_blocks(frame: pd.DataFrame) -> Iterator[str]:
    """Give the lines of `as_csv`, the names first, then a block of rows at a time."""
    names, _ = plain_columns(frame.iloc[:0])
    told: dict[str, str] = {}  # the same reasons stand in many rows
    yield ",".join(_csv_column(names, told)) + "\n"
    for begin in range(0, len(frame), _BLOCK):
        _, columns = plain_columns(frame.iloc[begin : begin + _BLOCK])
        texts = [_csv_column(cells, told) for cells in columns]
        if len(texts) == 1:  # an empty line would be no row
            texts = [[text or '""' for text in texts[0]]]
        yield "\n".join(map(",".join, zip(*texts, strict=True))) + "\n"


def _csv_column(cells: Sequence[Plain], told: dict[str, str]) -> list[str]:
    """Return cells as they stand in CSV, texts shielded; each different text is looked at once."""
    found = []
    for cell in cells:
        if type(cell) is str:
            if cell not in told:
                told[cell] = _quoted(shielded(cell))
            found.append(told[cell])
        elif type(cell) is float:
            found.append(repr(cell))
        elif cell is None:
            found.append("")
        else:
            found.append(("false", "true")[cell] if cell is True or cell is False else str(cell))
    return found


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def as_json(names: list[str], rows: list[list[Plain]]) -> str:
    r"""Return rows as a JSON list of records, one record a line.

    Examples
    --------
    >>> as_json(["a", "on"], [[None, dt.date(2024, 1, 31)]])
    '[\n{"a": null, "on": "2024-01-31"}\n]\n'
    """
    lines = [json.dumps(dict(zip(names, map(_json_cell, row), strict=True)), ensure_ascii=False) for row in rows]
    return "[\n" + ",\n".join(lines) + "\n]\n" if lines else "[]\n"


def _json_cell(cell: Plain) -> str | int | float | bool | None:
    return cell.isoformat() if isinstance(cell, dt.date) else cell


def _parquet(frame: pd.DataFrame) -> bytes:
    levels = [n for n in frame.index.names if n is not None]
    data = io.BytesIO()
    (frame.reset_index() if levels else frame).to_parquet(data, index=False)
    return data.getvalue()


def _workbook(frame: pd.DataFrame, title: str) -> bytes:
    from riskscore.report.workbook import as_workbook

    names, rows = plain_rows(frame)
    return as_workbook(names, rows, title=title)

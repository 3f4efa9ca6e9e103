"""Excel workbooks: a sheet as a source, its numbers and dates as Excel holds them."""

from __future__ import annotations

import datetime as dt
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from riskscore.errors import RecordsError, nearest
from riskscore.records.mapping import SourceRule
from riskscore.records.names import unique_names
from riskscore.records.package import check_package
from riskscore.records.private import split_private
from riskscore.records.source_table import SourceTable

_MOST_ROWS = 1_048_576  # of a sheet
_STUMBLES = (
    zipfile.BadZipFile, zlib.error, struct.error, SyntaxError, LookupError, ArithmeticError, OSError, ValueError,
    TypeError, AttributeError, MemoryError,
)  # fmt: skip
_ZEROS = re.compile(r"0{2,}")  # the number format of ids with leading zeros


def sheet_names(path: Path) -> list[str]:
    """Return the names of a workbook's sheets."""
    with _opened(path) as book:
        return list(book.sheetnames)


def read_excel_file(path: Path, rule: SourceRule) -> SourceTable:
    """Read one sheet (the first, if the mapping names none).

    A number shown with leading zeros (format ``0000000000``) is read with them; a cell that holds a date is a date,
    and a number in a date column is taken for Excel's serial number later, when the column's type is known.
    """
    import pyarrow as pa

    with _opened(path) as book:
        if rule.sheet is not None and rule.sheet not in book.sheetnames:
            raise RecordsError(
                f"there is no sheet '{rule.sheet}'.", where=path.name, next=nearest(rule.sheet, book.sheetnames)
            )
        sheet = book[rule.sheet] if rule.sheet is not None else book[book.sheetnames[0]]
        epoch = -25569 if book.epoch.year < 1904 else -24107
        top = 1 + rule.skip_rows
        header = [str(_value(cell) or "") for cell in next(sheet.iter_rows(min_row=top, max_row=top), ())]
        while header and not header[-1]:
            header.pop()
        if not any(header):
            raise RecordsError("the sheet has no header.", where=f"{path.name}, {sheet.title}")
        names = unique_names(header)
        wanted, private = split_private(names, rule.private)
        places = [names.index(n) for n in wanted]
        columns: list[list[Any]] = [[] for _ in wanted]
        # a row may say that it is the thousand millionth, and a sheet that it is as wide as can be: neither is believed
        for number, line in enumerate(sheet.iter_rows(min_row=top + 1, max_row=_MOST_ROWS + 1, max_col=len(header))):
            if number + top >= _MOST_ROWS:
                raise RecordsError(f"a row lies below row {_MOST_ROWS:,}, the last of a sheet.", where=path.name,
                                   next="Save it as .csv.")  # fmt: skip
            for values, place in zip(columns, places, strict=True):
                values.append(_value(line[place]) if place < len(line) else None)
    while columns and columns[0] and all(values[-1] is None for values in columns):
        for values in columns:  # empty lines that Excel keeps at the end
            values.pop()
    data = pa.table({n: as_array(v) for n, v in zip(wanted, columns, strict=True)})
    piece = (path.name if rule.sheet is None else f"{path.name}, {rule.sheet}", 0, 2 + rule.skip_rows)
    return SourceTable(data, (piece,), rule.decimal or ".", private, excel_epoch=epoch)


def as_array(values: list[Any]) -> Any:
    """Return values as one Arrow array: of their own type where they share one, as text where they do not."""
    import pyarrow as pa

    kinds = {type(v) for v in values if v is not None}
    if kinds <= {int, float}:
        return pa.array(values, type=pa.float64() if float in kinds else None)
    if len(kinds) == 1 and kinds <= {dt.datetime, dt.date, bool}:
        return pa.array(values)
    return pa.array([None if v is None else _text(v) for v in values], type=pa.string())


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes | bytearray | memoryview):
        return ""  # a picture or a signature is no value
    return str(value)


def _value(cell: Any) -> Any:
    value = cell.value
    if isinstance(value, int) and not isinstance(value, bool):
        shown = cell.number_format or ""
        return str(value).zfill(len(shown)) if _ZEROS.fullmatch(shown) else value
    if isinstance(value, dt.time | dt.timedelta):
        return str(value)
    return value


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a workbook that was looked through; whatever its parser stumbles over is told in words."""
    import openpyxl

    try:
        check_package(path)
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            yield book
        finally:
            book.close()
    except _STUMBLES:
        raise RecordsError(
            "is no Excel workbook that can be read.", where=path.name, next="Save it as .xlsx."
        ) from None

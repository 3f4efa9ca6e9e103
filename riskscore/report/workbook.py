"""A table as an Excel workbook that can be read, filtered and printed, and that computes nothing."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

from riskscore.errors import RiskscoreError
from riskscore.report.cells import Plain, is_formula

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

MOST_ROWS = 1_048_575  # of a sheet, below the header
MOST_CHARACTERS = 32_767  # of a cell
MARK = "… (cut)"
NARROWEST, WIDEST = 8, 48  # widths of columns, in characters
MEASURED = 1_000  # rows looked at for the widths
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
WRITTEN = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms)")
BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can state


def as_workbook(names: list[str], rows: list[list[Plain]], *, title: str = "") -> bytes:
    r"""Return the bytes of a workbook with one sheet; the same rows give the same bytes.

    The header is bold and frozen, columns can be filtered, dates are dates, and the sheet prints in landscape on the
    width of a page. Texts are stored as texts, whatever they begin with; control characters are written out as
    ``\x0b``, and a text longer than a cell can hold is cut with a mark.

    Examples
    --------
    >>> as_workbook(["site"], [["S-1"]])[:2]
    b'PK'
    """
    return as_sheets([(title, names, rows)])


def as_sheets(
    sheets: list[tuple[str, list[str], list[list[Plain]]]], finish: Callable[[Workbook], None] | None = None
) -> bytes:
    """Return the bytes of a workbook with several sheets, each a title, names of columns and rows; see `as_workbook`.

    Two titles that Excel would take for one get a number. ``finish`` is handed the workbook before it is saved.

    Examples
    --------
    >>> as_sheets([("Baku 6 May", ["site"], [["S-1"]]), ("Baku 7 May", ["site"], [])])[:2]
    b'PK'
    """
    from openpyxl import Workbook as Book

    book = Book()
    taken: set[str] = set()
    for i, (title, names, rows) in enumerate(sheets):
        sheet: Worksheet = book.worksheets[0] if i == 0 else book.create_sheet()
        name = _sheet_name(title)
        number = 2
        while name.casefold() in taken:
            name = f"{_sheet_name(title)[:27]} {number}"
            number += 1
        taken.add(name.casefold())
        sheet.title = name
        _fill(sheet, names, rows)
    if finish is not None:
        finish(book)
    data = io.BytesIO()
    book.save(data)
    return _without_clock(data.getvalue())


def _fill(sheet: Worksheet, names: list[str], rows: list[list[Plain]]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    if len(rows) > MOST_ROWS:
        raise RiskscoreError(
            f"{len(rows):,} rows; a sheet holds {MOST_ROWS:,}.", next="Write csv or parquet, or take fewer rows."
        )
    top = Alignment(vertical="top", wrap_text=True)
    lines: list[list[Plain]] = [list(names), *rows]
    for i, row in enumerate(lines, start=1):
        for j, value in enumerate(row, start=1):
            if value is not None:
                cell = sheet.cell(i, j)
                _put(cell, value)
                cell.alignment = top
    for j, name in enumerate(names, start=1):
        sheet.cell(1, j).font = Font(bold=True)
        longest = max([len(name) + 3, *(_length(row[j - 1]) for row in rows[:MEASURED])])
        sheet.column_dimensions[get_column_letter(j)].width = min(max(longest + 1, NARROWEST), WIDEST)
    _set_up_page(sheet)


def _put(cell: Cell | MergedCell, value: Plain) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = _legal(value)
    cell.data_type = "s"
    if is_formula(value):
        cell.quotePrefix = True  # stays a text when somebody edits it


def _legal(text: str) -> str:
    text = ILLEGAL.sub(lambda m: f"\\x{ord(m[0]):02x}", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text if len(text) <= MOST_CHARACTERS else text[: MOST_CHARACTERS - len(MARK)] + MARK


def _length(value: Plain) -> int:
    return 0 if value is None else len(str(value))


def _sheet_name(title: str) -> str:
    # Excel refuses these characters, names over 31 of them, an apostrophe at either end, and the name "History".
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip(" '")[:31].strip(" '")
    return name if name and name.lower() != "history" else "riskscore"


def _set_up_page(sheet: Worksheet) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0  # as many pages as it takes
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&P / &N"


def _without_clock(data: bytes) -> bytes:
    """Return the workbook with the time of its making replaced, so that equal tables are equal files."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = WRITTEN.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", content)
            new.writestr(zipfile.ZipInfo(entry.filename, BEGINNING), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()

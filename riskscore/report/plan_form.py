"""The forms on which the results of a plan come back: to fill in with a spreadsheet, and the same columns as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from riskscore.planning.form import SAYS, Field
from riskscore.report.cells import Plain, plain_rows
from riskscore.report.workbook import as_sheets

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation
    from openpyxl.worksheet.worksheet import Worksheet

SPARE = 18  # width of a column of numbers, in characters: its name fits on two lines
WHITE, GREY = "FFFDE7", "D9D9D9"


def form_frame(frame: pd.DataFrame, fields: Sequence[Field]) -> pd.DataFrame:
    """Return the columns of a form and a line for each row, with what the plan says and room for the rest."""
    return frame.reindex(columns=[f.name for f in fields]).astype(object)


def form_workbook(frame: pd.DataFrame, fields: Sequence[Field], title: str) -> bytes:
    """Return a workbook with the form and a sheet that explains it.

    What the plan wrote is grey and locked (no password: against slips, not against people); what is to be filled in is
    light, has lists to choose from where there is a choice, and a hint at each cell.
    """
    names, rows = plain_rows(form_frame(frame, fields))
    said: list[list[Plain]] = [[line, None, None, None] for line in SAYS]
    said += [[f.name, "the plan" if f.given else "you", f.help, ", ".join(f.choices)] for f in fields]
    sheets = [(title, names, rows), ("how to fill it in", ["column", "filled in by", "what it is", "one of"], said)]

    def finish(book: Workbook) -> None:
        _made_ready(book.worksheets[0], fields, len(rows))
        book.worksheets[1].auto_filter.ref = None
        for i in range(2, len(SAYS) + 2):
            book.worksheets[1].merge_cells(start_row=i, end_row=i, start_column=1, end_column=4)

    return as_sheets(sheets, finish)


def _made_ready(sheet: Worksheet, fields: Sequence[Field], rows: int) -> None:
    from openpyxl.styles import Alignment, PatternFill, Protection
    from openpyxl.utils import get_column_letter

    light, grey = (PatternFill("solid", start_color=c, end_color=c) for c in (WHITE, GREY))
    for j, field in enumerate(fields, start=1):
        letter = get_column_letter(j)
        sheet.cell(1, j).alignment = Alignment(vertical="top", wrap_text=True)
        sheet.cell(1, j).fill = grey
        if field.type == "integer":
            sheet.column_dimensions[letter].width = SPARE
        for i in range(2, rows + 2):
            cell = sheet.cell(i, j)
            cell.fill = grey if field.given else light
            cell.protection = Protection(locked=field.given)
            if field.type == "date":
                cell.number_format = "yyyy-mm-dd"
        if not field.given and rows:
            sheet.add_data_validation(_check(field, f"{letter}2:{letter}{rows + 1}"))
    first = next(j for j, f in enumerate(fields, start=1) if not f.given)
    sheet.freeze_panes = f"{get_column_letter(first)}2"
    protection = sheet.protection
    protection.sheet = True
    # what is marked False here is allowed: finding a line and making a column wider
    protection.autoFilter = protection.sort = protection.formatColumns = protection.formatRows = False


def _check(field: Field, cells: str) -> DataValidation:
    from openpyxl.worksheet.datavalidation import DataValidation as Validation

    if field.choices:
        made = Validation("list", formula1=f'"{",".join(field.choices)}"')
    elif field.type == "date":
        made = Validation("date", operator="greaterThan", formula1="36526")  # 2000-01-01
    else:
        made = Validation("whole", operator="greaterThanOrEqual", formula1="0")
    made.allow_blank, made.showErrorMessage, made.showInputMessage = True, True, True
    made.promptTitle, made.prompt = field.name[:32], field.help[:255]
    made.errorTitle, made.error = "This does not fit", field.help[:225]
    made.add(cells)
    return made

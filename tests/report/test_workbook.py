from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from riskscore.errors import RiskscoreError
from riskscore.report import workbook
from riskscore.report.tables import write_table
from riskscore.report.workbook import as_workbook

HOSTILE = ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\uff1d1", "=cmd|' /C calc'!A0", "{=1}", '=HYPERLINK("http://x")']


def sheet_of(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]


def test_no_cell_of_a_reopened_workbook_is_a_formula() -> None:
    data = as_workbook(["=head", "n"], [[text, -1.5] for text in HOSTILE])
    cells = [cell for row in sheet_of(data).iter_rows() for cell in row]
    assert {c.data_type for c in cells} == {"s", "n"}
    assert [r[0].value for r in sheet_of(data).iter_rows(min_row=2)] == HOSTILE
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert b"<f>" not in file.read("xl/worksheets/sheet1.xml")


def test_a_text_that_looks_like_a_formula_stays_a_text_when_it_is_edited() -> None:
    sheet = sheet_of(as_workbook(["a"], [["=1+1"], ["S-1"]]))
    assert (sheet["A2"].quotePrefix, sheet["A3"].quotePrefix) == (True, False)


def test_the_sheet_can_be_read_filtered_and_printed() -> None:
    sheet = sheet_of(as_workbook(["entity", "on"], [["S-1", dt.date(2024, 5, 1)]], title="Sites: [2025/01]"))
    assert sheet.title == "Sites   2025 01"
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B2"
    assert (sheet["B2"].is_date, sheet["B2"].value) == (True, dt.datetime(2024, 5, 1))
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (
        "landscape",
        1,
        0,
    )
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"


def test_control_characters_are_written_out_and_giant_cells_cut_with_a_mark() -> None:
    sheet = sheet_of(as_workbook(["a"], [["x\x0b\x00\x1by\ufffe\udc80"], ["z" * 40_000], ["one\r\ntwo"]]))
    assert sheet["A2"].value == "x\\x0b\\x00\\x1by\\xfffe\\xdc80"
    assert len(sheet["A3"].value) == 32_767
    assert sheet["A3"].value.endswith("… (cut)")
    assert sheet["A4"].value == "one\ntwo"


def test_equal_tables_are_equal_files_whenever_they_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    first = as_workbook(["a"], [[1]])
    monkeypatch.setattr("time.time", lambda: 2e9)
    monkeypatch.setattr("time.localtime", lambda *_: (2033, 5, 18, 3, 33, 20, 2, 138, 0))
    assert as_workbook(["a"], [[1]]) == first
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        assert file.read("docProps/core.xml").count(b"1980-01-01T00:00:00Z") == 2


def test_ids_keep_their_leading_zeros_and_missing_cells_are_empty(tmp_path: Path) -> None:
    frame = pd.DataFrame({"tax_number": ["0012345678", None], "margin": [None, 0.5]})
    write_table(frame, "xlsx", tmp_path / "x.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx").worksheets[0].values)
    assert rows == [("tax_number", "margin"), ("0012345678", None), (None, 0.5)]


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    with pytest.raises(RiskscoreError, match="csv or parquet"):
        as_workbook(["a"], [[1], [2], [3]])


@pytest.mark.parametrize("title", ["", "'", "History", "x" * 50, "a'", "\x07"])
def test_every_title_gives_a_sheet_name_that_excel_takes(title: str) -> None:
    name = sheet_of(as_workbook(["a"], [], title=title)).title
    assert 0 < len(name) <= 31
    assert name.strip("'") == name
    assert name != "History"

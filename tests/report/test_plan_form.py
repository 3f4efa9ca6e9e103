"""The forms of a plan open as they should in a spreadsheet, and tell the field nothing of why a place is visited."""

from __future__ import annotations

import io

import openpyxl
import pandas as pd
import pytest

from riskscore.planning.form import LETTERS, VISITS
from riskscore.records.schema import NOT_MADE
from riskscore.report.plan_form import form_frame, form_workbook

ROWS = pd.DataFrame({
    "plan": "plan-1", "visit": ["2025-01-06-=1+1", "2025-01-06-007"], "place": ["=1+1", "007"], "day": "2025-01-06",
    "office": "Şəki", "team": "Şəki 1", "trigger": "complaint", "selection_probability": 0.25, "why": "urgent report",
})  # fmt: skip


@pytest.fixture(scope="module")
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(form_workbook(ROWS, VISITS, "results")))


def test_the_form_has_a_line_for_each_visit_with_what_the_plan_says_and_room_for_the_rest(book) -> None:
    sheet = book["results"]
    assert [c.value for c in sheet[1]] == [f.name for f in VISITS]
    assert [c.value for c in sheet[3]][:6] == ["plan-1", "2025-01-06-007", "007", "2025-01-06", "Şəki", "Şəki 1"]
    assert {c.value for c in sheet[3]} - {c.value for c in sheet[3][:6]} == {None}
    assert sheet.max_row == 3


def test_nothing_on_the_form_tells_why_a_place_is_visited(book) -> None:
    text = " ".join(str(c.value) for sheet in book for row in sheet.iter_rows() for c in row).lower()
    assert not [word for word in ("complaint", "urgent", "random", "0.25", "report") if word in text]


def test_what_the_plan_wrote_is_locked_and_what_is_to_be_filled_in_is_not(book) -> None:
    sheet = book["results"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    locked = [cell.protection.locked for cell in sheet[2]]
    assert locked == [field.given for field in VISITS]
    assert sheet.freeze_panes == "G2", "a line can be told while its numbers are typed"


def test_every_column_to_fill_in_is_checked_and_explained_where_it_is_typed(book) -> None:
    checks = {str(v.sqref).partition(":")[0]: v for v in book["results"].data_validations.dataValidation}
    assert len(checks) == sum(not f.given for f in VISITS)
    assert checks["G2"].formula1 == '"yes,no"'
    assert checks["H2"].type == "date"
    assert checks["I2"].formula1 == f'"{",".join(NOT_MADE)}"'
    assert len(checks["I2"].formula1) <= 255, "the longest list that Excel takes"
    assert {checks[c].type for c in checks if c not in ("G2", "H2", "I2")} == {"whole"}
    assert all(v.prompt and str(v.sqref).endswith("3") for v in checks.values())


def test_the_second_sheet_says_what_each_column_is(book) -> None:
    rows = [[c.value for c in row] for row in book["how to fill it in"].iter_rows(min_row=2)]
    told = {row[0]: row for row in rows}
    assert {f.name for f in VISITS} <= set(told)
    assert told["made"][1] == "you"
    assert told["place"][1] == "the plan"
    assert "closed that day" in told["reason"][3]


def test_a_text_that_looks_like_a_formula_is_none_and_the_same_plan_gives_the_same_bytes(book) -> None:
    assert book["results"]["C2"].data_type == "s"
    assert book["results"]["C2"].value == "=1+1"
    assert form_workbook(ROWS, VISITS, "results") == form_workbook(ROWS, VISITS, "results")


def test_a_form_without_lines_can_be_opened() -> None:
    none = pd.DataFrame(columns=["letter", "employer"])
    book = openpyxl.load_workbook(io.BytesIO(form_workbook(none, LETTERS, "letters")))
    assert [c.value for c in book["letters"][1]] == [f.name for f in LETTERS]
    assert form_frame(none, LETTERS).empty

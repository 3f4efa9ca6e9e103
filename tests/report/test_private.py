from __future__ import annotations

import datetime as dt

from riskscore.explanation.dossier import Document
from riskscore.report.private import shown_records


def visit(day: str) -> Document:
    on = dt.date.fromisoformat(day)
    return Document("inspections", f"I-{day}", on, on, "Visit")


def call(day: str) -> Document:
    on = dt.date.fromisoformat(day)
    return Document("complaints", "C-9", on, on, "Passports are kept, says a cook.")


def test_nothing_of_a_complaint_but_its_quarter_is_left() -> None:
    (shown,) = shown_records([call("2023-12-31")])
    assert (shown.id, shown.date, shown.known_on, shown.says) == ("", "4th quarter of 2023", "", "A report.")


def test_the_place_in_the_list_does_not_tell_the_day_of_a_complaint() -> None:
    visits = [visit("2023-04-10"), visit("2023-06-20"), visit("2023-03-31")]
    orders = {
        tuple(r.date for r in shown_records([*visits, call(day)])) for day in ("2023-04-01", "2023-05-05", "2023-06-30")
    }
    assert orders == {("2023-06-20", "2023-04-10", "2nd quarter of 2023", "2023-03-31")}


def test_a_prosecutor_sees_a_report_in_full() -> None:
    (shown,) = shown_records([call("2023-05-05")], reports_in_full=True)
    assert (shown.id, shown.date, shown.says) == ("C-9", "2023-05-05", "Passports are kept, says a cook.")


def test_records_without_a_date_come_last() -> None:
    undated = Document("cases", "K-1", None, None, "Referred")
    assert [r.id for r in shown_records([undated, visit("2023-01-01")])] == ["I-2023-01-01", "K-1"]

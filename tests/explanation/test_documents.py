"""Records as documents: what they say, and what they must not tell."""

from __future__ import annotations

import datetime as dt

import pytest

from riskscore.asof.engine import Engine
from riskscore.cohorts import register
from riskscore.explanation.documents import document, documents_of
from riskscore.history.tables import TableView

VISIT = {"inspection_id": "V1", "site_id": "S1", "employer_id": "E1", "date": "2022-05-10", "known_on": "2022-05-20",
         "trigger": "planned", "authority": "Monitoring Centre", "office": "North", "inspector_id": "Aliyev",
         "workers_present": 12, "uncontracted_workers": 1}  # fmt: skip
REPORT = {"complaint_id": "C1", "site_id": "S1", "employer_id": "E1", "date": "2022-05-08", "known_on": "2022-05-08",
          "channel": "hotline", "topic": "wages withheld", "urgent": False}  # fmt: skip
SITE = {"site_id": "S1", "employer_id": "E1", "valid_from": "2015-01-01", "known_on": "2015-01-01"}


def says(records_of, table: str, row: dict[str, object]) -> str:
    return document(TableView(records_of(**{table: [row]})[table]), 0).says


def papers(records, as_of: str, kind: str = "site"):
    engine = Engine(records, register(records, kind, [dt.date.fromisoformat(as_of)]))
    return documents_of(engine, 0)


def test_a_visit_says_who_came_and_what_was_found(records_of) -> None:
    said = says(records_of, "inspections", VISIT)
    assert said == "Visit by Monitoring Centre: 12 people at work, 1 without a contract"
    assert says(records_of, "inspections", VISIT | {"workers_present": 1}).count("1 person at work") == 1


def test_a_visit_names_neither_the_inspector_nor_the_office(records_of) -> None:
    said = says(records_of, "inspections", VISIT)
    assert "Aliyev" not in said
    assert "North" not in said


def test_no_visit_says_why_it_was_made_because_one_after_a_report_would_date_the_report(records_of) -> None:
    said = {
        says(records_of, "inspections", VISIT | {"trigger": t}) for t in ("planned", "raid", "complaint", "hotline")
    }
    assert len(said) == 1
    assert said.pop().startswith("Visit by Monitoring Centre")


def test_a_prosecutor_reads_reports_and_reasons_of_visits_in_full(records_of) -> None:
    records = records_of(complaints=[REPORT], inspections=[VISIT | {"trigger": "complaint"}])
    found = document(TableView(records["complaints"]), 0, reports_in_full=True)
    assert (found.id, found.date, found.says) == ("C1", dt.date(2022, 5, 8), "Report by hotline, wages withheld")
    visit = document(TableView(records["inspections"]), 0, reports_in_full=True)
    assert visit.says.startswith("Visit (complaint) by Monitoring Centre")
    assert "Aliyev" not in visit.says


@pytest.mark.parametrize(("date", "quarter"), [("2022-01-01", "1st"), ("2022-06-30", "2nd"), ("2022-12-31", "4th")])
def test_a_report_is_a_quarter_and_nothing_else(date, quarter, records_of) -> None:
    found = document(TableView(records_of(complaints=[REPORT | {"date": date, "known_on": date}])["complaints"]), 0)
    assert found.says == f"a report, {quarter} quarter of 2022"
    month = 3 * int(quarter[0]) - 2
    assert (found.id, found.date, found.known_on) == ("", dt.date(2022, month, 1), None)


@pytest.mark.parametrize(
    ("stage", "said"),
    [("convicted", "Conviction (confirmed)"), ("referred", "Referred to the prosecutor"), ("dropped", "Case dropped")],
)
def test_only_a_conviction_is_called_confirmed(stage, said, records_of) -> None:
    row = {"case_id": "K1", "employer_id": "E1", "date": "2022-01-01", "stage": stage}
    assert says(records_of, "cases", row) == said
    assert says(records_of, "cases", row | {"abroad": True}) == f"{said} (work abroad)"


def test_what_is_not_recorded_is_not_said(records_of) -> None:
    bare = {"inspection_id": "V1", "site_id": "S1", "date": "2022-05-10", "known_on": "2022-05-20"}
    assert says(records_of, "inspections", bare) == "Visit"
    assert says(records_of, "penalties", {"penalty_id": "P1", "site_id": "S1", "date": "2022-05-10"}) == "Fine"


def test_documents_are_those_known_before_the_day_newest_first(records_of) -> None:
    later = VISIT | {"inspection_id": "V2", "date": "2022-06-01", "known_on": "2022-07-01"}
    other = VISIT | {"inspection_id": "V3", "site_id": "S2"}
    records = records_of(inspections=[VISIT, later, other], sites=[SITE], complaints=[REPORT])
    assert [p.id for p in papers(records, "2022-07-02")] == ["V2", "V1", ""]
    assert [p.id for p in papers(records, "2022-07-01")] == ["V1", ""]
    assert [p.id for p in papers(records, "2022-05-20")] == [""]


def test_of_a_row_and_its_correction_the_one_known_on_the_day_is_shown(records_of) -> None:
    right = VISIT | {"inspection_id": "V1b", "replaces": "V1", "uncontracted_workers": 0, "known_on": "2023-01-01"}
    records = records_of(inspections=[VISIT, right], sites=[SITE])
    assert [p.id for p in papers(records, "2023-01-01")] == ["V1"]
    assert [p.id for p in papers(records, "2023-01-02")] == ["V1b"]

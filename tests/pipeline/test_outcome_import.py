"""Forms of a plan come back into the record store: whole or not at all, once, corrected by new rows, and undone."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import riskscore as rs
from riskscore.errors import RecordsError
from riskscore.pipeline.outcome import HandedIn
from riskscore.planning.offices import PlanError
from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.places import URGENT, Places
from riskscore.planning.plan import Asked, make_plan
from riskscore.records import fingerprint
from riskscore.records.check import check_records
from riskscore.records.imports.append import import_records
from riskscore.records.imports.steps import as_frame, undo
from riskscore.records.model import Records
from riskscore.report.plan_files import write_plan

OFFICE = """
[[office]]
name = "Quba"
latitude = 41.0
longitude = 48.0
regions = ["N"]
teams = ["Quba 1", "Quba 2"]
"""
FIRST, HANDED_IN, TODAY = dt.date(2025, 1, 6), dt.date(2025, 1, 20), dt.date(2025, 1, 22)
Lines = dict[int, dict[str, object]]  # line of the form, counted from 0 -> what is filled in


@dataclass(frozen=True)
class Office:
    """A plan in a folder, its rows, and an empty form."""

    folder: Path
    visits: pd.DataFrame

    def filled(self, lines: Lines, name: str = "filled.xlsx", form: str = "results") -> Path:
        """Fill in the workbook as a person would, and save it."""
        book = openpyxl.load_workbook(self.folder / f"{form}.xlsx")
        sheet = book[form]
        column = {cell.value: cell.column for cell in sheet[1]}
        for line, cells in lines.items():
            for header, value in cells.items():
                sheet.cell(line + 2, column[header]).value = value
        book.save(self.folder / name)
        return self.folder / name

    def typed(self, lines: Lines, delimiter: str = ";", encoding: str = "cp1254") -> Path:
        """Fill in the CSV, saved as a spreadsheet of another country saves it."""
        rows = list(csv.reader((self.folder / "results.csv").read_text(encoding="utf-8").splitlines()))
        for line, cells in lines.items():
            for header, value in cells.items():
                rows[line + 1][rows[0].index(header)] = str(value)
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(rows)
        (self.folder / "filled.csv").write_bytes(text.getvalue().encode(encoding))
        return self.folder / "filled.csv"


@pytest.fixture(scope="module")
def office(tmp_path_factory) -> Office:
    n = 20
    frame = pd.DataFrame({
        "entity": [f"P{i}" for i in range(n - 1)] + ["=1+1"], "employer": [f"E{i}" for i in range(n)], "region": "N",
        "district": "Şəki", "sector": "F", "site_type": "shop", "latitude": [41 + i / 100 for i in range(n)],
        "longitude": 48.1, "rank": range(1, n + 1), "band": "B", "urgent": False, "located": True, "finding": 0.3,
        "value": [1 + i / 10 for i in range(n)], "workers": 5.0, "visited": True, "similarity": 0.5,
        "demand": [URGENT] + [""] * (n - 1), "because": "", "partner": "", "out": "",
    })  # fmt: skip
    plan = make_plan(Places(frame, ()), offices_from_text(OFFICE), Asked(dt.date(2025, 1, 1), FIRST, 2, explore=0.5),
                     lambda text: None)  # fmt: skip
    folder = tmp_path_factory.mktemp("plan")
    letters = pd.DataFrame([{"letter": f"2025-01-06-E{i}", "employer": f"E{i}", "name": f"No {i}", "region": "N",
                             "places": 1, "why": "General."} for i in (30, 31, 32)])  # fmt: skip
    write_plan(plan, folder, letters=letters)
    return Office(folder, plan.visits)


@pytest.fixture(scope="module")
def country(office) -> Records:
    folder = office.folder / "country"
    folder.mkdir()
    sites = "".join(f"P{i},E,2020-01-01\n" for i in range(20))
    (folder / "sites.csv").write_text(f"site_id,employer_id,known_on\n{sites}=1+1,E,2020-01-01\n")
    (folder / "inspections.csv").write_text(
        "inspection_id,site_id,date,known_on,uncontracted_workers\nV1,P0,2024-01-15,2024-01-20,1\n"
    )
    (folder / "mapping.toml").write_text("[tables.inspections]\ncovers_from = 2020-01-01\n")
    return rs.read_records(folder)


@pytest.fixture
def store(country, tmp_path) -> Path:
    import_records(country, tmp_path / "records", dt.date(2025, 1, 1))
    return tmp_path / "records"


def handed_in(store: Path, file: Path, today: dt.date = TODAY, **more) -> HandedIn:
    return rs.import_outcome(store, file, today, **{"known_on": HANDED_IN, **more})


MADE: dict[str, object] = {
    "made": "yes",
    "made_on": dt.date(2025, 1, 7),
    "workers_present": 12,
    "uncontracted_workers": 3,
}
NOT_MADE: dict[str, object] = {"made": "no", "reason": "closed that day"}


def test_a_made_visit_becomes_an_inspection_with_its_findings_as_the_plan_logged_it(office, store) -> None:
    drawn = int(office.visits.index[office.visits["trigger"] == "random"][0])
    lines = {drawn: {**MADE, "debt_bondage": 2, "unrelated_work": 1, "isolation": 0}}
    found = handed_in(store, office.filled(lines))
    assert {d.table: len(d.new) for d in found.added} == {"planned_visits": len(office.visits), "inspections": 1,
                                                          "findings": 3}  # fmt: skip
    records, visit = rs.read_records(store), office.visits.loc[drawn]
    row = records["inspections"].frame.iloc[-1]
    assert row["inspection_id"] == f"{found.plan}-{visit['visit']}"
    assert (row["site_id"], row["employer_id"], row["office"]) == (visit["place"], visit["employer"], "Quba")
    assert (row["trigger"], row["selection_probability"]) == ("random", visit["selection_probability"])
    assert (row["workers_present"], row["uncontracted_workers"], row["minors_found"]) == (12, 3, pd.NA)
    assert [row[c].date() for c in ("date", "known_on", "recorded_on")] == [dt.date(2025, 1, 7), HANDED_IN, TODAY]
    findings = records["findings"].frame.set_index("indicator")["workers_affected"].to_dict()
    assert findings == {"uncontracted": 3, "debt_bondage": 2, "unrelated_work": 1}
    assert records["inspections"].covers_from == dt.date(2020, 1, 1), "what was said of the table before still holds"


def test_a_visit_that_was_not_made_is_recorded_with_its_reason_and_one_nobody_told_of_without(office, store) -> None:
    handed_in(store, office.filled({0: MADE, 1: NOT_MADE}))
    planned = rs.read_records(store)["planned_visits"].frame.set_index("planned_visit_id")
    planned.index = planned.index.str[len("plan-0123456789abcdef-"):]  # fmt: skip
    planned = planned.loc[office.visits["visit"]]
    assert planned["made"].tolist()[:2] == [True, False]
    assert planned["made"].isna().sum() == len(office.visits) - 2
    assert planned["reason"].dropna().tolist() == ["closed that day"]
    assert planned["selection_probability"].notna().tolist() == (office.visits["trigger"] == "random").tolist()
    assert set(planned["stratum"].dropna()) == {"N, seen"}
    assert check_records(rs.read_records(store)).errors == 0


def test_days_are_read_as_excel_days_and_as_text_in_one_column(office, store) -> None:
    days = [dt.date(2025, 1, 7), dt.datetime(2025, 1, 8), "09.01.2025", "2025-01-10", " 11 January 2025"]
    lines: Lines = {i: {**MADE, "made_on": written} for i, written in enumerate(days)}
    handed_in(store, office.filled(lines))
    made = rs.read_records(store)["inspections"].frame.iloc[1:]
    assert sorted(made["date"].dt.day) == [7, 8, 9, 10, 11]


def test_a_form_as_csv_of_another_country_says_the_same_as_the_workbook(office, store) -> None:
    lines = {0: {**MADE, "made_on": "07.01.2025"}, 3: NOT_MADE}
    handed_in(store, office.typed(lines))
    before = fingerprint(rs.read_records(store))
    assert not handed_in(store, office.filled({0: MADE, 3: NOT_MADE})).added
    assert fingerprint(rs.read_records(store)) == before


@settings(max_examples=8)
@given(
    made=st.lists(st.sampled_from(["made", "not made", "nothing"]), min_size=3, max_size=3),
    later=st.integers(0, 40),
    cut=st.integers(0, 3),
)
def test_the_same_form_again_changes_nothing_on_any_day_whole_or_in_parts(
    office, country, tmp_path_factory, made, later, cut
) -> None:  # fmt: skip
    store = tmp_path_factory.mktemp("again") / "records"
    import_records(country, store, FIRST)
    said = {"made": MADE, "not made": NOT_MADE, "nothing": {}}
    lines: Lines = {i: said[word] for i, word in enumerate(made)}
    part = {i: cells for i, cells in lines.items() if i < cut}
    handed_in(store, office.typed(part))
    handed_in(store, office.typed(lines))
    before, steps = fingerprint(rs.read_records(store)), len(as_frame(store))
    for again in (lines, part):
        day = TODAY + dt.timedelta(days=later)
        told = rs.import_outcome(store, office.typed(again), day)  # handed in on another day
        assert not told.added
        assert told.lines["made"] == sum(cells is MADE for cells in again.values())
    assert fingerprint(rs.read_records(store)) == before
    assert len(as_frame(store)) == steps


def test_a_corrected_form_becomes_rows_that_replace(office, store) -> None:
    handed_in(store, office.filled({0: MADE, 1: NOT_MADE, 2: {**MADE, "deception": 1}}))
    later = dt.date(2025, 2, 3)
    corrected = {0: {**MADE, "uncontracted_workers": 4}, 1: MADE, 2: {**MADE, "deception": 2}}
    told = handed_in(store, office.filled(corrected), later)
    assert {d.table: (len(d.new), len(d.revised)) for d in told.added} == {
        "planned_visits": (0, 1), "inspections": (1, 1), "findings": (1, 2)}  # fmt: skip
    frame = rs.read_records(store)["inspections"].frame
    newest = frame[frame["replaces"].notna()].iloc[0]
    assert newest["uncontracted_workers"] == 4
    assert newest["known_on"].date() == later, "nobody knew it before"
    assert not handed_in(store, office.filled(corrected), later).added


def test_undoing_takes_a_form_back(office, store) -> None:
    before = fingerprint(rs.read_records(store))
    handed_in(store, office.filled({0: MADE}))
    undo(store, TODAY, "the wrong form")
    assert fingerprint(rs.read_records(store)) == before
    assert handed_in(store, office.filled({0: MADE})).added


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"place": "P5000", **MADE}, "place", "seen P5000, expected"),
        ({"day": dt.date(2025, 1, 30), **MADE}, "day", "seen 2025-01-30, expected 2025-01-0"),
        ({"visit": "2025-01-06-P5000", **MADE}, "visit", "expected a visit of plan-"),
        ({"plan": "plan-0000000000000000"}, "visit", "seen plan-0000000000000000"),
        ({**MADE, "made_on": dt.date(2024, 12, 1)}, "made_on", "from 2025-01-06, when the plan begins"),
        ({**MADE, "made_on": dt.date(2025, 1, 21)}, "made_on", "to 2025-01-20, when the form was handed in"),
        ({**MADE, "made_on": None}, "made_on", "a visit that was made has a day"),
        ({**MADE, "made_on": "soon"}, "made_on", "seen soon, expected a day"),
        ({**MADE, "made": None}, "made", "expected yes or no"),
        ({**MADE, "made": "perhaps"}, "made", "seen perhaps, expected yes or no"),
        ({"made": "no"}, "reason", "closed that day"),
        ({"made": "no", "reason": "closed that dya"}, "reason", "Did you mean 'closed that day'"),
        ({**NOT_MADE, "workers_present": 3}, "workers_present", "was not made, and has results"),
        ({**MADE, "reason": "no time"}, "reason", "was made, and has a reason"),
        ({**MADE, "uncontracted_workers": 13}, "uncontracted_workers", "no more than the 12 at work"),
        ({**MADE, "minors_found": -1}, "minors_found", "expected 0 or more"),
        ({**MADE, "debt_bondage": 1.5}, "debt_bondage", "seen 1.5, expected a whole number"),
    ],
)
def test_what_does_not_fit_is_refused_by_row_and_column(office, store, cells, column, words) -> None:
    with pytest.raises(RecordsError) as told:
        handed_in(store, office.filled({2: cells}))
    assert f"filled.xlsx, results, row 4, {column}: " in str(told.value)
    assert words in str(told.value)
    assert len(as_frame(store)) == 1


def test_all_faults_are_told_at_once_in_the_order_of_the_rows_and_nothing_is_recorded(office, store) -> None:
    wrong = {i: {"made": "yes", "made_on": "never"} for i in range(3, 11)}
    with pytest.raises(RecordsError, match="nothing of it was recorded: 8 problems") as told:
        handed_in(store, office.filled({0: MADE, **wrong}))
    rows = [int(line.split("row ")[1].split(",")[0]) for line in str(told.value).splitlines()[1:]]
    assert rows == list(range(5, 13))
    assert not rs.read_records(store).has("planned_visits")


def test_a_line_told_twice_and_a_line_of_too_few_cells_are_refused(office, store) -> None:
    path = office.typed({0: MADE})
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\r\n".join([*lines, lines[1], b"plan;visit"]))
    with pytest.raises(RecordsError, match=r"is told twice(.|\n)*the line has not 25 cells"):
        handed_in(store, path)


def test_a_reason_in_words_of_ones_own_is_not_repeated(office, store) -> None:
    with pytest.raises(RecordsError) as told:
        handed_in(store, office.filled({2: {"made": "no", "reason": "Anar did not let us in"}}))
    assert "Anar" not in str(told.value)


def test_a_form_that_unsays_a_visit_or_a_finding_is_refused(office, store) -> None:
    handed_in(store, office.filled({0: {**MADE, "deception": 1}}))
    for cells in (NOT_MADE, MADE):
        with pytest.raises(RecordsError, match=r"an earlier form told of .*imports undo"):
            handed_in(store, office.filled({0: cells}))


def test_an_altered_plan_a_missing_one_and_another_ones_form_are_refused(office, store, tmp_path) -> None:
    form = office.filled({0: MADE})
    with pytest.raises(PlanError, match=r"there is no planned\.json"):
        handed_in(store, form, plan=tmp_path)
    said = json.loads((office.folder / "planned.json").read_text(encoding="utf-8"))
    random = next(v for v in said["visits"] if v["trigger"] == "random")
    random["selection_probability"] /= 2
    (tmp_path / "planned.json").write_text(json.dumps(said), encoding="utf-8")
    for written in (json.dumps(said), "{}", "[]", '{"plan": 1', "\x00"):
        (tmp_path / "planned.json").write_text(written, encoding="utf-8")
        with pytest.raises(PlanError, match="is not what the plan wrote"):
            handed_in(store, form, plan=tmp_path)


def test_a_store_that_does_not_know_the_places_is_another_offices(office, records_of, tmp_path) -> None:
    sites = [{"site_id": "X", "employer_id": "E", "known_on": "2020-01-01"}]
    import_records(records_of(sites=sites), tmp_path / "records", FIRST)
    with pytest.raises(RecordsError, match="places of the plan are not in its register"):
        handed_in(tmp_path / "records", office.filled({0: MADE}))
    with pytest.raises(RecordsError, match="riskscore import RECORDS --into"):
        handed_in(tmp_path / "nothing", office.filled({0: MADE}))


def test_nothing_can_be_known_before_the_plan_begins_or_after_today(office, store) -> None:
    for day, words in ((dt.date(2025, 1, 5), "before the plan begins"), (dt.date(2025, 1, 23), "has not come yet")):
        with pytest.raises(RecordsError, match=words):
            handed_in(store, office.filled({0: MADE}), known_on=day)


def test_a_dry_run_says_what_would_be_added_and_writes_nothing(office, store) -> None:
    told = handed_in(store, office.filled({0: MADE}), dry_run=True)
    assert sum(len(d.new) for d in told.added) == len(office.visits) + 2
    assert len(as_frame(store)) == 1


def test_letters_come_back_with_who_was_reached(office, store) -> None:
    lines: Lines = {0: {"reached": "letter", "reached_on": "10.01.2025"}, 1: {"reached": "no"}}
    told = handed_in(store, office.filled(lines, "sent.xlsx", "letters"))
    assert told.lines == {"letter": 1, "meeting": 0, "no": 1, "not told": 1}
    frame = rs.read_records(store)["letters"].frame
    assert frame["reached"].astype(object).where(frame["reached"].notna(), None).tolist() == ["letter", "no", None]
    assert frame["reached_on"].dt.date.tolist()[0] == dt.date(2025, 1, 10)
    for cells, words in (
        ({"reached": "meeting"}, "on a day"),
        ({"reached": "letter", "reached_on": "2025-01-10", "participants": 3}, "only a meeting"),
        ({"reached": "phone", "reached_on": "2025-01-10"}, "none of the ways"),
        ({"employer": "E99", "reached": "no"}, "seen E99, expected E30"),
    ):
        with pytest.raises(RecordsError, match=words):
            handed_in(store, office.filled({0: cells}, "sent.xlsx", "letters"))

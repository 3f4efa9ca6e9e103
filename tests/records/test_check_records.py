"""Everything that a check must find, with file, row, column, value, why and what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from riskscore.records import CheckReport, check_records, read_records, write_rejected

HEADER = "inspection_id,site_id,employer_id,date,known_on,workers_present,trigger,replaces"
GOOD = "0,S,E,2024-01-01,2024-01-05,3,planned,"


def checked(folder: Path, *lines: str, today: dt.date | None = None, **tables: str) -> CheckReport:
    (folder / "inspections.csv").write_text("\n".join([HEADER, GOOD, *lines, ""]), encoding="utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return check_records(folder, today=today)


def test_good_records_have_nothing_wrong(tmp_path: Path) -> None:
    report = checked(tmp_path, sites="site_id,employer_id,valid_from\nS,E,2020-01-01\n")
    assert report.ok, report.text()
    assert report.rows == {"sites": 1, "inspections": 1}


@pytest.mark.parametrize(
    ("line", "severity", "column", "value", "why"),
    [
        ("1,S,E,2024-02-30,2024-03-01,3,planned,", "error", "date", "2024-02-30", "is no date"),
        ("1,S,E,0024-02-03,2024-03-01,3,planned,", "error", "date", "0024-02-03", "is no date"),
        ("1,S,E,2024-02-20,2024-02-01,3,planned,", "warning", "known_on", "2024-02-01", "lies before the event"),
        ("0,S,E,2024-02-20,2024-03-01,3,planned,", "error", "inspection_id", "0", "was there before"),
        ("0,S,E,2024-02-20,2024-03-01,3,planned,0", "error", "inspection_id", "0", "the row replaces itself"),
        ("1,S,E,2024-02-20,2024-03-01,-3,planned,", "error", "workers_present", "-3", "is negative"),
        ("1,S,E,2024-02-20,2024-03-01,three,planned,", "error", "workers_present", "three", "is no whole number"),
        ("1,S,E,2024-02-20,2024-03-01,3,plannd,", "warning", "trigger", "plannd", "none of the known values"),
        ("1,S,E,2024-02-20,2024-03-01,3,planned,77", "warning", "replaces", "77", "is no inspection_id"),
        (",S,E,2024-02-20,2024-03-01,3,planned,", "error", "inspection_id", "", "no inspection_id"),
        ("1,S,E,2025-02-20,2025-03-01,3,planned,", "warning", "date", "2025-02-20", "lies after 2024-12-31"),
    ],
)
def test_each_fault_is_found_at_its_place(
    tmp_path: Path, line: str, severity: str, column: str, value: str, why: str
) -> None:
    report = checked(tmp_path, line, today=dt.date(2024, 12, 31))
    found = [p for p in report.problems if p.column == column and why in p.why]
    assert len(found) == 1, report.text()
    problem = found[0]
    assert (problem.severity, problem.file, problem.row, problem.value) == (severity, "inspections.csv", 3, value)
    assert problem.next
    assert sum(k for reason, k in report.counts.items() if why in reason and column in reason) == 1


def test_an_orphan_is_found_and_kept(tmp_path: Path) -> None:
    report = checked(
        tmp_path, "1,X,E,2024-02-20,2024-03-01,3,planned,", sites="site_id,employer_id,valid_from\nS,E,2020-01-01\n"
    )
    assert [(p.row, p.value, p.why) for p in report.problems] == [(3, "X", "is in no row of sites")]
    assert report.rows["inspections"] == 2


def test_corrections_in_a_circle_are_cut_and_chains_are_fine(tmp_path: Path) -> None:
    lines = [f"{a},S,E,2024-02-20,2024-03-01,3,planned,{b}" for a, b in ("12", "21", "32", "40", "54")]
    report = checked(tmp_path, *lines)
    circle = [p.value for p in report.problems if "circle" in p.why]
    assert sorted(circle) == ["1", "2", "2"]
    kept = read_records(tmp_path)["inspections"].frame.set_index("inspection_id")["replaces"]
    assert kept.dropna().to_dict() == {"4": "0", "5": "4"}


def test_known_on_equal_to_the_date_everywhere_is_doubtful(tmp_path: Path) -> None:
    (tmp_path / "inspections.csv").write_text("inspection_id,site_id,date\n1,S,2024-01-01\n2,S,2024-02-01\n")
    report = check_records(tmp_path)
    assert [p.why for p in report.problems] == ["equals date in every row"]
    assert "14 days" in report.problems[0].next


def test_versions_and_rules_are_checked(tmp_path: Path) -> None:
    report = checked(
        tmp_path,
        employers="employer_id,name,valid_from,known_on,tax_number\nE,A,2020-01-01,2020-01-01,0012345678\n"
        "E,B,2020-01-01,2020-05-01,12345678\nE,C,2020-01-01,2020-05-01,0012345678\n",
        regimes="regime_id,from,to,rule\n1,2024-01-01,2023-01-01,suspended\n",
    )
    reasons = {p.why for p in report.problems}
    assert "two versions hold from the same day; the one known later counts" in reasons
    assert "the employer has a version of the same days before this row" in reasons
    assert "has not 10 digits" in reasons
    assert "lies after 'to'" in reasons


def test_missing_tables_and_columns_are_gathered_with_everything_else(tmp_path: Path) -> None:
    report = checked(
        tmp_path, "1,S,E,2024-02-30,2024-03-01,-3,planned,", findings="finding_id,indicator\n1,deception\n",
        sites="site_id\nS\n", links="",
    )  # fmt: skip
    text = report.text()
    assert "findings needs a column 'inspection_id'" in text
    assert "sites needs a column 'employer_id'" in text
    assert "links.csv: the file is empty" in text
    assert "is negative" in text
    assert report.errors >= 5


def test_a_source_that_is_not_there_is_one_error(tmp_path: Path) -> None:
    report = check_records(tmp_path / "nowhere")
    assert (report.errors, report.problems[0].why) == (1, "there is no such file or folder.")


def test_an_empty_table_and_an_empty_column_are_doubtful(tmp_path: Path) -> None:
    report = checked(
        tmp_path,
        complaints="complaint_id,date,topic\n",
        penalties="penalty_id,date,amount_azn,known_on\n1,2024-01-01,,2024-01-02\n",
    )
    assert {(p.table, p.column, p.why) for p in report.problems} == {
        ("complaints", "", "has no rows"), ("penalties", "amount_azn", "holds no value in any row"),
    }  # fmt: skip


def test_many_faults_of_one_kind_show_twenty_and_count_all(tmp_path: Path) -> None:
    lines = [f"{k},S,E,2024-02-20,2024-03-01,-1,planned," for k in range(1, 101)]
    report = checked(tmp_path, *lines)
    assert len(report.problems) == 20
    assert list(report.counts.values()) == [100]


def test_hostile_values_cannot_break_a_message_or_a_spreadsheet(tmp_path: Path) -> None:
    hostile = '"=HYPERLINK(""x"")\x1b[31m\u202e' + "9" * 200 + '"'
    report = checked(tmp_path, f"1,S,E,2024-02-20,2024-03-01,{hostile},planned,")
    shown = next(p.value for p in report.problems if p.column == "workers_present")
    assert len(shown) <= 60
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    path = write_rejected(read_records(tmp_path), tmp_path / "rejected.csv")
    line = path.read_text(encoding="utf-8").splitlines()[1]
    assert "'=HYPERLINK" in line


def test_free_text_is_never_shown(tmp_path: Path) -> None:
    person = "Aysel Quliyeva,2020-01-01\n"
    report = checked(tmp_path, employers=f"employer_id,name,valid_from\nE,{person}E,{person},{person}")
    assert report.errors == 2
    assert "Aysel" not in report.text()
    assert "Aysel" not in write_rejected(read_records(tmp_path), tmp_path / "r.csv").read_text()


def test_every_row_is_either_read_or_set_aside(tmp_path: Path) -> None:
    lines = [
        "1,S,E,2024-02-30,,3,planned,",
        ",S,E,2024-02-20,,3,planned,",
        "0,S,E,2024-02-20,,3,planned,",
        "2,S,E,2024-02-20,,-3,x,",
    ]
    checked(tmp_path, *lines, "3,S")
    records = read_records(tmp_path)
    whole = records.rejected_rows[~records.rejected_rows["reason"].str.contains("emptied")]
    assert len(records["inspections"].frame) + len(whole) == 6
    assert sum(records.rejected.values()) == len(records.rejected_rows)


def test_many_reports_about_one_place_in_a_short_time_are_shown(tmp_path: Path) -> None:
    (tmp_path / "inspections.csv").write_text("inspection_id,site_id,date\n1,S,2024-01-01\n")
    days = ["2024-03-01", "2024-03-02", "2024-03-02", "2024-03-20", "2024-03-31"]

    def seen(about: list[tuple[str, str]]) -> list[tuple[int, str]]:
        rows = [f"{k},{site},{on}" for k, (site, on) in enumerate(about)]
        (tmp_path / "complaints.csv").write_text("\n".join(["complaint_id,site_id,date", *rows]) + "\n")
        found = check_records(tmp_path).problems
        assert not any("2024" in str(p) for p in found if "within 30 days" in p.why)
        return [(p.row, p.value) for p in found if "within 30 days" in p.why]

    others = [(f"S{k}", "2024-03-01") for k in range(9)]
    assert seen([*others, *(("S", on) for on in days)]) == [(row, "S") for row in range(11, 16)]
    assert seen([*others, *(("S", on) for on in [*days[:4], "2024-04-01"])]) == []
    assert seen([("S", on) for on in days[:4]]) == []

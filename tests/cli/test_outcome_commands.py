"""From a plan to its results and into the next fit, as typed: plan, fill in, import, fit, undo."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import riskscore as rs
from riskscore.pipeline.demo import sample_folder
from riskscore.records import fingerprint

LATER = "2026-03-01"  # the horizon from the first day of 2025 is over, and its outcomes are in


@pytest.fixture(scope="module")
def planned(office, typed, tmp_path_factory) -> tuple[Path, Path]:
    """Return a record store of the sample, and the folder of a plan made from it."""
    folder = tmp_path_factory.mktemp("outcome")
    store, plan = folder / "records", folder / "plan"
    typed("import", office.records, "--into", str(store))
    offices = str(sample_folder() / "offices.toml")
    typed("plan", str(store), "--store", str(office.store), "--as-of", "2025-01-01", "--offices", offices, "--from",
          "2025-01-06", "--days", "3", "--explore", "0.2", "--out", str(plan))  # fmt: skip
    return store, plan


def filled(plan: Path) -> tuple[Path, pd.DataFrame]:
    """Fill in the form: every third visit is not made; return it, and the visits that were."""
    book = openpyxl.load_workbook(plan / "results.xlsx")
    sheet = book["results"]
    column = {cell.value: cell.column for cell in sheet[1]}
    made = []
    for row in range(2, sheet.max_row + 1):
        cells = {"made": "no", "reason": "entry refused"}
        if row % 3:
            cells = {"made": "yes", "made_on": sheet.cell(row, column["day"]).value, "workers_present": 9,
                     "uncontracted_workers": row % 2, "debt_bondage": 1 if row == 4 else None}  # fmt: skip
            made.append(sheet.cell(row, column["visit"]).value)
        for name, value in cells.items():
            sheet.cell(row, column[name]).value = value
    book.save(plan / "filled.xlsx")
    visits = pd.read_csv(plan / "plan.csv")
    return plan / "filled.xlsx", visits[visits["visit"].isin(made)]


def test_what_a_plan_found_is_learned_from_and_can_be_undone(office, typed, planned) -> None:
    store, plan = planned
    form, made = filled(plan)
    before = rs.read_records(store)
    given = ("outcome", "import", str(store), str(form), "--known-on", "2025-01-20")
    told = json.loads(typed(*given, "--format", "json").stdout)
    visits = pd.read_csv(plan / "plan.csv")
    assert {t["table"]: t["new"] for t in told} == {
        "planned_visits": len(visits), "inspections": len(made), "findings": len(made) // 2 + 1}  # fmt: skip
    assert "nothing new" in typed(*given).stderr

    counts = rs.fit(rs.read_records(store), "quick", LATER, definitions=office.definitions).counts
    assert counts["calibration rows"] == len(made), "the sample ends where the plan begins: nobody else was visited"
    drawn = made[made["trigger"] == "random"]
    assert counts["calibration rows drawn at random"] == len(drawn) > 3
    missed = int((visits["trigger"] == "random").sum()) - len(drawn)
    assert counts["places drawn for calibration and not visited"] == missed > 0

    typed("imports", "undo", str(store), "--why", "a test")
    assert fingerprint(rs.read_records(store)) == fingerprint(before)


def test_a_bad_form_is_refused_in_words_with_code_1(typed, planned, tmp_path) -> None:
    store, plan = planned
    rows = (plan / "results.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "results.csv").write_text("\n".join([rows[0], rows[1].replace(",,", ",yes,", 1)]), encoding="utf-8")
    found = typed("outcome", "import", str(store), str(tmp_path / "results.csv"), "--plan", str(plan), code=1)
    assert "results.csv, row 2, made_on: seen nothing" in found.stderr
    assert found.stdout == ""


def test_letters_and_visits_are_told_within_a_terminal_and_no_effect_is_claimed(typed, planned) -> None:
    store, plan = planned
    book = openpyxl.load_workbook(plan / "letters.xlsx")
    sheet = book["letters"]
    column = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, 12):
        for name, value in {"reached": "meeting", "reached_on": "2025-02-01", "participants": 4}.items():
            sheet.cell(row, column[name]).value = value
    book.save(plan / "letters_back.xlsx")
    typed("outcome", "import", str(store), str(plan / "letters_back.xlsx"))
    typed("outcome", "import", str(store), str(plan / "results.csv"))
    found = typed("outcome", "letters", str(store))
    assert "no effect" in found.stderr.replace("\n  ", " ")
    told = json.loads(typed("outcome", "letters", str(store), "--format", "json").stdout)
    meeting = next(t for t in told if t["reached"] == "meeting")
    assert (meeting["employers"], meeting["participants"]) == (10, 40)
    rows = json.loads(typed("outcome", "letters", str(store), "--rows", "--format", "json").stdout)
    assert len(rows) == sheet.max_row - 1
    visits = typed("outcome", "visits", str(store)).stdout
    assert max(map(len, (found.stdout + visits).splitlines())) <= 100


def test_what_was_planned_and_who_was_written_to_is_in_no_dossier(office, typed, planned) -> None:
    store, plan = planned
    for form in ("results.csv", "letters.csv"):
        typed("outcome", "import", str(store), str(plan / form), "--known-on", "2025-01-20")
    records = rs.read_records(store)
    assert records.has("planned_visits")
    assert records.has("letters")
    without = {name: t for name, t in records.tables.items() if name not in ("planned_visits", "letters")}
    visits = pd.read_csv(plan / "plan.csv")
    place = visits.loc[visits["trigger"] == "complaint", "place"].iloc[0]
    run = rs.load_run(office.store)
    dossiers = [rs.explain(run, some, "2026-12-31", place) for some in (records, replace(records, tables=without))]
    one, other = (replace(d, provenance={}) for d in dossiers)  # which names every table by its hash
    assert one == other

"""indicators, drift, coverage: what they print, write, and how they end."""

from __future__ import annotations

import json

import pandas as pd


def test_yearly_figures_fit_a_terminal_and_say_what_changed(typed, office) -> None:
    found = typed("indicators", office.records, "--year", "2023", "--as-of", "2024-12-01")
    assert "rows of inspections" in found.stdout
    assert "1,925 (−40)" in found.stdout
    assert max(map(len, found.stdout.splitlines())) <= 100
    assert "figures changed since 2024-01-01" in found.stderr


def test_yearly_figures_become_a_sheet_a_page_and_a_file_of_rows(typed, office, tmp_path) -> None:
    sheet, page, rows = tmp_path / "f.xlsx", tmp_path / "f.html", tmp_path / "rows.csv"
    typed("indicators", office.records, "--year", "2019", "--language", "az", "--format", "xlsx", "--out", str(sheet),
          "--page", str(page), "--rows", str(rows))  # fmt: skip
    table = pd.read_excel(sheet)
    assert {"authority", "region", "sector", "all"} == set(table["by"])
    assert "2019 ilinin göstəriciləri" in page.read_text(encoding="utf-8")
    names = set(pd.read_csv(f"{office.records}/employers.csv")["name"].dropna())
    told = page.read_text(encoding="utf-8") + rows.read_text(encoding="utf-8") + table.to_csv()
    assert not [name for name in names if len(name) > 6 and name in told]


def test_drift_over_a_limit_exits_with_3_and_names_what_drifted(typed, office, tmp_path) -> None:
    page, report = tmp_path / "drift.html", tmp_path / "drift.json"
    found = typed("drift", office.records, "--store", str(office.store), "--against", "2019-01-01", "--as-of",
                  "2024-12-01", "--page", str(page), "--report", str(report), code=3)  # fmt: skip
    assert max(map(len, found.stdout.splitlines())) <= 100
    over = {(d["kind"], d["name"]) for d in json.loads(report.read_text(encoding="utf-8"))["differences"] if d["over"]}
    assert ("visited", "sector") in over  # since 2020 most sectors are closed to visits
    assert "<svg" in page.read_text(encoding="utf-8")


def test_without_drift_the_exit_code_is_0(typed, office) -> None:
    found = typed("drift", office.records, "--store", str(office.store), "--against", "2024-11-01", "--as-of",
                  "2024-12-01")  # fmt: skip
    assert "0 of" in found.stderr


def test_an_earlier_day_that_is_not_earlier_is_refused(typed, office) -> None:
    found = typed("drift", office.records, "--store", str(office.store), "--as-of", "2024-01-01", code=1)
    assert "2025-01-01 is not before 2024-01-01" in found.stderr


def test_coverage_counts_every_place_once_in_each_split(typed, office, tmp_path) -> None:
    page, out = tmp_path / "c.html", tmp_path / "c.csv"
    typed("coverage", *office.asked("--format", "csv", "--out", str(out), "--page", str(page)))
    frame = pd.read_csv(out)
    assert frame.groupby("by")["places"].sum().nunique() == 1
    assert frame["closed"].sum() > 0  # most sectors may be visited after a report only
    assert (frame["share_low"].dropna() <= frame["share"].dropna()).all()
    assert "<circle" in page.read_text(encoding="utf-8")
    shown = typed("coverage", *office.asked()).stdout
    assert max(map(len, shown.splitlines())) <= 100

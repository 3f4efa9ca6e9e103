"""indicators, drift, coverage: what they print, write, and how they end."""

from __future__ import annotations

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

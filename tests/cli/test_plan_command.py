"""``plan`` as typed, on the sample records."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from riskscore.pipeline.demo import sample_folder


def test_a_plan_of_the_sample_is_written_whole_and_its_field_sheets_name_no_report(office, typed, tmp_path) -> None:
    offices = str(sample_folder() / "offices.toml")
    found = typed("plan", *office.asked("--offices", offices, "--from", "2025-01-06", "--days", "3"),
                  "--out", str(tmp_path))  # fmt: skip
    assert "What drawing at random costs" in found.stdout
    assert max(map(len, found.stdout.splitlines())) <= 100
    visits = pd.read_csv(tmp_path / "plan.csv")
    assert (visits["trigger"] == "random").sum() == 6  # a tenth of 63
    assert set(visits["date"]) == {"2025-01-06", "2025-01-07", "2025-01-08"}
    page = (tmp_path / "visits.html").read_text(encoding="utf-8")
    assert page.count('class="sheet"') == len(visits)
    body = page.partition("</style>")[2].lower()
    assert "report" not in body.replace("do not ask who reported anything", "")


def test_a_plan_that_begins_before_its_list_is_refused(office, typed, tmp_path) -> None:
    offices = tmp_path / "offices.toml"
    offices.write_bytes(Path(sample_folder() / "offices.toml").read_bytes())
    found = typed("plan", *office.asked("--offices", str(offices), "--from", "2024-12-01"), code=1)
    assert "before the day of the list" in found.stderr

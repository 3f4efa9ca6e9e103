"""``riskscore report``: one file, said on standard output, with what blocks the model on standard error."""

from __future__ import annotations

import json


def test_report_writes_one_page_and_says_where(typed, office, tmp_path) -> None:
    out = tmp_path / "report.html"
    found = typed("report", office.records, "--store", str(office.store), "--out", str(out), "-q")
    assert found.stdout.strip() == str(out)
    assert found.stderr == ""
    page = out.read_text(encoding="utf-8")
    assert office.run in page
    assert "Annex IV" in page


def test_report_as_data_goes_to_a_file_named_by_the_run(typed, office, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    typed("report", office.records, "--store", str(office.store), "--run", office.run, "--type", "json", "-q")
    found = json.loads((tmp_path / f"{office.run}.json").read_text(encoding="utf-8"))
    assert found["run"] == office.run
    assert found["in short"]


def test_a_run_that_is_not_there_is_told_in_words(typed, office) -> None:
    assert (
        "there is no run 'x'"
        in typed("report", office.records, "--store", str(office.store), "--run", "x", code=1).stderr
    )

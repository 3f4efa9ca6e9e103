"""``riskscore report``: one file, said on standard output, with what blocks the model on standard error."""

from __future__ import annotations

import json
from dataclasses import replace

from riskscore.pipeline import model_report as place


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


def test_a_model_that_the_audit_blocks_is_reported_all_the_same_and_ends_with_3(
    typed, office, tmp_path, monkeypatch
) -> None:
    whole = place.model_report

    def blocked(*given):
        report = whole(*given)
        return replace(report, audit=replace(report.audit, reasons=("one region is passed over",)))

    monkeypatch.setattr(place, "model_report", blocked)
    out = tmp_path / "report.html"
    found = typed("report", office.records, "--store", str(office.store), "--out", str(out), code=3)
    assert "blocks it: one region is passed over" in found.stderr
    assert "one region is passed over" in out.read_text(encoding="utf-8")

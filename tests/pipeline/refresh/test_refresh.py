"""A refresh imports, fits, measures and promotes, once for the same inputs; the champion outlasts what it refuses."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from riskscore.champion import champion, changes
from riskscore.errors import FitError, RecordsError, StoreError
from riskscore.lock import Held, locked
from riskscore.pipeline.refresh.arrivals import arrived
from riskscore.pipeline.refresh.refresh import BY_CHECK, BY_GATE, LOCK, NOTHING, PROMOTED
from riskscore.records.imports.append import import_records
from riskscore.records.imports.steps import steps, undo
from riskscore.records.read import read_records

SECOND = dt.date(2020, 7, 5)


def told(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def edited(table: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_parquet(table)).to_parquet(table, index=False)


def test_the_first_refresh_imports_fits_and_promotes_what_passes_the_gate(office) -> None:
    folder = next((office / "refreshes").glob("2020-01-05-*"))
    said = told(folder)
    assert (said["outcome"], said["champion before"]) == (PROMOTED, None)
    assert champion(office / "runs") == said["run"]
    assert changes(office / "runs")[0]["verdict"] == said["verdict"]["digest"]
    came = said["records"]["came in"]
    assert [step["source"] for step in came] == ["2020-01"]
    assert came[0]["tables"]["inspections"]["new"] == len(
        pd.read_parquet(office / "extracts/2020-01/inspections.parquet")
    )
    page = (folder / "refresh.html").read_text(encoding="utf-8")
    assert said["run"] in page
    assert all(part["name"] in page for part in said["verdict"]["parts"])
    assert (folder / "model.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    log = (office / "refreshes" / "refresh.log").read_text(encoding="utf-8").splitlines()
    assert log[-1].endswith(f"promoted: {said['run']} passed every part of the gate.")


def test_where_nothing_is_new_nothing_is_done(office, again, left, monkeypatch) -> None:
    before = left()
    monkeypatch.setattr("riskscore.pipeline.refresh.refresh.fit", None)
    done = again()
    assert (done.outcome, done.refused) == (NOTHING, False)
    assert done.folder.name in done.why[0]
    assert left() == before


def test_late_rows_and_revised_ones_make_a_new_run(office, late_rows, again) -> None:
    first = champion(office / "runs")
    done = again()
    said = told(done.folder)
    assert done.outcome in (PROMOTED, BY_GATE)
    assert said["run"] != said["champion before"] == first
    assert champion(office / "runs") == (said["run"] if done.outcome == PROMOTED else first)
    tables = said["records"]["came in"][0]["tables"]
    assert [step["source"] for step in said["records"]["came in"]] == ["2020-07"]
    assert tables["inspections"]["revised"] == 1
    assert tables["inspections"]["new"] > 10
    assert said["drift"]["against"] == "2019-12-28" < said["went in"]["as of"]
    assert (done.folder / "drift.html").is_file()
    assert not list((office / "refreshes").glob(".*"))


def test_a_recipe_that_the_gate_refuses_leaves_the_champion_and_says_why(office, again) -> None:
    first = champion(office / "runs")
    replaced(office / "models" / "small.toml", '["uncontracted"]', '["place"]')
    done = again()
    said = told(done.folder)
    assert (done.outcome, done.refused) == (BY_GATE, True)
    assert champion(office / "runs") == first
    assert said["records"]["came in"] == []
    failed = [part["name"] for part in said["verdict"]["parts"] if not part["passed"]]
    assert failed
    assert all(any(why.startswith(name) for why in done.why) for name in failed)
    assert f"{first}</bdi></code> stays in office" in (done.folder / "refresh.html").read_text(encoding="utf-8")
    assert again().outcome == NOTHING, "the same recipe is not fitted again only to be refused again"


@pytest.mark.parametrize("fault", ["dates", "column", "revised"])
def test_a_bad_extract_is_refused_and_nothing_of_it_imported(fault, office, late_rows, again, left) -> None:
    visits = late_rows / "inspections.parquet"
    if fault == "dates":
        edited(visits, lambda frame: frame.assign(date=frame["date"].mask(frame.index < 20)))
        expected = "inspections: 20 rows were set aside or lost a cell"
    elif fault == "column":
        edited(visits, lambda frame: frame.drop(columns="date"))
        expected = "needs a column 'date'"
    else:
        edited(visits, lambda frame: frame.assign(workers_present=frame["workers_present"] + 7))
        expected = "say something else than before"
    before = left()
    done = again()
    assert (done.outcome, done.refused) == (BY_CHECK, True)
    assert expected in done.why[0]
    after = left()
    new = {name for name in after if after[name] != before.get(name)}
    assert new == {f"refreshes/{done.folder.name}/{name}" for name in ("manifest.json", "refresh.html")}
    assert again().folder == done.folder, "told once, refused as long as it lies there"
    assert left() == after


def test_an_extract_that_was_taken_back_is_not_imported_again(office, again) -> None:
    shutil.copytree(office / "extracts" / "2020-01", office / "extracts" / "2020-02")
    edited(office / "extracts/2020-02/inspections.parquet", lambda f: f.assign(inspection_id=f["inspection_id"] + "b"))
    replaced(office / "refresh.toml", '"newest visit"', "2010-01-01")
    with pytest.raises(FitError):
        again()
    undo(office / "record_store", steps(office / "record_store")[-1].recorded_on, "a test export")
    done = again()
    assert done.outcome == BY_CHECK
    assert "undone on 2020-07-05: a test export" in done.why[0]
    assert len(steps(office / "record_store")) == 3


def test_a_correction_made_by_hand_is_not_taken_back_by_the_extract_before_it(office, again) -> None:
    by_hand = office / "by hand"
    shutil.copytree(office / "extracts" / "2020-01", by_hand)
    edited(by_hand / "inspections.parquet", lambda f: f.assign(workers_present=f["workers_present"] + (f.index == 0)))
    import_records(read_records(by_hand), office / "record_store", SECOND)
    replaced(office / "refresh.toml", '"newest visit"', "2010-01-01")
    with pytest.raises(FitError):
        again()
    assert [step.noted["source"] for step in steps(office / "record_store")] == ["2020-01", "by hand"]


def test_what_cannot_be_fitted_is_told_and_leaves_the_champion(office, again) -> None:
    first = champion(office / "runs")
    replaced(office / "refresh.toml", '"newest visit"', "2010-01-01")
    with pytest.raises(FitError) as error:
        again()
    report = max((office / "refreshes").glob("*/manifest.json"))
    assert told(report.parent)["why"] == [str(error.value)]
    assert champion(office / "runs") == first


def test_of_two_at_once_the_second_is_told_who_is_at_work(office, again) -> None:
    with locked(office / "runs" / LOCK), pytest.raises(Held, match=r"process \d+ on "):
        again()
    assert again().outcome == NOTHING


def test_a_report_that_was_altered_is_refused_by_its_name(office, again) -> None:
    replaced(next((office / "refreshes").glob("*/manifest.json")), '"promoted"', '"failed"')
    with pytest.raises(StoreError, match=r"manifest\.json"):
        again()


def test_extracts_of_a_pattern_are_taken_in_order_from_the_newest_imported_on(office, tmp_path) -> None:
    found = steps(office / "record_store")
    pattern = str(office / "extracts" / "*")
    for name in ("2019-12", "2020-03", "2020-02"):
        (office / "extracts" / name).mkdir()
    assert [Path(p).name for p in arrived(pattern, found)] == ["2020-01", "2020-02", "2020-03"]
    assert [Path(p).name for p in arrived(pattern, [])] == ["2019-12", "2020-01", "2020-02", "2020-03"]
    with pytest.raises(RecordsError, match="no extract"):
        arrived(str(tmp_path / "none" / "*"), [])

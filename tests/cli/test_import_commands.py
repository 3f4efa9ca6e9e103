"""``riskscore import``, ``imports`` and ``rank --as-known-at`` as typed, on a stream of late and corrected rows."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import riskscore as rs
from riskscore.definitions import catalog
from riskscore.definitions.fingerprint import fingerprint
from riskscore.errors import StoreError
from riskscore.pipeline.dossiers import write_dossiers
from riskscore.pipeline.kept import keep
from riskscore.pipeline.listing import dossiers, rank_list
from riskscore.pipeline.prepare import choose
from riskscore.records.imports.append import import_records
from riskscore.records.model import Records
from riskscore.records.read import read_records
from riskscore.report.dossier_json import dossier_json
from riskscore.store import load_run

DAYS = (dt.date(2024, 3, 1), dt.date(2024, 9, 1), dt.date(2025, 1, 1))
AS_OF = "2024-02-01"
PLACE = "S0120"  # visited in November, twice


def extract(records: Records, day: dt.date) -> Records:
    """Return what the source held on a day: later rows are not there yet, later payments not yet noted."""
    tables = {}
    for name, table in records.tables.items():
        frame = table.frame[table.frame["known_on"] < pd.Timestamp(day)].reset_index(drop=True)
        if name == "penalties":
            later = frame["paid_on"] >= pd.Timestamp(day)
            frame = frame.assign(paid_on=frame["paid_on"].mask(later), paid_azn=frame["paid_azn"].mask(later))
        if name == "inspections" and day > DAYS[0]:  # a source that revises in place, two years back
            touched = frame["date"].dt.year == 2022
            frame["uncontracted_workers"] = frame["uncontracted_workers"].mask(touched, 4)
            # and one that delivers late: known before AS_OF, in the extract only now
        elif name == "inspections":
            frame = frame[frame["date"].dt.month != 11].reset_index(drop=True)
        tables[name] = replace(table, frame=frame, origin=None)
    return Records(tables, "source")


@pytest.fixture(scope="module")
def streamed(office, tmp_path_factory) -> tuple[Path, list]:
    """Import three extracts; return the store and the list that was given after each, with dossiers beside it."""
    store, given = tmp_path_factory.mktemp("stream") / "records", []
    run = load_run(office.store)
    for day in DAYS:
        import_records(extract(rs.sample_records(), day), store, day)
        given.append(rank_list(run, read_records(store), AS_OF))
        for kind in ("json", "html"):
            write_dossiers(given[-1], [PLACE], store.parent / str(day), kind)
    return store, given


def test_a_list_and_its_dossiers_are_made_again_bit_for_bit_after_late_rows_and_corrections_came_in(
    office, streamed, tmp_path
) -> None:
    store, given = streamed
    run = load_run(office.store)
    for day, then in zip(DAYS, given, strict=True):
        again = rank_list(run, read_records(store, as_known_at=day), AS_OF)
        pd.testing.assert_frame_equal(again.frame, then.frame, check_exact=True)
        pd.testing.assert_frame_equal(again.matrix.frame, then.matrix.frame, check_exact=True)
        assert again.values.tobytes() == then.values.tobytes()
        assert again.frame["margin"].to_numpy().tobytes() == then.frame["margin"].to_numpy().tobytes()
        for kind in ("json", "html"):
            path = write_dossiers(again, [PLACE], tmp_path / str(day), kind)[0]
            assert path.read_bytes() == (store.parent / str(day) / path.name).read_bytes()


def test_a_dossier_is_confirmed_by_what_the_store_held_when_it_was_made(office, typed, streamed) -> None:
    store, _ = streamed
    written = store.parent / str(DAYS[0]) / f"{PLACE}.json"
    assert json.loads(written.read_text(encoding="utf-8"))["as_known_at"] == "2024-03-01"
    found = typed("verify", str(written), str(store), "--store", str(office.store))
    assert "values are as written" in found.stdout
    assert found.stderr == ""


def test_a_dossier_compared_with_what_is_known_today_names_the_records_that_differ(office, typed, streamed) -> None:
    store, _ = streamed
    written = store.parent / str(DAYS[0]) / f"{PLACE}.json"
    asked = ("verify", str(written), str(store), "--store", str(office.store))
    found = typed(*asked, "--as-known-at", "2025-01-01", code=3)
    then, now = (
        {(d["table"], d["id"]) for d in json.loads(path.read_text(encoding="utf-8"))["documents"] if d["id"]}
        for path in (written, store.parent / str(DAYS[2]) / f"{PLACE}.json")
    )
    came = ", ".join(sorted(f"{table} {row}" for table, row in now - then))
    assert came
    assert f"records only in what is made again: {came}" in found.stderr
    assert "as_known_at: written '2024-03-01', made again '2025-01-01'" in found.stdout
    assert "only a record store" in typed("verify", str(written), office.records, *asked[3:], code=1).stderr


def test_a_list_is_made_again_with_the_runs_own_definitions_after_all_of_them_changed(
    office, streamed, tmp_path, monkeypatch
) -> None:
    store, given = streamed
    shutil.copytree(catalog.shipped(), tmp_path / "definitions")
    features = tmp_path / "definitions" / "features"
    for name in ("fines", "uncontracted"):  # as somebody would who thinks better of a family after the fit
        text = (features / f"{name}.toml").read_text(encoding="utf-8")
        (features / f"{name}.toml").write_text(text.replace('"all"', '"12 months"'), encoding="utf-8")
    monkeypatch.setattr(catalog, "shipped", lambda: tmp_path / "definitions")
    now = choose("quick", office.definitions)
    run = load_run(office.store)
    assert fingerprint(now.recipe, now.families) != run.manifest["definitions"]
    records = read_records(store, as_known_at=DAYS[0])
    again = rank_list(run, records, AS_OF)
    pd.testing.assert_frame_equal(again.frame, given[0].frame, check_exact=True)
    assert again.values.tobytes() == given[0].values.tobytes()
    written = store.parent / str(DAYS[0]) / f"{PLACE}.json"
    assert dossier_json(dossiers(again, [PLACE])[0]) == written.read_text(encoding="utf-8")


def test_what_came_in_later_does_change_the_list(streamed) -> None:
    _, given = streamed
    margins = [dict(zip(g.frame["entity"], g.frame["margin"], strict=True)) for g in given]
    differing = sum(margins[0][e] != margins[1][e] for e in margins[0].keys() & margins[1].keys())
    assert differing > 100


def test_the_same_is_typed(office, typed, streamed) -> None:
    store, given = streamed
    asked = ("rank", str(store), "--store", str(office.store), "--as-of", AS_OF, "--format", "json")
    rows = json.loads(typed(*asked, "--as-known-at", "2024-03-01").stdout)
    assert [r["entity"] for r in rows] == given[0].frame["entity"].tolist()
    assert [r["entity"] for r in rows] != [r["entity"] for r in json.loads(typed(*asked).stdout)]
    refused = typed("rank", office.records, "--store", str(office.store), "--as-known-at", "2024-03-01", code=1)
    assert "riskscore import" in refused.stderr


def test_a_list_that_was_kept_names_the_rows_that_differ_from_it(office, typed, streamed, tmp_path) -> None:
    store, given = streamed
    kept = tmp_path / "kept"
    keep(given[0], kept)
    asked = (
        "rank",
        str(store),
        "--store",
        str(office.store),
        "--as-of",
        AS_OF,
        "--against",
        str(kept),
        "--format",
        "json",
    )
    assert "bit for bit" in typed(*asked, "--as-known-at", "2024-03-01").stderr
    rows = {r["entity"]: r for r in json.loads(typed(*asked, code=3).stdout)}
    then, now = (
        g.matrix.frame.iloc[g.ranking.rows].astype(str).fillna("").set_axis(g.frame["entity"], axis=0)
        for g in (given[0], given[2])
    )
    both = then.index.intersection(now.index)
    unequal = then.loc[both] != now.loc[both]
    named = {
        str(e): ", ".join(unequal.columns[row]) for e, row in zip(both, unequal.to_numpy(), strict=True) if row.any()
    }
    assert {e: r["features"] for e, r in rows.items() if r["became"] == "changed"} == named
    assert {e for e, r in rows.items() if r["became"] == "new"} == set(now.index) - set(then.index)
    assert {e for e, r in rows.items() if r["became"] == "gone"} == set(then.index) - set(now.index)
    with pytest.raises(StoreError, match="never written over"):
        keep(given[0], kept)
    other = ("rank", str(store), "--store", str(office.store), "--as-of", "2024-01-01", "--against", str(kept))
    assert f"--as-of {AS_OF}" in typed(*other, code=1).stderr
    (kept / "list.parquet").write_bytes(b"x")
    assert "list.parquet" in typed(*asked, code=1).stderr
    assert "no list" in typed(*asked[:-4], "--against", str(store), code=1).stderr


def test_extracts_are_imported_listed_compared_and_undone(typed, tmp_path) -> None:
    store = str(tmp_path / "records")
    for name, workers in (("one", 3), ("two", 5)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "inspections.csv").write_text(
            f"inspection_id,site_id,date,workers_present\n1,S,2024-01-01,{workers}\n"
        )
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    assert "nothing was written" in typed("import", one, "--into", store, "--dry-run").stderr
    typed("import", one, "--into", store)
    told = json.loads(typed("import", two, "--into", store, "--format", "json").stdout)
    assert told == [{"table": "inspections", "new": 0, "revised": 1, "same": 0, "gone": 0}]
    typed("imports", "undo", store, "--why", "the wrong file")
    shown = typed("imports", "list", store).stdout
    assert "the wrong file" in shown
    assert max(map(len, shown.splitlines())) <= 100
    assert typed("imports", "diff", one, two, "--rows", code=3).stdout.split()[-3:] == ["inspections", "revised", "1"]
    typed("imports", "diff", one, one)
    assert "record store: 1 import," in typed("check", store, code=3).stdout  # known_on equals date: a warning

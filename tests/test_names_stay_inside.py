"""Names come from elsewhere: none leads out of the folder that it belongs to, and no link does."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from riskscore.champion import prune
from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.scaffold import new_feature, new_recipe
from riskscore.errors import DefinitionError, RecordsError, StoreError
from riskscore.folders import open_folder, write_folder
from riskscore.planning.offices import PlanError
from riskscore.planning.offices_file import offices_from_text, read_travel_times
from riskscore.records.read import read_records
from riskscore.report.workbook import as_sheets
from riskscore.store import ALWAYS, load_run, runs

NAMES = ("../../x", "..\\..\\x", "/etc/passwd", "C:\\x", "C:x", "con", "NUL", "a" * 300, ".", "..", "...", "", " ",
         "x\x00y", "~root", "$(id)", "-rf", "\\\\host\\share\\x", "http://host/x")  # fmt: skip
OFFICES = """
travel_times = {name}
[[office]]
name = "Quba"
latitude = 41.3
longitude = 48.5
regions = ["Quba"]
teams = ["Quba 1"]
"""


def make(store: Path, run: str) -> Path:
    write_folder(store / run, {"run": run, "recipe": "r", "as_of": "2025-01-01", "records": {}, "created": "1"}, {})
    return store / run


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_a_folder_of_its_store_or_nothing(name, tmp_path) -> None:
    make(tmp_path / "runs", "r-1")
    (tmp_path / "x").mkdir()
    with pytest.raises(StoreError):
        load_run(tmp_path / "runs", name)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("new", [new_feature, new_recipe])
def test_a_definition_is_never_written_outside_its_folder(new: Callable[..., object], name, tmp_path) -> None:
    if name in ("con",):
        pytest.skip("a plain name of letters; such names of files are Windows's to refuse")
    with pytest.raises(DefinitionError):
        new(tmp_path / "mine", name)
    assert not list(tmp_path.rglob("*"))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ("", " ")])
def test_recipes_and_families_are_looked_up_and_never_opened_by_name(name) -> None:
    for found in (load_catalog().recipe, load_catalog().family):
        with pytest.raises(DefinitionError, match=r"no recipe|no family|no feature"):
            found(name)


@pytest.mark.parametrize("name", [n for n in NAMES if set(n) & set("/\\:\x00") or n in (".", "..")])
def test_an_offices_file_names_travel_times_beside_itself_alone(name) -> None:
    with pytest.raises(PlanError, match="is no file beside this one"):
        offices_from_text(OFFICES.format(name=json.dumps(name)))
    assert offices_from_text(OFFICES.format(name='"minutes.csv"')).travel_times == "minutes.csv"


def test_travel_times_are_no_archive(tmp_path) -> None:
    import gzip

    (tmp_path / "minutes.csv.gz").write_bytes(gzip.compress(b"from,to,minutes\nS,T,3\n" * 10))
    with pytest.raises(PlanError, match="no CSV"):
        read_travel_times(tmp_path / "minutes.csv.gz")


@pytest.mark.parametrize("pattern", ["../secret.csv", "/etc/passwd", "..\\secret.csv", "C:\\secret.csv",
                                     "a/../../secret.csv", "../*.csv"])  # fmt: skip
def test_a_mapping_names_files_of_the_records_alone(pattern, tmp_path) -> None:
    (tmp_path / "secret.csv").write_text("inspection_id,site_id,date\n1,S,2024-01-01\n")
    (tmp_path / "records" / "a").mkdir(parents=True)
    (tmp_path / "mapping.toml").write_text(
        f'[sources.visits]\nfile = {json.dumps(pattern)}\n[tables.inspections]\nsource = "visits"\n'
    )
    with pytest.raises(RecordsError, match="leads out of the folder of the records"):
        read_records(tmp_path / "records", tmp_path / "mapping.toml")


def test_a_run_or_a_step_behind_a_link_is_refused(tmp_path) -> None:
    make(tmp_path / "elsewhere", "r-1")
    store = tmp_path / "runs"
    store.mkdir()
    (store / "r-1").symlink_to(tmp_path / "elsewhere" / "r-1")
    for ask in (lambda: runs(store), lambda: load_run(store, "r-1")):
        with pytest.raises(StoreError, match="behind a link"):
            ask()
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "inspections.csv").write_text("inspection_id,site_id,date\n1,S,2024-01-01\n")
    from datetime import date

    from riskscore.records.imports.append import import_records

    import_records(read_records(tmp_path / "records"), tmp_path / "kept", date(2024, 2, 1))
    step = next(p for p in (tmp_path / "kept").iterdir() if p.is_dir())
    shutil.move(step, tmp_path / "moved")
    step.symlink_to(tmp_path / "moved")
    with pytest.raises(RecordsError, match="missing or was altered"):
        read_records(tmp_path / "kept")


def test_a_file_of_a_run_behind_a_link_that_leads_out_is_refused(tmp_path) -> None:
    (tmp_path / "secret").write_bytes(b"x")
    write_folder(tmp_path / "runs" / "r-1", {"run": "r-1"}, {"a.json": b"x"})
    (tmp_path / "runs" / "r-1" / "a.json").unlink()
    (tmp_path / "runs" / "r-1" / "a.json").symlink_to(tmp_path / "secret")
    with pytest.raises(StoreError, match="is missing"):
        open_folder(tmp_path / "runs" / "r-1", StoreError, "").read("a.json")


@pytest.mark.parametrize("claimed", ["..", ".", "r-2", "../elsewhere"])
def test_clearing_old_runs_deletes_nothing_that_a_manifest_only_claims_to_be(claimed, tmp_path) -> None:
    store = tmp_path / "runs"
    for run in ("r-1", "r-2"):
        make(store, run)
    write_folder(store / "r-3", {"run": claimed, "recipe": "r", "created": "0"}, {})
    with pytest.raises(StoreError, match="of another run"):
        prune(store, runs(store), 0)
    assert sorted(p.name for p in store.iterdir()) == ["r-1", "r-2", "r-3"]


def test_files_put_in_the_place_of_a_runs_own_no_longer_fit_its_name(tmp_path) -> None:
    """Somebody who writes the manifest anew as well gets another name, and ledgers and dossiers hold the old one."""
    run = "r-2025-01-01-00000000"
    noted = {"run": run, "recipe": "r", "as_of": "2025-01-01", "records": {}}
    files = dict.fromkeys((*ALWAYS, "definitions/models/r.toml", "model.0.ubj"), b"hostile")
    write_folder(tmp_path / run, noted, files)
    with pytest.raises(StoreError, match="the run's name says so"):
        load_run(tmp_path, run)


def test_names_of_offices_become_sheets_that_lead_nowhere() -> None:
    import io
    import zipfile

    data = as_sheets([(name, ["a"], []) for name in NAMES])
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert all(".." not in n and not n.startswith("/") and ":" not in n for n in packed.namelist())

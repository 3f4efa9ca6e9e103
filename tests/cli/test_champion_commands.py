"""runs promote, rollback and prune, as typed."""

from __future__ import annotations

import shutil

from riskscore.errors import StoreError
from riskscore.folders import open_folder, write_folder
from riskscore.store import load_run


def test_the_champion_is_what_other_commands_take_and_prune_leaves(typed, office, tmp_path) -> None:
    store = tmp_path / "runs"
    shutil.copytree(office.store, store)
    twin = store / "quick-2026-01-01-00000000"
    whole = open_folder(store / office.run, StoreError, "")
    noted = {key: value for key, value in whole.noted.items() if key != "sha256"}
    files = {name: whole.read(name) for name in whole.noted["files"]}
    write_folder(twin, {**noted, "run": twin.name, "created": "2999"}, files)
    assert load_run(store).id == twin.name  # the newest, while no champion is named
    typed("runs", "promote", office.run, "--store", str(store), code=1)  # no verdict, no reason
    typed("runs", "promote", "nobody", "--store", str(store), "--override", "so", code=1)
    typed("runs", "promote", office.run, "--store", str(store), "--override", "first run")
    assert load_run(store).id == office.run
    assert load_run(store, recipe="quick").id == office.run
    assert "yes" in typed("runs", "list", "--store", str(store)).stdout
    typed("runs", "rollback", "--recipe", "quick", "--reason", "worse", "--store", str(store), code=1)
    assert typed("runs", "prune", "--keep", "0", "--store", str(store)).stdout == f"{twin.name}\n"
    assert load_run(store).id == office.run


def test_an_altered_run_never_comes_into_office(typed, office, tmp_path) -> None:
    store = tmp_path / "runs"
    shutil.copytree(office.store, store)
    (store / office.run / "calibrator.json").write_text("{}", encoding="utf-8")
    found = typed("runs", "promote", office.run, "--store", str(store), "--override", "so", code=1)
    assert "calibrator.json" in found.stderr

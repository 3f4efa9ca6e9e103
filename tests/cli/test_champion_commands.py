"""runs promote, rollback and prune, as typed."""

from __future__ import annotations

import shutil

from riskscore.store import load_run, save_run


def test_the_champion_is_what_other_commands_take_and_prune_leaves(typed, office, tmp_path) -> None:
    store = tmp_path / "runs"
    shutil.copytree(office.store, store)
    run = load_run(store)
    noted = {name: run.manifest[name] for name in ("card", "records", "versions")}
    twin = save_run(store, run.model, run.phrases, {**noted, "as_of": "2026-01-01", "created": "2999"}).id
    assert load_run(store).id == twin  # the newest, while no champion is named
    typed("runs", "promote", office.run, "--store", str(store), code=1)  # no verdict, no reason
    typed("runs", "promote", "nobody", "--store", str(store), "--override", "so", code=1)
    typed("runs", "promote", office.run, "--store", str(store), "--override", "first run")
    assert load_run(store).id == office.run
    assert load_run(store, recipe="quick").id == office.run
    assert "yes" in typed("runs", "list", "--store", str(store)).stdout
    typed("runs", "rollback", "--recipe", "quick", "--reason", "worse", "--store", str(store), code=1)
    assert typed("runs", "prune", "--keep", "0", "--store", str(store)).stdout == f"{twin}\n"
    assert load_run(store).id == office.run


def test_an_altered_run_never_comes_into_office(typed, office, tmp_path) -> None:
    store = tmp_path / "runs"
    shutil.copytree(office.store, store)
    (store / office.run / "calibrator.json").write_text("{}", encoding="utf-8")
    found = typed("runs", "promote", office.run, "--store", str(store), "--override", "so", code=1)
    assert "calibrator.json" in found.stderr

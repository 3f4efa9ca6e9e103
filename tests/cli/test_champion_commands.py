"""runs promote, rollback and prune, as typed."""

from __future__ import annotations

import json
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


def test_the_gate_refuses_with_its_reasons_and_an_override_is_kept_with_them(typed, office, tmp_path) -> None:
    store = tmp_path / "runs"
    shutil.copytree(office.store, store)
    asked = ("runs", "promote", office.run, "--store", str(store))
    refused = typed(*asked, office.records, code=3)
    assert "FAILED  auc, corrected for who was visited" in refused.stdout
    assert "cannot be told" in refused.stdout  # since 2020 hardly a place may be visited without a report
    assert "nothing has changed" in refused.stderr
    assert max(map(len, refused.stdout.splitlines())) <= 100
    assert not (store / "champions.json").exists()
    assert typed(*asked, code=3).stdout == refused.stdout, "what was said is kept, and need not be asked again"
    typed(*asked, "--override", "there is no other")
    (change,) = json.loads((store / "champions.json").read_text(encoding="utf-8"))["changes"]
    assert change["reason"] == "there is no other"
    assert "auc, corrected" in change["failed"]
    (said,) = json.loads(typed("runs", "show", office.run, "--store", str(store)).stdout)["verdicts"]
    assert said["sha256"] == change["verdict"]
    assert said["sha256"] in refused.stdout


def test_two_runs_are_shown_side_by_side_what_was_found_apart_from_what_is_estimated(typed, office) -> None:
    asked = ("runs", "compare", office.run, office.run, office.records, "--store", str(office.store))
    text = typed(*asked).stdout
    assert max(map(len, text.splitlines())) <= 100
    found, estimated = text.index("what was found"), text.index("estimates")
    assert found < text.index("+0.000 (+0.000 to +0.000)") < estimated
    assert "cannot be told" in text[estimated:]
    rows = json.loads(typed(*asked, "--format", "json").stdout)
    assert {row["way"] for row in rows} == {"visited"}

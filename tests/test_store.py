"""Runs on disk: whole or not at all, named by what they hold, refused where altered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import riskscore as rs
from riskscore.errors import StoreError
from riskscore.folders import MANIFEST, open_folder, write_folder
from riskscore.pipeline.prepare import choose
from riskscore.store import load_run, runs, save_run

NOTED = {"as_of": "2025-01-01", "created": "2025-01-02T00:00:00+00:00", "card": {}, "records": {}, "versions": {}}


@pytest.fixture(scope="module")
def fitted():
    """Return a small model of the sample records, its phrases, and the records."""
    from dataclasses import replace

    chosen = choose("site_risk")
    quick = replace(chosen.recipe, families=("uncontracted", "place"))
    quick = replace(quick, model=replace(quick.model, rounds=10, seeds=(1, 2)))
    records = rs.sample_records()
    return rs.fit(records, quick, "2024-01-01"), chosen.catalog.phrases, records


@pytest.fixture
def stored(fitted, tmp_path) -> tuple[Path, str]:
    return tmp_path, save_run(tmp_path, fitted[0], fitted[1], NOTED).id


def test_a_stored_model_gives_the_same_margins_to_the_last_bit(fitted, stored) -> None:
    model, _, records = fitted
    cohort = rs.cohort(records, model.recipe, ["2025-01-01"])
    matrix = rs.build_features(records, model.recipe, cohort)
    loaded = load_run(*stored).model
    assert loaded.margin(matrix).tobytes() == model.margin(matrix).tobytes()
    assert np.array_equal(
        loaded.calibrator.probability(np.array([-2.0, 0.0])), model.calibrator.probability(np.array([-2.0, 0.0]))
    )


def test_a_run_holds_the_text_of_what_it_was_made_from(fitted, stored) -> None:
    store, run = stored
    folder = store / run / "definitions"
    assert (folder / "models" / "site_risk.toml").read_text(encoding="utf-8") == fitted[0].recipe.text
    assert {p.stem for p in (folder / "features").iterdir()} == {"uncontracted", "place"}
    assert {f.name for f in load_run(store, run).model.families} == {"uncontracted", "place"}


def test_the_same_content_gets_the_same_name_and_other_content_another(fitted, stored) -> None:
    store, run = stored
    later = NOTED | {"created": "2026-01-01T00:00:00+00:00"}
    assert save_run(store, fitted[0], fitted[1], later).id == run
    assert len(runs(store)) == 1
    other = save_run(store, fitted[0], fitted[1], NOTED | {"records": {"inspections": "0" * 64}})
    assert other.id != run


def test_nothing_is_left_beside_a_run(stored) -> None:
    store, run = stored
    assert [p.name for p in store.iterdir()] == [run]


def test_no_file_of_a_run_is_a_pickle_or_without_a_hash(stored) -> None:
    store, run = stored
    files = {p.relative_to(store / run).as_posix() for p in (store / run).rglob("*") if p.is_file()}
    manifest = json.loads((store / run / MANIFEST).read_text(encoding="utf-8"))
    assert files == {*manifest["files"], MANIFEST}
    assert {Path(name).suffix for name in files} == {".ubj", ".json", ".toml"}


def test_a_run_names_no_place_no_employer_and_no_inspector(stored) -> None:
    store, run = stored
    texts = [p.read_text(encoding="utf-8") for p in (store / run).rglob("*") if p.suffix in (".json", ".toml")]
    assert not re.search(r"\b([SE]\d{4}|i\d{3})\b", "\n".join(texts))


def test_a_run_that_breaks_while_it_is_written_is_not_there(fitted, tmp_path, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_run(tmp_path, fitted[0], fitted[1], NOTED)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_that_names_too_few_files_is_refused_in_words(stored) -> None:
    store, run = stored
    whole = open_folder(store / run, StoreError, "")
    files = {name: whole.read(name) for name in whole.noted["files"] if name != "ladder.json"}
    noted = {key: value for key, value in whole.noted.items() if key != "sha256"} | {"run": "another"}
    write_folder(store / "another", noted, files)
    with pytest.raises(StoreError, match=r"names no 'ladder\.json'"):
        load_run(store, "another")


def test_the_newest_run_of_a_recipe_is_taken_where_none_is_named(fitted, stored) -> None:
    store, run = stored
    newer = NOTED | {"as_of": "2024-06-01", "created": "2026-01-01T00:00:00+00:00"}
    second = save_run(store, fitted[0], fitted[1], newer).id
    assert load_run(store).id == second
    assert [m["run"] for m in runs(store)] == [second, run]
    with pytest.raises(StoreError, match="no run of 'farm_risk'"):
        load_run(store, recipe="farm_risk")


@pytest.mark.parametrize("name", ["nothing", "../elsewhere", "", "a" * 5000])
def test_a_run_that_is_not_there_or_leads_out_of_the_store_is_refused(name, stored) -> None:
    with pytest.raises(StoreError, match="no run"):
        load_run(stored[0], name)


def test_an_empty_store_says_how_to_make_a_run(tmp_path) -> None:
    with pytest.raises(StoreError, match="riskscore fit"):
        load_run(tmp_path / "none")

"""A dossier is made again from its run and its records, and whoever changed a digit is found."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest

import riskscore as rs
from riskscore.errors import RiskscoreError, StoreError
from riskscore.pipeline.prepare import choose
from riskscore.pipeline.verify import compared, read_dossier, verify
from riskscore.records.pseudonyms import Pseudonyms


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return (store, records, path of a dossier)."""
    folder, records = tmp_path_factory.mktemp("verified"), rs.sample_records()
    recipe = choose("site_risk").recipe
    quick = replace(recipe, families=("uncontracted", "fines", "reports", "place"))
    quick = replace(quick, model=replace(quick.model, rounds=20, seeds=(1,), refits=2))
    run = rs.fit(records, quick, "2024-07-01", store=folder / "runs")
    listed = rs.rank(run, records, "2025-01-01")
    path = rs.write(rs.dossiers(listed, [str(listed.frame["entity"].iloc[3])])[0], folder / "d.json")
    return folder / "runs", records, path


def changed(path: Path, to: Path, change) -> Path:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    to.write_text(json.dumps(content), encoding="utf-8")
    return to


def test_a_dossier_as_it_was_written_is_confirmed(made) -> None:
    store, records, path = made
    found = verify(path, records, store)
    assert (found.differences, found.notes) == ((), ())
    assert found.values > 100


def leaves(value, at=()):
    """Give the place of every value."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield at
    else:
        for key, part in parts:
            yield from leaves(part, (*at, key))


def test_every_single_value_that_is_altered_is_found_at_its_place(made) -> None:
    content = json.loads(made[2].read_text(encoding="utf-8"))
    for at in leaves(content):
        altered = copy.deepcopy(content)
        *way, last = at
        inner = altered
        for key in way:
            inner = inner[key]
        was = inner[last]
        inner[last] = was + 1e-13 * max(1, abs(was)) if isinstance(was, float) else (
            was + 1 if isinstance(was, int) else f"{was}."
        )  # fmt: skip
        (found,) = compared(altered, content)
        assert found.where.replace("[", ".").replace("]", "").split(".")[0] == str(at[0])
        assert found.where.endswith(f"[{last}]" if isinstance(last, int) else str(last))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda c: c["shares"][0].update(share=c["shares"][0]["share"] + 1e-12), "shares[0].share"),
        (lambda c: c.update(rank=c["rank"] - 1), "rank"),
        (lambda c: c["documents"].pop(), "documents["),
        (lambda c: c["reasons_for"][0].update(sentence="Something else"), "reasons_for[0].sentence"),
        (lambda c: c.update(added="word"), "added"),
        (lambda c: c.pop("cautions"), "cautions"),
        (lambda c: c["provenance"].update(definitions="0" * 16), "provenance.definitions"),
    ],
)
def test_what_was_altered_is_named(made, tmp_path, change, where) -> None:
    store, records, path = made
    found = verify(changed(path, tmp_path / "d.json", change), records, store)
    assert len(found.differences) == 1
    assert found.differences[0].where.startswith(where)


def test_records_corrected_since_are_named_by_table_and_the_values_that_they_move(made) -> None:
    store, records, path = made
    frame = records["inspections"].frame.copy()
    mine = frame["site_id"].astype(str) == json.loads(path.read_text(encoding="utf-8"))["entity"]
    frame.loc[mine, "uncontracted_workers"] = 97
    tables = {**records.tables, "inspections": replace(records["inspections"], frame=frame)}
    found = verify(path, replace(records, tables=tables), store)
    places = {d.where for d in found.differences}
    assert any(place.startswith("contributions.uncontracted") for place in places)
    assert any(place.startswith("documents[") for place in places)
    assert any("tables: inspections" in note for note in found.notes)


def test_other_versions_are_told_and_are_no_difference(made, tmp_path) -> None:
    store, records, path = made
    other = changed(path, tmp_path / "d.json", lambda c: c["provenance"].update(versions="xgboost 9.9"))
    found = verify(other, records, store)
    assert found.differences == ()
    assert "xgboost 9.9" in found.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>", "is no JSON"),
        ("[1]", "is no 'riskscore dossier"),
        ('{"shape": "riskscore dossier 1", "shape": "riskscore dossier 1"}', "stands there twice"),
        ('{"shape": "riskscore dossier 1"}', "lacks entity, run"),
    ],
)
def test_what_is_no_dossier_is_refused_in_words(text, message, tmp_path) -> None:
    path = tmp_path / "d.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RiskscoreError, match=message):
        read_dossier(path)


def test_a_run_that_was_never_stored_or_is_gone_cannot_confirm_anything(made, tmp_path) -> None:
    _, records, path = made
    with pytest.raises(RiskscoreError, match="in no store"):
        read_dossier(changed(path, tmp_path / "d.json", lambda c: c.update(run="(not stored)")))
    with pytest.raises(StoreError):
        verify(path, records, tmp_path / "no_runs")


def test_a_dossier_with_pseudonyms_is_confirmed_with_its_key_and_with_no_other(made, tmp_path) -> None:
    store, records, path = made
    entity = json.loads(path.read_text(encoding="utf-8"))["entity"]
    listed = rs.rank(rs.load_run(store), records, "2025-01-01")
    mine, other = Pseudonyms(b"a key of many bytes"), Pseudonyms(b"another key of bytes")
    dossier = rs.dossiers(replace(listed, pseudonyms=mine), [entity])[0]
    written = rs.write(dossier, tmp_path / "p.json")
    assert entity not in written.read_text(encoding="utf-8")
    assert verify(written, records, store, mine).differences == ()
    with pytest.raises(RiskscoreError, match="not on the list"):
        verify(written, records, store, other)

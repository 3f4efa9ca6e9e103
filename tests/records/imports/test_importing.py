"""A record store: what is new is added, what changed corrects, nothing is altered, and every earlier day comes back."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pandas as pd
import pytest

from riskscore.errors import MappingError, RecordsError
from riskscore.records import fingerprint, read_records
from riskscore.records.imports.append import import_records
from riskscore.records.imports.compare import difference, rows_frame
from riskscore.records.imports.steps import MARK, add_step, as_frame, steps, undo
from riskscore.records.schema import Column

FIRST, SECOND, THIRD = dt.date(2024, 3, 1), dt.date(2024, 6, 1), dt.date(2024, 9, 1)


def visit(number: str, **cells: object) -> dict[str, object]:
    return {"inspection_id": number, "site_id": "S-1", "date": "2024-01-15", "known_on": "2024-01-20", **cells}


@pytest.fixture
def store(tmp_path) -> Path:
    return tmp_path / "records"


def test_what_was_imported_is_read_as_it_was(records_of, store) -> None:
    records = records_of(
        inspections=[visit("1", workers_present=3, selection_probability=0.25), visit("2")],
        complaints=[{"complaint_id": "c", "date": "2024-01-01", "urgent": True, "channel": "152"}],
        penalties=[{"penalty_id": "p", "date": "2024-01-01", "amount_azn": 12.5, "paid_on": "2024-02-01"}],
        employers=[{"employer_id": "E", "tax_number": "0012345678", "known_on": "2020-01-01"}],
        covers_from={"inspections": "2020-01-01"},
    )  # fmt: skip
    import_records(records, store, FIRST)
    found = read_records(store)
    for name, table in found.tables.items():
        assert (table.frame["recorded_on"] == pd.Timestamp(FIRST)).all()
        before = records[name].frame.drop(columns="recorded_on")
        pd.testing.assert_frame_equal(table.frame.drop(columns="recorded_on"), before)
        assert table.covers_from == records[name].covers_from
    assert difference(records, found) == difference(records, records)


def test_a_changed_row_becomes_a_correction_known_from_the_day_of_import(records_of, store) -> None:
    import_records(records_of(inspections=[visit("1", workers_present=3), visit("2")]), store, FIRST)
    told = import_records(records_of(inspections=[visit("1", workers_present=5), visit("3")]), store, SECOND)
    assert (told[0].new, told[0].revised, told[0].gone, told[0].same) == (("3",), ("1",), ("2",), 0)
    frame = read_records(store)["inspections"].frame.set_index("inspection_id")
    assert list(frame.index) == ["1", "2", "1~2", "3"]
    assert frame.loc["1~2", "replaces"] == "1"
    assert frame.loc["1~2", "workers_present"] == 5
    assert frame.loc["1~2", "known_on"] == pd.Timestamp(SECOND)
    assert frame.loc["3", "known_on"] == pd.Timestamp("2024-01-20"), "a late row was known when its source says"
    assert frame.loc["3", "recorded_on"] == pd.Timestamp(SECOND)
    import_records(records_of(inspections=[visit("1", workers_present=3)]), store, THIRD)
    assert read_records(store)["inspections"].frame["replaces"].tolist()[-1] == "1~2", "back again is a change too"


def test_importing_the_same_again_adds_no_row(records_of, store) -> None:
    records = records_of(inspections=[visit("1"), visit("2")])
    import_records(records, store, FIRST)
    before = fingerprint(read_records(store))
    told = import_records(records, store, SECOND)
    assert told[0].same == 2
    assert fingerprint(read_records(store)) == before


def test_a_register_without_dates_gains_a_history(records_of, store) -> None:
    def register(sector: str, *more: str):
        rows = [
            {"employer_id": e, "sector": s, "known_on": "1900-01-01"}
            for e, s in (("A", sector), *((m, "F") for m in more))
        ]
        return records_of(employers=rows, inspections=[visit("1")], as_of_now=["employers"])

    import_records(register("F"), store, FIRST)
    assert read_records(store)["employers"].as_of_now
    import_records(register("A", "B"), store, SECOND)
    table = read_records(store)["employers"]
    assert not table.as_of_now, "a change was seen, so it is no longer only as of now"
    assert table.frame[["employer_id", "sector"]].astype(str).to_numpy().tolist() == [
        ["A", "F"],
        ["A", "A"],
        ["B", "F"],
    ]
    assert table.frame["known_on"].dt.date.tolist() == [dt.date(1900, 1, 1), SECOND, SECOND]
    assert read_records(store, as_known_at=FIRST)["employers"].as_of_now


def test_every_earlier_day_comes_back_as_it_was_also_after_an_undoing(records_of, store) -> None:
    import_records(records_of(inspections=[visit("1")]), store, FIRST)
    first = fingerprint(read_records(store))
    import_records(records_of(inspections=[visit("1", workers_present=9), visit("2")]), store, SECOND)
    second = fingerprint(read_records(store))
    undo(store, THIRD, "the wrong file")
    assert fingerprint(read_records(store)) == first != second
    assert fingerprint(read_records(store, as_known_at=FIRST)) == first
    assert fingerprint(read_records(store, as_known_at=dt.date(2024, 5, 31))) == first
    assert fingerprint(read_records(store, as_known_at="2024-06-01")) == second, "undone later, known then"
    import_records(records_of(inspections=[visit("1", workers_present=7)]), store, THIRD)
    assert read_records(store)["inspections"].frame["inspection_id"].tolist() == ["1", "1~2"]
    told = as_frame(store)
    assert told["counts"].tolist() == [True, False, None, True]
    assert told["why"].tolist()[2] == "the wrong file"
    with pytest.raises(RecordsError, match="nothing was recorded"):
        read_records(store, as_known_at="2024-02-29")


def test_undoing_goes_back_import_by_import_and_stops_at_the_first(records_of, store) -> None:
    for day in (FIRST, SECOND):
        import_records(records_of(inspections=[visit(str(day))]), store, day)
    assert [undo(store, THIRD, "a reason").noted["undoes"] for _ in range(2)] == [2, 1]
    with pytest.raises(RecordsError, match="no import to undo"):
        undo(store, THIRD, "a reason")
    with pytest.raises(RecordsError, match="nothing was recorded"):
        read_records(store)


def test_an_altered_removed_or_exchanged_file_is_refused_by_its_name(records_of, store) -> None:
    for day in (FIRST, SECOND, THIRD):
        import_records(records_of(inspections=[visit(str(day))]), store, day)
    rows, manifest = store / "000002" / "inspections.parquet", store / "000002" / "manifest.json"
    kept, noted = rows.read_bytes(), manifest.read_text()
    for data, words in ((kept[:-1], "is not what was written"), (b"", "is not what was written"), (None, "is missing")):
        rows.unlink() if data is None else rows.write_bytes(data)
        with pytest.raises(RecordsError, match=words) as told:
            read_records(store)
        assert "000002" in str(told.value)
    rows.write_bytes(kept)
    manifest.write_text(noted.replace("2024-06-01", "2024-05-01"))
    with pytest.raises(RecordsError, match="step 2 of the record store"):
        read_records(store)
    manifest.write_text(noted)
    read_records(store)
    (store / "000002").rename(store / "gone")
    with pytest.raises(RecordsError, match="step 2 of the record store"):
        read_records(store)


def test_a_broken_off_import_leaves_the_store_as_it_was(records_of, store, monkeypatch) -> None:
    import_records(records_of(inspections=[visit("1")]), store, FIRST)
    before = fingerprint(read_records(store))
    (store / ".making-x").mkdir()  # what a killed process leaves
    (store / ".making-x" / "manifest.json").write_text("{")
    assert fingerprint(read_records(store)) == before

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        import_records(records_of(inspections=[visit("2")]), store, SECOND)
    assert [p.name for p in sorted(store.iterdir())] == [".making-x", "000001", MARK]
    assert fingerprint(read_records(store)) == before


def test_of_two_imports_at_once_the_second_is_told_to_come_again(records_of, store) -> None:
    import_records(records_of(inspections=[visit("1")]), store, FIRST)
    seen = steps(store)
    import_records(records_of(inspections=[visit("2")]), store, SECOND)
    noted = {"kind": "import", "recorded_on": "2024-06-01", "tables": {}, "rejected": {}}
    with pytest.raises(RecordsError, match="another import came first"):
        add_step(store, seen, noted, {})
    assert len(steps(store)) == 2


def test_no_step_is_written_for_an_earlier_day_and_none_among_other_files(records_of, store, tmp_path) -> None:
    records = records_of(inspections=[visit("1")])
    import_records(records, store, SECOND)
    with pytest.raises(RecordsError, match="none can be written for an earlier day"):
        import_records(records, store, FIRST)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    with pytest.raises(RecordsError, match="a folder of its own"):
        import_records(records, tmp_path / "other", FIRST)


def test_a_dry_run_tells_and_writes_nothing(records_of, store) -> None:
    told = import_records(records_of(inspections=[visit("1")]), store, FIRST, dry_run=True)
    assert told[0].new == ("1",)
    assert not store.exists()


def test_a_further_column_keeps_its_type_and_clock(records_of, store) -> None:
    def with_score(type: str, cell: object):
        column = Column("score", type, "points", clock="paid_on")  # type: ignore[arg-type]
        rows = [{"penalty_id": str(cell), "date": "2024-01-01", "score": cell}]
        return records_of(penalties=rows, inspections=[visit("1")], further={"penalties": [column]})

    import_records(with_score("number", 1.5), store, FIRST)
    column = read_records(store)["penalties"].schema.column("score")
    assert (column.type, column.clock) == ("number", "paid_on")
    with pytest.raises(RecordsError, match="'score' was number in earlier imports and is text now"):
        import_records(with_score("text", "x"), store, SECOND)


def test_a_difference_names_its_rows(records_of) -> None:
    one, two = (records_of(inspections=[visit("1", workers_present=n), visit(m)]) for n, m in ((1, "2"), (2, "3")))
    assert rows_frame(difference(one, two)).to_numpy().tolist() == [
        ["inspections", "new", "3"], ["inspections", "revised", "1"], ["inspections", "gone", "2"],
    ]  # fmt: skip


def test_only_a_record_store_knows_an_earlier_day_and_it_wants_no_mapping(records_of, store, tmp_path) -> None:
    import_records(records_of(inspections=[visit("1")]), store, FIRST)
    (tmp_path / "inspections.csv").write_text("inspection_id,site_id,date\n1,S,2024-01-01\n")
    with pytest.raises(RecordsError, match="only a record store"):
        read_records(tmp_path / "inspections.csv", as_known_at=FIRST)
    (tmp_path / "mapping.toml").write_text("")
    with pytest.raises(MappingError, match="as it lies"):
        read_records(store, tmp_path / "mapping.toml")


def test_the_manifest_holds_counts_and_no_value(records_of, store) -> None:
    import_records(records_of(inspections=[visit("1", inspector_id="Aysel")]), store, FIRST)
    text = (store / "000001" / "manifest.json").read_text()
    assert json.loads(text)["tables"]["inspections"]["new"] == 1
    assert "Aysel" not in text

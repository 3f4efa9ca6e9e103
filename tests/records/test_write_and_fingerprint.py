"""Records written and read again are the same, and their fingerprint tells content from order."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from riskscore.records import Records, fingerprint, read_records, write_records

MAPPING = """
[tables.inspections]
covers_from = 2016-01-01
[tables.inspections.further]
score = { from = "score", type = "number", clock = "final_on" }
final_on = { from = "final_on", type = "date", clock = "final_on" }
"""


@pytest.fixture
def records(tmp_path: Path) -> Records:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "mapping.toml").write_text(MAPPING)
    (folder / "inspections.csv").write_text(
        "inspection_id,site_id,date,workers_present,selection_probability,score,final_on,code\n"
        "001,S2,2024-01-31,3,0.1,7.25,2024-05-01,0042\n002,S1,2024-02-01,,0.30000000000000004,,,0043\n"
    )
    (folder / "sites.csv").write_text('site_id,employer_id,district\nS1,E,"Şəki, ""köhnə""\nməhəllə"\nS2,E,\n')
    (folder / "complaints.csv").write_text(
        "complaint_id,site_id,date,known_on,urgent\n1,S1,2024-03-01,2024-03-02,yes\n"
    )
    return read_records(folder)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_records_written_and_read_again_are_the_same(
    records: Records, tmp_path: Path, format: Literal["csv", "parquet"]
) -> None:
    write_records(records, tmp_path / "again", format)
    again = read_records(tmp_path / "again")
    assert list(again.tables) == list(records.tables)
    for name, table in records.tables.items():
        pd.testing.assert_frame_equal(again[name].frame, table.frame)
        assert again[name].schema.columns[-1].clock == table.schema.columns[-1].clock
        assert [(c.name, c.type, c.clock) for c in again[name].schema.columns] == [
            (c.name, c.type, c.clock) for c in table.schema.columns
        ]
        assert (again[name].covers_from, again[name].as_of_now) == (table.covers_from, table.as_of_now)
    assert fingerprint(again) == fingerprint(records)


def changed(records: Records, **columns: object) -> Records:
    table = records["inspections"]
    frame = table.frame.assign(**columns)
    return Records({**records.tables, "inspections": dataclasses.replace(table, frame=frame)})


def test_the_order_of_rows_and_unused_categories_do_not_change_a_fingerprint(records: Records) -> None:
    table = records["inspections"]
    turned = table.frame.iloc[::-1].reset_index(drop=True)
    turned["site_id"] = turned["site_id"].cat.add_categories(["S0"])
    other = Records({**records.tables, "inspections": dataclasses.replace(table, frame=turned)})
    assert fingerprint(other) == fingerprint(records)


def test_every_kind_of_change_changes_the_fingerprint_of_its_table_alone(records: Records) -> None:
    frame = records["inspections"].frame
    before = fingerprint(records)
    changes: list[dict[str, object]] = [
        {"workers_present": frame["workers_present"].fillna(0)},
        {"score": frame["score"] + 1e-12},
        {"date": frame["date"] + pd.Timedelta(days=1)},
        {"code": ["0042", "0044"]},
        {"site_id": frame["site_id"].iloc[::-1].to_numpy()},
        {"site_id": frame["site_id"].cat.rename_categories({"S1": "S3"})},
        {"inspection_id": ["002", "001"]},
        {"final_on": frame["final_on"].fillna(pd.Timestamp("2024-05-01"))},
    ]
    seen = {before["inspections"]}
    for change in changes:
        after = fingerprint(changed(records, **change))
        assert after["sites"] == before["sites"]
        seen.add(after["inspections"])
    assert len(seen) == len(changes) + 1
    later = dataclasses.replace(records["inspections"], covers_from=None)
    assert fingerprint(Records({"inspections": later}))["inspections"] not in seen


def test_a_row_said_twice_is_not_a_row_said_once(records: Records) -> None:
    table = records["inspections"]
    twice = dataclasses.replace(table, frame=pd.concat([table.frame, table.frame.iloc[:1]], ignore_index=True))
    assert fingerprint(Records({"inspections": twice})) != fingerprint(Records({"inspections": table}))


def test_the_fingerprint_is_the_same_on_every_supported_python(records: Records) -> None:
    assert {name: value[:16] for name, value in fingerprint(records).items()} == {
        "complaints": "e210cf3acaf88acf", "inspections": "61cbcd7dcbc87492", "sites": "9eb79ae38595240f",
    }  # fmt: skip


def test_equal_numbers_have_one_fingerprint_whatever_their_bits(records: Records) -> None:
    zero = changed(records, score=np.array([0.0, np.nan]))
    minus = changed(records, score=np.array([-0.0, -np.nan]))
    assert fingerprint(zero) == fingerprint(minus)

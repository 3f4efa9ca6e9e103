from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.errors import RiskscoreError
from riskscore.report import tables
from riskscore.report.cells import plain, shielded
from riskscore.report.tables import as_csv, write_table

FRAME = pd.DataFrame(
    {
        "entity": ["S-00123", '=HYPERLINK("http://x")', 'ünlü, "Bakı"\nline'],
        "margin": [0.1, -1.5, np.nan],
        "share": np.array([0.1, 0.2, 0.3], dtype="float32"),
        "rank": pd.array([1, 2, None], dtype="Int64"),
        "urgent": pd.array([True, False, None], dtype="boolean"),
        "on": pd.to_datetime(["2024-05-01", None, "2024-05-02 13:30"], format="ISO8601"),
    }
)


def text_of(frame: pd.DataFrame, format: str) -> str:
    text = write_table(frame, format, None)
    assert text is not None
    return text


def test_csv_shields_texts_and_leaves_negative_numbers_numbers() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of(FRAME, "csv"), newline="")))
    assert [r["margin"] for r in rows] == ["0.1", "-1.5", ""]
    assert [r["entity"] for r in rows] == ["S-00123", '\'=HYPERLINK("http://x")', 'ünlü, "Bakı"\nline']
    assert [r["rank"] for r in rows] == ["1", "2", ""]
    assert [r["urgent"] for r in rows] == ["true", "false", ""]
    assert [r["on"] for r in rows] == ["2024-05-01", "", "2024-05-02T13:30:00"]


def test_csv_floats_read_back_bit_for_bit() -> None:
    values = [0.1 + 0.2, 1e-17, 1e22, -0.0, 123456789.123456789]
    lines = text_of(pd.DataFrame({"x": values}), "csv").splitlines()[1:]
    assert [float(line).hex() for line in lines] == [v.hex() for v in values]


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.floats(allow_infinity=False),
    st.text(st.sampled_from('a=+-@;,"\n\r\t \xe4\u2212'), max_size=8), st.dates(),
)  # fmt: skip


@given(st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=6)))
def test_csv_is_what_the_standard_library_reads_and_writes(rows) -> None:
    frame = pd.DataFrame(
        {f"c{k}": pd.Series(list(column), dtype=object) for k, column in enumerate(zip(*rows, strict=True))}
    )
    told = [[shielded(c) if isinstance(c, str) else plain(c, "") for c in row] for row in rows]
    told = [["" if c is None else str(c).lower() if isinstance(c, bool) else str(c) for c in row] for row in told]
    text = as_csv(frame)
    assert list(csv.reader(io.StringIO(text, newline="")))[1:] == told
    if "\r" not in text:  # some versions of Python leave it bare
        own = io.StringIO()
        csv.writer(own, lineterminator="\n").writerows([list(frame), *told])
        assert text == own.getvalue()


def test_blocks_of_rows_make_one_table(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = as_csv(FRAME)
    monkeypatch.setattr(tables, "_BLOCK", 2)
    assert as_csv(FRAME) == whole


def test_half_a_surrogate_is_written_out_in_a_file_and_on_the_screen(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": pd.Series(["x\udc80"], dtype=object)})
    assert text_of(frame, "csv") == "a\nx\\udc80\n"
    write_table(frame, "csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "a\nx\\udc80\n"


def test_a_head_that_looks_like_a_formula_is_shielded() -> None:
    assert text_of(pd.DataFrame({"=1+1": [1]}), "csv") == "'=1+1\n1\n"


def test_json_comes_back_with_nulls_for_what_is_missing() -> None:
    records = json.loads(text_of(FRAME, "json"))
    assert records[1]["entity"] == '=HYPERLINK("http://x")'
    assert records[2] == {
        "entity": "ünlü, \"Bakı\"\nline", "margin": None, "share": float(np.float32(0.3)), "rank": None,
        "urgent": None, "on": "2024-05-02T13:30:00",
    }  # fmt: skip
    assert records[0]["rank"] == 1
    assert records[0]["urgent"] is True


def test_an_empty_frame_is_an_empty_table_in_every_text_form() -> None:
    empty = FRAME.iloc[:0]
    assert json.loads(text_of(empty, "json")) == []
    assert text_of(empty, "csv") == "entity,margin,share,rank,urgent,on\n"
    assert "entity" in text_of(empty, "table")


def test_parquet_keeps_types_and_values(tmp_path: Path) -> None:
    assert write_table(FRAME.set_index("entity"), "parquet", tmp_path / "x.parquet") is None
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "x.parquet"), FRAME, check_dtype=False)


def test_text_goes_to_the_file_where_one_is_named(tmp_path: Path) -> None:
    for form in ("csv", "json"):
        out = tmp_path / "new folder" / f"list.of.{form}"
        assert write_table(FRAME, form, out) is None
        assert out.read_bytes() == text_of(FRAME, form).encode()


@pytest.mark.parametrize("format", ["parquet", "xlsx"])
def test_a_binary_form_without_a_file_says_which_option_to_use(format: str) -> None:
    with pytest.raises(RiskscoreError, match=f"--out FILE.{format}"):
        write_table(FRAME, format, None)


def test_an_unknown_format_offers_the_nearest() -> None:
    with pytest.raises(RiskscoreError, match="Did you mean 'xlsx'"):
        write_table(FRAME, "xls", None)


@pytest.mark.parametrize("format", ["csv", "json", "xlsx", "table"])
def test_an_infinite_number_is_refused_with_its_column(format: str, tmp_path: Path) -> None:
    with pytest.raises(RiskscoreError, match="column 'lift'"):
        write_table(pd.DataFrame({"lift": [np.inf]}), format, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


def test_dates_in_object_columns_are_dates() -> None:
    assert text_of(pd.DataFrame({"on": [dt.date(2024, 1, 31), None]}, dtype=object), "csv") == 'on\n2024-01-31\n""\n'

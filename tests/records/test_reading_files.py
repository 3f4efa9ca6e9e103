"""Files as offices export them: encodings, delimiters, numbers, dates, Excel, Parquet, databases."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from riskscore.errors import MappingError, MissingExtra, RecordsError
from riskscore.records import Records, read_records

HEADER = "inspection_id,site_id,employer_id,date,workers_present"


def csv(folder: Path, *lines: str, name: str = "inspections.csv", encoding: str = "utf-8") -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    (folder / name).write_bytes("\n".join([*lines, ""]).encode(encoding))
    return folder


def mapped(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def visits(records: Records) -> pd.DataFrame:
    return records["inspections"].frame


def test_columns_have_the_stated_types_and_absent_ones_are_missing(tmp_path: Path) -> None:
    frame = visits(read_records(csv(tmp_path, HEADER, "007,S-1,E-1,2024-01-31,12", "008,S-1,,2024-02-01,")))
    assert frame["inspection_id"].tolist() == ["007", "008"]
    assert str(frame["inspection_id"].dtype) == "str"
    assert str(frame["site_id"].dtype) == "category"
    assert str(frame["workers_present"].dtype) == "Int64"
    assert str(frame["date"].dtype) == "datetime64[s]"
    assert frame["known_on"].tolist() == frame["date"].tolist()
    assert frame["employer_id"].isna().tolist() == [False, True]
    assert frame["minors_found"].isna().all()
    assert str(frame["minors_found"].dtype) == "Int64"
    assert str(frame["office"].dtype) == "category"


def test_paths_with_dots_and_spaces_are_read(tmp_path: Path) -> None:
    folder = csv(tmp_path / "my data v1.2 (new)", HEADER, "1,S,E,2024-01-31,1")
    assert len(visits(read_records(folder))) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "cp1254"])
def test_encodings_are_found_out(tmp_path: Path, encoding: str) -> None:
    words = {"cp1251": "Гянджа, ул. Низами", "cp1254": "Gence, Şıxlı kendi, Ağdaş üçün"}
    place = words.get(encoding, "Gəncə; Гянджа")
    csv(tmp_path, HEADER + ",region", f'1,S,E,2024-01-31,1,"{place}"', encoding=encoding)
    assert visits(read_records(tmp_path))["region"].tolist() == [place]


def test_a_file_of_mixed_encodings_keeps_every_letter_and_says_so(tmp_path: Path) -> None:
    good = [f"{k},S,E,2024-01-31,1,Gəncə" for k in range(5)]
    text = "\n".join([HEADER + ",region", *good, ""]).encode() + "9,S,E,2024-01-31,1,Гянджа\n".encode("cp1251")
    (tmp_path / "inspections.csv").write_bytes(text)
    records = read_records(tmp_path)
    assert visits(records)["region"].tolist() == ["Gəncə"] * 5 + ["Гянджа"]
    assert any("1 lines are not UTF-8" in note for note in records.notes)


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_delimiters_are_found_out(tmp_path: Path, sign: str) -> None:
    csv(tmp_path, HEADER.replace(",", sign), sign.join(["1", "S", "E", "2024-01-31", "12"]))
    assert visits(read_records(tmp_path))["workers_present"].tolist() == [12]


def penalties(folder: Path, *amounts: str, said: str = "") -> pd.DataFrame:
    csv(folder, HEADER, "1,S,E,2024-01-31,1")
    lines = [f'{k};E;2024-01-31;"{a}"' for k, a in enumerate(amounts)]
    csv(folder, "penalty_id;employer_id;date;amount_azn", *lines, name="penalties.csv")
    return read_records(folder, mapped(folder, said) if said else None)["penalties"].frame


def test_decimal_commas_and_thousands_are_read(tmp_path: Path) -> None:
    amounts = penalties(tmp_path, "1.500,50", "1 500,5", "12", "1\u00a0234\u00a0567,00", "-0,5")["amount_azn"]
    assert amounts.tolist()[:4] == [1500.5, 1500.5, 12.0, 1234567.0]
    assert pd.isna(amounts[4])  # a negative fine is emptied


def test_a_decimal_point_is_told_from_a_comma_for_thousands(tmp_path: Path) -> None:
    assert penalties(tmp_path, "1,500.50", "2,000", "0.25")["amount_azn"].tolist() == [1500.5, 2000.0, 0.25]


def test_a_number_in_the_other_notation_is_refused_and_not_guessed(tmp_path: Path) -> None:
    frame = penalties(tmp_path, "12,50", "13.75", said='[sources.penalties]\ndecimal = ","\n')
    assert frame["amount_azn"].tolist()[0] == 12.5
    assert pd.isna(frame["amount_azn"][1])


def test_ids_and_tax_numbers_keep_their_zeros(tmp_path: Path) -> None:
    csv(tmp_path, HEADER, "0001,0042,0012345678,2024-01-31,1")
    csv(tmp_path, "employer_id,tax_number,name", "0012345678,0012345678,A", name="employers.csv")
    records = read_records(tmp_path)
    assert visits(records)["employer_id"].tolist() == ["0012345678"]
    assert records["employers"].frame["tax_number"].tolist() == ["0012345678"]
    assert visits(records)["site_id"].tolist() == ["0042"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("31.01.2024", "2024-01-31"), ("31/01/2024", "2024-01-31"), ("01/31/2024", "2024-01-31"),
        ("2024-01-31T14:30:00Z", "2024-01-31"), ("31.01.2024 14:30", "2024-01-31"), ("20240131", "2024-01-31"),
        ("31.01.24", "2024-01-31"), ("2024/01/31", "2024-01-31"),
    ],
)  # fmt: skip
def test_written_dates_are_found_out(tmp_path: Path, written: str, meant: str) -> None:
    frame = visits(read_records(csv(tmp_path, HEADER, f"1,S,E,{written},1")))
    assert frame["date"].tolist() == [pd.Timestamp(meant)]


def test_a_date_that_could_be_month_first_is_said_to_be_doubtful(tmp_path: Path) -> None:
    records = read_records(csv(tmp_path, HEADER, "1,S,E,02/03/2024,1"))
    assert visits(records)["date"].tolist() == [pd.Timestamp("2024-03-02")]
    assert any("month/day/year" in note for note in records.notes)


def test_quoted_line_breaks_stay_in_their_cell_and_short_lines_are_set_aside(tmp_path: Path) -> None:
    csv(tmp_path, HEADER + ",note", '1,S,E,2024-01-31,1,"a\nb"', "2,S,E", "", "3,S,E,2024-01-31,-1,c")
    records = read_records(tmp_path)
    assert visits(records)["inspection_id"].tolist() == ["1", "3"]
    assert visits(records)["note"].tolist() == ["a\nb", "c"]
    assert records.rejected["inspections: the line has not 6 cells"] == 1
    # the header is row 1, and what is no row still counts, so that a spreadsheet leads to the same place
    assert records.rejected_rows[["row", "value"]].values.tolist() == [[3, "3 cells"], [5, "-1"]]


def test_an_empty_file_is_an_error_and_a_header_alone_is_no_row(tmp_path: Path) -> None:
    (tmp_path / "inspections.csv").write_bytes(b"")
    with pytest.raises(RecordsError, match=r"inspections\.csv: the file is empty"):
        read_records(tmp_path)
    assert visits(read_records(csv(tmp_path, HEADER))).empty


def test_a_column_of_nulls_is_all_missing(tmp_path: Path) -> None:
    lines = [f"{k},S,NULL,2024-01-31,{null}" for k, null in enumerate(["", "NULL", "NaN", "N/A"])]
    frame = visits(read_records(csv(tmp_path, HEADER, *lines)))
    assert frame["workers_present"].isna().all()
    assert frame["employer_id"].isna().all()


def test_a_folder_without_inspections_says_what_to_do(tmp_path: Path) -> None:
    csv(tmp_path, "a,b", "1,2", name="inspection.csv")
    with pytest.raises(RecordsError, match=r"Did you mean 'inspection'.*riskscore mapping suggest"):
        read_records(tmp_path)


def test_a_missing_required_column_names_the_table_and_the_nearest_header(tmp_path: Path) -> None:
    csv(tmp_path, "inspection_id,site_id,dates", "1,S,2024-01-31")
    with pytest.raises(RecordsError, match=r"inspections needs a column 'date'\. Did you mean 'dates'"):
        read_records(tmp_path)


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_gives_dates_serial_numbers_and_ids_with_zeros(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "records 2024.v2.xlsx",
        Inspections=[
            ["inspection_id", "site_id", "date", "known_on", "workers_present"],
            [1, 42, dt.datetime(2024, 1, 31, 10, 30), 45323, 12],
            [2, 42, dt.datetime(2024, 2, 1), 45324, 12.5],
            [None, None, None, None, None],
        ],
        employers=[["employer_id", "tax_number"], [7, 12345678]],
    )
    book = openpyxl.load_workbook(path)
    book["employers"]["B2"].number_format = "0000000000"
    book.save(path)
    records = read_records(path)
    frame = visits(records)
    assert frame["inspection_id"].tolist() == ["1", "2"]
    assert frame["date"].tolist() == [pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-01")]
    assert frame["known_on"].tolist() == [pd.Timestamp("2024-02-01"), pd.Timestamp("2024-02-02")]
    assert frame["workers_present"].isna().tolist() == [False, True]  # 12.5 people
    assert records["employers"].frame["tax_number"].tolist() == ["0012345678"]


def test_parquet_files_and_partitioned_folders_give_the_same_records(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"inspection_id": ["1", "2"], "site_id": [7, 8], "date": pd.to_datetime(["2024-01-31", "2023-01-31"]),
         "office": pd.Categorical(["A", "B"]), "year": [2024, 2023]}
    )  # fmt: skip
    (tmp_path / "one").mkdir()
    frame.to_parquet(tmp_path / "one" / "inspections.parquet")
    frame.to_parquet(tmp_path / "many" / "inspections", partition_cols=["year"])
    one = visits(read_records(tmp_path / "one"))
    many = visits(read_records(tmp_path / "many")).sort_values("inspection_id", ignore_index=True)
    pd.testing.assert_frame_equal(one, many[one.columns], check_categorical=False)
    assert one["site_id"].tolist() == ["7", "8"]


def test_a_single_file_needs_a_mapping_unless_named_like_a_table(tmp_path: Path) -> None:
    csv(tmp_path, HEADER, "1,S,E,2024-01-31,1")
    csv(tmp_path, HEADER, "1,S,E,2024-01-31,1", name="export.csv")
    assert len(visits(read_records(tmp_path / "inspections.csv"))) == 1
    with pytest.raises(MappingError, match="riskscore mapping suggest"):
        read_records(tmp_path / "export.csv")
    (tmp_path / "old.xls").write_bytes(b"x")
    with pytest.raises(RecordsError, match=r"kind '\.xls' are not read"):
        read_records(tmp_path / "old.xls")


def test_a_file_that_is_no_workbook_or_parquet_is_told_in_words(tmp_path: Path) -> None:
    for name in ("inspections.xlsx", "inspections.parquet"):
        path = tmp_path / name
        path.write_bytes(b"nothing of the kind")
        with pytest.raises(RecordsError, match="that can be read"):
            read_records(path)


def test_a_database_gives_the_same_records_as_its_csv(tmp_path: Path) -> None:
    csv(tmp_path / "files", HEADER, "007,S,E,2024-01-31,12", "008,S,E,2024-02-30,13")
    with sqlite3.connect(tmp_path / "my records.db") as connection:
        connection.execute(
            "create table inspections (inspection_id text, site_id, employer_id, date, workers_present int)"
        )
        connection.execute("insert into inspections values ('007', 'S', 'E', '2024-01-31', 12)")
        connection.execute("insert into inspections values ('008', 'S', 'E', '2024-02-30', 13)")
    connection.close()
    stored = read_records(f"sqlite:///{tmp_path}/my records.db")
    pd.testing.assert_frame_equal(visits(stored), visits(read_records(tmp_path / "files")))
    assert sum(stored.rejected.values()) == 2  # the impossible date, and the row without one


def test_no_password_stands_in_a_database_error(tmp_path: Path) -> None:
    for url in (
        "postgresql+psycopg://anna:s3cret@127.0.0.1:1/records?password=s3cret",
        "nosuch://anna:s3cret@host/records", "sqlite:///s3cret@/nowhere.db?password=s3cret", "://s3cret",
    ):  # fmt: skip
        with pytest.raises((RecordsError, MissingExtra)) as found:
            read_records(url)
        assert "anna" not in str(found.value)
        assert not str(found.value).replace("s3cret@/nowhere.db", "").count("s3cret")


def test_columns_about_persons_are_never_read(tmp_path: Path) -> None:
    csv(tmp_path, HEADER, "1,S,E,2024-01-31,1")
    csv(
        tmp_path,
        "complaint_id,date,Caller name,Telefon,topic",
        "1,2024-01-31,Aysel,0501234567,wages",
        name="complaints.csv",
    )
    records = read_records(tmp_path)
    frame = records["complaints"].frame
    assert not {"caller_name", "telefon"} & set(frame.columns)
    assert not frame.astype("str").isin(["Aysel", "0501234567"]).any().any()
    assert any("Caller name, Telefon" in note for note in records.notes)

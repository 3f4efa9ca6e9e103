"""What a mapping can say, and how its mistakes are told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from riskscore.errors import MappingError
from riskscore.records import Records, read_records

EXPORT = [
    "Akt;Müəssisə;Tarix;Növ;Cərimə USD;Qeyd;Ödəniş;Ödəniş tarixi",
    "7;E1;31.01.2024;Planlı;100;a;50;10.02.2024",
    "7;E1;31.01.2024;Reyd;0;b;;",
    "8;E2;01.02.2024;Başqa;30;c;;",
]


def mapped(folder: Path, text: str, *lines: str) -> Records:
    path = folder / "export v1.csv"
    path.write_text("\n".join(lines or EXPORT) + "\n", encoding="utf-8")
    mapping = folder / "mine.toml"
    mapping.write_text(text, encoding="utf-8")
    return read_records(path, mapping)


BASE = """
[tables.inspections]
source = "export"
{table}
[tables.inspections.columns]
inspection_id = {{ join = ["Akt", "Tarix"], number = true }}
employer_id = "Müəssisə"
date = "Tarix"
trigger = {{ from = "Növ", values = {{ "Planlı" = "planned", "Reyd" = "raid" }}, otherwise = "complaint" }}
authority = {{ constant = "Centre" }}
{columns}
"""


def test_names_constants_value_maps_and_composed_ids_are_applied(tmp_path: Path) -> None:
    frame = mapped(tmp_path, BASE.format(table="", columns=""))["inspections"].frame
    assert frame["inspection_id"].tolist() == ["7-31.01.2024", "7-31.01.2024-2", "8-01.02.2024"]
    assert frame["trigger"].tolist() == ["planned", "raid", "complaint"]
    assert frame["authority"].tolist() == ["Centre"] * 3
    assert frame["date"].tolist() == [pd.Timestamp("2024-01-31")] * 2 + [pd.Timestamp("2024-02-01")]


def test_source_columns_that_no_rule_names_are_kept_under_plain_names(tmp_path: Path) -> None:
    table = mapped(tmp_path, BASE.format(table="", columns=""))["inspections"]
    assert table.frame["cerime_usd"].tolist() == [100, 0, 30]
    assert table.schema.column("cerime_usd").type == "integer"
    assert table.schema.column("odenis_tarixi").type == "date"
    assert table.schema.column("qeyd").type == "category"
    plain = mapped(tmp_path, BASE.format(table='drop = ["Qeyd"]', columns=""))["inspections"]
    assert "qeyd" not in plain.frame
    bare = mapped(tmp_path, BASE.format(table="keep = false", columns=""))["inspections"]
    assert "cerime_usd" not in bare.frame


def test_a_private_column_is_never_read_even_if_other_columns_are_kept(tmp_path: Path) -> None:
    text = '[sources.export]\nprivate = ["Qeyd"]\n' + BASE.format(table="", columns="")
    assert "qeyd" not in mapped(tmp_path, text)["inspections"].frame
    with pytest.raises(MappingError, match="'Qeyd' is private and never read"):
        mapped(tmp_path, text + '[tables.inspections.further]\nnote = "Qeyd"\n')


def test_known_on_follows_from_a_rule_or_from_a_column(tmp_path: Path) -> None:
    later = mapped(tmp_path, BASE.format(table='known_on = "date + 14 days"', columns=""))["inspections"].frame
    assert (later["known_on"] - later["date"]).dt.days.tolist() == [14, 14, 14]
    months = mapped(tmp_path, BASE.format(table='known_on = "date + 1 month"', columns=""))["inspections"].frame
    assert months["known_on"].tolist()[0] == pd.Timestamp("2024-02-29")
    column = mapped(tmp_path, BASE.format(table="", columns='known_on = "Ödəniş tarixi"'))["inspections"].frame
    assert column["known_on"].tolist()[:2] == [pd.Timestamp("2024-02-10"), pd.Timestamp("2024-01-31")]
    with pytest.raises(MappingError, match=r"known_on: 'dat' is no date column.*Did you mean 'date'"):
        mapped(tmp_path, BASE.format(table='known_on = "dat + 14 days"', columns=""))


def test_units_and_clocks_of_further_columns_are_kept(tmp_path: Path) -> None:
    text = BASE.format(table="covers_from = 2020-01-01", columns="") + (
        "[tables.inspections.further]\n"
        'fine = { from = "Cərimə USD", times = 1.7, type = "money" }\n'
        'paid = { from = "Ödəniş", type = "money", clock = "paid_day" }\n'
        'paid_day = { from = "Ödəniş tarixi", clock = "paid_day" }\n'
    )
    table = mapped(tmp_path, text)["inspections"]
    assert table.frame["fine"].tolist() == [170.0, 0.0, 51.0]
    assert table.schema.column("paid").clock == "paid_day"
    assert table.covers_from == dt.date(2020, 1, 1)
    with pytest.raises(MappingError, match="clock 'paid_on' is no date column"):
        mapped(tmp_path, text.replace('clock = "paid_day" }\npaid_day', 'clock = "paid_on" }\npaid_day'))


def test_a_filter_leaves_rows_out_and_counts_them(tmp_path: Path) -> None:
    records = mapped(tmp_path, BASE.format(table="where = \"trigger != 'raid' and cerime_usd > 10\"", columns=""))
    assert len(records["inspections"].frame) == 2
    assert records.filtered == {"inspections": 1}
    assert records.rejected == {}
    with pytest.raises(MappingError, match=r"there is no column 'triger'.*Did you mean 'trigger'"):
        mapped(tmp_path, BASE.format(table="where = \"triger = 'raid'\"", columns=""))


def test_a_bad_cell_in_a_row_that_the_filter_leaves_out_is_no_reject(tmp_path: Path) -> None:
    lines = [EXPORT[0], "7;E1;31.02.2024;Reyd;0;b;;", EXPORT[1]]
    records = mapped(tmp_path, BASE.format(table="where = \"trigger != 'raid'\"", columns=""), *lines)
    assert records.rejected == {}


def test_one_export_fills_several_tables_and_versions_are_told_apart(tmp_path: Path) -> None:
    text = BASE.format(table="", columns="") + (
        '[tables.employers]\nsource = "export"\ndeduplicate = true\n'
        '[tables.employers.columns]\nemployer_id = "Müəssisə"\nname = "Qeyd"\nvalid_from = "Tarix"\n'
    )
    lines = [EXPORT[0]] + [f"{k};E1;{k:02}.01.2024;Reyd;0;{name};;" for k, name in enumerate("aabba", start=1)]
    frame = mapped(tmp_path, text, *lines)["employers"].frame
    assert frame["name"].tolist() == ["a", "b", "a"]
    assert frame["valid_from"].dt.day.tolist() == [1, 3, 5]
    last = mapped(tmp_path, text.replace('valid_from = "Tarix"\n', ""), *lines)["employers"]
    assert last.frame["name"].tolist() == ["a"]
    assert last.as_of_now


def test_several_files_and_several_parts_fill_one_table(tmp_path: Path) -> None:
    for year in (2022, 2023):
        (tmp_path / f"visits {year}.csv").write_text(f"no,site,day\n{year}-1,S1,{year}-05-01\n")
    (tmp_path / "old.csv").write_text("nr;place;when;workers\nX1;S2;01.05.2010;-3\n")
    (tmp_path / "mapping.toml").write_text(
        '[sources.visits]\nfile = "visits *.csv"\n'
        '[[tables.inspections]]\nsource = "visits"\n'
        'columns = { inspection_id = "no", site_id = "site", date = "day" }\n'
        '[[tables.inspections]]\nsource = "old"\n'
        'columns = { inspection_id = "nr", site_id = "place", date = "when", workers_present = "workers" }\n'
        "[sources.old]\n"
    )
    records = read_records(tmp_path)
    frame = records["inspections"].frame
    assert frame["inspection_id"].tolist() == ["2022-1", "2023-1", "X1"]
    assert list(frame["site_id"].cat.categories) == ["S1", "S2"]
    assert records.rejected_rows[["file", "row"]].values.tolist() == [["old.csv", 2]]
    origin = records["inspections"].origin
    assert origin is not None
    assert [origin.place(k) for k in range(3)] == [("visits 2022.csv", 2), ("visits 2023.csv", 2), ("old.csv", 2)]


def test_a_fine_without_a_date_takes_that_of_its_visit(tmp_path: Path) -> None:
    (tmp_path / "inspections.csv").write_text(
        "inspection_id,site_id,date,known_on\n1,S,2024-01-31,2024-02-05\n2,S,2024-03-01,2024-03-02\n"
    )
    (tmp_path / "penalties.csv").write_text(
        "penalty_id,inspection_id,date,known_on,amount_azn\na,1,,,100\nb,2,2024-04-01,,100\nc,1,,2024-06-01,5\nd,9,,,1\n"
    )
    records = read_records(tmp_path)
    frame = records["penalties"].frame.set_index("penalty_id")
    assert frame["date"].dt.strftime("%m-%d").tolist() == ["01-31", "04-01", "01-31"]
    assert frame["known_on"].dt.strftime("%m-%d").tolist() == ["02-05", "04-01", "06-01"]
    assert records.rejected == {"penalties.date: no date": 1}  # the visit 9 is unknown


def test_a_mapping_with_many_mistakes_tells_all_of_them_with_the_nearest_names(tmp_path: Path) -> None:
    with pytest.raises(MappingError) as found:
        mapped(
            tmp_path,
            '[sources.export]\nencodng = "utf-8"\n[tables.inspection]\n[tables.inspections]\nsource = "exprt"\n'
            'covers_from = "2020"\n[tables.inspections.columns]\ndat = "Tarix"\nauthority = { constnt = "x" }\n',
        )
    text = str(found.value)
    for part in ("'encoding'", "'inspections'", "'export'", "covers_from: date expected", "'date'", "'constant'"):
        assert part in text
    assert "mine.toml, tables.inspections.columns.dat" in text


def test_a_column_that_the_source_lacks_is_told_with_the_nearest_header(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"no column 'Tarıx'\. Did you mean 'Tarix'"):
        mapped(tmp_path, BASE.format(table="", columns="").replace('date = "Tarix"', 'date = "Tarıx"'))


def test_a_folder_s_own_mapping_says_since_when_a_table_is_complete(tmp_path: Path) -> None:
    (tmp_path / "inspections.csv").write_text("inspection_id,site_id,date\n1,S,2024-01-31\n")
    (tmp_path / "sites.csv").write_text("site_id,employer_id\nS,E\n")
    (tmp_path / "mapping.toml").write_text(
        "[tables.inspections]\ncovers_from = 2016-01-01\n[tables.sites]\nas_of_now = true\n"
    )
    records = read_records(tmp_path)
    assert records["inspections"].covers_from == dt.date(2016, 1, 1)
    assert records["sites"].as_of_now
    assert records["sites"].frame["known_on"].tolist() == [pd.Timestamp("1900-01-01")]

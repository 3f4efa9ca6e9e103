"""Drafted mappings load as they are, and say why they guess what they guess."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from riskscore.errors import RecordsError
from riskscore.records import Records, read_records, suggest_mapping

AZERBAIJANI = (
    "Akt nömresi;VÖEN;Müessisenin adı;Yoxlama tarixi;Yoxlamanın növü;Müqavilesiz işçilerin sayı;Bölge;"
    "Müfettişin adı;Qeyd;Cerimenin meblegi\n"
    "00012;0012345678;Şems MMC;31.01.2024;Planlı;3;Gence;Eli;yoxdur;1.500,50\n"
    "00013;1400012345;Güneş MMC;01.02.2024;Şikayet;0;Şeki;Veli;ağ;0,00\n"
)
RUSSIAN = (
    "Номер акта;Организация;ИНН;Дата проверки;Вид проверки;Без договора;Регион;ФИО инспектора;Погода\n"
    "А-1;Орг-7;0012345678;31.01.2024;Плановая;3;Гянджа;Иванов;снег\n"
    "А-2;Орг-8;1400012345;01.02.2024;Рейд;0;Шеки;Петров;дождь\n"
)


def drafted(folder: Path, name: str, content: bytes) -> tuple[str, Records]:
    path = folder / name
    path.write_bytes(content)
    draft = suggest_mapping([path])
    mapping = folder / "draft.toml"
    mapping.write_text(draft, encoding="utf-8")
    return draft, read_records(path, mapping)


def test_an_azerbaijani_export_in_cp1254_is_drafted_and_loads(tmp_path: Path) -> None:
    draft, records = drafted(tmp_path, "Yoxlamalar 2024.v1.csv", AZERBAIJANI.encode("cp1254"))
    for line in ('encoding = "cp1254"', 'delimiter = ";"', 'decimal = ","', 'dates = "%d.%m.%Y"'):
        assert line in draft
    frame = records["inspections"].frame
    assert frame["inspection_id"].tolist() == ["00012", "00013"]
    assert frame["employer_id"].tolist() == ["0012345678", "1400012345"]
    assert frame["trigger"].tolist() == ["planned", "complaint"]
    assert frame["uncontracted_workers"].tolist() == [3, 0]
    assert frame["date"].tolist() == [pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-01")]
    assert frame["cerimenin_meblegi"].tolist() == [1500.5, 0.0]
    assert records["employers"].frame["region"].tolist() == ["Gence", "Şeki"]
    assert records.rejected == {}


def test_a_russian_export_in_cp1251_is_drafted_and_loads(tmp_path: Path) -> None:
    draft, records = drafted(tmp_path, "Проверки.csv", RUSSIAN.encode("cp1251"))
    assert 'encoding = "cp1251"' in draft
    frame = records["inspections"].frame
    assert frame["inspection_id"].tolist() == ["А-1", "А-2"]
    assert frame["trigger"].tolist() == ["planned", "raid"]
    assert frame["uncontracted_workers"].tolist() == [3, 0]
    assert records["employers"].frame["tax_number"].tolist() == ["0012345678", "1400012345"]


def test_a_turkish_workbook_is_drafted_sheet_by_sheet_and_loads(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Denetimler"
    for row in (["Denetim no", "İşyeri no", "Denetim tarihi", "Çalışan sayısı"], ["D1", "Y1", "05.03.2024", 4]):
        sheet.append(row)
    fines = book.create_sheet("Cezalar")
    for row in (["Ceza no", "Denetim no", "Ceza tutarı"], ["C1", "D1", 250]):
        fines.append(row)
    book.save(tmp_path / "kayıtlar.xlsx")
    mapping = tmp_path / "draft.toml"
    mapping.write_text(suggest_mapping([tmp_path / "kayıtlar.xlsx"]), encoding="utf-8")
    records = read_records(tmp_path / "kayıtlar.xlsx", mapping)
    assert records["inspections"].frame["workers_present"].tolist() == [4]
    assert records["penalties"].frame["amount_azn"].tolist() == [250.0]
    assert records["penalties"].frame["date"].tolist() == [pd.Timestamp("2024-03-05")]


def test_the_draft_says_how_sure_it_is_and_what_is_left_over(tmp_path: Path) -> None:
    draft, _ = drafted(tmp_path, "Yoxlamalar.csv", AZERBAIJANI.encode("utf-8"))
    assert "# sure: the header reads 'akt nomresi'" in draft
    assert "# perhaps: no code of the employer" in draft
    assert '# Not recognised, kept as further columns of inspections: "Qeyd", "Cerimenin meblegi"' in draft


def test_names_of_inspectors_are_drafted_as_private(tmp_path: Path) -> None:
    draft, records = drafted(tmp_path, "Проверки.csv", RUSSIAN.encode("utf-8"))
    assert 'private = ["ФИО инспектора"]' in draft
    assert not records["inspections"].frame.astype("str").isin(["Иванов", "Петров"]).any().any()


def test_values_without_a_telling_header_are_known_by_their_shape(tmp_path: Path) -> None:
    lines = ["Код;Х;У;Когда;employer"] + [f"{k};40.{k}123;49.{k}456;{k}.02.2024;E{k}" for k in range(1, 9)]
    draft, _ = drafted(tmp_path, "visits.csv", "\n".join([*lines, ""]).encode())
    assert 'date = "Когда"  # perhaps: the values are dates' in draft


def test_a_table_that_cannot_load_yet_is_drafted_as_a_comment(tmp_path: Path) -> None:
    path = tmp_path / "penalties.csv"
    path.write_text("amount,employer\n5,E\n", encoding="utf-8")
    draft = suggest_mapping([path])
    assert "# The table penalties needs date" in draft
    assert "# [tables.penalties]" in draft


def test_a_file_of_nothing_known_lists_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    path.write_text("foo,bar\n1,x\n", encoding="utf-8")
    assert '# No table fits weather: its columns are "foo", "bar".' in suggest_mapping([path])
    with pytest.raises(RecordsError, match="no file was given"):
        suggest_mapping([])

"""Files that would fill the memory are refused in words, and the memory shows it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from riskscore.errors import RecordsError, RiskscoreError
from riskscore.limits import BY_HAND, MB, WORKBOOK, is_nested_too_deep, read_whole, within
from riskscore.records.mapping import SourceRule
from riskscore.records.sources import Container

MOST_MEMORY = 700  # MB; the libraries alone take some 200
HEAD = "inspection_id,site_id,date\n"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
SHEET = "xl/worksheets/sheet1.xml"
READ = """
import json, sys
from pathlib import Path
from riskscore.errors import RecordsError
from riskscore.records.mapping import SourceRule
from riskscore.records.sources import Container
said = {}
for name in sys.argv[1:]:
    try:
        table = Container(name).read(SourceRule(Path(name).stem))
        said[Path(name).name] = f"read: {table.data.num_rows} rows"
    except RecordsError as error:
        said[Path(name).name] = str(error)
# Linux counts into ru_maxrss what the process that started this one held; its own peak is VmHWM
status = Path("/proc/self/status")
peak = status.read_text().split("VmHWM:")[1].split()[0] if status.exists() else 0
print(json.dumps([said, int(peak) / 1024]))
"""


def workbook(path: Path, changed: Callable[[str, bytes], bytes] = lambda name, data: data) -> zipfile.ZipFile:
    """Write a small workbook, its parts changed, and return it still open for more of them."""
    book = openpyxl.Workbook()
    for row in (["inspection_id", "site_id"], ["1", "S"], ["2", "S"]):
        book.active.append(row)  # type: ignore[union-attr]
    plain = path.with_suffix(".plain")
    book.save(plain)
    packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(plain) as old:
        for name in old.namelist():
            packed.writestr(name, changed(name, old.read(name)))
    plain.unlink()
    return packed


def zeros(packed: zipfile.ZipFile, name: str, size: int) -> None:
    with packed.open(name, "w") as part:
        for _ in range(size // MB):
            part.write(bytes(MB))


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda name, data: data.replace(old, new, 1) if name == SHEET else data


def with_type(coding: str) -> Callable[[str, bytes], bytes]:
    def change(name: str, data: bytes) -> bytes:
        if name != SHEET:
            return data
        text = data.decode().split("?>", 1)[-1].replace("<worksheet", LAUGHS + "<worksheet", 1)
        return f'<?xml version="1.0" encoding="{coding}"?>{text}'.encode(coding)

    return change


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], float]:
    """Return what one process said of every bomb, and its peak memory in MB."""
    folder = tmp_path_factory.mktemp("bombs")
    with workbook(folder / "large.xlsx") as packed:
        zeros(packed, "xl/media/image1.png", WORKBOOK + MB)
    with workbook(folder / "lying.xlsx") as packed:
        zeros(packed, "xl/media/image1.png", WORKBOOK + MB)
        part = packed.getinfo("xl/media/image1.png")
        part.file_size, part.CRC = 100, zlib.crc32(bytes(100))  # what is written at the end, and believed by many
    for coding in ("utf-8", "utf-16"):
        workbook(folder / f"laughs-{coding}.xlsx", with_type(coding)).close()
    workbook(folder / "row.xlsx", in_sheet(b'<row r="3"', b'<row r="2000000000"')).close()
    workbook(folder / "wide.xlsx", in_sheet(b'ref="A1:B3"', b'ref="A1:XFD1048576"')).close()
    words = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * MB]))
    pq.write_table(pa.table({"inspection_id": words}), folder / "words.parquet", store_schema=False)
    flags = pa.table({f"c{k}": pa.array([True] * MB) for k in range(40)})
    with pq.ParquetWriter(folder / "rows.parquet", flags.schema) as out:
        for _ in range(10):
            out.write_table(flags)
    (folder / "endless.csv").write_text(HEAD)
    os.truncate(folder / "endless.csv", 512 * MB)  # takes no room on the disk
    (folder / "wide.csv").write_text(",".join(f"c{k}" for k in range(20_000)) + "\n")
    (folder / "quote.csv").write_text(HEAD + '1,"S\n' + "2,S,2024-01-01\n" * 200_000)
    (folder / "later.csv").write_text(HEAD + "2,S,2024-01-01\n" * 5_000 + '1,"S\n' + "2,S,2024-01-01\n" * 200_000)
    names = sorted(str(path) for path in folder.iterdir())
    done = subprocess.run([sys.executable, "-c", READ, *names], capture_output=True, text=True, check=True)
    said, memory = json.loads(done.stdout)
    return said, memory


REFUSALS = {
    "large.xlsx": "bytes when unpacked; at most 268,435,456 are read. If the file can be trusted, raise the limits",
    "lying.xlsx": "'xl/media/image1.png' unpacks to more than it says",
    "laughs-utf-8.xlsx": f"'{SHEET}' holds a document type",
    "laughs-utf-16.xlsx": f"'{SHEET}' holds a document type",
    "row.xlsx": "a row lies below row 1,048,576",
    "wide.xlsx": "read: 2 rows",
    "words.parquet": "bytes when unpacked; at most 8,589,934,592 are read",
    "rows.parquet": "419,430,400 cells; at most 400,000,000 are read",
    "endless.csv": "longer than 1 MB",
    "wide.csv": "20,000 columns; at most 16,384 are read",
    "quote.csv": "a quote is never closed",
    "later.csv": "a quote is never closed",
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_bomb_is_refused_in_words(name, read) -> None:
    assert REFUSALS[name] in read[0][name]


def test_all_bombs_together_take_no_more_memory_than_the_libraries(read) -> None:
    if not read[1]:
        pytest.skip("the system does not tell what a process held at most")
    assert 50 < read[1] < MOST_MEMORY


BREAKS = [(b"</row>", b"</rou>"), (b'r="A1"', b'r="4A"'), (b"<sheetData>", b"<sheetData")]


@pytest.mark.parametrize(("old", "new"), BREAKS)
def test_a_broken_workbook_is_told_in_words(old, new, tmp_path) -> None:
    workbook(tmp_path / "a.xlsx", in_sheet(old, new)).close()
    with pytest.raises(RecordsError, match=r"no Excel workbook that can be read|no header"):
        Container(tmp_path / "a.xlsx").read(SourceRule("a"))


def test_who_starts_the_program_may_raise_the_limits_and_nobody_may_lift_them(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("RISKSCORE_LIMITS", "2")
    within(150, 100, "cells", where="", error=RecordsError)
    with pytest.raises(RecordsError, match="at most 200"):
        within(201, 100, "cells", where="", error=RecordsError)
    for wrong in ("0", "inf", "nan", "off", "0.5"):
        monkeypatch.setenv("RISKSCORE_LIMITS", wrong)
        with pytest.raises(RiskscoreError, match="no factor"):
            within(1, 100, "cells", where="", error=RecordsError)


def test_a_file_written_by_hand_is_not_read_past_its_limit(tmp_path) -> None:
    (tmp_path / "a.toml").write_text("")
    os.truncate(tmp_path / "a.toml", 1 << 40)
    with pytest.raises(RiskscoreError, match="at most 2,097,152 are read"):
        read_whole(tmp_path / "a.toml", BY_HAND, RiskscoreError)


def test_nesting_is_measured_without_recursion() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert is_nested_too_deep(deep)
    while deep:  # taken apart here, since the interpreter would do it by recursion
        deep = deep.pop()  # type: ignore[assignment]

"""CSV files: their encoding, delimiter and decimal sign found out, then read as text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pandas as pd

from riskscore.errors import RecordsError
from riskscore.limits import COLUMNS, LINE, within
from riskscore.records.encoding import decode_mixed, detect_encoding
from riskscore.records.mapping import SourceRule
from riskscore.records.model import REJECT_COLUMNS, no_rejects
from riskscore.records.names import unique_names
from riskscore.records.private import split_private
from riskscore.records.source_table import SourceTable

_SAMPLE_LINES = 2000  # lines that decide about delimiter and decimal sign
_COMMA = re.compile(r"[+-]?(\d+,(\d{1,2}|\d{4,})|\d{1,3}([. \u00a0]\d{3})+,\d+)")
_POINT = re.compile(r"[+-]?(\d+\.(\d{1,2}|\d{4,})|\d{1,3}(,\d{3})+(\.\d+)?)")
_UNCLEAR = re.compile(r"[+-]?\d{1,3},\d{3}")


def read_text_file(path: Path, rule: SourceRule) -> SourceTable:
    """Read a CSV file as text.

    Parameters
    ----------
    path : Path
    rule : SourceRule
        What the mapping says of the file; ``None`` where it is to be found out.

    Returns
    -------
    SourceTable
        Every cell as text. Lines with a wrong number of cells are counted as rejects.

    Raises
    ------
    RecordsError
        If the file is empty or cannot be decoded.
    """
    if path.stat().st_size == 0:
        raise RecordsError("the file is empty, not even a header.", where=path.name, next="Export it again.")
    notes: list[str] = []
    with path.open("rb") as file:
        encoding = rule.encoding or detect_encoding(file)
    if encoding == "mixed":
        text, other = decode_mixed(path.read_bytes())
        notes.append(f"{path.name}: {other} lines are not UTF-8 while the others are; they were read as Windows text.")
        content: Any = io.BytesIO(text.encode("utf-8"))
        encoding = "utf-8"
    else:
        content = path
    sample = _sample(path, content, encoding, rule.skip_rows)
    delimiter = rule.delimiter or _delimiter(sample)
    try:
        rows = list(csv.reader(io.StringIO(sample), delimiter=delimiter))
    except csv.Error:
        raise _endless(path.name) from None
    within(len(rows[0]) if rows else 0, COLUMNS, "columns", where=path.name, error=RecordsError)
    header = unique_names(rows[0] if rows else [])
    if not header:
        raise RecordsError("the file has no header.", where=path.name, next="The first line names the columns.")
    wanted, private = split_private(header, rule.private)
    data, skipped = _arrow(path.name, content, encoding, delimiter, header, wanted, rule.skip_rows)
    decimal = rule.decimal or _decimal(rows[1:], delimiter)
    data, pieces = _without_empty_lines(data, path.name, 2 + rule.skip_rows, [number for number, _ in skipped])
    rejects = _rejects(path.name, len(header), skipped)
    return SourceTable(
        data, pieces, decimal, private, tuple(notes), rejects=rejects, encoding=encoding, delimiter=delimiter
    )


def _arrow(
    name: str, content: Any, encoding: str, delimiter: str, header: list[str], wanted: Sequence[str], skip: int
) -> tuple[Any, list[tuple[int, int]]]:
    """Return the rows, and the number and cells of each line that is none."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    bad: list[tuple[int, int]] = []

    def set_aside(row: Any) -> str:
        bad.append((row.number or 0, row.actual_columns))
        return "skip"

    def read(threads: bool) -> Any:
        if isinstance(content, io.BytesIO):
            content.seek(0)
        return arrow_csv.read_csv(
            content,
            read_options=arrow_csv.ReadOptions(
                use_threads=threads, encoding=encoding.removesuffix("-sig"), column_names=header, skip_rows=1 + skip
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside, ignore_empty_lines=False
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={c: pa.string() for c in header}, include_columns=list(wanted), strings_can_be_null=False
            ),
        )

    try:
        data = read(threads=True)
        if bad:  # the threaded reader does not say on which line
            bad.clear()
            data = read(threads=False)
    except (pa.ArrowInvalid, UnicodeDecodeError, LookupError) as error:
        if "straddling" in str(error):
            raise _endless(name) from None
        reason = str(error).splitlines()[0][:120] if isinstance(error, LookupError) else "its text cannot be decoded"
        raise RecordsError(
            f"cannot be read as {encoding} text separated by {delimiter!r}: {reason}.",
            where=name, next="Say 'encoding' and 'delimiter' under [sources] of a mapping.",
        ) from None  # fmt: skip
    return data, sorted(bad)


def _without_empty_lines(
    data: Any, name: str, first: int, skipped: list[int]
) -> tuple[Any, tuple[tuple[str, int, int], ...]]:
    """Return the rows that hold anything, and where they stand: a new piece begins after each line that is no row."""
    import pyarrow.compute as pc

    empty = np.ones(data.num_rows, dtype=bool)
    for column in data.columns:
        if not empty.any():
            break
        empty &= pc.equal(column, "").to_numpy()
    if not skipped and not empty.any():
        return data, ((name, 0, first),)
    lines = np.setdiff1d(np.arange(first, first + data.num_rows + len(skipped)), skipped)[~empty]
    starts = np.flatnonzero(np.r_[True, np.diff(lines) != 1])[: len(lines)]
    return data.filter(~empty), tuple((name, int(k), int(lines[k])) for k in starts) or ((name, 0, first),)


def _rejects(name: str, cells: int, skipped: list[tuple[int, int]]) -> pd.DataFrame:
    rows = [(name, n, "", "", f"{seen} cells", f"the line has not {cells} cells") for n, seen in skipped]
    return pd.DataFrame(rows, columns=list(REJECT_COLUMNS)).astype(no_rejects().dtypes.to_dict())


def _sample(path: Path, content: Any, encoding: str, skip: int) -> str:
    file: BinaryIO = content if isinstance(content, io.BytesIO) else path.open("rb")
    try:
        text = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
        lines: list[str] = []
        while len(lines) < _SAMPLE_LINES + skip and (line := text.readline(LINE)):
            if len(line) == LINE:
                raise _endless(path.name)
            lines.append(line)
        text.detach()
    except LookupError:
        raise RecordsError(
            f"'{encoding}' is no encoding.", where=path.name, next="Write utf-8, cp1251 or cp1254."
        ) from None
    finally:
        if file is not content:
            file.close()
    return "".join(lines[skip:])


def _endless(name: str) -> RecordsError:
    return RecordsError(
        f"a line or a cell is longer than {LINE >> 20} MB, or a quote is never closed.", where=name,
        next="Export it again, with line ends and with quotes doubled inside quotes.",
    )  # fmt: skip


def _delimiter(sample: str) -> str:
    """Return the sign that cuts the header into most cells and the lines after it into as many."""
    best, found = (0, 0), ","
    for sign in (",", ";", "\t", "|"):
        try:
            rows = [row for row in csv.reader(io.StringIO(sample), delimiter=sign) if row][:200]
        except csv.Error:  # a cell without an end
            continue
        if not rows or len(rows[0]) < 2:
            continue
        same = sum(len(row) == len(rows[0]) for row in rows) * 1000 // len(rows)
        if (same // 100, len(rows[0])) > best:
            best, found = (same // 100, len(rows[0])), sign
    return found


def _decimal(rows: list[list[str]], delimiter: str) -> str:
    cells = [cell.strip() for row in rows for cell in row if cell[:1] in "+-0123456789" and cell]
    comma = sum(bool(_COMMA.fullmatch(c)) for c in cells)
    point = sum(bool(_POINT.fullmatch(c)) for c in cells)
    if comma == point and delimiter != ",":
        # "1,234" alone does not tell; a country that separates cells by ';' does so because ',' begins the fraction
        return "," if any(_UNCLEAR.fullmatch(c) for c in cells) or comma else "."
    return "," if comma > point else "."

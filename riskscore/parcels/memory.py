"""How many partitions keep the work within a stated memory."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from riskscore.errors import RiskscoreError
from riskscore.parcels.files import TableFiles

BASE = 400 << 20  # bytes: Python, pandas and pyarrow themselves, and rows on their way to disk
PER_READ = 60  # bytes for a cell of a row group, which Parquet gives out as a whole
PER_ROW = 28  # bytes for a row of the largest table while its ids are sorted
PER_VISIT = 8  # bytes for a visit, whose partition other tables ask for
PER_PLACE = 64  # bytes for a row that says who held a place, while these are sorted
PER_CELL = 60  # bytes for a cell of the records while it is read or its features are built
PER_VALUE = 32  # bytes for a value of the matrix until it is written
_UNITS = {"MB": 20, "GB": 30}


def in_bytes(memory: str) -> int:
    """Return a written size as bytes.

    Examples
    --------
    >>> in_bytes("1.5 GB")
    1610612736
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(MB|GB)\s*", memory, re.IGNORECASE)
    if found is None:
        raise RiskscoreError(f"'{memory}' is no size.", where="memory", next="Write it as 2GB or 800MB.")
    return int(float(found[1]) * (1 << _UNITS[found[2].upper()]))


@dataclass(frozen=True)
class Plan:
    """The number of partitions, and the rows of the matrix that are made at once."""

    partitions: int
    rows: int


def plan(files: Mapping[str, TableFiles], columns: int, memory: int) -> Plan:
    """Return how to stay within so many bytes.

    An employer's rows stay together, so that one employer with very many rows may need more than is planned.

    Parameters
    ----------
    files : mapping of table to TableFiles
    columns : int
        Of the matrix.
    memory : int
        Bytes.

    Raises
    ------
    RiskscoreError
        If a row group and the pairs that say where rows go do not fit.
    """
    rows = {name: table.data.count_rows() for name, table in files.items()}
    free = memory - BASE
    held = rows.get("sites", rows["inspections"] if "employer_id" in files["inspections"].rules else 0)
    pairs = max(PER_PLACE * held, PER_ROW * max(rows.values()) + PER_VISIT * rows["inspections"])
    sending = pairs + PER_READ * max(table.largest_group * len(table.columns) for table in files.values())
    if sending > free:
        need = -(-(sending + BASE) // (100 << 20)) * 100
        raise RiskscoreError(f"{memory >> 20:,} MB are too little for {sum(rows.values()):,} rows of records.",
                             where="memory", next=f"Give at least {need}MB.")  # fmt: skip
    cells = sum(rows[name] * len(table.columns) for name, table in files.items())
    partitions, at_once = PER_CELL * cells / (free / 2), free / 2 / PER_VALUE / max(1, columns)
    return Plan(max(1, ceil(partitions)), max(1000, int(at_once)))

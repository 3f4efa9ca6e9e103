"""How much of a file from elsewhere is taken in: more is refused in words, before it fills the memory.

The limits stand here and nowhere else. Whoever starts the program may raise all of them by a factor,
``RISKSCORE_LIMITS=4``; nothing that is read can.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from riskscore.errors import RiskscoreError

MB = 1 << 20
BY_HAND = 2 * MB  # bytes of a TOML file: definitions, mappings, offices
TRAVEL_TIMES = 64 * MB  # bytes of a table of minutes between places
DOSSIER = 64 * MB  # bytes of JSON
PLANNED = 64 * MB  # bytes of what a plan promised, JSON
NESTED = 32  # levels of TOML or JSON, one within the other
LINE = MB  # bytes of a line of text; what the CSV reader takes in at a time
COLUMNS = 16_384  # of one table; a sheet cannot hold more
WORKBOOK = 256 * MB  # bytes of a workbook when unpacked
STRINGS = 128 * MB  # of them in the one part that is held whole
PARTS = 10_000  # files packed into a workbook
CELLS = 400_000_000  # of a Parquet table
PARQUET = 8_192 * MB  # bytes of a Parquet table when unpacked


def within(amount: int, limit: int, what: str, *, where: str, error: type[RiskscoreError]) -> None:
    """Refuse what is over a limit.

    Parameters
    ----------
    amount : int
    limit : int
        One of this file, before it is raised by ``RISKSCORE_LIMITS``.
    what : str
        The unit, as ``"bytes"``.

    Examples
    --------
    >>> within(12, COLUMNS, "columns", where="inspections.csv", error=RiskscoreError)
    """
    most = int(limit * _factor())
    if amount > most:
        raise error(f"{amount:,} {what}; at most {most:,} are read.", where=where,
                    next="If the file can be trusted, raise the limits: RISKSCORE_LIMITS=4")  # fmt: skip


def read_whole(path: Path, limit: int, error: type[RiskscoreError]) -> bytes:
    """Return a file's bytes; no more is read than the limit, whatever the file says of its size."""
    with path.open("rb") as file:
        data = file.read(int(limit * _factor()) + 1)
        within(max(len(data), os.fstat(file.fileno()).st_size), limit, "bytes", where=str(path), error=error)
    return data


def is_nested_too_deep(value: Any) -> bool:
    """Tell whether lists and tables stand within each other deeper than any honest file's.

    Examples
    --------
    >>> is_nested_too_deep({"a": [[1]]})
    False
    """
    level = [value]
    for _ in range(NESTED):
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return False
    return any(isinstance(part, dict | list) for part in level)


def _factor() -> float:
    said = os.environ.get("RISKSCORE_LIMITS", "1")
    try:
        factor = float(said)
    except ValueError:
        factor = 0.0
    if not 1 <= factor <= 1000:
        raise RiskscoreError(f"'{said[:20]}' is no factor from 1 to 1000.", where="RISKSCORE_LIMITS")
    return factor

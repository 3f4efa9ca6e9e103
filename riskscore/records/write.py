"""Writing canonical tables, so that reading them again gives the same records."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from riskscore.errors import RecordsError, nearest
from riskscore.records.model import ALWAYS, Records, RecordTable
from riskscore.records.schema import TABLES

Format = Literal["csv", "parquet"]


def write_records(records: Records, folder: str | Path, format: Format = "csv") -> list[Path]:
    """Write each table to a file of its own, and to ``mapping.toml`` what files cannot say.

    Parameters
    ----------
    records : Records
    folder : str or Path
        Made where it does not exist. ``mapping.toml`` holds ``covers_from``, ``as_of_now``, and the types and clocks
        of further columns.
    format : "csv" or "parquet"
        CSV is UTF-8 with ``2024-01-31`` dates, ``true``/``false`` and empty cells for missing ones.

    Returns
    -------
    list of Path
        The files written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_records(Records({}), folder)
    []
    """
    if format not in ("csv", "parquet"):
        raise RecordsError(f"'{format}' is no format.", next=nearest(format, ("csv", "parquet")))
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in records.tables.items():
        path = target / f"{name}.{format}"
        frame = _as_written(table)
        if format == "csv":
            for column in frame:
                if str(frame[column].dtype) == "boolean":
                    frame[column] = frame[column].astype("str").str.lower()
            frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", date_format="%Y-%m-%d")
        else:
            frame.to_parquet(path, index=False)
        written.append(path)
    sections = [text for name, table in records.tables.items() if (text := _said(name, table))]
    if sections:
        path = target / "mapping.toml"
        path.write_text("\n".join(sections), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _as_written(table: RecordTable) -> pd.DataFrame:
    frame = table.frame
    columns = [
        c.name
        for c in table.schema.columns
        if c.name in table.present or c.required or c.name not in TABLES[table.schema.name].names
        or (c.name == "known_on" and not (frame["known_on"] == pd.Timestamp(ALWAYS)).all())
        or (c.name != "known_on" and frame[c.name].notna().any())
    ]  # fmt: skip
    return frame[columns].copy()


def _said(name: str, table: RecordTable) -> str:
    lines = []
    if table.covers_from is not None:
        lines.append(f"covers_from = {table.covers_from.isoformat()}")
    if table.as_of_now:
        lines.append("as_of_now = true")
    canonical = {c.name: c for c in TABLES[name].columns}
    rules: dict[str, list[str]] = {"columns": [], "further": []}
    for column in table.schema.columns:
        own = canonical.get(column.name)
        said: dict[str, Any] = {"from": column.name}
        if own is None:
            said["type"] = column.type
        if column.clock is not None and (own is None or own.clock != column.clock):
            said["clock"] = column.clock
        if len(said) > 1:
            inner = ", ".join(f"{k} = {json.dumps(v)}" for k, v in said.items())
            rules["columns" if own else "further"].append(f"{column.name} = {{ {inner} }}")
    for section, found in rules.items():
        if found:
            lines += [f"[tables.{name}.{section}]", *found]
    return "\n".join([f"[tables.{name}]", *lines, ""]) if lines else ""

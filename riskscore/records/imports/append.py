"""Importing an extract: new rows are added, changed ones as corrections of what was there; nothing is altered."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskscore.errors import RecordsError
from riskscore.records.fingerprint import fingerprint
from riskscore.records.imports.compare import DIGEST, SOURCE, Difference, compared, digests_of, keys_of
from riskscore.records.imports.steps import REJECTED, add_step, holding, is_record_store, steps
from riskscore.records.imports.stored import latest, schema_of
from riskscore.records.model import Records, RecordTable


def import_records(
    records: Records, into: str | Path, recorded_on: dt.date, *, dry_run: bool = False
) -> tuple[Difference, ...]:
    """Add an extract to a record store, and return what was new, revised or no longer there.

    A row whose content changed since the last import becomes a correction: a row with an id of its own that
    ``replaces`` the one before, known from the day of import on (when the source changed it, nobody can tell). A
    changed row of a register becomes a further version. A row that the extract no longer has stays, and is counted.

    Parameters
    ----------
    records : Records
        As `read_records` gives them: a whole extract, or only what is new.
    into : str or Path
        Folder of the store; made where it is missing.
    recorded_on : date
        The present; not before the day of the last step.
    dry_run : bool
        Only say what would happen.

    Raises
    ------
    RecordsError
        The store was altered, another import came first, or a further column changed its type.
    """
    target = Path(into)
    found = steps(target) if is_record_store(target) else ()
    now = holding(found)
    files: dict[str, bytes] = {}
    tables: dict[str, Any] = {}
    told = []
    for name, table in records.tables.items():
        known = latest(now, name)
        earlier = [s.noted["tables"][name] for s in now if name in s.noted["tables"]]
        _same_types(table, [n["columns"] for n in earlier])
        keys, digests = keys_of(table), digests_of(table)
        one = compared(name, {k: digest for k, (digest, _) in known.items()}, dict(zip(keys, digests, strict=True)))
        told.append(one)
        rows = _rows(table, keys, digests, known, pd.Timestamp(recorded_on), first=not earlier)
        files[f"{name}.parquet"] = _parquet(rows)
        tables[name] = {
            "new": len(one.new), "revised": len(one.revised), "same": one.same, "gone": len(one.gone),
            "rows": len(rows), "covers_from": table.covers_from.isoformat() if table.covers_from else None,
            "as_of_now": table.as_of_now, "present": sorted(table.present), "columns": _columns(table),
        }  # fmt: skip
    if not dry_run:
        if len(records.rejected_rows):
            files[REJECTED] = _parquet(records.rejected_rows)
        noted = {
            "kind": "import", "recorded_on": recorded_on.isoformat(), "source": records.source, "tables": tables,
            "rejected": dict(records.rejected), "extract": mark_of(records),
        }  # fmt: skip
        add_step(target, found, noted, files)
    return tuple(told)


def mark_of(records: Records) -> str:
    """Return the hash of an extract's content, by which a step tells what it imported.

    Examples
    --------
    >>> len(mark_of(Records({})))
    64
    """
    return hashlib.sha256(json.dumps(fingerprint(records), sort_keys=True).encode()).hexdigest()


def _rows(
    table: RecordTable, keys: list[str], digests: list[str], known: dict[str, tuple[str, str]], day: pd.Timestamp,
    *, first: bool,
) -> pd.DataFrame:  # fmt: skip
    """Return the rows to add, with their key and content in the source beside them."""
    schema = table.schema
    changed = [key not in known or known[key][0] != digest for key, digest in zip(keys, digests, strict=True)]
    places = np.flatnonzero(changed)
    frame = table.frame.iloc[places].reset_index(drop=True)
    for column in frame:
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype("str")
    picked = [keys[i] for i in places]
    revised = np.array([key in known for key in picked], dtype=bool)
    frame["recorded_on"] = day
    if schema.kind == "entity":
        if table.as_of_now and not first:
            frame["known_on"] = day  # what the register as it stood before did not have, nobody knew before
            frame.loc[revised, "valid_from"] = day
        frame.loc[revised, "known_on"] = day
    else:
        taken = {*table.frame[schema.id].astype(str), *(own for _, own in known.values())}
        frame.loc[revised, "known_on"] = frame.loc[revised, "known_on"].clip(lower=day)
        frame.loc[revised, "replaces"] = [known[k][1] for k, r in zip(picked, revised, strict=True) if r]
        frame.loc[revised, schema.id] = [_free(k, taken) for k, r in zip(picked, revised, strict=True) if r]
    frame[SOURCE], frame[DIGEST] = picked, [digests[i] for i in places]
    return frame


def _free(key: str, taken: set[str]) -> str:
    """Return an id for the correction of a row: its own with a number."""
    number = 2
    while f"{key}~{number}" in taken:
        number += 1
    taken.add(f"{key}~{number}")
    return f"{key}~{number}"


def _columns(table: RecordTable) -> dict[str, dict[str, Any]]:
    return {c.name: {"type": c.type, "clock": c.clock, "meaning": c.meaning} for c in table.schema.columns}


def _same_types(table: RecordTable, earlier: list[dict[str, dict[str, Any]]]) -> None:
    before = {c.name: c.type for c in schema_of(table.schema.name, earlier).columns}
    for column in table.schema.columns:
        if before.get(column.name, column.type) != column.type:
            raise RecordsError(
                f"the column '{column.name}' was {before[column.name]} in earlier imports and is {column.type} now.",
                where=table.schema.name, next=f"Say its type in a mapping: [tables.{table.schema.name}.further]",
            )  # fmt: skip


def _parquet(frame: pd.DataFrame) -> bytes:
    data = io.BytesIO()
    frame.to_parquet(data, index=False)
    return data.getvalue()

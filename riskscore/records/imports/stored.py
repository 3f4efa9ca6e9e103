"""Reading a record store: the rows of all imports that hold, as canonical tables."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from riskscore.errors import RecordsError
from riskscore.records.imports.compare import DIGEST, SOURCE
from riskscore.records.imports.steps import REJECTED, Step, holding, steps
from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import TABLES, Column, TableSchema


def read_stored(folder: str | Path, as_known_at: dt.date | None = None) -> Records:
    """Return the records of a store as they were recorded at the end of a day.

    Parameters
    ----------
    folder : str or Path
    as_known_at : date, optional
        Inclusive: imports and undoings of that day count. Default: everything recorded.

    Raises
    ------
    RecordsError
        A file was altered, or nothing was recorded by that day.
    """
    found = steps(Path(folder))
    now = holding(found, as_known_at)
    if not now:
        raise RecordsError("nothing was recorded by that day." if found else "the record store is empty.",
                           where=str(folder), next="riskscore imports list shows every import.")  # fmt: skip
    names = [name for name in TABLES if any(name in s.noted["tables"] for s in now)]
    rejected: dict[str, int] = {}
    for step in now:
        if REJECTED in step.noted["files"]:
            step.folder.read(REJECTED)  # nothing is made of it, but damage is told
        for reason, n in step.noted["rejected"].items():
            rejected[reason] = rejected.get(reason, 0) + n
    note = f"record store: {len(now)} import{'s' if len(now) > 1 else ''}, the last on {now[-1].recorded_on}."
    tables = {name: _table(name, [s for s in now if name in s.noted["tables"]]) for name in names}
    last = max(s.recorded_on for s in found if as_known_at is None or s.recorded_on <= as_known_at)
    return Records(tables, Path(folder).name, dict(sorted(rejected.items())), notes=(note,), as_known_at=last)


def rows_of(step: Step, table: str) -> pd.DataFrame:
    """Return the rows that a step added to a table, as stored."""
    return pd.read_parquet(io.BytesIO(step.folder.read(f"{table}.parquet")))


def _table(name: str, found: Sequence[Step]) -> RecordTable:
    noted = [step.noted["tables"][name] for step in found]
    schema = schema_of(name, [n["columns"] for n in noted])
    rows = [rows_of(step, name) for step in found]
    columns = {}
    for column in schema.columns:
        pieces = [
            r[column.name].astype(object) if column.name in r else pd.Series([None] * len(r), dtype=object)
            for r in rows
        ]  # fmt: skip
        columns[column.name] = typed(pd.concat(pieces, ignore_index=True), column)
    return RecordTable(
        schema,
        pd.DataFrame(columns),
        covers_from=dt.date.fromisoformat(noted[-1]["covers_from"]) if noted[-1]["covers_from"] else None,
        as_of_now=all(n["as_of_now"] and not n["revised"] for n in noted),  # a change seen is history
        present=frozenset({"recorded_on"}.union(*(n["present"] for n in noted))),
        file=name,
    )


def schema_of(name: str, said: Sequence[dict[str, dict[str, Any]]]) -> TableSchema:
    """Return a table's schema with further columns and clocks as the imports noted them."""
    own = TABLES[name]
    columns = {c.name: c for c in own.columns}
    for noted in said:
        for column, one in noted.items():
            like = columns.get(column, Column(column, one["type"], one["meaning"]))
            columns[column] = Column(**{**vars(like), "clock": one["clock"]})
    return TableSchema(own.name, own.singular, own.meaning, own.kind, tuple(columns.values()))


def typed(cells: pd.Series[Any], column: Column) -> Any:
    """Return cells with the type that reading gives."""
    if column.type == "date":
        return pd.to_datetime(cells).astype("datetime64[s]")
    if column.type in ("number", "money"):
        return pd.to_numeric(cells).astype("float64")
    if column.type == "integer":
        return cells.astype("Int64")
    if column.type == "flag":
        return cells.astype("boolean")
    texts = cells.astype("str").where(cells.notna())
    if column.type == "category" or column.refers:
        words = sorted(texts.dropna().unique().tolist())
        return pd.Series(pd.Categorical(texts, categories=pd.Index(words, dtype="str")))
    return texts.astype("str")


def latest(found: Sequence[Step], table: str) -> dict[str, tuple[str, str]]:
    """Return, by a row's key in its source, the content last seen and the id under which it stands."""
    own = TABLES[table]
    known: dict[str, tuple[str, str]] = {}
    for step in found:
        if table in step.noted["tables"]:
            rows = rows_of(step, table)
            known.update(zip(rows[SOURCE], zip(rows[DIGEST], rows[own.id], strict=True), strict=True))
    return known

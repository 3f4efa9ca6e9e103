"""Everything wrong with records, gathered: file, row, column, value, why, what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import RecordsError, nearest
from riskscore.records.model import Records, RecordTable
from riskscore.records.problems import EXAMPLES, CheckReport, RecordProblem, report
from riskscore.records.read import read_tolerantly
from riskscore.records.rejects import plain, shown
from riskscore.records.schema import Column
from riskscore.side_by_side import FEW, side_by_side

Mask = NDArray[np.bool_]
Found = tuple[RecordProblem, int]

_MANY, _SOON = 5, 30  # reports, and days: what is unusual about one place, and cheap for somebody who wants it visited

_ADVICE = {
    "no date": "Say how dates are written: 'format' at the column of the mapping.",
    "no number": "Say 'decimal' under [sources], or correct the cell.",
    "whole number": "Correct the cell, or map it to a further column.",
    "negative": "Correct the cell at its source.",
    "above": "Correct the cell, or say 'times' for another unit.",
    "below": "Correct the cell at its source.",
    "neither yes nor no": "Map the values: values = { \"...\" = true }.",
    "was there before": "Remove the double, or give the correction an id of its own and 'replaces'.",
    "version": "Give each version its own valid_from.",
    "circle": "Let each correction name the row that it corrects.",
    "cells": "Quote cells that hold the delimiter.",
}  # fmt: skip


def check_records(
    source: Records | str | Path, mapping: str | Path | None = None, *, today: dt.date | None = None
) -> CheckReport:
    r"""Gather everything that is wrong or doubtful.

    Parameters
    ----------
    source : Records, str or Path
        Records as read, or where to read them.
    mapping : str or Path, optional
        As for ``read_records``.
    today : date, optional
        Dates after it are in the future; the newest ``recorded_on`` serves where it is not given.

    Returns
    -------
    CheckReport
        Errors (rows set aside, cells emptied, tables or columns missing) and warnings (kept as they are).

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "inspections.csv").write_text(
    ...     "inspection_id,site_id,date,known_on,workers_present\n1,S-01,2024-03-01,2024-03-02,-4\n")
    >>> print(check_records(folder).problems[0])
    error: inspections.csv, row 2, workers_present: is negative; the cell was emptied (seen: -4).
    Correct the cell at its source.
    """
    structural: list[Found] = []
    if not isinstance(source, Records):
        try:
            reading = read_tolerantly(source, mapping)
        except RecordsError as error:
            problem = RecordProblem("error", error.where, 0, "", "", "", error.what, error.next)
            return report([(problem, 1)], {}, ())
        source = reading.records
        structural = [(RecordProblem("error", p.where, 0, "", "", "", p.what, p.next), 1) for p in reading.problems]
    found = [*structural, *_set_aside(source)]
    newest, large = today or _newest_recorded(source), any(len(t.frame) > FEW for t in source.tables.values())
    for problems in side_by_side(lambda t: list(_of_table(t, source, newest)), source.tables.values(), worth=large):
        found += problems
    notes = source.notes + tuple(
        f"{name}: {rows:,} rows left out by the filter of the mapping." for name, rows in source.filtered.items()
    )
    return report(found, {name: len(t.frame) for name, t in source.tables.items()}, notes)


def _set_aside(records: Records) -> Iterator[Found]:
    """Tell what reading set aside: an error each."""
    for key, rows in records.rejected_rows.groupby(["table", "column", "reason"], sort=True):
        table, column, reason = map(str, key)
        advice = next((a for part, a in _ADVICE.items() if part in reason), "Correct it at its source.")
        examples = rows.head(EXAMPLES)
        places = zip(examples["file"], examples["row"].tolist(), examples["value"], strict=True)
        for k, (file, row, value) in enumerate(places):
            problem = RecordProblem("error", file, row, table, column, value, reason, advice)
            yield problem, len(rows) if k == 0 else 0


def _of_table(table: RecordTable, records: Records, today: dt.date | None) -> Iterator[Found]:
    frame, schema = table.frame, table.schema
    if not len(frame):
        yield _whole(table, "", "has no rows", "Check the export and the filter of the mapping.")
        return
    for column in schema.columns:
        usual = column.name in ("replaces", "recorded_on")  # nothing corrected, nothing imported yet
        if column.name in table.present and not usual and frame[column.name].isna().all():
            yield _whole(table, column.name, "holds no value in any row", "Check the export, or drop the column.")
        if column.choices:
            yield from _choices(table, column)
        if column.refers in records.tables:
            yield from _orphans(table, column, records[str(column.refers)])
        if today is not None and column.type == "date" and column.name not in ("expires_on", "to", "planned_for"):
            late = (frame[column.name] > pd.Timestamp(today)).to_numpy()
            yield from _rows(table, column, late, f"lies after {today.isoformat()}", "Correct the date.")
    yield from _clocks(table)
    yield from _corrections(table)
    if schema.kind == "rule":
        turned = (frame["from"] > frame["to"]).to_numpy()
        yield from _rows(table, schema.column("from"), turned, "lies after 'to'", "Exchange 'from' and 'to'.")
    if schema.name == "employers":
        odd = frame["tax_number"].notna() & ~frame["tax_number"].str.fullmatch(r"\d{10}").fillna(True)
        advice = "A leading zero may be lost: format the column as text before the export."
        yield from _rows(table, schema.column("tax_number"), odd.to_numpy(), "has not 10 digits", advice)
    if schema.name == "complaints":
        why = f"one of {_MANY} or more reports about one place within {_SOON} days"
        advice = "Ask whether they come from one source: each raises the place by itself."
        yield from _rows(table, schema.column("site_id"), _in_a_burst(frame), why, advice)
    if schema.name == "inspections" and frame["site_id"].isna().all() and frame["employer_id"].isna().all():
        yield _whole(table, "site_id", "is missing, and so is employer_id", "Map one of them: a visit is of somebody.")


def _in_a_burst(frame: pd.DataFrame) -> Mask:
    """Return which reports stand close together about one place, or about one employer where no place is named."""
    place = (
        frame["site_id"].astype("str").where(frame["site_id"].notna(), "employer " + frame["employer_id"].astype("str"))
    )
    told = (frame["site_id"].notna() | frame["employer_id"].notna()) & frame["replaces"].isna() & frame["date"].notna()
    ordered = pd.DataFrame({"place": place, "date": frame["date"], "row": np.arange(len(frame))})[told.to_numpy()]
    ordered = ordered.sort_values(["place", "date", "row"])
    first = ordered.shift(_MANY - 1)
    last = (first["place"] == ordered["place"]) & ((ordered["date"] - first["date"]).dt.days <= _SOON)
    found = np.zeros(len(frame), dtype=bool)
    for back in range(_MANY):
        found[ordered["row"].to_numpy()[np.flatnonzero(last) - back]] = True
    return found


def _choices(table: RecordTable, column: Column) -> Iterator[Found]:
    values = table.frame[column.name].cat
    strange = [(k, str(c)) for k, c in enumerate(values.categories) if str(c) not in column.choices]
    codes = values.codes.to_numpy()
    for code, word in strange:
        rows = np.flatnonzero(codes == code)
        advice = f"{nearest(word, column.choices)} Map it with 'values'."
        yield _problem(table, column.name, int(rows[0]), plain(word), "is none of the known values", advice), len(rows)


def _orphans(table: RecordTable, column: Column, parent: RecordTable) -> Iterator[Found]:
    references = table.frame[column.name].cat
    there = _is_in(references.categories, parent.frame[parent.schema.id])
    codes = references.codes.to_numpy()
    orphans = np.append(~there, False)[codes]
    why = f"is in no row of {parent.schema.name}"
    yield from _rows(table, column, orphans, why, f"Complete {parent.schema.name}, or correct the id.")


def _is_in(values: Any, ids: Any) -> Mask:
    import pyarrow as pa
    import pyarrow.compute as pc

    def texts(found: Any) -> Any:
        return pa.array(found, type=pa.large_string(), from_pandas=True)

    return np.asarray(pc.is_in(texts(values), value_set=texts(ids)).to_numpy(zero_copy_only=False), dtype=bool)


def _clocks(table: RecordTable) -> Iterator[Found]:
    frame = table.frame
    if table.schema.kind == "event":
        date, known = frame["date"], frame["known_on"]
        early = (known < date).to_numpy()
        column = table.schema.column("known_on")
        yield from _rows(table, column, early, "lies before the event", "Correct one of the two dates.")
        if (known == date).all():
            advice = 'Records reach an office later: say for example known_on = "date + 14 days" in the mapping.'
            yield _whole(table, "known_on", "equals date in every row", advice)
    if table.schema.kind == "entity" and not table.as_of_now:
        doubled = (
            frame.duplicated([table.schema.id, "valid_from"], keep=False).to_numpy()
            & frame["replaces"].isna().to_numpy()
        )
        column = table.schema.column("valid_from")
        why = "two versions hold from the same day; the one known later counts"
        yield from _rows(table, column, doubled, why, "Give each version its own valid_from.")
    if table.as_of_now and frame[table.schema.id].duplicated().any():
        doubled = frame[table.schema.id].duplicated(keep=False).to_numpy()
        advice = "Say deduplicate = true in the mapping, or give valid_from."
        yield from _rows(table, table.schema.column(table.schema.id), doubled, "stands in a register twice", advice)


def _corrections(table: RecordTable) -> Iterator[Found]:
    replaces = table.frame["replaces"]
    if replaces.isna().all():
        return
    column = table.schema.column("replaces")
    given = replaces.notna().to_numpy()
    unknown = given & ~_is_in(replaces, table.frame[table.schema.id])
    yield from _rows(table, column, unknown, f"is no {table.schema.id} of the table", "Correct the id.")
    if table.schema.kind != "entity":
        again = given & replaces.duplicated(keep=False).to_numpy()
        yield from _rows(table, column, again, "two rows correct the same row", "Let the second correct the first.")


def _rows(table: RecordTable, column: Column, wrong: Mask, why: str, next: str) -> Iterator[Found]:
    places = np.flatnonzero(wrong)
    examples = table.frame[column.name].iloc[places[:EXAMPLES]]
    values = [v[:10] for v in examples.astype("str")] if column.type == "date" else shown(examples, column)
    for k, (place, value) in enumerate(zip(places, values, strict=False)):
        yield _problem(table, column.name, int(place), value, why, next), len(places) if k == 0 else 0


def _whole(table: RecordTable, column: str, why: str, next: str) -> Found:
    return RecordProblem("warning", table.file, 0, table.schema.name, column, "", why, next), 1


def _problem(table: RecordTable, column: str, place: int, value: str, why: str, next: str) -> RecordProblem:
    known = table.origin is not None and len(table.origin.positions) == len(table.frame)
    file, row = table.origin.place(place) if known and table.origin is not None else (table.file, 0)
    return RecordProblem("warning", file, row, table.schema.name, column, value, why, next)


def _newest_recorded(records: Records) -> dt.date | None:
    newest: list[Any] = [t.frame["recorded_on"].max() for t in records.tables.values() if len(t.frame)]
    days = [n for n in newest if not pd.isna(n)]
    return max(days).date() if days else None

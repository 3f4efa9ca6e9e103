"""Results of a plan back into the record store that later fits and evaluations read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from riskscore.dates import as_date, day
from riskscore.errors import Problem, RecordsError, raise_gathered
from riskscore.planning.form import COUNTS, FOUND
from riskscore.planning.planned import Planned, read_planned
from riskscore.planning.results import REFUSED, Results, Row, read_results
from riskscore.records.imports.append import import_records
from riskscore.records.imports.compare import Difference, digests_of, keys_of
from riskscore.records.imports.steps import holding, is_record_store, steps
from riskscore.records.imports.stored import latest, read_stored, typed
from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import TABLES

Rows = dict[str, list[dict[str, Any]]]
Known = Mapping[str, Mapping[str, tuple[str, str]]]  # table -> row -> what the store last read of it, and its id there
COUNTED_AS = {"uncontracted_workers": "uncontracted", "minors_found": "underage", "workers_without_permit": "permit"}


@dataclass(frozen=True)
class HandedIn:
    """What became of a form: how many lines tell what, and what was added to which table (nothing: all was known)."""

    plan: str
    lines: Mapping[str, int]
    added: tuple[Difference, ...]
    notes: tuple[str, ...]


def import_outcome(
    store: str | Path, file: str | Path, recorded_on: str | dt.date, *, plan: str | Path | None = None,
    known_on: str | dt.date | None = None, dry_run: bool = False,
) -> HandedIn:  # fmt: skip
    """Add the results of a plan to a record store: all of a form, or nothing of it.

    A visit that was made becomes an inspection with its findings; its trigger and the chance of its draw are those
    that the plan logged. Every visit of the plan becomes a planned visit, whether it was made, was not, or nobody has
    said so yet. What the store knows already is not added again, and what differs corrects it.

    Parameters
    ----------
    store : str or Path
        A record store; see `riskscore.records.imports`.
    file : str or Path
        The form that the plan wrote, filled in: visits or letters, Excel or CSV, whole or in part.
    recorded_on : date
        The present.
    plan : str or Path, optional
        Folder of the plan; the folder of the form if not given.
    known_on : date, optional
        The day on which the form was handed in; the present if not given.
    dry_run : bool
        Only say what would happen.

    Raises
    ------
    RecordsError
        Not a record store; or the form does not fit its plan or what was told before, with every fault.
    PlanError
        The plan's own file is missing or was altered.
    """
    today = as_date(day(recorded_on))
    on = today if known_on is None else as_date(day(known_on))
    if on > today:
        raise RecordsError(f"{on} has not come yet.", where="--known-on", next="Name the day of handing in.")
    target = Path(store)
    if not is_record_store(target):
        raise RecordsError("is no record store; results are added to one.", where=str(store),
                           next=f"Make one: riskscore import RECORDS --into {store}")  # fmt: skip
    planned = read_planned(Path(file).parent if plan is None else plan)
    results = read_results(file, planned, on)
    records, found = read_stored(target), holding(steps(target))
    _refuse_strangers(records, planned)
    known = {name: latest(found, name) for name in ("planned_visits", "inspections", "findings", "letters")}
    rows = _letters(planned, results, known) if results.kind == "letters" else _visits(planned, results, known)
    _refuse_taking_back(results, planned, rows, known)
    tables = {}
    for name, some in rows.items():
        table = _new(_table(records, name, some, on), known[name], records, today)
        if len(table.frame):
            tables[name] = table
    source = f"results of {planned.id}: {results.file}"
    added = import_records(Records(tables, source), target, today, dry_run=dry_run) if tables else ()
    return HandedIn(planned.id, _lines(planned, results), added, (*results.notes, *_notes(results)))


def _visits(planned: Planned, results: Results, known: Known) -> Rows:
    """Return the rows of what a form tells, and of the visits of its plan of which nobody has told yet."""
    rows: Rows = {"planned_visits": [], "inspections": [], "findings": []}
    for key, visit in planned.visits.items():
        told: Row = results.told.get(key, {})
        own, logged = f"{planned.id}-{key}", {n: visit[n] for n in ("trigger", "selection_probability")}
        if not told and own in known["planned_visits"]:
            continue
        rows["planned_visits"].append({
            "planned_visit_id": own, "site_id": visit["place"], "plan": planned.id, "planned_for": visit["date"],
            "stratum": visit["stratum"], "made": told.get("made"), "reason": told.get("reason"),
            "date": planned.first, **logged,
        })  # fmt: skip
        if not told.get("made"):
            continue
        rows["inspections"].append({
            "inspection_id": own, "site_id": visit["place"], "employer_id": visit["employer"],
            "office": visit["office"], "date": told["made_on"], **logged, **{name: told[name] for name in COUNTS},
        })  # fmt: skip
        found = {COUNTED_AS[name]: told[name] for name in COUNTED_AS} | {name: told[name] for name in FOUND}
        rows["findings"] += [
            {"finding_id": f"{own}-{indicator}", "inspection_id": own, "indicator": indicator,
             "workers_affected": affected, "date": told["made_on"]}
            for indicator, affected in found.items() if affected
        ]  # fmt: skip
    return rows


def _letters(planned: Planned, results: Results, known: Known) -> Rows:
    rows = []
    for key, letter in planned.letters.items():
        told, own = results.told.get(key, {}), f"{planned.id}-{key}"
        if told or own not in known["letters"]:
            rows.append({"letter_id": own, "employer_id": letter["employer"], "plan": planned.id, "date": planned.first,
                         **{name: told.get(name) for name in ("reached", "reached_on", "participants")}})  # fmt: skip
    return {"letters": rows}


def _table(records: Records, name: str, rows: list[dict[str, Any]], known_on: dt.date) -> RecordTable:
    """Return rows as a table like the one that the store has, so that the two can be compared and joined."""
    like = records.tables.get(name)
    schema = TABLES[name] if like is None else like.schema
    rows = [{**row, "known_on": known_on} for row in rows]
    frame = pd.DataFrame({
        c.name: typed(pd.Series([row.get(c.name) for row in rows], dtype=object), c) for c in schema.columns
    })  # fmt: skip
    present = frozenset(c for c in schema.names if frame[c].notna().any())
    return RecordTable(schema, frame, None if like is None else like.covers_from, present=present)


def _new(table: RecordTable, known: Mapping[str, tuple[str, str]], records: Records, today: dt.date) -> RecordTable:
    """Return the rows that the store does not have as they are; when somebody handed them in again says nothing new."""
    schema, frame = table.schema, table.frame
    before = pd.Series(dtype="datetime64[s]")
    if schema.name in records.tables:
        before = records[schema.name].frame.set_index(schema.id)["known_on"]
    keys = keys_of(table)
    since = [before[known[key][1]] if key in known else on for key, on in zip(keys, frame["known_on"], strict=True)]
    as_then = replace(table, frame=frame.assign(known_on=pd.Series(since, dtype="datetime64[s]")))
    new = [key not in known or known[key][0] != digest for key, digest in zip(keys, digests_of(as_then), strict=True)]
    corrects = pd.Series([key in known for key in keys], dtype=bool)
    frame = frame.assign(known_on=frame["known_on"].mask(corrects, pd.Timestamp(today)))
    return replace(table, frame=frame[new].reset_index(drop=True))


def _refuse_strangers(records: Records, planned: Planned) -> None:
    """Refuse a store that does not know the places of the plan: it is another one."""
    if not records.has("sites"):
        return
    there = set(records["sites"].frame["site_id"])
    strange = sorted(v["place"] for v in planned.visits.values() if v["place"] not in there)
    if strange:
        raise RecordsError(f"{len(strange)} places of the plan are not in its register: {', '.join(strange[:5])}.",
                           where=records.source, next="Name the store of this office.")  # fmt: skip


def _refuse_taking_back(results: Results, planned: Planned, rows: Rows, known: Known) -> None:
    """Refuse a form that unsays a visit or a finding: the store adds and corrects, and takes back only by undoing."""
    problems = []
    told = {"inspections": [r["inspection_id"] for r in rows.get("inspections", ())],
            "findings": [r["finding_id"] for r in rows.get("findings", ())]}  # fmt: skip
    for key in results.told if results.kind == "visits" else ():
        own = f"{planned.id}-{key}"
        gone = [own] if own in known["inspections"] and own not in told["inspections"] else []
        gone += [f"{own}-{name}" for name in (*COUNTED_AS.values(), *FOUND)
                 if f"{own}-{name}" in known["findings"] and f"{own}-{name}" not in told["findings"]]  # fmt: skip
        problems += [
            Problem(0, results.file, f"an earlier form told of {one}; this one does not.",
                    "Undo that import (riskscore imports undo), or tell of it here.")
            for one in gone
        ]  # fmt: skip
    raise_gathered(problems, RecordsError, REFUSED)


def _lines(planned: Planned, results: Results) -> dict[str, int]:
    told = list(results.told.values())
    if results.kind == "letters":
        reached = [row["reached"] for row in told]
        return {"letter": reached.count("letter"), "meeting": reached.count("meeting"), "no": reached.count("no"),
                "not told": len(planned.letters) - len(told)}  # fmt: skip
    made = sum(bool(row["made"]) for row in told)
    return {"made": made, "not made": len(told) - made, "not told": len(planned.visits) - len(told)}


def _notes(results: Results) -> Iterator[str]:
    if results.kind == "letters":
        return
    silent = sum(bool(row["made"]) and row["uncontracted_workers"] is None for row in results.told.values())
    if silent:
        yield (f"visits made that say nothing of people without a contract: {silent}; empty is not 0, and nothing is "
               "learned from them about it.")  # fmt: skip

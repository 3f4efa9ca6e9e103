"""Reading a form that came back: every fault is gathered, and a form with one is refused whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from riskscore.dates import MISSING, as_date
from riskscore.errors import Problem, RecordsError, nearest, raise_gathered
from riskscore.planning.form import COUNTS, LETTERS, VISITS, Field
from riskscore.planning.planned import Planned
from riskscore.records.mapping import ColumnRule, SourceRule, TableRule
from riskscore.records.part import Part, build_part
from riskscore.records.rejects import plain
from riskscore.records.schema import NOT_MADE, REACHED
from riskscore.records.source_table import SourceTable
from riskscore.records.sources import Container
from riskscore.records.written_dates import parse_dates

Row = Mapping[str, Any]  # the cells of one line; None where there is nothing
Fault = tuple[str, str, str]  # column, what was seen and what was expected, what to do
EXPECTED = {
    "date": ("a day", "Write it as 2025-01-31."),
    "integer": ("a whole number", "Write digits alone."),
    "flag": ("yes or no", "Choose one of the two."),
}
REFUSED = "the form is refused, and nothing of it was recorded"
AS_WRITTEN = "Copy it back from the form as the plan wrote it."


@dataclass(frozen=True)
class Results:
    """What a form tells: the lines that say anything, by the id of the visit or of the letter."""

    kind: str  # "visits" or "letters"
    file: str
    told: Mapping[str, Row]
    notes: tuple[str, ...]


def read_results(file: str | Path, planned: Planned, known_on: dt.date) -> Results:
    """Read a form of visits or of letters, as an Excel workbook or CSV.

    Parameters
    ----------
    file : str or Path
    planned : Planned
        What the plan promised; places, days and chances are its, whatever the form says.
    known_on : date
        The day on which the form was handed in; nothing on it may have happened later.

    Raises
    ------
    RecordsError
        One error with every fault: row, column, what was seen, what was expected, what to do.
    """
    container = Container(file)
    if not container.is_file:
        raise RecordsError("is no file.", where=str(file), next="Name the form: results.xlsx, or results.csv.")
    if known_on < planned.first:
        raise RecordsError(f"was handed in on {known_on}, before the plan begins on {planned.first}.",
                           where=container.name, next="Say on which day: --known-on")  # fmt: skip
    source = container.read(SourceRule("results"))
    kind = "letters" if "letter" in source.names else "visits"
    own = LETTERS if kind == "letters" else VISITS
    key, entity = ("letter", "employer") if kind == "letters" else ("visit", "place")
    fields = [f for f in own if not f.given or f.name in ("plan", key, entity, "day")]
    rule = TableRule("letters" if kind == "letters" else "planned_visits", "results", keep=False,
                     further={f.name: ColumnRule(take=f.name, type=f.type) for f in fields})  # fmt: skip
    part = build_part(rule, source, SourceRule("results"))
    bad = _bad_cells(part)
    promised = planned.letters if kind == "letters" else planned.visits
    asked = _of_letter if kind == "letters" else _of_visit
    problems, told = list(_lines(source)), {}
    for position, row in enumerate(_rows(part, fields)):
        wrong = bad.get(position, {})
        faults = [(c, f"seen {seen}, expected {EXPECTED[t][0]}.", EXPECTED[t][1]) for c, (seen, t) in wrong.items()]
        said = [f.name for f in fields if not f.given and (row[f.name] is not None or f.name in wrong)]
        if row["plan"] is None and row[key] is None and not said and not faults:
            continue
        if row["plan"] != planned.id or row[key] not in promised:
            seen = " ".join(plain(row[name]) for name in ("plan", key) if row[name] is not None) or "nothing"
            faults = [(key, f"seen {seen}, expected a {key} of {planned.id}.", "Name the plan's folder: --plan")]
        else:
            faults += _changed(row, promised[row[key]], entity)
            if said and row[key] in told:
                faults.append((key, f"{row[key]} is told twice.", "Leave one of the two lines."))
            if said:
                faults += [f for f in asked(planned, known_on, row) if f[0] not in wrong]
                told[row[key]] = row
        at, line = source.place(position)
        problems += [Problem(line, f"{at}, row {line}, {column}", what, do) for column, what, do in faults]
    raise_gathered(problems, RecordsError, REFUSED)
    return Results(kind, container.name, told, part.notes)


def _rows(part: Part, fields: list[Field]) -> Iterator[dict[str, Any]]:
    columns = []
    for field in fields:
        cells = part.frame[field.name]
        if field.type == "date":
            columns.append([None if pd.isna(c) else c.date() for c in cells])
        else:
            columns.append([None if pd.isna(c) else c for c in cells.astype(object)])
    for row in zip(*columns, strict=True):
        yield dict(zip((f.name for f in fields), row, strict=True))


def _bad_cells(part: Part) -> dict[int, dict[str, tuple[str, str]]]:
    """Return by row and column what could not be read, and the type it should have.

    A column's dates are read in one way. A line that was typed in another one is read by itself, if there is but one
    way to read it.
    """
    found: dict[int, dict[str, tuple[str, str]]] = {}
    for bad in part.bad:
        kind = part.schema.column(bad.column).type
        for position, seen in zip(bad.positions.tolist(), bad.values, strict=True):
            if kind == "date":
                alone = parse_dates(pd.Series([seen], dtype="str"))
                if alone.days[0] != MISSING and not alone.ambiguous:
                    part.frame.loc[position, bad.column] = pd.Timestamp(as_date(int(alone.days[0])))
                    continue
            found.setdefault(position, {})[bad.column] = plain(seen), kind
    return found


def _lines(source: SourceTable) -> Iterator[Problem]:
    """Give the lines of a CSV file that are no rows."""
    if source.rejects is not None:
        for line in source.rejects.to_dict("records"):
            yield Problem(line["row"], f"{line['file']}, row {line['row']}", f"{line['reason']}.",
                          "Quote cells that hold the delimiter.")  # fmt: skip


def _changed(row: Row, promised: Row, entity: str) -> Iterator[Fault]:
    written = (promised[entity], f"'{promised[entity]}")  # CSV guards a text that looks like a formula
    if row[entity] not in written:
        seen = "nothing" if row[entity] is None else plain(row[entity])
        yield entity, f"seen {seen}, expected {promised[entity]}.", AS_WRITTEN
    day = promised.get("date")
    if day is not None and row["day"] != dt.date.fromisoformat(day):
        yield "day", f"seen {row['day'] or 'nothing'}, expected {day}.", f"{AS_WRITTEN} Another day goes to made_on."


def _of_visit(planned: Planned, known_on: dt.date, row: Row) -> Iterator[Fault]:
    numbers = [f.name for f in VISITS if f.type == "integer"]
    if row["made"] is None:
        yield "made", "seen nothing, expected yes or no.", "Say whether the visit was made, or empty the line."
    elif row["made"]:
        yield from _day(row, "made_on", planned, known_on, "a visit that was made has a day")
        if row["reason"] is not None:
            yield "reason", "the visit was made, and has a reason why not.", "Empty the reason, or say no under made."
    else:
        if row["reason"] is None:
            yield "reason", "a visit that was not made has a reason.", f"Choose: {', '.join(NOT_MADE)}."
        filled = [name for name in ("made_on", *numbers) if row[name] is not None]
        if filled:
            yield filled[0], "the visit was not made, and has results.", "Empty them, or say yes under made."
    if row["reason"] is not None and row["reason"] not in NOT_MADE:
        yield "reason", "is none of the reasons.", nearest(str(row["reason"]), NOT_MADE)
    yield from _counted(row, numbers)
    present = row["workers_present"]
    for name in COUNTS[1:]:
        if present is not None and row[name] is not None and row[name] > present >= 0:
            yield name, f"seen {row[name]}, expected no more than the {present} at work.", "Correct one of the two."


def _of_letter(planned: Planned, known_on: dt.date, row: Row) -> Iterator[Fault]:
    reached = row["reached"]
    if reached is None:
        yield "reached", f"seen nothing, expected {', '.join(REACHED)}.", "Say how, or empty the line."
    elif reached not in REACHED:
        yield "reached", "is none of the ways.", nearest(str(reached), REACHED)
    elif reached != "no":
        yield from _day(row, "reached_on", planned, known_on, "an employer who was reached was so on a day")
    elif row["reached_on"] is not None:
        yield "reached_on", "the employer was not reached, and has a day.", "Empty it, or say how under reached."
    if row["participants"] is not None and reached != "meeting":
        yield "participants", "only a meeting has participants.", "Empty them, or say meeting under reached."
    yield from _counted(row, ["participants"])


def _day(row: Row, name: str, planned: Planned, known_on: dt.date, why: str) -> Iterator[Fault]:
    if row[name] is None:
        yield name, f"seen nothing: {why}.", EXPECTED["date"][1]
    elif not planned.first <= row[name] <= known_on:
        between = f"from {planned.first}, when the plan begins, to {known_on}, when the form was handed in"
        yield name, f"seen {row[name]}, expected a day {between}.", "Correct the day, or say --known-on."


def _counted(row: Row, names: list[str]) -> Iterator[Fault]:
    for name in names:
        if row[name] is not None and row[name] < 0:
            yield name, f"seen {row[name]}, expected 0 or more.", "Correct the number."

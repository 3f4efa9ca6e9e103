"""The forms that come back: what stands in each column, which the plan fills in and which an inspector."""

from __future__ import annotations

from dataclasses import dataclass

from riskscore.definitions.indicators import INDICATORS, TITLES
from riskscore.records.schema import NOT_MADE, REACHED, TABLES, ColumnType

COUNTS = ("workers_present", "uncontracted_workers", "minors_found", "workers_without_permit")
FOUND = (*INDICATORS, "unrelated_work")  # columns with the number of people affected; each becomes a finding


@dataclass(frozen=True)
class Field:
    """One column of a form. ``given``: the plan wrote it, and whoever changes it is told."""

    name: str
    type: ColumnType
    help: str
    given: bool = False
    choices: tuple[str, ...] = ()


def _given(name: str, help: str, type: ColumnType = "text") -> Field:
    return Field(name, type, help, given=True)


VISITS = (
    _given("plan", "The plan."),
    _given("visit", "The visit."),
    _given("place", "The place."),
    _given("day", "The day for which the visit was planned.", "date"),
    _given("office", "The office that goes."),
    _given("team", "The team that goes."),
    Field("made", "flag", "Was the visit made? Leave it empty if that is not known yet.", choices=("yes", "no")),
    Field("made_on", "date", "The day on which it was made: 2025-01-31, or as a date of Excel."),
    Field("reason", "text", "Why it was not made.", choices=NOT_MADE),
    *(Field(name, "integer", f"How many: {TABLES['inspections'].column(name).meaning}.") for name in COUNTS),
    *(Field(name, "integer", f"{TITLES[name]}: how many people it affects. Empty: not found.") for name in FOUND),
)

LETTERS = (
    _given("plan", "The plan."),
    _given("letter", "The employer's line on the list."),
    _given("employer", "The employer."),
    _given("name", "The employer's name."),
    _given("region", "The region."),
    _given("places", "How many places of the employer are of middling risk.", "integer"),
    _given("why", "What the letter is about."),
    Field("reached", "text", "How was the employer reached? Leave it empty if that is not known yet.", choices=REACHED),
    Field("reached_on", "date", "The day of the letter or meeting: 2025-01-31, or as a date of Excel."),
    Field("participants", "integer", "How many people of the employer came to the meeting."),
)

SAYS = (
    "Fill in the light cells only. The grey ones lead a line back to its plan; a line in which they were changed is "
    "refused.",
    "Leave a line empty as long as nothing is known of it. Empty is not nought: write 0 where you counted nobody.",
    "Write no names: neither of workers nor of callers, nor your own.",
    "Send it back as it is, whole or in parts. The same sheet read twice changes nothing; a corrected one corrects.",
)

"""The canonical tables as data: columns, types, and the clock from which each cell is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from riskscore.definitions.indicators import INDICATORS as INDICATORS

ColumnType = Literal["id", "text", "category", "integer", "number", "money", "date", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: its type, the date column from which its cells are known, and what it may hold."""

    name: str
    type: ColumnType
    meaning: str
    clock: str | None = None  # a cell counts as missing until this date column of its row lies before as_of
    refers: str | None = None  # the table whose id this column holds
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()  # empty: any value


@dataclass(frozen=True)
class TableSchema:
    """One table. ``kind`` is ``event`` (rows happen), ``entity`` (rows are versions of one thing) or ``rule``."""

    name: str
    singular: str
    meaning: str
    kind: Literal["event", "entity", "rule"]
    columns: tuple[Column, ...]

    @property
    def id(self) -> str:
        """The name of the column that identifies a row, or an entity whose versions the rows are."""
        return f"{self.singular}_id"

    def column(self, name: str) -> Column:
        """Return the column of that name; KeyError if there is none."""
        return next(c for c in self.columns if c.name == name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns, in order."""
        return tuple(c.name for c in self.columns)

    def with_further(self, further: tuple[Column, ...]) -> TableSchema:
        """Return the schema with the further columns of a mapped source."""
        return replace(self, columns=self.columns + further)


OTHER_FINDINGS = ("uncontracted", "underage", "unrelated_work", "permit")
TRIGGERS = ("planned", "complaint", "hotline", "raid", "follow_up", "random", "model")
STAGES = ("referred", "opened", "charged", "convicted", "dropped")
NOT_MADE = ("no longer there", "closed that day", "entry refused", "no time", "not allowed", "another reason")
REACHED = ("letter", "meeting", "no")


def _c(name: str, type: ColumnType, meaning: str, **more: object) -> Column:
    return Column(name, type, meaning, **more)  # type: ignore[arg-type]


_EMPLOYER = _c("employer_id", "id", "the employer", refers="employers")
_SITE = _c("site_id", "id", "the place of work", refers="sites")
_VISIT = _c("inspection_id", "id", "the visit", refers="inspections")
_REGION = _c("region", "category", "region of the country")
_AUTHORITY = _c("authority", "category", "the authority that acted")
_PLAN = _c("plan", "category", "the plan, by the hash of what it planned")


def _table(name: str, singular: str, meaning: str, kind: str, *columns: Column) -> TableSchema:
    own = _c(f"{singular}_id", "id", f"identifies the {singular}", required=True)
    clocks: tuple[Column, ...] = (
        _c("known_on", "date", "the day from which the office could know it"),
        _c("recorded_on", "date", "the day on which this tool first read it"),
        _c("replaces", "text", f"{singular}_id of the row that this row corrects"),
    )
    if kind == "event":
        clocks = (_c("date", "date", "the day on which it happened", required=True), *clocks)
    if kind == "entity":
        clocks = (_c("valid_from", "date", "the day from which this version holds"), *clocks)
    return TableSchema(name, singular, meaning, kind, (own, *columns, *clocks))  # type: ignore[arg-type]


_ALL = (
    _table(
        "employers", "employer", "an employer at a time", "entity",
        _c("tax_number", "text", "VÖEN, 10 digits, kept as text"),
        _c("name", "text", "name of the employer"),
        _c("employer_kind", "category", "kind of employer",
           choices=("company", "sole trader", "public body", "household")),
        _c("sector", "category", "sector, ISIC Rev. 4"),
        _REGION,
        _c("registered_on", "date", "day of registration"),
        _c("closed_on", "date", "day on which it was closed", clock="closed_on"),
    ),
    _table(
        "sites", "site", "a place of work at a time", "entity",
        replace(_EMPLOYER, required=True),
        _c("site_type", "category", "what kind of place it is"),
        _REGION,
        _c("district", "category", "district within the region"),
        _c("latitude", "number", "degrees north", minimum=-90, maximum=90),
        _c("longitude", "number", "degrees east", minimum=-180, maximum=180),
        _c("opened_on", "date", "day on which work began there"),
        _c("closed_on", "date", "day on which work ended there", clock="closed_on"),
        _c("principal_contractor_id", "id", "the principal contractor", refers="employers"),
    ),
    _table(
        "inspections", "inspection", "a visit", "event", _SITE, _EMPLOYER, _AUTHORITY,
        _c("trigger", "category", "why the visit was made", choices=TRIGGERS),
        _c("selection_probability", "number", "logged probability of the draw", minimum=0, maximum=1),
        _c("office", "category", "the office that went"),
        _c("inspector_id", "text", "pseudonym of the inspector"),
        _c("workers_present", "integer", "people at work", minimum=0),
        _c("uncontracted_workers", "integer", "people at work without a contract", minimum=0),
        _c("minors_found", "integer", "people under the legal age", minimum=0),
        _c("workers_without_permit", "integer", "foreigners at work without a permit", minimum=0),
    ),
    _table(
        "findings", "finding", "one thing found at a visit", "event", replace(_VISIT, required=True),
        _c("indicator", "category", "what was found", choices=INDICATORS + OTHER_FINDINGS),
        _c("workers_affected", "integer", "people affected", minimum=0),
    ),
    _table(
        "penalties", "penalty", "a fine", "event", _EMPLOYER, _SITE, _VISIT, _AUTHORITY,
        _c("amount_azn", "money", "amount of the fine, AZN", minimum=0),
        _c("paid_azn", "money", "amount paid, AZN", clock="paid_on", minimum=0),
        _c("paid_on", "date", "day of payment", clock="paid_on"),
    ),
    _table(
        "complaints", "complaint", "a call, appeal or alert", "event", _EMPLOYER, _SITE,
        _c("channel", "category", "how it came in"),
        _c("topic", "category", "what it is about"),
        _c("urgent", "flag", "somebody is in danger now"),
    ),
    _table(
        "permits", "permit", "a work permit", "event", _EMPLOYER,
        _c("workers", "integer", "workers covered", minimum=0),
        _c("kind", "category", "issued or extended", choices=("issued", "extended")),
        _c("expires_on", "date", "last day of validity"),
    ),
    _table(
        "contracts", "contract", "registered headcount on a date", "event", _EMPLOYER, _SITE,
        _c("registered_workers", "integer", "people with a registered contract", minimum=0),
        _c("concluded", "integer", "contracts concluded since the row before", minimum=0),
    ),
    _table(
        "cases", "case", "a referral and its stage; a later stage is a row that replaces it", "event",
        _EMPLOYER, _SITE, _VISIT,
        _c("stage", "category", "stage reached", choices=STAGES),
        _c("facts", "integer", "facts of forced labour", minimum=0),
        _c("victims", "integer", "victims", minimum=0),
        _c("abroad", "flag", "the work was abroad"),
    ),
    _table(
        "links", "link", "a relation between employers", "event",
        _c("employer_a", "id", "one employer", refers="employers", required=True),
        _c("employer_b", "id", "the other employer", refers="employers", required=True),
        _c("kind", "category", "kind of relation",
           choices=("director", "address", "phone", "subcontractor", "successor")),
        _c("confidence", "number", "confidence of the match", minimum=0, maximum=1),
    ),
    _table(
        "regimes", "regime", "a rule about visiting", "rule",
        _c("sector", "category", "sector it holds for; empty means all"),
        _c("site_type", "category", "site type it holds for; empty means all"), _REGION,
        _c("from", "date", "first day", required=True),
        _c("to", "date", "first day on which it no longer holds"),
        _c("rule", "category", "what is allowed", choices=("open", "complaint_only", "suspended")),
    ),
    _table(
        "counts", "count", "a figure nobody has rows for", "event",
        _c("indicator", "category", "what is counted", required=True), _REGION,
        _c("value", "number", "the figure", required=True),
        _c("source", "text", "who published it"),
    ),
    _table(
        "planned_visits", "planned_visit", "a visit of a plan, made or not, from the plan's first day", "event",
        _SITE, _PLAN,
        _c("planned_for", "date", "day on which the visit was to be made"),
        _c("trigger", "category", "why it was planned", choices=TRIGGERS),
        _c("selection_probability", "number", "logged probability of the draw", minimum=0, maximum=1),
        _c("stratum", "category", "places among which it was drawn"),
        _c("made", "flag", "whether the visit was made; empty until somebody says"),
        _c("reason", "category", "why it was not made", choices=NOT_MADE),
    ),
    _table(
        "letters", "letter", "an employer on a plan's list for letters and meetings, from its first day", "event",
        _EMPLOYER, _PLAN,
        _c("reached", "category", "how the employer was reached; empty until somebody says", choices=REACHED),
        _c("reached_on", "date", "day of the letter or meeting"),
        _c("participants", "integer", "people of the employer at the meeting", minimum=0),
    ),
)  # fmt: skip

TABLES: Mapping[str, TableSchema] = MappingProxyType({t.name: t for t in _ALL})
"""The canonical tables by name; only ``inspections`` is required."""

PARENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"inspection": ("inspection_id", "inspections"), "site": ("site_id", "sites"),
     "employer": ("employer_id", "employers")}
)  # fmt: skip
"""What an expression may reach: ``inspection.trigger`` goes by ``inspection_id`` to ``inspections``."""

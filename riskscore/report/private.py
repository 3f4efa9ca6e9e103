"""What a reader of a dossier may not learn: when a complaint came, and so who made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from riskscore.explain.dossier import Document

ORDINALS = ("1st", "2nd", "3rd", "4th")


@dataclass(frozen=True)
class ShownRecord:
    """A record as a dossier may show it."""

    table: str
    id: str  # empty for a complaint
    date: str  # "2024-05-01", or "2nd quarter of 2023" for a complaint; empty where there is none
    known_on: str  # empty for a complaint, and where it is not known
    says: str


def shown_records(documents: Iterable[Document]) -> tuple[ShownRecord, ...]:
    """Return records as they may be shown, newest first.

    Of a complaint nothing is left but its quarter, whatever its sentence says: at a small site the day and the topic
    would tell who called. It stands at the beginning of its quarter, so that its neighbours in the list do not tell
    the day either.

    Examples
    --------
    >>> call = Document("complaints", "C-7", dt.date(2023, 5, 4), dt.date(2023, 5, 5), "Wages are withheld.")
    >>> shown_records([call])
    (ShownRecord(table='complaints', id='', date='2nd quarter of 2023', known_on='', says='A report.'),)
    """
    return tuple(_shown(d) for d in sorted(documents, key=_place))


def _place(document: Document) -> tuple[bool, int, str, str, str]:
    day = document.date
    if day is not None and document.table == "complaints":
        day = dt.date(day.year, 3 * _quarter(day) + 1, 1)
    says = "" if document.table == "complaints" else document.says
    return day is None, -day.toordinal() if day else 0, document.table, _id(document), says


def _shown(document: Document) -> ShownRecord:
    day = document.date
    if document.table == "complaints":
        when = f"{ORDINALS[_quarter(day)]} quarter of {day.year}" if day else ""
        return ShownRecord("complaints", "", when, "", "A report.")
    known = document.known_on.isoformat() if document.known_on else ""
    return ShownRecord(document.table, _id(document), day.isoformat() if day else "", known, document.says)


def _id(document: Document) -> str:
    return "" if document.table == "complaints" else document.id


def _quarter(day: dt.date) -> int:
    return (day.month - 1) // 3

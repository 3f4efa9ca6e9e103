"""What a reader of a dossier may not learn: on which day a complaint came, and so who made it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from riskscore.explanation.dossier import Document

ORDINALS = ("1st", "2nd", "3rd", "4th")
QUARTER = re.compile(r"([1-4])(?:st|nd|rd|th) quarter of (\d{4})")


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
    places = []
    for document in documents:
        complaint = document.table == "complaints"
        day = _quarter_of(document) if complaint else document.date
        shown = _complaint(day) if complaint else _shown(document)
        places.append((day is None, -day.toordinal() if day else 0, shown.table, shown.id, shown.says, shown))
    return tuple(place[-1] for place in sorted(places, key=lambda place: place[:-1]))


def _quarter_of(complaint: Document) -> dt.date | None:
    """Return the first day of a complaint's quarter, from its date or from the words that stand for it."""
    if complaint.date is not None:
        return dt.date(complaint.date.year, 3 * ((complaint.date.month - 1) // 3) + 1, 1)
    said = QUARTER.search(complaint.says)
    return dt.date(int(said[2]), 3 * int(said[1]) - 2, 1) if said else None


def _complaint(quarter: dt.date | None) -> ShownRecord:
    when = f"{ORDINALS[quarter.month // 3]} quarter of {quarter.year}" if quarter else ""
    return ShownRecord("complaints", "", when, "", "A report.")


def _shown(document: Document) -> ShownRecord:
    date, known = (day.isoformat() if day else "" for day in (document.date, document.known_on))
    return ShownRecord(document.table, document.id, date, known, document.says)

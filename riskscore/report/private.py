"""What a reader of a dossier may not learn: on which day a complaint came, and so who made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from riskscore.explanation.dossier import Document
from riskscore.languages import Translator, translator

ENGLISH = translator("en")


@dataclass(frozen=True)
class ShownRecord:
    """A record as a dossier may show it."""

    table: str
    id: str  # empty for a complaint
    date: str  # "2024-05-01", or "2nd quarter of 2023" for a complaint; empty where there is none
    known_on: str  # empty for a complaint, and where it is not known
    says: str


def shown_records(
    documents: Iterable[Document], _: Translator = ENGLISH, *, reports_in_full: bool = False
) -> tuple[ShownRecord, ...]:
    """Return records as they may be shown, newest first.

    Of a complaint nothing is left but its quarter, whatever its sentence says: at a small site the day and the topic
    would tell who called. It stands at the beginning of its quarter, so that its neighbours in the list do not tell
    the day either. A prosecutor's copy shows it in full.

    Examples
    --------
    >>> call = Document("complaints", "C-7", dt.date(2023, 5, 4), dt.date(2023, 5, 5), "Wages are withheld.")
    >>> shown_records([call])
    (ShownRecord(table='complaints', id='', date='2nd quarter of 2023', known_on='', says='A report.'),)
    """
    places = []
    for document in documents:
        hidden = document.table == "complaints" and not reports_in_full
        day = quarter_start(document.date) if hidden and document.date else document.date
        shown = ShownRecord("complaints", "", quarter(day, _), "", _("A report.")) if hidden else _shown(document)
        places.append((day is None, -day.toordinal() if day else 0, shown.table, shown.id, shown.says, shown))
    return tuple(place[-1] for place in sorted(places, key=lambda place: place[:-1]))


def quarter_start(day: dt.date) -> dt.date:
    """Return the first day of a day's quarter.

    Examples
    --------
    >>> quarter_start(dt.date(2023, 5, 4))
    datetime.date(2023, 4, 1)
    """
    return dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def quarter(day: dt.date | None, _: Translator) -> str:
    """Return a day's quarter in words; nothing where there is no day."""
    if day is None:
        return ""
    quarters = (
        _("1st quarter of {year}", year=day.year),
        _("2nd quarter of {year}", year=day.year),
        _("3rd quarter of {year}", year=day.year),
        _("4th quarter of {year}", year=day.year),
    )
    return quarters[(day.month - 1) // 3]


def _shown(document: Document) -> ShownRecord:
    date, known = (day.isoformat() if day else "" for day in (document.date, document.known_on))
    return ShownRecord(document.table, document.id, date, known, document.says)

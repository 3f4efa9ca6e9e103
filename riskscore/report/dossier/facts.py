"""What the registers and the records say, before anything is counted."""

from __future__ import annotations

from riskscore.explanation.dossier import Dossier
from riskscore.languages import Translator
from riskscore.report.paper import Cell, Points, Section, Table, Words
from riskscore.report.private import ShownRecord, shown_records
from riskscore.report.table_titles import table_title
from riskscore.report.timeline import timeline


def facts(d: Dossier, _: Translator) -> Section:
    """Return what the registers say of the entity."""
    rows = tuple((Cell(label), Cell(value)) for label, value in d.facts.items())
    return Section(_("The facts"), (Table(_("What the registers say"), (), rows, (0.32, 0.68)),))


def cautions(d: Dossier, _: Translator) -> Section | None:
    """Return what a reader must bear in mind; None where there is nothing."""
    return Section(_("Read with care"), (Points(d.cautions),)) if d.cautions else None


def records(d: Dossier, _: Translator) -> Section:
    """Return every record, newest first, and the picture of them in time."""
    title, full = _("What the records say"), d.audience == "prosecutor"
    if not d.documents:
        return Section(title, (Words(
            _("No record of this {kind} was known before {day}. That is not the same as a clean record: nobody may "
              "have looked.", kind=entity_kind(d, _), day=_.date(d.as_of))
        ),))  # fmt: skip
    shown = shown_records(d.documents, _, reports_in_full=full)
    caption = _.plural("{n} record known before {day}, newest first.", "{n} records known before {day}, newest first.",
                       len(shown), day=_.date(d.as_of))  # fmt: skip
    if d.audience == "supervisor":
        caption += " " + _("Of a report only its quarter is shown.")
    rows = tuple((Cell(day(r.date, _) or _("not known")), Cell(day(r.known_on, _) or "–"), Cell(r.says), _name(r, _))
                 for r in shown)  # fmt: skip
    head = (_("Date"), _("Known since"), _("What"), _("Record"))
    table = Table(caption, head, rows, (0.17, 0.17, 0.45, 0.21))
    picture = timeline(d.documents, d.as_of, _, reports_in_full=full)
    return Section(title, (picture, table) if picture else (table,))


def not_known(d: Dossier, _: Translator) -> Section:
    """Return what nobody knows, so that silence is not taken for a clean record."""
    blocks = (Points(d.not_known),) if d.not_known else (Words(_("Every value that the recipe asks for is known.")),)
    return Section(_("What is not known"), blocks, together=True)


def entity_kind(d: Dossier, _: Translator) -> str:
    """Return "site" or "employer" in the language of the dossier."""
    return _("site") if d.entity_kind == "site" else _("employer")


def day(written: str, _: Translator) -> str:
    """Return a date of a record as the language writes it; a quarter stands as it is."""
    import datetime as dt

    try:
        return _.date(dt.date.fromisoformat(written))
    except ValueError:
        return written


def line(r: ShownRecord, _: Translator) -> str:
    """Return a record in one line."""
    known = ", " + _("known since {day}", day=day(r.known_on, _)) if r.known_on else ""
    name = " ".join(part for part in (table_title(r.table, _), r.id) if part)
    return (f"{day(r.date, _)}: " if r.date else "") + f"{r.says} ({name}{known})"


def _name(r: ShownRecord, _: Translator) -> Cell:
    return Cell(" ".join(part for part in (table_title(r.table, _), r.id) if part))

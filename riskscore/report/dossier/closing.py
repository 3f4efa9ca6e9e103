"""What ends a dossier: the decision, how to object, and what is needed to make it again."""

from __future__ import annotations

from riskscore.explanation.dossier import Dossier
from riskscore.languages import Translator, marked
from riskscore.report.paper import Cell, Form, Points, Section, Table, Words

LABELS = {
    "run": marked("Run"),
    "records": marked("Records (SHA-256 of each table, its beginning)"),
    "definitions": marked("Definitions (SHA-256, its beginning)"),
    "versions": marked("Versions"),
    "ledger": marked("Ledger of decisions (SHA-256 of its first entry)"),
    "ledger entries": marked("Entries that the ledger had"),
    "ledger head": marked("Its last entry (SHA-256)"),
    "ledger at": marked("When its last entry was written"),
    "ledger signature": marked("Signature of the ledger's head (Ed25519)"),
    "to rebuild": marked("Command that makes it again"),
}
"""What a provenance is called on the page."""


def decision(_: Translator) -> Section:
    """Return a form for the supervisor, who may decide otherwise than the list."""
    asked = Words(_("You may decide otherwise than the list. Write down what you decided and why."))
    form = Form((_("visit"), _("no visit"), _("other")), ((_("Reason"), 2), (_("Date and signature"), 1)))
    return Section(_("The decision"), (asked, form), together=True)


def seen_there(_: Translator) -> Section:
    """Return empty lines for what inspectors see at the place."""
    form = Form((), ((_("Who was spoken to alone, and in which language"), 2), (_("What was seen"), 5),
                     (_("Date and signature"), 1)))  # fmt: skip
    return Section(_("Seen at the place"), (form,), together=True)


def objection(_: Translator) -> Section:
    """Return how the employer objects."""
    steps = (
        _("Write to the office that gave you this paper. No form is needed and it costs nothing."),
        _("Name the record that is wrong, by its number above, and say what is right. Enclose what shows it."),
        _("A record that proves wrong is corrected by a new one, and the score is made again from what is then known."),
        _("You may ask for a person to look at your case again and to decide without the score."),
        _("You may go to court whatever the answer is."),
    )
    told = Words(
        _("This paper does not accuse you of anything. It says why a visit was proposed, so that you can correct what "
          "is wrong.")
    )  # fmt: skip
    return Section(_("How to object"), (told, Points(steps)), together=True)


def provenance(d: Dossier, _: Translator) -> Section:
    """Return what is needed to make the dossier again, bit for bit."""
    rows = [
        (Cell(_("Counted is what happened, and was known, before")), Cell(d.as_of.isoformat())),
        (Cell(_("Records as this tool held them on")),
         Cell(d.as_known_at.isoformat() if d.as_known_at else _("the day of the run"))),
    ]  # fmt: skip
    for label, value in d.provenance.items():
        rows.append((Cell(_(LABELS[label]) if label in LABELS else label), Cell(value, code=True)))
    caption = _("What is needed to make this dossier again, bit for bit")
    return Section(_("Where this comes from"), (Table(caption, (), tuple(rows), (0.32, 0.68)),), new_page=True)

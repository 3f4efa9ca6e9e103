"""The indicators of forced labour: what inspectors found of each, the judgement, the legal test."""

from __future__ import annotations

from collections.abc import Iterable

from riskscore.definitions.indicators import INDICATORS, TITLES
from riskscore.explanation.dossier import Document, Dossier, IndicatorFound
from riskscore.languages import Translator
from riskscore.report.paper import Cell, Section, Table, Words


def indicators(d: Dossier, _: Translator, boxes: tuple[str, ...]) -> Section:
    """Return a row for each of the 11 indicators, with boxes for a judgement where there are any.

    Parameters
    ----------
    boxes : tuple of str
        What may be ticked; empty where the reader does not judge.
    """
    found = {f.indicator: f for f in d.found}
    rows = [_row(f"{i}. {_(TITLES[name])}", found.get(name), boxes, _) for i, name in enumerate(INDICATORS, start=1)]
    enabling = [f for f in d.found if f.indicator not in INDICATORS]
    rows += [_row(_title(f.indicator, _), f, boxes, _) for f in enabling]
    caption = _("The 11 indicators of the International Labour Organization, and what inspectors found of each.")
    if enabling:
        caption += " " + _(
            "Below them, without a number: what makes forced labour easier and is not itself one of them."
        )
    head = (_("Indicator"), _("Found at visits"), *((_("Your judgement"),) if boxes else ()))
    widths = (0.31, 0.37, 0.32) if boxes else (0.4, 0.6)
    asked = Words(_("Please judge the records before you turn to the score."))
    table = Table(caption, head, tuple(rows), widths)
    return Section(_("The indicators of forced labour"), (asked, table) if d.audience == "supervisor" else (table,))


def legal_test(d: Dossier, _: Translator) -> Section | None:
    """Return which part of the legal test the records touch, and which they do not."""
    if not d.legal_test:
        return None
    rows = []
    for part in d.legal_test:
        touched = tuple(
            f"{_title(t.indicator, _)}: {t.reason} ({_ids(t.documents)})" if t.documents
            else f"{_title(t.indicator, _)}: {t.reason}" for t in part.touched
        )  # fmt: skip
        rows.append((Cell(part.part), Cell(part.asks), Cell(lines=(part.says, *touched))))
    meant = _("Work is forced where it is exacted under the menace of a penalty and was not offered voluntarily (ILO "
              "Convention 29). Both parts must be shown; this page only says which records bear on them.")  # fmt: skip
    caption = _("The two parts, and the records that touch them")
    head = (_("Part"), _("What has to be shown"), _("What the records hold"))
    return Section(_("The legal test"), (Words(meant), Table(caption, head, tuple(rows), (0.2, 0.3, 0.5))))


def _row(title: str, found: IndicatorFound | None, boxes: tuple[str, ...], _: Translator) -> tuple[Cell, ...]:
    says = Cell(lines=_says(found, _)) if found else Cell("–")
    return (Cell(title), says, Cell(boxes=boxes)) if boxes else (Cell(title), says)


def _says(f: IndicatorFound, _: Translator) -> tuple[str, ...]:
    said = [_.plural("{n} finding", "{n} findings", f.findings)]
    if f.visits:
        said.append(_.plural("at {n} visit", "at {n} visits", f.visits))
    if f.workers is not None:
        said.append(_.plural("{n} person affected", "{n} people affected", f.workers))
    if f.first and f.last:
        said.append(_.date(f.first) if f.first == f.last else f"{_.date(f.first)} – {_.date(f.last)}")
    return (", ".join(said), *((_ids(f.documents),) if f.documents else ()))


def _ids(documents: Iterable[Document]) -> str:
    return ", ".join(sorted({d.id for d in documents if d.id}))


def _title(indicator: str, _: Translator) -> str:
    return _(TITLES[indicator]) if indicator in TITLES else indicator.replace("_", " ")

"""Records as documents: what each row says, in a sentence that names no caller, worker or inspector."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskscore.asof.engine import Engine
from riskscore.dates import FOREVER, as_date
from riskscore.definitions.indicators import TITLES
from riskscore.explanation.dossier import NO_DOCUMENTS, Document
from riskscore.history.tables import TableView
from riskscore.languages import Translator, marked, translator

Row = Mapping[str, Any]
ENGLISH = translator("en")


def document(
    view: TableView, row: int, _: Translator = ENGLISH, *, reports_in_full: bool = False, within_visit: bool = False
) -> Document:
    """Return one row as a document; ``within_visit``: beside the visit that it belongs to, which need not be named.

    A complaint is "a report, 2nd quarter of 2023", dated by the first day of that quarter, without its id, day,
    channel or topic: at a small place these would tell who called. A prosecutor's copy has them
    (``reports_in_full``); who called is in no table.
    """
    cells = {str(c): v for c, v in view.frame.iloc[row].items() if not pd.isna(v)}
    date = as_date(int(view.date[row])) if "date" in cells or "valid_from" in cells else None
    known = cells["known_on"].date() if "known_on" in cells else None
    name = view.schema.name
    if name == "complaints" and not reports_in_full:
        assert date is not None
        return Document(name, "", dt.date(date.year, 3 * ((date.month - 1) // 3) + 1, 1), None, _quarter(date, _))
    if not reports_in_full:
        # That a visit followed a report would date the report to within days, and so would the one visit of many that
        # alone does not say why it was made: no visit says it.
        cells.pop("trigger", None)
    if within_visit:
        cells.pop("inspection_id", None)
    saying = _SAYINGS.get(name)
    says = saying(cells, _) if saying else _("Entry in the register of {table}", table=name)
    return Document(name, str(view.ids[row]), date, known, says)


def documents_of(
    engine: Engine,
    row: int,
    _: Translator = ENGLISH,
    *,
    reports_in_full: bool = False,
    told: Mapping[str, TableView] | None = None,
    limit: int = 200,
) -> tuple[Document, ...]:
    """Return every record about one row's entity known before its date, newest first; a complaint of its place too.

    ``told`` are the tables as they may be told, where that is not as they are.
    """
    found: list[tuple[int, str, Document]] = []
    as_of = int(engine.cohort.as_of[row])
    for name, view in engine.views.items():
        if view.schema.kind != "event" or name in NO_DOCUMENTS:
            continue
        events = engine.table(name)
        if not events.paths(engine.cohort.kind):
            continue
        evaluated = engine.evaluated([], name, [engine.cohort.kind])
        versions = evaluated.versions
        code = events.reference(versions, engine.cohort.kind, engine.key(engine.cohort.kind)[0])
        until = np.full(code.shape, FOREVER) if versions.until is None else versions.until
        seen = (code == engine.cohort.code[row]) & (versions.start < as_of) & (as_of <= until)
        at = np.flatnonzero(seen & (events.dates(versions) < as_of))
        rows = at if versions.row is None else versions.row[at]
        for i in sorted(set(rows.tolist())):
            said = document((told or engine.views)[name], i, _, reports_in_full=reports_in_full)
            found.append((-int(view.date[i]), f"{name} {view.ids[i] if said.id else ''}", said))
    found.sort(key=lambda f: f[:2])
    return tuple(f[2] for f in found[:limit])


def _quarter(date: dt.date, _: Translator) -> str:
    quarters = (
        _("a report, 1st quarter of {year}", year=date.year),
        _("a report, 2nd quarter of {year}", year=date.year),
        _("a report, 3rd quarter of {year}", year=date.year),
        _("a report, 4th quarter of {year}", year=date.year),
    )
    return quarters[(date.month - 1) // 3]


def _report(cells: Row, _: Translator) -> str:
    """Say all that is recorded of a report; the table has no column for who made it."""
    said = [_("Report by {channel}", channel=cells["channel"]) if "channel" in cells else _("Report")]
    said += [str(cells["topic"])] * ("topic" in cells) + [_("urgent")] * bool(cells.get("urgent", False))
    return ", ".join(said)


_TRIGGERS = {
    "planned": marked("Visit (planned)"), "raid": marked("Visit (raid)"), "follow_up": marked("Visit (follow up)"),
    "random": marked("Visit (random)"), "model": marked("Visit (model)"), "complaint": marked("Visit (complaint)"),
    "hotline": marked("Visit (hotline)"),
}  # fmt: skip


def _inspection(cells: Row, _: Translator) -> str:
    trigger = str(cells.get("trigger", ""))
    said = _(_TRIGGERS[trigger]) if trigger in _TRIGGERS else _("Visit") + (f" ({trigger})" if trigger else "")
    if "authority" in cells:
        said = _("{visit} by {authority}", visit=said, authority=cells["authority"])
    n = {column: int(cells[column]) for column in _COUNTED if column in cells}
    parts = []
    if "workers_present" in n:
        parts.append(_.plural("{n} person at work", "{n} people at work", n["workers_present"]))
    if "uncontracted_workers" in n:
        parts.append(_.plural("{n} without a contract", "{n} without a contract", n["uncontracted_workers"]))
    if "minors_found" in n:
        parts.append(_.plural("{n} minor", "{n} minors", n["minors_found"]))
    if "workers_without_permit" in n:
        parts.append(_.plural("{n} without a work permit", "{n} without a work permit", n["workers_without_permit"]))
    further = [c for c, v in cells.items() if c not in (*_COUNTED, "selection_probability") and _is_number(v)]
    parts += [f"{c.replace('_', ' ')} {cells[c]:g}" for c in further]
    return said + (": " + ", ".join(parts) if parts else "")


_COUNTED = ("workers_present", "uncontracted_workers", "minors_found", "workers_without_permit")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def finding_title(indicator: str, _: Translator) -> str:
    """Return what a finding is called; a word that is in no list of ours stands as it is."""
    return _(TITLES[indicator]) if indicator in TITLES else indicator.replace("_", " ")


def _finding(cells: Row, _: Translator) -> str:
    what = finding_title(str(cells["indicator"]), _) if "indicator" in cells else _("not said what")
    said = _("Found: {what}", what=what)
    if "workers_affected" in cells:
        said += ", " + _.plural("{n} person affected", "{n} people affected", int(cells["workers_affected"]))
    return said + (", " + _("at visit {visit}", visit=cells["inspection_id"]) if "inspection_id" in cells else "")


def _penalty(cells: Row, _: Translator) -> str:
    said = (
        _("Fine of {amount} AZN", amount=_.number(round(cells["amount_azn"]))) if "amount_azn" in cells else _("Fine")
    )
    return _("{fine} by {authority}", fine=said, authority=cells["authority"]) if "authority" in cells else said


def _permit(cells: Row, _: Translator) -> str:
    kinds = {"issued": _("Work permit issued"), "extended": _("Work permit extended")}
    said = kinds.get(str(cells.get("kind", "")), _("Work permit"))
    return said + (", " + _("valid until {day}", day=_.date(cells["expires_on"])) if "expires_on" in cells else "")


def _contract(cells: Row, _: Translator) -> str:
    if "registered_workers" not in cells:
        return _("Entry in the register of {table}", table="contracts")
    n = int(cells["registered_workers"])
    return _.plural("{n} person with a registered contract", "{n} people with a registered contract", n)


def _case(cells: Row, _: Translator) -> str:
    stages = {
        "referred": _("Referred to the prosecutor"),
        "opened": _("Criminal case opened"),
        "charged": _("Charges brought"),
        "convicted": _("Conviction (confirmed)"),
        "dropped": _("Case dropped"),
    }
    said = stages.get(str(cells.get("stage", "")), _("Case"))
    return said + " (" + _("work abroad") + ")" if cells.get("abroad", False) else said


_LINKS = {
    "director": marked("one director"), "address": marked("one address"), "phone": marked("one telephone number"),
    "subcontractor": marked("a subcontract"), "successor": marked("one firm having succeeded the other"),
}  # fmt: skip


def _kind_of(cells: Row, _: Translator) -> str:
    kind = str(cells.get("kind", ""))
    return _(_LINKS[kind]) if kind in _LINKS else kind or _("not said what")


def link_says(view: TableView, row: int, firm: str, _: Translator = ENGLISH) -> str:
    """Return why a linked firm's document counts."""
    cells = {str(c): v for c, v in view.frame.iloc[row].items() if not pd.isna(v)}
    return _(
        "of employer {firm}, linked by {kind} (link {link}, known since {day})",
        firm=firm, kind=_kind_of(cells, _), link=cells["link_id"], day=_.date(cells["known_on"]),
    )  # fmt: skip


def _link(cells: Row, _: Translator) -> str:
    one, other = cells["employer_a"], cells["employer_b"]
    return _("Link by {kind} between {one} and {other}", kind=_kind_of(cells, _), one=one, other=other)


_SAYINGS: Mapping[str, Callable[[Row, Translator], str]] = {
    "inspections": _inspection, "findings": _finding, "penalties": _penalty, "permits": _permit,
    "complaints": _report, "contracts": _contract, "cases": _case, "links": _link,
}  # fmt: skip

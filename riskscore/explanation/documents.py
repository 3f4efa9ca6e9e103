"""Records as documents: what each row says, in a sentence that names no caller, worker or inspector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from riskscore.asof.engine import Engine
from riskscore.dates import FOREVER, as_date
from riskscore.explanation.dossier import Document
from riskscore.history.tables import TableView

_ORDINALS = ("1st", "2nd", "3rd", "4th")
FOLLOW_A_REPORT = ("complaint", "hotline")  # triggers of visits
Row = Mapping[str, Any]


def document(view: TableView, row: int) -> Document:
    """Return one row as a document.

    A complaint is "a report, 2nd quarter of 2023", without its id, day, channel or topic: at a small place these would
    tell who called.
    """
    cells = {str(c): v for c, v in view.frame.iloc[row].items() if not pd.isna(v)}
    date = as_date(int(view.date[row])) if "date" in cells or "valid_from" in cells else None
    if view.schema.name == "complaints":
        assert date is not None
        quarter = _ORDINALS[(date.month - 1) // 3]
        return Document("complaints", "", None, None, f"a report, {quarter} quarter of {date.year}")
    known = cells["known_on"].date() if "known_on" in cells else None
    saying = _SAYINGS.get(view.schema.name)
    says = saying(cells) if saying else f"Entry in the register of {view.schema.name}"
    return Document(view.schema.name, str(view.ids[row]), date, known, says)


def documents_of(engine: Engine, row: int, limit: int = 200) -> tuple[Document, ...]:
    """Return every record about one row's entity known before its date, newest first; a complaint of its place too."""
    found: list[tuple[int, str, Document]] = []
    as_of = int(engine.cohort.as_of[row])
    for name, view in engine.views.items():
        if view.schema.kind != "event" or name in ("links", "counts", "contracts"):
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
            said = document(view, i)
            found.append((-int(view.date[i]), f"{name} {said.id}", said))
    found.sort(key=lambda f: f[:2])
    return tuple(f[2] for f in found[:limit])


def _people(cells: Row, column: str, one: str, many: str) -> str:
    n = int(cells[column])
    return f"{n} {one if n == 1 else many}"


def _inspection(cells: Row) -> str:
    trigger = str(cells.get("trigger", ""))
    # That a visit followed a report would date the report to within days.
    said = f"Visit ({trigger.replace('_', ' ')})" if trigger and trigger not in FOLLOW_A_REPORT else "Visit"
    if "authority" in cells:
        said += f" by {cells['authority']}"
    parts = [
        _people(cells, column, one, many)
        for column, one, many in (
            ("workers_present", "person at work", "people at work"),
            ("uncontracted_workers", "without a contract", "without a contract"),
            ("minors_found", "minor", "minors"),
            ("workers_without_permit", "without a work permit", "without a work permit"),
        )
        if column in cells
    ]
    further = [f"{c.replace('_', ' ')} {v:g}" for c, v in cells.items() if c not in _KNOWN and _is_number(v)]
    return said + (": " + ", ".join(parts + further) if parts or further else "")


_KNOWN = {"workers_present", "uncontracted_workers", "minors_found", "workers_without_permit", "selection_probability"}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def _finding(cells: Row) -> str:
    what = str(cells.get("indicator", "finding")).replace("_", " ")
    who = f", {_people(cells, 'workers_affected', 'person', 'people')} affected" if "workers_affected" in cells else ""
    at = f", at visit {cells['inspection_id']}" if "inspection_id" in cells else ""
    return f"Found: {what}{who}{at}"


def _penalty(cells: Row) -> str:
    said = f"Fine of {cells['amount_azn']:,.0f} AZN" if "amount_azn" in cells else "Fine"
    return said + (f" by {cells['authority']}" if "authority" in cells else "")


def _permit(cells: Row) -> str:
    until = f", valid until {cells['expires_on'].date()}" if "expires_on" in cells else ""
    return f"Work permit {cells.get('kind', '')}".rstrip() + until


def _contract(cells: Row) -> str:
    return _people(cells, "registered_workers", "person", "people") + " with a registered contract"


_STAGES = {
    "referred": "Referred to the prosecutor",
    "opened": "Criminal case opened",
    "charged": "Charges brought",
    "convicted": "Conviction (confirmed)",
    "dropped": "Case dropped",
}


def _case(cells: Row) -> str:
    return _STAGES.get(str(cells.get("stage", "")), "Case") + (" (work abroad)" if cells.get("abroad") else "")


def _link(cells: Row) -> str:
    return f"Link ({cells.get('kind', 'unknown')}) between {cells['employer_a']} and {cells['employer_b']}"


_SAYINGS: Mapping[str, Callable[[Row], str]] = {
    "inspections": _inspection, "findings": _finding, "penalties": _penalty, "permits": _permit,
    "contracts": _contract, "cases": _case, "links": _link,
}  # fmt: skip

"""What inspectors found, by indicator, and which part of the legal test of forced labour it touches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from riskscore.definitions.indicators import INDICATORS
from riskscore.definitions.legal_test import legal_test, said
from riskscore.explanation.documents import document, finding_title
from riskscore.explanation.dossier import Document, IndicatorFound, LegalPart, LegalTouch
from riskscore.explanation.papers import Shelf, Whose
from riskscore.languages import Translator, marked

NAMES = (marked("menace of a penalty"), marked("not offered voluntarily"))  # of the parts, for the catalogues
_COUNTED = {"uncontracted": "uncontracted_workers", "underage": "minors_found", "permit": "workers_without_permit"}


@dataclass
class _Gathered:
    """What was found of one thing, visit by visit."""

    documents: list[Document] = field(default_factory=list)
    findings: int = 0
    visits: set[str] = field(default_factory=set)
    workers: dict[str, int] = field(default_factory=dict)  # visit -> people affected

    def add(self, paper: Document, visit: str, workers: Any) -> None:
        self.documents.append(paper)
        self.visits.add(visit)
        if not pd.isna(workers):
            self.workers[visit] = max(self.workers.get(visit, 0), int(workers))


def indicators_found(shelf: Shelf, whose: Whose, _: Translator) -> tuple[IndicatorFound, ...]:
    """Return what visits to the entity and to its employer's other sites found, the 11 indicators first.

    What visits only counted (people without a contract, minors, people without a permit) stands with the findings of
    the same name; a visit that did both counts once. Linked firms' findings are not the employer's and stay out.
    """
    gathered: dict[str, _Gathered] = {}
    for name in ("findings", "inspections"):
        view = shelf.engine.views.get(name)
        if view is None:
            continue
        rows = {*shelf.about(name, "site", [whose.site]).tolist(),
                *shelf.about(name, "employer", [whose.employer]).tolist()}  # fmt: skip
        for row in sorted(rows, key=lambda r: (-int(view.date[r]), str(view.ids[r]))):
            cells = view.frame.iloc[row]
            paper = document(shelf.told[name], row, _)
            if name == "findings":
                if pd.isna(cells["indicator"]):
                    continue
                at = gathered.setdefault(str(cells["indicator"]), _Gathered())
                at.findings += 1
                at.add(paper, str(cells["inspection_id"]), cells["workers_affected"])
                continue
            for indicator, column in _COUNTED.items():
                if not pd.isna(cells[column]) and int(cells[column]) > 0:
                    at = gathered.setdefault(indicator, _Gathered())
                    visit = str(view.ids[row])
                    at.findings += visit not in at.visits
                    at.add(paper, visit, cells[column])
    return tuple(_found(name, gathered[name]) for name in _in_order(gathered))


def _in_order(names: Iterable[str]) -> list[str]:
    there = set(names)
    return [name for name in INDICATORS if name in there] + sorted(there - set(INDICATORS))


def _found(indicator: str, at: _Gathered) -> IndicatorFound:
    days: list[dt.date] = sorted(d.date for d in at.documents if d.date is not None)
    return IndicatorFound(
        indicator=indicator,
        enabling=indicator not in INDICATORS,
        findings=at.findings,
        visits=len(at.visits),
        workers=sum(at.workers.values()) if at.workers else None,
        first=days[0] if days else None,
        last=days[-1] if days else None,
        documents=tuple(at.documents),
    )


def legal_parts(found: Iterable[IndicatorFound], _: Translator) -> tuple[LegalPart, ...]:
    """Return each part of the legal test with the findings that touch it; no finding decides a part."""
    by_name: Mapping[str, IndicatorFound] = {f.indicator: f for f in found}
    parts = []
    for part in legal_test():
        touched = tuple(
            LegalTouch(name, said(why, _.language), by_name[name].documents)
            for name, why in part.touched_by.items()
            if name in by_name
        )
        says = _("no record touches it")
        if touched:
            n = len({d.id for t in touched for d in t.documents})
            names = ", ".join(finding_title(t.indicator, _) for t in touched)
            says = _.plural("{n} record touches it: {names}", "{n} records touch it: {names}", n, names=names)
        parts.append(LegalPart(_(part.name), said(part.asks, _.language), touched, says))
    return tuple(parts)

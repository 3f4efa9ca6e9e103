"""Whose copy a dossier is, and what each may know of reports that people made.

A report can betray who made it, and the employer is the last who may learn that there is one. So the copies that come
near him, his own and the sheet taken to the site, are made as if nobody had ever reported anything: what reports
add to the score is summed with what else the reader cannot check by a record of his own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from riskscore.asof.matrix import FeatureColumn
from riskscore.explanation.dossier import Document, Dossier, Reason
from riskscore.languages import Translator, marked, translator

REPORTS = "complaints"
SOLE_TRADER = marked("The employer is a sole trader: a person. It is listed only because of a visit or a report.")
A_PERSON = marked("The employer is a sole trader: a person.")  # the rest of the sentence would tell of a report
ONLY_AFTER_A_REPORT = marked(
    "What a planned visit would find now: places of this kind are visited only after a report."
)
ALL_ELSE = "all_else"
"""Takes the place of the columns that a copy may not name, in ``contributions``."""


@dataclass(frozen=True)
class Audience:
    """One kind of reader."""

    name: str
    reports: str  # "quarter", "full" or "none"
    score: bool = True  # whether the score and its parts stand there at all
    rates: bool = False  # whether the reader judges the indicators and decides


AUDIENCES: Mapping[str, Audience] = {
    a.name: a
    for a in (
        Audience("supervisor", "quarter", rates=True),
        Audience("prosecutor", "full"),
        Audience("field", "none", score=False),
        Audience("employer", "none"),
    )
}


def for_audience(dossier: Dossier, columns: Mapping[str, FeatureColumn], audience: str, most: int) -> Dossier:
    """Return the copy of a dossier for one kind of reader.

    Parameters
    ----------
    dossier : Dossier
        As it is made for the supervisor, or with reports in full for the prosecutor.
    columns : mapping of name to FeatureColumn
        Of every value in ``dossier.contributions``.
    audience : {"supervisor", "prosecutor", "field", "employer"}
    most : int
        Reasons of each direction that are told; a dossier holds more, so that as many are left without reports.
    """
    up, down = dossier.reasons_for, dossier.reasons_against
    if AUDIENCES[audience].reports != "none":
        return replace(dossier, audience=audience, reasons_for=up[:most], reasons_against=down[:most])
    _, told = translator(dossier.language), _told(dossier, columns)
    hidden = math.fsum(v for name, v in dossier.contributions.items() if name not in told)
    kept = [share for share in dossier.shares if share.table != REPORTS]
    gone = math.fsum(share.share for share in dossier.shares if share.table == REPORTS)
    at = {i: kept.index(share) for i, share in enumerate(dossier.shares) if share.table != REPORTS}
    return replace(
        dossier,
        audience=audience,
        urgent=False,
        cautions=tuple(_(A_PERSON) if said == _(SOLE_TRADER) else said for said in dossier.cautions),
        not_known=tuple(said for said in dossier.not_known if said not in _of_reports(columns, _)),
        contributions={**{name: dossier.contributions[name] for name in told}, ALL_ELSE: hidden},
        families={**_summed(dossier, columns, told, lambda c: c.family.called(_.language)), all_else(_): hidden},
        indicators=_summed(dossier, columns, told, lambda c: c.feature.indicator),
        documents=_without_reports(dossier.documents),
        shares=tuple(replace(share, error=0.0) for share in kept),
        place_share=dossier.place_share + gone,
        # how many documents there are, and whether they were too many to be exact, would count the reports
        shares_method=_("exact, or estimated where the documents are many"),
        counterfactuals=tuple(
            replace(c, position=at[c.position]) for c in dossier.counterfactuals if c.position in at
        ),
        stability=None,
        reasons_for=_reasons(up, columns, most),
        reasons_against=_reasons(down, columns, most),
    )  # fmt: skip


def all_else(_: Translator) -> str:
    """Return what the sum of all that a copy does not name apart is called."""
    return _("What the place is, comparable places, and all else that the score takes in")


def rests_on_reports(column: FeatureColumn) -> bool:
    """Say whether a value counts reports, or says whether there could be any."""
    return REPORTS in (column.feature.table, column.feature.opportunity)


def stands_apart(column: FeatureColumn) -> bool:
    """Say whether a copy without reports names a value: it rests on records of the entity's own, and on no report.

    All others stand there as one sum. Were it of reports alone, its sign would tell whether there is one.
    """
    common = column.feature.kind in ("attribute", "calendar") or column.key == "peers"
    return not common and not rests_on_reports(column)


def _of_reports(columns: Mapping[str, FeatureColumn], _: Translator) -> set[str]:
    """Return the sentences on what is not known that would speak of reports."""
    about = [c for c in columns.values() if rests_on_reports(c)]
    families = {_("Nothing is recorded of: {title}.", title=c.family.called(_.language)) for c in about}
    absent = {_("Not in the records at all: {reason}.", reason=c.absent) for c in about if c.absent}
    return families | absent | {_(ONLY_AFTER_A_REPORT)}


def _told(dossier: Dossier, columns: Mapping[str, FeatureColumn]) -> dict[str, FeatureColumn]:
    return {name: columns[name] for name in dossier.contributions if stands_apart(columns[name])}


def _summed(
    dossier: Dossier,
    columns: Mapping[str, FeatureColumn],
    told: Iterable[str],
    of: Callable[[FeatureColumn], str],
) -> dict[str, float]:
    parts: dict[str, list[float]] = {}
    for name in told:
        if of(columns[name]):
            parts.setdefault(of(columns[name]), []).append(dossier.contributions[name])
    total = {key: math.fsum(values) for key, values in parts.items()}
    return dict(sorted(total.items(), key=lambda item: (-abs(item[1]), item[0])))


def _reasons(reasons: tuple[Reason, ...], columns: Mapping[str, FeatureColumn], most: int) -> tuple[Reason, ...]:
    kept = (replace(r, documents=_without_reports(r.documents)) for r in reasons if stands_apart(columns[r.column]))
    return tuple(kept)[:most]


def _without_reports(documents: Iterable[Document]) -> tuple[Document, ...]:
    return tuple(d for d in documents if d.table != REPORTS)

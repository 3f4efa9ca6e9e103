"""A dossier as one page: what the records say first, how the ranking came about last."""

from __future__ import annotations

import math
from dataclasses import dataclass

from riskscore.definitions.indicators import ENABLING, INDICATORS
from riskscore.explanation.dossier import Dossier, Reason
from riskscore.report.page import render
from riskscore.report.private import ShownRecord, shown_records
from riskscore.report.sums import assert_adds_up, by_size, rounded_to_sum, signed
from riskscore.report.waterfall import waterfall


@dataclass(frozen=True)
class ShownReason:
    """A reason as the page prints it."""

    sentence: str
    value: str
    usual: str
    family: str
    indicator: str
    effect: str  # "raises the score by 0.412"
    share: int  # per cent of all that works in the same direction
    records: tuple[ShownRecord, ...]


@dataclass(frozen=True)
class Side:
    """The reasons of one direction, and what the ones not shown add up to."""

    verb: str  # "raises" or "lowers"
    total: str
    reasons: tuple[ShownReason, ...]
    others: int
    others_total: str


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator, and what among the reasons bears on it."""

    name: str
    sentences: tuple[str, ...]


def dossier_html(dossier: Dossier) -> str:
    """Return a dossier as one HTML page that needs no network and no script, and prints on A4.

    Facts, records, reasons, what speaks against and what is not known come first; rank, band and score stand on a
    page of their own at the end, so that a reader can judge the records before the ranking.

    Raises
    ------
    ExplanationError
        Where a number is not finite, or base and contributions do not give the margin.
    """
    assert_adds_up(dossier)
    return render(
        "dossier.html",
        d=dossier,
        records=shown_records(dossier.documents),
        sides=(_side(dossier, dossier.reasons_for, up=True), _side(dossier, dossier.reasons_against, up=False)),
        indicators=[_indicator_row(dossier, name) for name in INDICATORS],
        enabling=_indicator_row(dossier, ENABLING),
        by_indicator=_by_indicator(dossier),
        picture=waterfall(dossier),
        percent=None if dossier.probability is None else f"{100 * dossier.probability:.1f} %",
    )


def _side(dossier: Dossier, reasons: tuple[Reason, ...], *, up: bool) -> Side:
    verb = "raises" if up else "lowers"
    working = {c: v for c, v in dossier.contributions.items() if (v > 0 if up else v < 0)}
    total = math.fsum(abs(v) for v in working.values())
    told = {r.column for r in reasons}
    others = [abs(v) for c, v in working.items() if c not in told]
    shown = tuple(
        ShownReason(
            sentence=r.sentence,
            value=r.value,
            usual=r.usual,
            family=r.family,
            indicator=r.indicator,
            effect=f"{verb} the score by {abs(r.contribution):.3f}",
            share=round(100 * abs(r.contribution) / total) if total else 0,
            records=shown_records(r.documents),
        )
        for r in reasons
    )
    return Side(verb, f"{total:.3f}", shown, len(others), f"{math.fsum(others):.3f}")


def _indicator_row(dossier: Dossier, name: str) -> IndicatorRow:
    reasons = dossier.reasons_for + dossier.reasons_against
    return IndicatorRow(name, tuple(r.sentence for r in reasons if r.indicator == name))


def _by_indicator(dossier: Dossier) -> tuple[list[tuple[str, str]], str]:
    """Return base, indicators and what belongs to none of them as rows that sum to the margin, and the margin."""
    named = {name: value for name, value in dossier.indicators.items() if name and value}
    if not named:
        return [], ""
    ordered = by_size(named)
    neither = math.fsum([*dossier.contributions.values(), *(-v for v in named.values())])
    parts, total = rounded_to_sum([dossier.base, *(v for _, v in ordered), neither])
    names = ["base", *(name for name, _ in ordered), "neither: what the place is, its visits, comparable places"]
    return [(name, signed(part)) for name, part in zip(names, parts, strict=True)], signed(total)

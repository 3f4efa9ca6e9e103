"""What is not known of an entity: said in every dossier, because what nobody looked at is not clean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from riskscore.asof.matrix import FeatureColumn
from riskscore.explanation.audience import ONLY_AFTER_A_REPORT
from riskscore.explanation.dossier import Document
from riskscore.explanation.papers import Shelf, Whose
from riskscore.languages import Translator

CLOSED_CASES = ("convicted", "dropped")


def not_known(
    shelf: Shelf,
    whose: Whose,
    papers: Sequence[Document],
    shown: pd.Series[Any],
    columns: Mapping[str, FeatureColumn],
    facts: Mapping[str, str],
    _: Translator,
) -> tuple[str, ...]:
    """Return sentences: what nobody looked at, what nobody asked, what the records lack.

    Parameters
    ----------
    papers : sequence of Document
        The entity's own.
    shown : Series
        Its value in each column of the model.
    facts : mapping of column to value
        What the registers say of the place and its employer: sector, site_type, region.
    """
    return (
        *_of_visits(shelf, whose, papers, _),
        _("What the people who work there say themselves: the records hold no interviews."),
        *_of_cases(shelf, whose, _),
        *_of_rules(shelf, facts, _),
        *([_("Whose place it is: the records name no employer.")] if whose.employer < 0 else []),
        *_of_values(shown, columns, _),
        *_absent(columns, _),
    )


def _of_visits(shelf: Shelf, whose: Whose, papers: Sequence[Document], _: Translator) -> Iterator[str]:
    visits = [p.date for p in papers if p.table == "inspections" and p.date is not None]
    if not visits:
        yield _("Nobody has visited this place as far as the records tell: nothing found is not nothing there.")
        return
    newest = max(visits)
    yield _("What has happened there since the last visit on {day}.", day=_.date(newest))
    view = shelf.engine.views["inspections"]
    key, code = ("site", whose.site) if whose.site >= 0 else ("employer", whose.employer)
    rows = shelf.about("inspections", key, [code])
    last = rows[view.date[rows] == view.date[rows].max()]
    if view.has("workers_present") and bool(view.frame["workers_present"].iloc[last].isna().all()):
        yield _("How many people were at work on {day}: the visit did not count them.", day=_.date(newest))
    if "findings" in shelf.engine.views and not any(p.table == "findings" for p in papers):
        yield _("Whether inspectors looked for signs of force: no visit wrote down a finding of any kind.")


def _of_cases(shelf: Shelf, whose: Whose, _: Translator) -> Iterator[str]:
    view = shelf.engine.views.get("cases")
    if view is None or not view.has("stage"):
        return
    rows = {*shelf.about("cases", "site", [whose.site]).tolist(),
            *shelf.about("cases", "employer", [whose.employer]).tolist()}  # fmt: skip
    stages = view.frame["stage"].iloc[sorted(rows)].dropna().astype(str)
    pending = int((~stages.isin(CLOSED_CASES)).sum())
    if pending:
        yield _.plural("How {n} referral or case that is still open will end.",
                       "How {n} referrals or cases that are still open will end.", pending)  # fmt: skip


def _of_rules(shelf: Shelf, facts: Mapping[str, str], _: Translator) -> Iterator[str]:
    table = shelf.engine.records.tables.get("regimes")
    if table is None:
        return
    frame, day = table.frame, pd.Timestamp(np.datetime64(shelf.as_of, "D"))
    holds = (frame["from"] < day) & (frame["to"].isna() | (frame["to"] >= day)) & (frame["known_on"] < day)
    for column in ("sector", "site_type", "region"):
        holds &= frame[column].isna() | (frame[column].astype(object) == facts.get(column))
    for rule in sorted(frame.loc[holds, "rule"].dropna().astype(str).unique()):
        if rule == "suspended":
            yield _("What a visit would find now: visits to places of this kind are suspended.")
        if rule == "complaint_only":
            yield _(ONLY_AFTER_A_REPORT)


def _of_values(shown: pd.Series[Any], columns: Mapping[str, FeatureColumn], _: Translator) -> Iterator[str]:
    missing: dict[str, list[bool]] = {}
    for name, value in shown.items():
        c = columns[str(name)]
        if not c.absent:
            missing.setdefault(c.family.called(_.language), []).append(bool(pd.isna(value)))
    for title, gone in missing.items():
        if all(gone):
            yield _("Nothing is recorded of: {title}.", title=title)


def _absent(columns: Mapping[str, FeatureColumn], _: Translator) -> Iterator[str]:
    for reason in sorted({c.absent for c in columns.values() if c.absent}):
        yield _("Not in the records at all: {reason}.", reason=reason)

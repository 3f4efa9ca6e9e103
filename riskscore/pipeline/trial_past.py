"""What an office's past says to a trial: what visits find, how many there can be, and how rare graver finds are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from riskscore.cohorts import Cohort
from riskscore.dates import FOREVER, MISSING, Period, day
from riskscore.definitions.recipe import Recipe
from riskscore.history.tables import TableView
from riskscore.labels import label
from riskscore.planning.offices import Offices
from riskscore.planning.offices_file import read_offices
from riskscore.records.model import Records
from riskscore.trial.registration import (
    Rarer,
)
from riskscore.trial.size import Size, TrialError, units_needed

PAST = Period(months=36)  # of the visits that say what is found and how many there can be; the rest is from all


def visits_of(records: Records, recipe: Recipe, known_by: dt.date) -> pd.DataFrame:
    """Return every visit known before a day with what it found.

    Returns
    -------
    DataFrame
        Columns visit, entity, office, day (number), trigger, found (the recipe's rung that ranks, or a graver one: 1 or
        0; NaN until its reporting delay has passed), and rung_K for each rung of the ladder.
    """
    view, known = TableView(records["inspections"]), day(known_by)
    alive = (view.start < known) & (view.date != MISSING) & (view.date < known)
    alive &= (FOREVER if view.until is None else view.until) >= known
    rows = np.flatnonzero(alive)
    rows = rows[np.lexsort((view.tie(rows), view.date[rows]))]
    words = {
        name: view.frame[column].iloc[rows].astype(object).fillna("").astype(str).to_numpy(dtype=object)
        for name, column in (("entity", f"{recipe.entity}_id"), ("office", "office"), ("trigger", "trigger"))
    }
    members = Cohort(recipe.entity, words["entity"], view.date[rows], view.ids[rows])
    of_visit = replace(recipe, horizon=Period())  # a visit's own outcome: it is open until the rung's delay has passed
    labels = label(records, of_visit, members, known_by)
    rungs = {f"rung_{rung.level}": labels.target(rung.level) for rung in recipe.ladder}
    return pd.DataFrame({
        "visit": view.ids[rows], **words, "day": view.date[rows].astype(np.int64),
        "found": rungs[f"rung_{recipe.rank_by}"], **rungs,
    })  # fmt: skip


def recent(visits: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    """Return the visits of the three years before a day."""
    begin = int(PAST.before(np.array([day(on)], dtype=np.int32))[0])
    return visits[visits["day"] >= begin]


@dataclass(frozen=True)
class Able:
    """Visits that each office itself can choose in the trial, and where that is from."""

    offices: dict[str, float]
    says: str


def capacity(
    past: pd.DataFrame, chosen: pd.DataFrame, weeks: int, begin: dt.date, visits: int | None,
    offices: Offices | str | Path | None,
) -> Able:  # fmt: skip
    """Return what offices can do: as asked for and spread as in the past, or as the offices file says."""
    if visits is not None:
        of_each = chosen.loc[chosen["office"] != "", "office"].value_counts()
        shares = (of_each / of_each.sum()).to_dict() if len(of_each) else {"": 1.0}
        return Able({str(o): visits * float(s) for o, s in shares.items()}, f"{visits:,} visits, as given")
    if offices is None:
        raise TrialError("nobody said how many visits the trial can have.", where="--visits",
                         next="Give --visits, or an offices file with --offices.")  # fmt: skip
    file = offices if isinstance(offices, Offices) else read_offices(offices)
    free = len(chosen) / len(past) if len(past) else 1.0
    able = {
        o.name: sum(1 for _ in o.days(begin, 7 * weeks)) * len(o.teams) * o.visits_per_day * free for o in file.offices
    }
    return Able(able, f"the offices file allows {sum(able.values()) / free:,.0f} visits; {free:.0%} of them are left "
                       "to the trial, as of the past three years' visits, the rest being reports, follow-ups, raids "
                       "and draws" if free else "no visit of the past was chosen by an office")  # fmt: skip


def share_of(given: float | None, found: pd.Series[float]) -> tuple[float, str]:
    """Return the share of visits with a find the present way, and where it is from."""
    if given is not None:
        return given, "as given"
    share = float(found.mean()) if len(found) else 0.0
    if not 0 < share < 1:
        raise TrialError(f"{len(found)} visits of the past three years do not tell what the present way finds.",
                         where="--share", next="Give it: --share 0.25")  # fmt: skip
    return share, f"{int(found.sum()):,} of {len(found):,} visits that the offices chose in the past three years"


def rarer_rungs(recipe: Recipe, chosen: pd.DataFrame, ratio: float, visits_a_year: float) -> list[Rarer]:
    """Return for each graver rung what it would take to show the same ratio of shares there."""
    found = []
    for rung in recipe.ladder:
        known = chosen[f"rung_{rung.level}"].dropna()
        if rung.level <= recipe.rank_by or not len(known):
            continue
        reached = int(known.sum())
        share = reached / len(known) if reached else 3 / len(known)  # none in n: up to 3 in n (Hanley 1983)
        if not 0 < share * max(ratio, 1 / ratio) < 1:
            continue
        needed = units_needed(Size(0, clustered=False), share, share * ratio)
        found.append(Rarer(rung.title, reached, len(known), share, needed, 2 * needed / visits_a_year))
    return found

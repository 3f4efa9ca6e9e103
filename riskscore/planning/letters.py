"""Employers who may be answered more softly than by a visit: a letter, or an invitation to an information meeting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.planning.places import NO_OFFICE, NO_REPORT
from riskscore.planning.plan import NO_DAY, NO_ROOM, TOO_FAR, Plan
from riskscore.records.model import Records

MIDDLE = slice(1, 3)  # bands of the list, counted from the top: B and C of five
MAY_BE_WRITTEN_TO = (NO_ROOM, NO_DAY, TOO_FAR, NO_OFFICE, NO_REPORT)  # nothing forbade a visit but means or a rule
WHY = "General information on labour contracts and wages. Nothing is alleged, and no visit is announced."


def letters(plan: Plan, bands: Sequence[str], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the employers of middling risk without a visit in a plan, who may be written to.

    On the list is who has a place in the second or third band that the plan left out for want of room, a day, a way,
    an office or a report. Off it is who has a visit in the plan, an urgent report, or any place left out for another
    reason (suspended, visited shortly before, taken out by a person).

    Parameters
    ----------
    plan : Plan
    bands : sequence of str
        Of the recipe, from the top.
    names : mapping of employer to name

    Returns
    -------
    DataFrame
        letter (its id), employer, name, region, places (how many of the employer's), why; by region and employer.
        Neither band, rank nor reason of the list is in it.
    """
    left = plan.left[plan.left["employer"] != ""]
    other = left["urgent"].astype(bool) | ~left["reason"].isin(MAY_BE_WRITTEN_TO)
    never = {*left.loc[other, "employer"], *plan.visits["employer"]}
    some = left[left["band"].isin(list(bands)[MIDDLE]) & ~left["employer"].isin(list(never))]
    found = some.groupby("employer", sort=True).agg(region=("region", "first"), places=("place", "size")).reset_index()
    found = found.sort_values(["region", "employer"], kind="stable").reset_index(drop=True)
    return pd.DataFrame({
        "letter": [f"{plan.asked.first}-{e}" for e in found["employer"]], "employer": found["employer"],
        "name": [names.get(e, "") for e in found["employer"]], "region": found["region"], "places": found["places"],
        "why": WHY,
    })  # fmt: skip


def names_of(records: Records, members: Cohort) -> dict[str, str]:
    """Return the names of the employers of a list, as known before its day."""
    engine = Engine(records, members)
    if "employer" not in engine.index or not engine.index["employer"].view.has("name"):
        return {}
    at, frame = engine.newest("employer"), engine.index["employer"].view.frame
    rows = frame.iloc[np.unique(at[at >= 0])]
    known = rows[rows["name"].notna()]
    return dict(zip(known["employer_id"].astype(str), known["name"].astype(str), strict=True))

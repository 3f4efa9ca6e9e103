"""What a trial draws into its arms, places, offices or weeks, in which strata; and how large that makes it."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd

from riskscore.asof.build import build
from riskscore.asof.engine import Engine
from riskscore.dates import as_date, day
from riskscore.definitions.feature import Family, Feature
from riskscore.learn.fit import Model
from riskscore.learn.selection.circumstances import told
from riskscore.pipeline.listing import List, rank_list
from riskscore.pipeline.trial_past import Able
from riskscore.records.model import Records
from riskscore.store import Run
from riskscore.trial.correlation import Correlation, correlation
from riskscore.trial.registration import (
    PLACE,
    WEEK,
)
from riskscore.trial.result import unit_of
from riskscore.trial.size import Size, TrialError

BLOCK = 4  # weeks of an office that are drawn together: two for each arm
PAIRS_FROM = 12  # offices; fewer are drawn together, since pairs of few offices allow too few allocations


def units_of_places(model: Model | Run | List, records: Records, on: dt.date) -> tuple[pd.DataFrame, str]:
    """Return every place of the list with its stratum: region, band, and whether it was ever visited."""
    listed = model if isinstance(model, List) else rank_list(model, records, on)
    members = listed.cohort.pick(listed.ranking.rows)
    since = Feature("since", "days_since", "inspections", by=(members.kind,))
    ages = build(records, [Family("past", "Past", "inspections", "", "", (since,))], members).frame.iloc[:, 0]
    region = ["" if r is None else str(r) for r in told(Engine(records, members), "region")]
    seen = np.where(ages.isna(), "never visited", "visited before")
    stratum = [f"{r} | {b} | {s}" for r, b, s in zip(region, listed.frame["band"], seen, strict=True)]
    units = pd.DataFrame({"unit": listed.frame["entity"].astype(str).to_numpy(), "stratum": stratum})
    return units, "region, band of the list, and whether the place was ever visited"


def units_of_offices(
    unit: str, offices: list[str], chosen: pd.DataFrame, begin: dt.date, weeks: int
) -> tuple[pd.DataFrame, str]:
    """Return every office, or every week of each, with its stratum: blocks of weeks, or pairs of offices."""
    if offices == [""]:
        raise TrialError(f"the records name no office, so no {unit} can be drawn.", where="--unit",
                         next="Take --unit place, or give --offices.")  # fmt: skip
    if unit == WEEK:
        rows = [
            (f"{office} {as_date(day(begin) + 7 * week)}", f"{office} | weeks from {as_date(day(begin) + 7 * BLOCK * (week // BLOCK))}")  # noqa: E501
            for office in offices for week in range(weeks)
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["unit", "stratum"]), f"office, and blocks of {BLOCK} weeks"
    if len(offices) < PAIRS_FROM:
        return pd.DataFrame({"unit": offices, "stratum": "all offices"}), "nothing: there are too few offices for pairs"
    shares = chosen.groupby("office")["found"].mean().reindex(offices).fillna(1.0)
    ordered = shares.sort_values(kind="stable").index
    rows = [(office, f"pair {i // 2 + 1:03d}") for i, office in enumerate(ordered)]
    return pd.DataFrame(rows, columns=["unit", "stratum"]), "pairs of offices with like shares of finds in the past"


def size_of(
    unit: str, able: Able, total: float, units: int, chosen: pd.DataFrame, begin: dt.date,
    rho: float | None,
) -> tuple[Size, Correlation, str]:  # fmt: skip
    """Return the size of the trial, and the correlation that the office's past shows."""
    if unit == PLACE:
        nothing = Correlation(math.nan, math.nan, math.nan, 0, 0)
        return Size(min(total, units) / 2, clustered=False), nothing, "places are drawn one by one"
    seen = chosen[chosen["found"].notna() & (chosen["office"] != "")]
    office = pd.factorize(seen["office"], sort=True)[0].astype(np.int64)
    cluster = pd.factorize(unit_of(unit, seen, begin), sort=True)[0].astype(np.int64)
    found = correlation(seen["found"].to_numpy(np.float64), cluster, office if unit == WEEK else None)
    if rho is None and math.isnan(found.rho):
        raise TrialError(f"{found.visits} past visits in {found.clusters} {unit}s do not tell how alike visits are.",
                         where="--rho", next="Give it: --rho 0.05")  # fmt: skip
    of_each = np.array(list(able.offices.values()))
    cv = float(of_each.std() / of_each.mean())
    says = f"{found.visits:,} past visits in {found.clusters:,} {unit}s{' of offices' if unit == WEEK else ''}"
    size = Size(
        units / 2, total / units, BLOCK if unit == WEEK else 0 if units < PAIRS_FROM else 2,
        max(0.0, found.rho) if rho is None else rho, cv,
    )  # fmt: skip
    return size, found, says if rho is None else f"as given; {says} would say {found.rho:.3f}"

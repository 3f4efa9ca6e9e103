"""Field trials: designed from a list and the office's past, and analysed from the records that follow."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from riskscore.dates import Period, as_date, day
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import nearest
from riskscore.learn.fit import Model
from riskscore.pipeline.listing import NOT_STORED, List
from riskscore.pipeline.prepare import default_day
from riskscore.pipeline.trial_past import capacity, rarer_rungs, recent, share_of, visits_of
from riskscore.pipeline.trial_units import size_of, units_of_offices, units_of_places
from riskscore.planning.offices import Offices
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records
from riskscore.report.tables import as_csv
from riskscore.store import Run
from riskscore.trial.allocation import smallest_p
from riskscore.trial.registration import (
    CHOSEN,
    PLACE,
    UNITS,
    WEEK,
    Registration,
    allocate,
    codes,
    digest,
    read_registration,
)
from riskscore.trial.result import TrialResult, result
from riskscore.trial.size import ALPHA, TrialError, power, smallest_detectable, units_needed

SOUGHT = 1.5  # times the present share, where no other difference is asked for
WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True)
class Trial:
    """A trial as designed: what is registered, and its ``allocation`` (columns unit, arm, stratum)."""

    registration: Registration
    allocation: pd.DataFrame


def trial_design(
    model: Model | Run | List,
    records: Records,
    as_of: str | dt.date,
    *,
    unit: str = WEEK,
    first: str | dt.date | None = None,
    weeks: int = 26,
    visits: int | None = None,
    offices: Offices | str | Path | None = None,
    share: float | None = None,
    detect: float | None = None,
    rho: float | None = None,
    arms: tuple[str, str] = ("list", "present"),
    seed: int = 1,
) -> Trial:
    """Return a trial of the list against the present way of choosing visits: who is in which arm, and what it can show.

    Parameters
    ----------
    model : Model, Run or List
        The list that is tried.
    records : Records
        Its past visits say what the office finds and can do.
    as_of : date
        Exclusive: only what was known before it is used.
    unit : {"week", "office", "place"}
        What is drawn into an arm.
    first : date, optional
        First day of the trial; ``as_of`` if not given.
    weeks : int
    visits : int, optional
        Visits that the offices themselves choose in the whole trial.
    offices : Offices or path, optional
        Where ``visits`` is not given: the capacity of an offices file, less the past share of visits that answered
        reports, were follow-ups, raids or draws.
    share, detect : float, optional
        Share of visits with a find the present way (default: of the past three years), and the share that the trial is
        to tell from it (default: one and a half times as much).
    rho : float, optional
        Correlation of two visits of a unit. Default: estimated from all past visits, and at least 0.
    arms : two names
        The first follows the list.
    seed : int

    Raises
    ------
    TrialError
        What was asked for is no trial, or the records do not say what is not given.

    Examples
    --------
    >>> import riskscore as rs
    >>> records = rs.sample_records()
    >>> model = rs.fit(records, recipe="site_risk", as_of="2024-01-01")
    >>> found = rs.trial_design(model, records, "2025-01-06", weeks=52, visits=1200, share=0.25, detect=0.375)
    >>> found.allocation["arm"].value_counts().to_dict(), found.registration.large_enough
    ({'present': 208, 'list': 208}, True)
    """
    on = as_date(day(as_of))
    begin = on if first is None else as_date(day(first))
    _check(unit, on, begin, weeks, arms)
    asked, run = (model.model.recipe if isinstance(model, List | Run) else model.recipe), _run(model)
    recipe = recipe_from_text(asked.text, asked.name)  # as it is registered, and read again by the analysis
    ever = visits_of(records, recipe, on)
    chosen_ever = ever[ever["trigger"].isin([*CHOSEN, ""])]
    past, chosen = recent(ever, on), recent(chosen_ever, on)
    able = capacity(past, chosen, weeks, begin, visits, offices)
    total = sum(able.offices.values())
    share, share_from = share_of(share, chosen["found"].dropna())
    detect = min(SOUGHT * share, (1 + share) / 2) if detect is None else detect
    if unit == PLACE:
        units, by = units_of_places(model, records, on)
    else:
        units, by = units_of_offices(unit, sorted(able.offices), chosen, begin, weeks)
    if len(units) < 2:
        raise TrialError(f"there is {len(units)} {unit} to draw from.", next="Take another --unit.")
    size, alike, rho_from = size_of(unit, able, total, len(units), chosen_ever, begin, rho)
    tables = fingerprint(records)
    allocation = allocate(units, arms, seed, tables)
    best = smallest_p(codes(allocation))
    smallest = smallest_detectable(size, share) if best <= ALPHA else math.nan
    rung = recipe.rung(recipe.rank_by)
    registration = Registration(
        as_of=on.isoformat(), unit=unit, arms=arms, first=begin.isoformat(), weeks=weeks, recipe=recipe.name,
        recipe_text=recipe.text, run=run, rung=rung.level, outcome=rung.title, delay=_words(rung.delay), seed=seed,
        records=tables, allocation=digest(as_csv(allocation).encode()), units=len(units),
        strata=int(units["stratum"].nunique()), stratified_by=by, share=share, share_from=share_from, detect=detect,
        size=size, capacity_from=able.says, rho_low=_known(alike.low), rho_high=_known(alike.high), rho_from=rho_from,
        needed=units_needed(size, share, detect), power=power(size, share, detect) if best <= ALPHA else 0.0,
        smallest=_known(smallest), smallest_p=best,
        rarer=tuple(rarer_rungs(recipe, chosen_ever, detect / share, total / weeks * WEEKS_A_YEAR)),
    )  # fmt: skip
    return Trial(registration, allocation)


def trial_analyse(registration: str | Path, records: Records, as_of: str | dt.date | None = None) -> TrialResult:
    """Return what a trial found, by intention to treat and by the rules that were registered.

    Parameters
    ----------
    registration : path
        The file that `trial_design` led to, with its allocation beside it, or their folder.
    records : Records
    as_of : date, optional
        Exclusive: only what was known before it is used. Default: the day after the newest visit.

    Raises
    ------
    TrialError
        A file was changed, the trial has not ended, or an arm has no visit.
    """
    registered, units = read_registration(registration)
    on = default_day(records) if as_of is None else as_date(day(as_of))
    recipe = recipe_from_text(registered.recipe_text, registered.recipe)
    return result(registered, units, visits_of(records, recipe, on), on)


def _check(unit: str, on: dt.date, begin: dt.date, weeks: int, arms: Sequence[str]) -> None:
    if unit not in UNITS:
        raise TrialError(f"'{unit}' cannot be drawn.", where="--unit", next=nearest(unit, UNITS))
    if begin < on:
        raise TrialError(f"the trial begins on {begin}, before the day of the list, {on}.", where="--from",
                         next="Give a later --from or an earlier --as-of.")  # fmt: skip
    if unit == WEEK and begin.weekday():
        raise TrialError(f"weeks begin on a Monday, and {begin} is none.", where="--from",
                         next=f"Give {as_date(day(begin) + 7 - begin.weekday())}.")  # fmt: skip
    if weeks < 2:
        raise TrialError(f"{weeks} weeks are no trial.", where="--weeks", next="Give at least 2.")
    if len(set(arms)) < 2 or not all(arm.strip() for arm in arms):
        raise TrialError("two arms need two names.", where="--arms", next="Give --arms list present.")


def _run(model: Model | Run | List) -> str:
    return model.id if isinstance(model, Run) else model.run if isinstance(model, List) else NOT_STORED


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _words(period: Period) -> str:
    return f"{period.months} months" if period.months else f"{period.days} days"

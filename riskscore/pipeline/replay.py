"""Past dates replayed: the plan, the list and the baselines beside the visits that were made."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np

from riskscore.dates import Period, as_date, day
from riskscore.definitions.recipe import Recipe
from riskscore.errors import FitError
from riskscore.learn.fit import Model
from riskscore.pipeline.learn import fit
from riskscore.pipeline.listing import rank_list
from riskscore.pipeline.past_date import PastDate
from riskscore.pipeline.prepare import choose, default_day, outcomes
from riskscore.pipeline.work import Say
from riskscore.planning.offices import Offices, PlanError
from riskscore.planning.offices_file import read_offices
from riskscore.planning.replay import Replay, replayed
from riskscore.records.model import Records
from riskscore.splits import rolling_origins


def replay(
    records: Records,
    recipe: str | Recipe,
    as_of: str | dt.date | None = None,
    *,
    offices: Offices | str | Path,
    definitions: str | Path | None = None,
    origins: int | None = None,
    period: Period | None = None,
    explore: float = 0.1,
    seed: int = 1,
    say: Say = lambda text: None,
) -> Replay:
    """Return what plan, list and baselines would have brought on past dates, with as many visits as were made.

    On each date the recipe is fitted on what was known before it, everybody is ranked, and each way chooses as many
    places in each office's regions as that office visited there of its own accord in the period.

    Parameters
    ----------
    records : Records
    recipe : str or Recipe
        For sites, with a cohort of the register.
    as_of : date, optional
        Exclusive: nothing known on it or later is used. Default: the day after the newest visit.
    offices : Offices or path
        Where offices are, whom they serve, how many visits a team makes, and the cool-down. Floors, caps and places
        named in the file belong to another day, and are not replayed.
    origins : int, optional
        Number of past dates; default: the recipe's.
    period : Period, optional
        For how long after each date places are chosen; at most the recipe's horizon, which is the default.
    explore : float
        Share of the plan's visits that is drawn at random.
    seed : int
        Of the draw and the search.
    say : callable

    Raises
    ------
    FitError
        There is too little to learn from, or the cohort is made of visits.
    PlanError
        The recipe ranks employers, the offices file is wrong, or no visit was made of an office's own accord.
    MissingExtra
        OR-Tools is not installed.

    Examples
    --------
    >>> import riskscore as rs
    >>> from riskscore.pipeline.demo import sample_folder
    >>> file = sample_folder() / "offices.toml"
    >>> found = rs.replay(rs.sample_records(), "site_risk", "2025-01-01", offices=file, origins=1)
    >>> found.chosen.groupby("origin")["visits"].nunique().tolist()
    [1, 1]
    """
    on = as_date(day(as_of)) if as_of is not None else default_day(records)
    chosen = choose(recipe, definitions)
    wanted = chosen.recipe
    if wanted.cohort.kind != "register":
        raise FitError("a cohort of visits has no places that could have been chosen instead.",
                       where=f"recipe '{wanted.name}'", next="Take a recipe whose cohort is the register.")  # fmt: skip
    if not 0 <= explore <= 1:
        raise PlanError(f"{explore} is no share.", where="--explore", next="Give a number from 0 to 1.")
    rules = offices if isinstance(offices, Offices) else read_offices(offices)
    rules = replace(rules, limits=(), follow_ups=(), joint=(), leave_out=(), travel_times="")
    splits = wanted.splits if origins is None else replace(wanted.splits, origins=origins)
    found = outcomes(records, wanted, on)
    dates = [
        split.origin for split in
        rolling_origins(found.cohort.as_of, splits, wanted.horizon, wanted.rung(wanted.rank_by).delay, on)
    ]  # fmt: skip
    length = period or wanted.horizon
    at = np.array([day(dates[0])], dtype=np.int32)
    if length.after(at)[0] > wanted.horizon.after(at)[0]:
        raise PlanError("the period is longer than the recipe's horizon.", where="--period",
                        next=f"Give at most {wanted.horizon.name}.")  # fmt: skip
    thens, notes = [], []
    for origin in dates:
        say(f"{origin}: learning from what was known")
        model = fit(records, wanted, origin, definitions=definitions)
        assert isinstance(model, Model)  # nothing is stored
        listed = rank_list(model, records, origin)
        one = PastDate(records, wanted, listed, rules, length, on)
        then, said = one.replayed(explore, seed, say)
        notes += said
        if then is not None:
            thens.append(then)
    if not thens:
        raise PlanError("no visit of an office's own accord was made after any of the dates.",
                        where=", ".join(map(str, dates)), next="Give an earlier --as-of.")  # fmt: skip
    return replayed(thens, wanted.name, _spoken(length), notes)


def _spoken(period: Period) -> str:
    return f"{period.months} months" if period.months else f"{period.days} days"

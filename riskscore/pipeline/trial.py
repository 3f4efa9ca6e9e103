"""Field trials: designed from a list and the office's past, and analysed from the records that follow."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from riskscore.asof.build import build
from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.dates import FOREVER, MISSING, Period, as_date, day
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.recipe import Recipe
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import nearest
from riskscore.history.tables import TableView
from riskscore.labels import label
from riskscore.learn.fit import Model
from riskscore.learn.selection.circumstances import told
from riskscore.pipeline.listing import NOT_STORED, List, rank_list
from riskscore.pipeline.prepare import default_day
from riskscore.planning.offices import Offices
from riskscore.planning.offices_file import read_offices
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records
from riskscore.report.tables import as_csv
from riskscore.store import Run
from riskscore.trial.allocation import smallest_p
from riskscore.trial.correlation import Correlation, correlation
from riskscore.trial.registration import (
    CHOSEN,
    PLACE,
    UNITS,
    WEEK,
    Rarer,
    Registration,
    allocate,
    codes,
    digest,
    read_registration,
)
from riskscore.trial.result import TrialResult, result, unit_of
from riskscore.trial.size import ALPHA, Size, TrialError, power, smallest_detectable, units_needed

PAST = Period(months=36)  # of the visits that say what is found and how many there can be; the rest is from all
SOUGHT = 1.5  # times the present share, where no other difference is asked for
BLOCK = 4  # weeks of an office that are drawn together: two for each arm
PAIRS_FROM = 12  # offices; fewer are drawn together, since pairs of few offices allow too few allocations
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
    past, chosen = _recent(ever, on), _recent(chosen_ever, on)
    able = _capacity(past, chosen, weeks, begin, visits, offices)
    total = sum(able.offices.values())
    share, share_from = _share(share, chosen["found"].dropna())
    detect = min(SOUGHT * share, (1 + share) / 2) if detect is None else detect
    if unit == PLACE:
        units, by = _places(model, records, on)
    else:
        units, by = _units_of_offices(unit, sorted(able.offices), chosen, begin, weeks)
    if len(units) < 2:
        raise TrialError(f"there is {len(units)} {unit} to draw from.", next="Take another --unit.")
    size, alike, rho_from = _size(unit, able, total, len(units), chosen_ever, begin, rho)
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
        rarer=tuple(_rarer(recipe, chosen_ever, detect / share, total / weeks * WEEKS_A_YEAR)),
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


def _recent(visits: pd.DataFrame, on: dt.date) -> pd.DataFrame:
    begin = int(PAST.before(np.array([day(on)], dtype=np.int32))[0])
    return visits[visits["day"] >= begin]


@dataclass(frozen=True)
class _Able:
    """Visits that each office itself can choose in the trial, and where that is from."""

    offices: dict[str, float]
    says: str


def _capacity(
    past: pd.DataFrame, chosen: pd.DataFrame, weeks: int, begin: dt.date, visits: int | None,
    offices: Offices | str | Path | None,
) -> _Able:  # fmt: skip
    """Return what offices can do: as asked for and spread as in the past, or as the offices file says."""
    if visits is not None:
        of_each = chosen.loc[chosen["office"] != "", "office"].value_counts()
        shares = (of_each / of_each.sum()).to_dict() if len(of_each) else {"": 1.0}
        return _Able({str(o): visits * float(s) for o, s in shares.items()}, f"{visits:,} visits, as given")
    if offices is None:
        raise TrialError("nobody said how many visits the trial can have.", where="--visits",
                         next="Give --visits, or an offices file with --offices.")  # fmt: skip
    file = offices if isinstance(offices, Offices) else read_offices(offices)
    free = len(chosen) / len(past) if len(past) else 1.0
    able = {
        o.name: sum(1 for _ in o.days(begin, 7 * weeks)) * len(o.teams) * o.visits_per_day * free for o in file.offices
    }
    return _Able(able, f"the offices file allows {sum(able.values()) / free:,.0f} visits; {free:.0%} of them are left "
                       "to the trial, as of the past three years' visits, the rest being reports, follow-ups, raids "
                       "and draws" if free else "no visit of the past was chosen by an office")  # fmt: skip


def _share(given: float | None, found: pd.Series[float]) -> tuple[float, str]:
    if given is not None:
        return given, "as given"
    share = float(found.mean()) if len(found) else 0.0
    if not 0 < share < 1:
        raise TrialError(f"{len(found)} visits of the past three years do not tell what the present way finds.",
                         where="--share", next="Give it: --share 0.25")  # fmt: skip
    return share, f"{int(found.sum()):,} of {len(found):,} visits that the offices chose in the past three years"


def _places(model: Model | Run | List, records: Records, on: dt.date) -> tuple[pd.DataFrame, str]:
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


def _units_of_offices(
    unit: str, offices: list[str], chosen: pd.DataFrame, begin: dt.date, weeks: int
) -> tuple[pd.DataFrame, str]:
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


def _size(
    unit: str, able: _Able, total: float, units: int, chosen: pd.DataFrame, begin: dt.date,
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


def _rarer(recipe: Recipe, chosen: pd.DataFrame, ratio: float, visits_a_year: float) -> list[Rarer]:
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


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _words(period: Period) -> str:
    return f"{period.months} months" if period.months else f"{period.days} days"

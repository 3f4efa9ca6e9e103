"""A plan of visits from a stored or fresh model and an offices file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from riskscore.dates import as_date, day
from riskscore.learn.fit import Model
from riskscore.pipeline.listing import List, rank_list
from riskscore.planning.letters import letters, names_of
from riskscore.planning.offices import Offices, PlanError
from riskscore.planning.offices_file import read_offices, read_travel_times
from riskscore.planning.places import places
from riskscore.planning.plan import Asked, Plan, make_plan
from riskscore.planning.sheets import sheets
from riskscore.records.model import Records
from riskscore.report.plan_files import write_plan
from riskscore.store import Run


def plan(
    model: Model | Run | List,
    records: Records,
    as_of: str | dt.date,
    *,
    offices: Offices | str | Path,
    first: str | dt.date | None = None,
    days: int = 14,
    explore: float = 0.1,
    seed: int = 1,
    work: float = 4.0,
    progress: Callable[[str], None] | None = None,
) -> Plan:
    """Return who visits which place on which day in which order.

    Parameters
    ----------
    model : Model, Run or List
        Of a recipe whose entity is the site.
    records : Records
    as_of : date
        Exclusive: only what was known before it is used.
    offices : Offices or path
        Offices, teams and rules: see docs/plans.md.
    first : date, optional
        First day of the plan; ``as_of`` if not given, and never before it.
    days : int
        Calendar days; offices work on their working days among them.
    explore : float
        Share of the visits that is drawn at random, before all others are chosen.
    seed : int
        Of the draw and the search: the same seed gives the same plan.
    work : float
        Limit of the search in units of the solver's work, a second or two each, the same on every machine.
    progress : callable, optional

    Raises
    ------
    PlanError
        Rules collide, or the offices file is wrong.
    MissingExtra
        OR-Tools is not installed.

    Examples
    --------
    >>> import riskscore as rs
    >>> from riskscore.planning.offices_file import offices_from_text
    >>> quba = offices_from_text('''
    ... [[office]]
    ... name = "Quba"
    ... latitude = 41.36
    ... longitude = 48.51
    ... regions = ["Quba"]
    ... teams = ["Quba 1"]
    ... ''')
    >>> records = rs.sample_records()
    >>> model = rs.fit(records, recipe="site_risk", as_of="2024-01-01")
    >>> found = rs.plan(model, records, "2025-01-01", offices=quba, days=7)
    >>> found.visits["office"].unique().tolist(), int(found.visits["order"].max()) <= 3
    (['Quba'], True)
    """
    say = progress or (lambda text: None)
    on = as_date(day(as_of))
    begin = on if first is None else as_date(day(first))
    if begin < on:
        raise PlanError(f"the plan begins on {begin}, before the day of the list, {on}.", where="--from",
                        next="Give a later --from or an earlier --as-of.")  # fmt: skip
    if days < 1:
        raise PlanError(f"{days} days are no time.", where="--days", next="Give at least 1.")
    rules = offices if isinstance(offices, Offices) else read_offices(offices)
    given = None
    if rules.travel_times:
        given = read_travel_times(Path(rules.file).parent / rules.travel_times)
    listed = model if isinstance(model, List) else rank_list(model, records, on)
    members = listed.cohort.pick(listed.ranking.rows)
    say("what the records say of each place")
    found = places(listed.frame, records, members, listed.model.recipe, rules)
    made = make_plan(found, rules, Asked(on, begin, days, explore, seed, work), say, given)
    return replace(made, run=listed.run, recipe=listed.model.recipe.title)


def write_visits(made: Plan, listed: List, folder: Path, language: str = "en") -> list[Path]:
    """Write a plan to a folder; see `riskscore.report.plan_files.write_plan`.

    Each visit gets a sheet. Employers who may be written to are on a list of their own.

    Parameters
    ----------
    made : Plan
    listed : List
        The list that the plan was made from.
    folder : Path
    language : str
        Of the reasons.
    """
    papers = sheets(made, listed.model, listed.records, listed.cohort, listed.matrix, listed.values, listed.phrases,
                    language)  # fmt: skip
    written = letters(made, list(listed.model.recipe.bands), names_of(listed.records, listed.cohort))
    return write_plan(made, folder, papers, written)

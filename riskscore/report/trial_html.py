"""A field trial for people: the page that is signed before it begins, and what it found."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from riskscore.dates import as_date, day
from riskscore.report.page import render
from riskscore.trial.correlation import CONFIDENCE
from riskscore.trial.registration import OFFICE, PLACE, Registration
from riskscore.trial.result import TrialResult, method
from riskscore.trial.size import FEWEST_CLUSTERS, POWER, units_needed

UNITS = {"place": "places", "office": "offices", "week": "weeks of offices"}
AMONG = {
    "place": "Among the places of this arm",
    "office": "In the offices of this arm",
    "week": "In the weeks of this arm",
}


def registration_html(registration: Registration, file: str) -> str:
    """Return the pre-registration as a page that prints on A4.

    Parameters
    ----------
    registration : Registration
    file : str
        SHA-256 of the file that holds the same as data.
    """
    return render(
        "trial.html", r=registration, file=file, unit=UNITS[registration.unit],
        among=AMONG[registration.unit], facts=size_facts(registration),
        last=as_date(day(registration.ends) - 1), outcome=_outcome(registration), method=method(registration),
        warnings=list(warnings(registration)), title=tomllib.loads(registration.recipe_text)["title"],
        rarer=rarer_table(registration).to_dict("records"),
    )  # fmt: skip


def result_html(result: TrialResult) -> str:
    """Return what a trial found as a page."""
    return render(
        "trial_result.html", r=result.registration, result=result, arms=result_table(result).to_dict("records"),
        says=difference_words(result), method=method(result.registration), notes=list(notes(result)),
    )  # fmt: skip


def size_facts(r: Registration) -> list[tuple[str, str]]:
    """Return how large the trial is and has to be, as (what, how much)."""
    size, unit = r.size, UNITS[r.unit]
    found = [
        ("Finds the present way", f"{r.share:.1%} of visits: {r.share_from}"),
        ("Finds that the trial is to tell from it", f"{r.detect:.1%} of visits"),
        ("False alarms, power", f"{r.alpha:.0%} on both sides together; power {POWER:.0%}"),
    ]
    if size.clustered:
        found += [
            ("Visits of one unit", f"{size.visits:.1f} on average; offices differ by {size.cv:.0%} of it"),
            ("Correlation of two visits of one unit", f"{size.rho:.3f}: {r.rho_from}"),
            ("Design effect", f"{size.effect:.2f}: so many times the visits are needed as if places were drawn"),
        ]
        if r.rho_low is not None and r.rho_high is not None:
            few, many = (
                units_needed(replace(size, rho=max(0.0, end)), r.share, r.detect) * size.visits
                for end in (r.rho_low, r.rho_high)
            )
            ends = f"{round(r.rho_low, 3) + 0.0:.3f} to {r.rho_high:.3f}"
            found.append((f"Its {CONFIDENCE:.0%} interval, {ends}, leaves open",
                          f"from {few:,.0f} to {many:,.0f} visits per arm needed"))  # fmt: skip
    smallest = "none, not even 100%" if r.smallest is None else f"{r.smallest:.1%} of visits"
    visits = f"{r.visits_needed:,.0f} visits per arm"
    return [
        *found,
        ("Needed", f"{r.needed:,} {unit} per arm, {visits}" if size.clustered else visits),
        ("There are", f"{size.visits_per_arm:,.0f} visits per arm: {r.capacity_from}"),
        ("Power of the trial as it is", f"{r.power:.0%}"),
        (f"Smallest share that it can tell with power {POWER:.0%}", smallest),
    ]


def size_table(r: Registration) -> pd.DataFrame:
    """Return the same for a terminal."""
    return pd.DataFrame(size_facts(r), columns=["what", "how much"])


def rarer_table(r: Registration) -> pd.DataFrame:
    """Return what it would take to show as large a ratio of graver outcomes."""
    rows = [
        (x.title, f"{x.reached} of {x.visits:,}", f"{x.needed:,}" if x.reached else f"over {x.needed:,}",
         f"{x.years:,.1f}" if x.reached else f"over {x.years:,.1f}",
         "yes" if x.needed <= r.size.visits_per_arm / r.size.effect else "no")
        for x in r.rarer
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["outcome", "past visits", "visits per arm", "years", "shown here"])


def warnings(r: Registration) -> Iterator[str]:
    """Give what speaks against the trial as it is, the gravest first."""
    if r.smallest_p > r.alpha:
        yield (f"This trial cannot show anything: with {r.units} units the smallest p-value that any result can have "
               f"is {r.smallest_p:.2g}. Draw weeks or places.")  # fmt: skip
    elif r.size.clustered and r.units / 2 < FEWEST_CLUSTERS:
        yield (f"{r.units} units are very few: what one of them does decides the result. Below {FEWEST_CLUSTERS} per "
               "arm a trial rests on luck. Draw weeks or places.")  # fmt: skip
    if r.power < POWER:
        yield (f"The trial is too small: it has {r.size.visits_per_arm:,.0f} visits per arm and needs "
               f"{r.visits_needed:,.0f}. That it shows nothing would not mean that there is nothing.")  # fmt: skip
    if r.unit == PLACE:
        yield ("Both ways work in one office at a time. Whoever knows the list while choosing the present way carries "
               "it over; keep the list away from them.")  # fmt: skip
    elif r.unit == OFFICE:
        yield "Offices differ in much besides the list. The draw evens this out only where there are many."
    else:
        yield ("Weeks carry over: what inspectors learn from the list in one week they know in the next, and a place "
               "visited in one week is gone for the next. Both can make the arms look more alike than they are; a "
               "place kept back for a week of the other arm makes them look less alike.")  # fmt: skip


def result_table(result: TrialResult) -> pd.DataFrame:
    """Return the arms with a row each, shares in words."""
    frame = result.frame.copy()
    frame["share"] = [f"{s:.1%}" for s in frame["share"]]
    frame["by_the_list"] = [f"{s:.0%}" for s in frame["by_the_list"]]
    return frame.rename(columns={"not_made": "not made", "by_the_list": "by the list"})


def difference_words(result: TrialResult) -> str:
    """Return the difference with its interval and p-value."""
    found = result.difference
    low = "no lower bound" if math.isinf(found.low) else f"{100 * found.low:+.1f}"
    high = "no upper bound" if math.isinf(found.high) else f"{100 * found.high:+.1f}"
    first, second = result.registration.arms
    return (f"'{first}' less '{second}': {100 * found.estimate:+.1f} percentage points, "
            f"{1 - result.registration.alpha:.0%} interval {low} to {high}, p = {found.p:.4f}")  # fmt: skip


def notes(result: TrialResult) -> Iterator[str]:
    """Give what a reader must know besides the figures."""
    r = result.registration
    if result.reached:
        yield f"Both arms have the {r.visits_needed:,.0f} visits that are needed for a power of {POWER:.0%}."
    else:
        yield f"The trial did not reach its size: {r.visits_needed:,.0f} visits per arm are needed."
        if result.difference.p >= r.alpha:
            yield "That nothing is shown does not mean that there is nothing."
    for reason, n in result.left_out.items():
        if n:
            yield f"Left out: {n:,} visits ({reason})."
    yield "A difference in uncontracted work and the like says nothing about guilt, and nothing about forced labour."


def _outcome(r: Registration) -> list[dict[str, Any]]:
    """Return the rungs that count as a find, each with the rows that reach it, as the recipe says."""
    ladder = tomllib.loads(r.recipe_text)["ladder"]
    return [
        {"title": rung["title"], "rows": [_condition(c) for c in rung["any"]]}
        for rung in ladder if rung["level"] >= r.rung
    ]  # fmt: skip


def _condition(said: dict[str, Any]) -> str:
    where = f" where {said['where']}" if "where" in said else ""
    several = f", at least {said.get('at_least', 1)} different '{said['distinct']}'" if "distinct" in said else ""
    return f"{said['table']}{where}{several}"

"""What a trial found: every visit of the period counted for the arm that its unit was drawn into."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskscore.dates import as_date, day
from riskscore.trial.allocation import generator
from riskscore.trial.comparison import Difference, difference
from riskscore.trial.registration import BY_THE_LIST, OFFICE, PLACE, Registration, codes
from riskscore.trial.size import TrialError


@dataclass(frozen=True)
class TrialResult:
    """A trial's result.

    ``frame`` has a row per arm: arm, units (drawn), used (units with visits that count), planned (visits), visits (made
    and known), not_made, by_the_list (share of them made because of the list), found, share. ``left_out`` says how many
    visits of the period do not count, by reason.
    """

    registration: Registration
    known_by: dt.date
    frame: pd.DataFrame
    difference: Difference
    left_out: Mapping[str, int]

    @property
    def reached(self) -> bool:
        """Whether both arms have the visits that the registration asks for."""
        return bool((self.frame["visits"] >= self.registration.visits_needed).all())

    @property
    def verdict(self) -> str:
        """What the registered rule says of the result, in a sentence."""
        first, second = self.registration.arms
        if self.difference.p >= self.registration.alpha:
            return f"Not shown: '{first}' and '{second}' may find equally much, or a difference was too small to see."
        more, less = (first, second) if self.difference.estimate > 0 else (second, first)
        return f"Shown: '{more}' finds more per visit than '{less}'."


def unit_of(unit: str, visits: pd.DataFrame, first: dt.date) -> pd.Series[str]:
    """Return the unit that each visit belongs to: its place, its office, or its office's week.

    Examples
    --------
    >>> visits = pd.DataFrame({"entity": ["S1"], "office": ["Quba"], "day": [day("2025-01-15")]})
    >>> unit_of("week", visits, dt.date(2025, 1, 6)).tolist()
    ['Quba 2025-01-13']
    """
    if unit == PLACE:
        return visits["entity"].astype(str)
    if unit == OFFICE:
        return visits["office"].astype(str)
    begin = day(first) + (visits["day"] - day(first)) // 7 * 7
    return visits["office"].astype(str) + " " + begin.map(lambda d: as_date(int(d)).isoformat()).astype(str)


def result(registration: Registration, units: pd.DataFrame, visits: pd.DataFrame, known_by: dt.date) -> TrialResult:
    """Return what the visits of a trial say, by intention to treat.

    Parameters
    ----------
    registration : Registration
    units : DataFrame
        The allocation: unit, arm, stratum.
    visits : DataFrame
        Columns visit (id), entity, office, day (number), trigger, found (1, 0, or NaN while open), as known before
        ``known_by``.
    known_by : date

    Raises
    ------
    TrialError
        The trial has not ended, or an arm has no visit that counts.
    """
    if known_by < registration.ends:
        last = as_date(day(registration.ends) - 1)
        raise TrialError(f"the trial runs until {last}, and no earlier look was registered.", where="--as-of",
                         next="Analyse when it has ended.")  # fmt: skip
    visits = visits[visits["day"].between(day(registration.begins), day(registration.ends) - 1)]
    visits = visits.sort_values(["day", "visit"], kind="stable")
    left_out: dict[str, int] = {}

    def keep(rows: pd.Series[bool], reason: str) -> None:
        nonlocal visits
        left_out[reason] = int((~rows).sum())
        visits = visits[rows]

    keep(visits["trigger"].isin([*registration.triggers, ""]), "made for a report, a follow-up, a raid or a draw")
    visits = visits.assign(unit=unit_of(registration.unit, visits, registration.begins))
    keep(visits["unit"].isin(units["unit"]), f"its {registration.unit} is not in the trial")
    if registration.unit == PLACE:
        keep(~visits["unit"].duplicated(), "a later visit to the same place")
    made = visits
    keep(visits["found"].notna(), "outcome still open")
    whole = units.set_index("unit")
    counted = visits.groupby("unit", sort=True)["found"].agg(["sum", "size"])
    rows = whole.index.get_indexer(counted.index)
    first = (whole["arm"] == registration.arms[0]).to_numpy()[rows]
    if not first.any() or first.all():
        raise TrialError("an arm has no visit that counts.", where="inspections",
                         next="Compare offices, places and triggers of the records with the allocation.")  # fmt: skip
    seen = difference(
        counted["sum"].to_numpy(np.float64), counted["size"].to_numpy(np.float64), first, codes(units), rows,
        generator(registration.seed, registration.records, "analysis"), registration.draws, registration.alpha,
    )  # fmt: skip
    table = [_arm(registration, units, visits, made, arm) for arm in registration.arms]
    return TrialResult(registration, known_by, pd.DataFrame(table), seen, left_out)


def _arm(
    registration: Registration, units: pd.DataFrame, visits: pd.DataFrame, made: pd.DataFrame, arm: str
) -> dict[str, object]:
    drawn = units.loc[units["arm"] == arm, "unit"]
    own, all_made = visits[visits["unit"].isin(drawn)], made[made["unit"].isin(drawn)]
    planned = math.ceil(registration.size.visits_per_arm)
    return {
        "arm": arm, "units": len(drawn), "used": int(own["unit"].nunique()), "planned": planned,
        "visits": len(own), "not_made": max(0, planned - len(all_made)),
        "by_the_list": float((own["trigger"] == BY_THE_LIST).mean()), "found": int(own["found"].sum()),
        "share": float(own["found"].mean()),
    }  # fmt: skip


def method(registration: Registration) -> tuple[str, ...]:
    """Return what `result` does, in sentences: they are registered before the trial and printed with its result."""
    triggers = " or ".join(f"'{t}'" for t in registration.triggers)
    once = " Of several visits to one place the first counts." if registration.unit == PLACE else ""
    return (
        f"Every visit from {registration.begins} to {as_date(day(registration.ends) - 1)} with the trigger {triggers} "
        f"counts for the arm that its {registration.unit} was drawn into, whichever way it was chosen in truth.{once}",
        "Compared is the share of visits that found what the outcome says. Visits planned and not made are counted and "
        f"told; they are no finds and no failures. An outcome is open until {registration.delay} after the visit; open "
        "ones are left out and told.",
        f"The p-value: the allocation is drawn again {registration.draws:,} times in the same way. p is the share of "
        "draws, the true one among them, that give a difference at least as large, up or down. Nothing is assumed of "
        "how alike visits of one office are.",
        f"The interval holds every difference that this test would not refuse at {registration.alpha:g}.",
        "One comparison, once, after the trial's end. No looks before, no groups, no other outcome, no correction for "
        "what was found on the way. How far the offices kept to their arm is told beside it and changes nothing.",
    )

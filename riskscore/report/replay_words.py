"""What a supervisor should take from past dates replayed, in sentences; facts and estimates by two words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from riskscore.learn.selection.bounds import LARGEST
from riskscore.planning.replay import ALL, LIST, MADE, PLAN, Replay

COUNTED, ESTIMATED, KNOWN = "counted", "estimated", "known on the day"
MORE, FEWER, EITHER = "higher", "lower", "not told apart"

OF_THE_PLAN = (
    "Replayed: the value of a visit, the rules in force on the day, the cool-down, urgent reports first, the share "
    "drawn at random, and the choice of areas that saves driving.",
    "Not replayed: days and their order, one visit per employer and day, floors, caps and places named in the offices "
    "file, given travel times. A plan is made once for the whole period, not anew every few weeks.",
)
CANNOT = (
    "It does not show what would have followed: nobody is deterred, no place changes, and no team tires.",
    "Visits that a report brought about after the date stand outside: no choice made on the date could know of them, "
    "and they would have been made in any case.",
    "A visit is counted as one find or none. How grave it was is not in these figures.",
    "Estimates hold as far as the records say why offices went where they went. What no record holds is what Gamma is "
    "for.",
    "Kilometres follow one rule for every choice and are no record of driving.",
)


def in_short(found: Replay) -> Iterator[str]:
    """Give the sentences that head the page: how many visits, what they found, and what would have been better."""
    counted, chosen = (_of(frame) for frame in (found.counted, found.chosen))
    made, dates = counted[MADE], found.counted["origin"].nunique() - 1
    yield (
        f"{dates} past date{'' if dates == 1 else 's'}, {found.period} after each. Every way chooses "
        f"{made['visits']:,} places, as many as the offices visited of their own accord. Counted: {made['finds']:,} of "
        f"these visits found something, {_hundred(made['finds_per_visit'])} of 100."
    )  # fmt: skip
    estimates = _of(found.estimated) if len(found.estimated) else {}
    for name in (PLAN, LIST):
        row, seen = estimates.get(name), counted[name]
        yield f"The {name}. " + (
            "Whether it finds more cannot be told: nothing can be estimated, and the notes say why." if row is None
            else f"Whether it finds more cannot be told: {row['refused']}." if row["refused"]
            else estimate(row)
        ) + (
            f" Counted: {seen['visited']:,} of its {seen['visits']:,} places were visited, and something was found at "
            f"{seen['finds']:,}."
        )  # fmt: skip
    rules = [row for name, row in estimates.items() if name not in (PLAN, LIST) and not row["refused"]]
    if rules:
        best = max(rules, key=lambda row: row["value"])
        yield f"The best of the simpler ways, '{best['policy']}'. {estimate(best)}"
    for name in (PLAN, LIST):
        km, people = (_against(chosen[name][what], chosen[MADE][what]) for what in ("km", "people_at_work"))
        yield f"Beside the visits made, the {name} has {km} kilometres, and {people} people at work at its places."


def estimate(row: dict[str, Any]) -> str:
    """Say what a choice would have found, how sure that is, and from where on it need not hold."""
    verdict = verdict_of(row)
    said = (
        f"Estimated, where visits can speak for others: {_hundred(row['value'])} of 100 visits find something (95 %: "
        f"{_hundred(row['low'])} to {_hundred(row['high'])}), against {_hundred(row['made'])} at visits made there. "
    )
    lead = f"{abs(100 * row['ahead']):.0f} in 100 {'more' if row['ahead'] >= 0 else 'fewer'} " + (
        f"(95 %: {100 * row['ahead_low']:+.0f} to {100 * row['ahead_high']:+.0f})"
    )
    if verdict == EITHER:
        return said + f"That is {lead}: the visits are too few to tell the two apart."
    if verdict == FEWER:
        return said + f"That is {lead}, and not by chance alone."
    holds = (
        "It holds whatever places that nobody visited may hide." if row["gamma"] >= LARGEST
        else f"It holds unless the odds of a find at places that nobody visited are {row['gamma']:.1f} times lower "
        "than they look."
    )  # fmt: skip
    return said + f"That is {lead}, and not by chance alone. {holds}"


def verdict_of(row: dict[str, Any]) -> str:
    """Say whether a choice finds more or less than the visits made, as far as its interval tells."""
    return MORE if row["ahead_low"] > 0 else FEWER if row["ahead_high"] < 0 else EITHER


def _of(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return the rows of all dates together by way of choosing."""
    return {
        row["policy"]: {str(k): v for k, v in row.items()} for row in frame[frame["origin"] == ALL].to_dict("records")
    }


def _hundred(share: float) -> str:
    return "none known" if math.isnan(share) else f"{100 * share:.0f}"


def _against(value: float, made: float) -> str:
    if math.isnan(value) or not made > 0:
        return "an unknown number of"
    apart = value / made - 1
    return "about as many" if abs(apart) < 0.005 else f"{100 * abs(apart):.0f} % {'more' if apart > 0 else 'fewer'}"

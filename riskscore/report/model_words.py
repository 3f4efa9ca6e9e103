"""What a supervisor must know of a model, in sentences: in short, and where it ends."""

from __future__ import annotations

import math
from collections.abc import Iterator

from riskscore.dates import Period
from riskscore.learn.selection.bounds import LARGEST
from riskscore.report.model_report import ModelReport, Row, rows_of

WIDE = 0.15  # an interval of a share from here on is told as a limit


def in_short(report: ModelReport) -> Iterator[str]:
    """Give the sentences that head the page."""
    share, sought = report.audit.capacity, report.recipe.rung(report.recipe.rank_by).title
    there = {row["model"]: row for row in rows_of(report.capacity) if row["share"] == share}
    visited, positives = int(report.origins["visited"].sum()), int(report.origins["positives"].sum())
    dates = len(report.origins)
    yield (f"It was tried on {dates} past date{_s(dates)}, each time with what was known then. {visited:,} of the "
           f"places were visited afterwards; at {positives:,} of them ({percent(positives / visited)}) there was "
           f"{sought}.")  # fmt: skip
    mine = there["model"]
    yield (f"In the first {percent(share)} of its lists {mine['visited']:,.0f} places were visited, with such a find "
           f"at {percent(mine['value'])} of them ({between(mine['low'], mine['high'])}).")  # fmt: skip
    yield _beside(list(there.values()))
    refusal = report.manifest["refusal"]
    yield (f"It gives no percentages: {refusal.removeprefix('no percentage: ')}." if refusal
           else "It gives percentages; how far they came true on later dates stands under Calibration.")  # fmt: skip
    if report.audit.passed:
        yield "The audit found nothing that blocks its use. What it could not judge stands under Caveats."
    else:
        against = len(report.audit.reasons)
        yield f"The audit found {against} reason{_s(against)} not to use it: see Fairness."


def limits(report: ModelReport) -> Iterator[str]:
    """Give the sentences that say where the model ends, the gravest first."""
    listed, recipe, share = report.listed, report.recipe, report.audit.capacity
    never = listed["never visited"]
    yield (f"What a place is like is seen only where somebody went. Of the {listed['places']:,} places on the list of "
           f"{report.manifest['as_of']}, {never:,} ({percent(never / listed['places'])}) had never been visited. Their "
           "ranks are guesses from places that look alike.")  # fmt: skip
    if report.corrected.empty:
        yield ("No figure here is corrected for who was visited. Visits go where trouble is expected, so places that "
               "nobody visits may differ from those that were measured.")  # fmt: skip
    for said in report.notes:
        yield f"{said[:1].upper()}{said[1:]}"
    yield from _overlap(report)
    yield (f"The list ranks by {recipe.rung(recipe.rank_by).title}. That is a first rung towards forced labour and not "
           "forced labour itself, of which too few cases are known to learn from.")  # fmt: skip
    for rung in report.manifest["card"].get("rungs", ()):
        if rung["refusal"]:
            why = rung["refusal"].removeprefix("no percentage: ")
            yield f"No percentage for {_title(report, rung['name'])}: {why}."
        if rung["cases"]:
            yield f"Known cases, {_title(report, rung['name'])}: {rung['cases'].removeprefix(rung['name'] + ': ')}."
    for row in rows_of(report.capacity):
        if (row["share"], row["model"]) == (share, "model") and not row["high"] - row["low"] < WIDE:
            yield (f"The figures rest on few places: {row['visited']:,.0f} visited ones in the first {percent(share)} "
                   f"of the lists. The true share of finds there may be anything from {percent(row['low'])} to "
                   f"{percent(row['high'])}.")  # fmt: skip
    for said in report.audit.not_judged:
        yield f"Not judged: {said}."
    if recipe.tuned_on:
        yield f"The settings were chosen on: {' '.join(recipe.tuned_on.split())}"
    if report.altered:
        yield ("These tables are not as they were when the run was made, so the figures on past dates are of other "
               f"records: {', '.join(report.altered)}.")  # fmt: skip
    if report.as_of_now:
        yield (f"These registers hold one row for each, as of now: {', '.join(report.as_of_now)}. What they say of a "
               "past date may have become true later, and the figures on past dates may be too good.")  # fmt: skip


def leads(report: ModelReport) -> Iterator[str]:
    """Say up to which Gamma the model finds more than the best rule, if the first share of the list is visited."""
    for row in rows_of(report.leads):
        if row["share"] == report.audit.capacity:
            rule, gamma = SPOKEN.get(row["rival"], row["rival"]), row["gamma"]
            yield f"{row['origin']}: " + (
                f"the model is not ahead of {rule}." if gamma <= 1
                else f"the model is ahead of {rule}, whatever the unvisited places hide." if gamma >= LARGEST
                else f"the model is ahead of {rule} as long as Gamma is below {gamma:.1f}."
            )  # fmt: skip


def _title(report: ModelReport, rung: str) -> str:
    return next((r.title for r in report.recipe.ladder if r.name == rung), rung)


def spoken_period(period: Period) -> str:
    """Return a length of time in words.

    Examples
    --------
    >>> spoken_period(Period(months=12)), spoken_period(Period(days=1))
    ('12 months', '1 day')
    """
    n, unit = (period.months, "month") if period.months else (period.days, "day")
    return f"{n} {unit}{_s(n)}"


def percent(value: float) -> str:
    """Return a share as whole per cents.

    Examples
    --------
    >>> percent(0.236), percent(float("nan"))
    ('24 %', 'not known')
    """
    return "not known" if math.isnan(value) else f"{100 * value:.0f} %"


def between(low: float, high: float) -> str:
    """Return an interval of shares.

    Examples
    --------
    >>> between(0.1, 0.25)
    '95 % interval 10 to 25 %'
    """
    return "no interval" if math.isnan(low) else f"95 % interval {100 * low:.0f} to {100 * high:.0f} %"


def _beside(rows: list[Row]) -> str:
    """Say how the best simple rule does there, and whether the two can be told apart."""
    others = [row for row in rows if row["model"] not in ("model", "random") and not math.isnan(row["value"])]
    if not others:
        return "No simpler way has a figure there."
    row = max(others, key=lambda row: row["value"])
    apart = (
        "The model finds more there, and not by chance alone." if row["behind_low"] > 0
        else "That rule finds more there, and not by chance alone." if row["behind_high"] < 0
        else "The visits are too few to tell the two apart."
    )  # fmt: skip
    return (f"The best of the simpler ways, {SPOKEN.get(row['model'], row['model'])}, comes to {percent(row['value'])} "
            f"({between(row['low'], row['high'])}). {apart}")  # fmt: skip


def _overlap(report: ModelReport) -> Iterator[str]:
    beyond, listed = report.listed.get("beyond what visits speak for"), report.listed["places"]
    if beyond is not None:
        yield (f"{beyond:,} of the {listed:,} places on that list ({percent(beyond / listed)}) are unlike any that "
               "were visited, or a rule forbids visits there. Nothing here, corrected or not, speaks for them. Visit "
               "some of them to learn.")  # fmt: skip


def _s(n: int) -> str:
    return "" if n == 1 else "s"


SPOKEN = {
    "model": "this model",
    "random": "drawing by lot",
    "last finding": "going where the last visit found something",
    "prior rate": "going where visits found most so far",
    "newest report": "going to the newest report",
    "logistic": "a logistic regression on the same features",
}
"""What a reader calls each way of ranking."""

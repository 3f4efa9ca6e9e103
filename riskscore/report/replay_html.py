"""Past dates replayed as one page: in short, what was counted, what is estimated, and the choices themselves."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from riskscore.planning.replay import ALL, Replay
from riskscore.report.cells import Plain, plain_rows
from riskscore.report.forest import Forest, Group, forest
from riskscore.report.page import render
from riskscore.report.replay_text import chosen_table, counted_table, coverage_table, estimated_table
from riskscore.report.replay_words import CANNOT, OF_THE_PLAN, in_short, verdict_of


@dataclass(frozen=True)
class Shown:
    """A table of the page."""

    caption: str
    heads: list[str]
    rows: list[list[Plain]]


def replay_html(found: Replay) -> str:
    """Return the page; it needs no network and no script, and prints on A4."""
    dates = [str(one) for one in found.counted["origin"].unique() if one != ALL]
    corrected = set(found.estimated["origin"]) if len(found.estimated) else set()
    by_date = [
        _shown(table(found, date), f"{word}, list of {date}")
        for date in dates if len(dates) > 1
        for word, table in (("Counted", counted_table), ("Estimated", estimated_table))
        if word == "Counted" or date in corrected
    ]  # fmt: skip
    return render(
        "replay.html", found=found, dates=dates, short=list(in_short(found)),
        counted=_shown(counted_table(found), "Counted, all dates together"),
        estimated=_shown(estimated_table(found), "Estimated, all dates together") if corrected else None,
        picture=_picture(found) if corrected else None,
        chosen=_shown(chosen_table(found), "Known on the day of each choice, all dates together"),
        coverage=_shown(coverage_table(found), "Share of the places that gets a visit, all dates together"),
        by_date=by_date, of_the_plan=OF_THE_PLAN, cannot=CANNOT,
    )  # fmt: skip


def _shown(frame: pd.DataFrame, caption: str) -> Shown:
    heads, rows = plain_rows(frame)
    return Shown(caption, heads, rows)


def _picture(found: Replay) -> Forest:
    """Return how far each way is ahead of the visits made, in finds per 100 visits."""
    rows = found.estimated[(found.estimated["origin"] == ALL) & (found.estimated["refused"] == "")].to_dict("records")
    return forest(
        [Group(r["policy"], r["ahead"], r["ahead_low"], r["ahead_high"], verdict_of(r)) for r in rows], 0.0  # type: ignore[arg-type]
    )  # fmt: skip

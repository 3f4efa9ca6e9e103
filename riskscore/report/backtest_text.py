"""A backtest for the terminal, 100 columns wide, and whole as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

from riskscore.learn.backtest import MODEL, Backtest, named
from riskscore.learn.selection.bounds import LARGEST
from riskscore.learn.selection.evaluation import BOUNDS, CORRECTED, EVERYBODY, LOGGED
from riskscore.report.cells import plain, plain_rows
from riskscore.report.terminal import WIDTH, as_terminal_table

FRAMES = ("frame", "corrected", "leads", "new_employers", "capacity", "coverage")
GAMMA = 2.0  # of the bounds that are shown; JSON holds the others
_HEADS = "{:19}{:>8}{:>18}{:>12}  {:13}{:>5}{:>23}"


def backtest_json(found: Backtest) -> str:
    """Return every frame of figures as a JSON object of lists of records, missing values as null, and the notes.

    Examples
    --------
    >>> backtest_json(Backtest(pd.DataFrame({"value": [0.5, np.nan]}), pd.DataFrame(), notes=("few",)))[:50]
    '{"frame": [{"value": 0.5}, {"value": null}], "corr'
    """
    return json.dumps({**{name: as_records(getattr(found, name)) for name in FRAMES}, "notes": list(found.notes)},
                      ensure_ascii=False) + "\n"  # fmt: skip


def backtest_text(found: Backtest, recipe: str, *, full: bool = False) -> str:
    """Return what a backtest found: visited places first, then all that are like them, then the offices' lists.

    Parameters
    ----------
    full : bool
        Also employers from which nothing was learned, and coverage by region and sector.
    """
    dates = found.frame["origin"].nunique()
    past = f"mean of {dates} past dates" if dates > 1 else "one past date"
    parts = [_table(found.mean().reset_index(), f"{recipe}, places that somebody visited, {past}")]
    if len(found.corrected):
        parts.append("\n".join(_corrected(found)) + "\n")
    parts.append("".join(f"{line}\n" for note in found.notes for line in wrap(note, WIDTH, subsequent_indent="  ")))
    if len(found.capacity):
        seats = found.capacity.groupby("origin")["seats"].first().mean()
        title = f"Lists as long as the offices' visits of the year before ({seats:.0f} places), {past}"
        parts.append(_table(_lists(found.capacity), title))
    if full and len(found.new_employers):
        title = f"Places of employers from which nothing was learned, {past}"
        parts.append(_table(Backtest(found.new_employers, found.rows).mean().reset_index(), title))
    if full and len(found.coverage):
        parts.append(_coverage(found.coverage))
    return "\n".join(part for part in parts if part)


def _corrected(found: Backtest) -> Iterator[str]:
    """Give the lines of the newest date for which the register was corrected or visits were drawn."""
    origin = found.corrected["origin"].max()
    table = found.corrected[found.corrected["origin"] == origin]
    plainly = found.frame[found.frame["origin"] == origin]
    rows = found.rows[found.rows["origin"] == origin]
    for way in (CORRECTED, LOGGED):
        own = table[table["way"] == way]
        if not len(own):
            continue
        places, visits = int(own["places"].iloc[0]), int(own["visits"].iloc[0])
        if way == CORRECTED:
            yield f"Corrected for who was visited, {origin}: {places:,} of {len(rows):,} places may be visited without"
            yield f"a report and are like places that were ({visits:,} of them). The others are left out."
        else:
            yield f"By {visits:,} visits drawn at random among {places:,} places, {origin}:"
        bounded_as = "Gamma 2" if way == CORRECTED else ""
        yield _HEADS.format("", "visited", f"{way.split()[0]} (95 %)", bounded_as, "best rule", "its", "ahead (95 %)")
        bounded = table[(table["way"] == BOUNDS) & (table["gamma"] == GAMMA)] if way == CORRECTED else table[:0]
        for r in own[own["model"] == MODEL].itertuples():
            rivals = own[(own["metric"] == r.metric) & _same(own["share"], r.share) & (own["model"] != MODEL)]
            rival = rivals.sort_values("value", ascending=False).iloc[0]
            seen = plainly[(plainly["metric"] == r.metric) & _same(plainly["share"], r.share)]
            seen = seen[seen["model"] == MODEL]["value"]
            ends = bounded[(bounded["metric"] == r.metric) & _same(bounded["share"], r.share)]
            span = f"{ends['low'].iloc[0]:.2f}-{ends['high'].iloc[0]:.2f}" if len(ends) else ""
            yield _HEADS.format(
                _short(r.metric, r.share), f"{seen.iloc[0]:.2f}", _interval(r.value, r.low, r.high), span,
                rival["model"], f"{rival['value']:.2f}",
                _lead_of(rival["behind"], rival["behind_low"], rival["behind_high"]),
            )  # fmt: skip
    if len(table[table["way"] == BOUNDS]):
        yield "Gamma 2: the ends, had places that nobody visited half or twice the odds of a find of those visited."
        everybody = table[(table["way"] == EVERYBODY) & (table["gamma"] == GAMMA)]
        for r in everybody[everybody["metric"] == "precision"].itertuples():
            yield (
                f"{_short(r.metric, r.share)}, of all {r.places:,} places, closed ones too: between {r.low:.2f} and "
                f"{r.high:.2f} at Gamma 2."
            )
        for r in found.leads[found.leads["origin"] == origin].itertuples():
            yield f"top {r.share:.0%}: {_lead(r.gamma, r.rival)}"


def _lead(gamma: float, rival: str) -> str:
    if gamma <= 1:
        return f"not ahead of '{rival}'."
    if gamma >= LARGEST:
        return f"ahead of '{rival}' whatever the unvisited hide (Gamma {LARGEST:.0f})."
    return f"ahead of '{rival}' as long as Gamma is below {gamma:.2f}."


def _lists(capacity: pd.DataFrame) -> pd.DataFrame:
    """Return mean values of the offices' lists, a column per model, with ties at their worst and best."""
    parts = []
    for column, words in (("value", ""), ("worst", ", ties at worst"), ("best", ", ties at best")):
        part = capacity[capacity["metric"].isin(["precision", "recall"])] if words else capacity
        parts.append(part.assign(metric=part["metric"] + words, value=part[column]))
    table = pd.concat(parts)
    names = [m + words for m in capacity["metric"].unique() for words in ("", ", ties at worst", ", ties at best")]
    wide = table.pivot_table(index="metric", columns="model", values="value", aggfunc="mean", sort=False)
    return wide.reindex([name for name in names if name in wide.index]).reset_index()


def _coverage(coverage: pd.DataFrame) -> str:
    newest = coverage[coverage["origin"] == coverage["origin"].max()]
    shares = newest[["register", "visits", "list"]].map(lambda share: "" if np.isnan(share) else f"{share:.1%}")
    frame, day = pd.concat([newest[["by", "name"]], shares], axis=1), newest["origin"].iloc[0]
    return _table(frame, f"Shares of the register, of the visits made and of the model's lists, {day}")


def _table(frame: pd.DataFrame, title: str) -> str:
    names, rows = plain_rows(frame)
    return as_terminal_table(names, rows, title=title)


def _same(column: pd.Series[Any], share: float) -> pd.Series[Any]:
    return column.isna() if np.isnan(share) else column == share


def _short(metric: str, share: float) -> str:
    return named(metric, share).replace(" in the top ", ", top ")


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.2f} ({low:.2f}-{high:.2f})"


def _lead_of(value: float, low: float, high: float) -> str:
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f})"


def as_records(frame: pd.DataFrame) -> list[Mapping[str, Any]]:
    """Return the rows as JSON holds them: missing values as null, dates as text."""
    names = list(frame.columns)
    cells = ([plain(cell, str(name)) for cell in frame[name]] for name in names)
    return [
        {str(n): c.isoformat() if hasattr(c, "isoformat") else c for n, c in zip(names, row, strict=True)}
        for row in zip(*cells, strict=True)
    ]

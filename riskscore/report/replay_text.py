"""Past dates replayed, for a terminal of 100 columns and as tables for programs."""

from __future__ import annotations

import json
import math
from pathlib import Path
from textwrap import wrap

import pandas as pd

from riskscore.learn.selection.bounds import LARGEST
from riskscore.learn.selection.evaluation import GAMMAS
from riskscore.planning.replay import ALL, LIST, MADE, PLAN, RECENT_YEARS, Replay
from riskscore.report.atomic import write_bytes
from riskscore.report.backtest_text import as_records
from riskscore.report.cells import plain_rows
from riskscore.report.replay_words import COUNTED, ESTIMATED, KNOWN, in_short
from riskscore.report.terminal import WIDTH, as_terminal_table
from riskscore.report.workbook import as_sheets

SHOWN_GAMMA = 2.0
SHEETS = ("counted", "estimated", "chosen", "coverage")


def replay_text(found: Replay) -> str:
    """Return what was found: in short, then counted, estimated, and what is known of the choices themselves."""
    parts = ["".join(_folded(said) for said in in_short(found))]
    parts.append(_table(counted_table(found), "COUNTED: at places that were chosen and that somebody visited"))
    if len(found.estimated):
        parts.append(_table(estimated_table(found), "ESTIMATED: finds per 100 visits to all chosen places where visits "
                                                    "can speak for others"))  # fmt: skip
    parts.append(_table(chosen_table(found), "The choices themselves, as known on the day"))
    parts.append(_table(coverage_table(found), "Share of the places of each region and sector that gets a visit"))
    parts.append("".join(_folded(note) for note in found.notes))
    return "\n".join(parts)


def replay_json(found: Replay) -> str:
    """Return every table as a JSON object of lists of records; what was counted and what is estimated lie apart."""
    said = {"recipe": found.recipe, "period": found.period, "in_short": list(in_short(found)),
            **{name: as_records(getattr(found, name)) for name in SHEETS}, "notes": list(found.notes)}  # fmt: skip
    return json.dumps(said, ensure_ascii=False) + "\n"


def write_sheets(found: Replay, path: Path) -> Path:
    """Write a workbook with a sheet for what was counted, what is estimated, the choices, coverage and the notes."""
    notes = pd.DataFrame({"note": [*in_short(found), *found.notes]})
    frames = [*((name, getattr(found, name)) for name in SHEETS), ("notes", notes)]
    return write_bytes(path, as_sheets([(title, *plain_rows(frame)) for title, frame in frames]))


def figures(found: Replay) -> pd.DataFrame:
    """Return every figure as a row that says whether it was counted, is estimated, or was known on the day.

    Returns
    -------
    DataFrame
        Columns origin, policy, word, measure, value, low, high, n, of (the figure rests on n of so many places),
        refused.
    """
    keys = ["origin", "policy"]
    counted = found.counted.assign(n=found.counted["visited"], of=found.counted["visits"])
    long = counted.drop(columns="visits").melt([*keys, "n", "of"], var_name="measure").assign(word=COUNTED)
    known = found.chosen.assign(n=found.chosen["visits"], of=found.chosen["visits"])
    parts = [long, known.drop(columns="visits").melt([*keys, "n", "of"], var_name="measure").assign(word=KNOWN)]
    measures = {
        "finds_per_visit": {"value": "value", "low": "low", "high": "high"},
        "ahead_of_visits_made": {"ahead": "value", "ahead_low": "low", "ahead_high": "high"},
        **{f"bounds_at_gamma_{g:g}": {f"low_{g:g}": "low", f"high_{g:g}": "high"} for g in GAMMAS},
        "gamma_to_lose": {"gamma": "value"},
    }
    for measure, wanted in measures.items() if len(found.estimated) else ():
        part = found.estimated[[*keys, "places", "chosen", *wanted, "refused"]]
        part = part.rename(columns={**wanted, "places": "n", "chosen": "of"})
        parts.append(part.assign(word=ESTIMATED, measure=measure))
    shares = found.coverage.rename(columns={"share": "value", "visits": "n", "places": "of"})
    parts.append(shares.assign(word=KNOWN, measure="share of " + shares["by"] + " " + shares["name"]))
    columns = [*keys, "word", "measure", "value", "low", "high", "n", "of", "refused"]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)


def counted_table(found: Replay, origin: str = ALL) -> pd.DataFrame:
    """Return the facts of a date, or of all together, as people read them."""
    rows = _dated(found.counted, origin)
    return pd.DataFrame({
        "way": rows["policy"], "chosen": rows["visits"], "visited": rows["visited"], "finds": rows["finds"],
        "per 100 visits": _whole(100 * rows["finds_per_visit"]),
        "people without a contract, per visit": [_number(v, 2) for v in rows["without_contract"]],
        "after a report": [
            f"{finds} of {visits}" if visits else "–"
            for finds, visits in zip(rows["finds_after_report"], rows["visited_after_report"], strict=True)
        ],
        "days earlier": _whole(rows["days_earlier"]),
    })  # fmt: skip


def estimated_table(found: Replay, origin: str = ALL) -> pd.DataFrame:
    """Return the estimates of a date, or of all together, as people read them; or why there is none."""
    rows = _dated(found.estimated, origin)
    said = []
    for r in rows.to_dict("records"):
        ends = [100 * r[f"{end}_{SHOWN_GAMMA:g}"] for end in ("low", "high")]
        none = bool(r["refused"])
        said.append({
            "way": r["policy"], "places": f"{r['places']} of {r['chosen']}",
            "finds (95 %)": "–" if none else _span(r["value"], r["low"], r["high"]),
            "made": _hundred(r["made"]),
            "ahead (95 %)": "–" if none else _lead(r["ahead"], r["ahead_low"], r["ahead_high"]),
            "at Gamma 2": "–" if none else f"{ends[0]:.0f} to {ends[1]:.0f}",
            "holds below Gamma": "–" if none or r["gamma"] <= 1 else
                                 f"over {LARGEST:.0f}" if r["gamma"] >= LARGEST else f"{r['gamma']:.1f}",
            "why none": r["refused"],
        })  # fmt: skip
    table = pd.DataFrame(said)
    return table if (table["why none"] != "").any() else table.drop(columns="why none")


def chosen_table(found: Replay, origin: str = ALL) -> pd.DataFrame:
    """Return what is known of the choices of a date, or of all together, as people read it."""
    rows = _dated(found.chosen, origin)
    return pd.DataFrame({
        "way": rows["policy"], "visits": rows["visits"], "km": _whole(rows["km"]),
        "km a visit": [_number(v, 1) for v in rows["km_per_visit"]],
        "people at work": _whole(rows["people_at_work"]),
        "never visited": [_percent(v) for v in rows["never_visited"]],
        f"visited in {RECENT_YEARS} years": [_percent(v) for v in rows["visited_recently"]],
        "score from own visits": [_percent(v) for v in rows["from_own_visits"]],
    })  # fmt: skip


def coverage_table(found: Replay, origin: str = ALL) -> pd.DataFrame:
    """Return the shares of regions and sectors that visits made, plan and list reach, of all dates together."""
    rows = _dated(found.coverage, origin)
    wide = rows.pivot(index=["by", "name", "places"], columns="policy", values="share")[[MADE, PLAN, LIST]]
    return wide.map(_percent).reset_index()


def _dated(frame: pd.DataFrame, origin: str) -> pd.DataFrame:
    return frame[frame["origin"] == origin].reset_index(drop=True)


def _table(frame: pd.DataFrame, title: str) -> str:
    names, rows = plain_rows(frame)
    return as_terminal_table(names, rows, title=title)


def _folded(text: str) -> str:
    return "".join(f"{line}\n" for line in wrap(text, WIDTH, subsequent_indent="  "))


def _hundred(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f}"


def _span(value: float, low: float, high: float) -> str:
    return f"{_hundred(value)} ({_hundred(low)} to {_hundred(high)})"


def _lead(value: float, low: float, high: float) -> str:
    return f"{100 * value:+.0f} ({100 * low:+.0f} to {100 * high:+.0f})"


def _whole(values: pd.Series[float]) -> pd.Series[int]:
    return values.round().astype("Int64")


def _number(value: float, digits: int) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def _percent(share: float) -> str:
    return "–" if math.isnan(share) else f"{100 * share:.0f} %"

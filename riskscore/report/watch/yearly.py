"""Yearly figures for people: "512 (+143)", where each comes from, and the rows behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from riskscore.languages import Translator, marked, translator
from riskscore.report.page import render
from riskscore.watch.taken import GROUPS
from riskscore.watch.yearly import ALL, COUNTS, YearlyIndicators

SHOWN_IDS = 100  # of a figure on the page; the file of --rows holds all
TITLES = {
    "authority": marked("By authority"),
    "region": marked("By region"),
    "sector": marked("By sector"),
}


@dataclass(frozen=True)
class Line:
    """One figure of one group as the page prints it."""

    name: str
    written: str
    before: str
    source: str
    since: str  # what it was on the earlier day, where it was another


@dataclass(frozen=True)
class Part:
    """A figure with its definition, its groups and the rows behind it."""

    name: str
    title: str
    definition: str
    written: str
    note: str
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    table: str
    ids: tuple[str, ...]
    rows: int


def written(value: float, change: float, _: Translator) -> str:
    """Return a figure with its change on the year before, as yearly reports write it.

    Examples
    --------
    >>> _ = translator("en")
    >>> written(512.0, 143.0, _), written(9626.0, -197.0, _), written(2374000.0, float("nan"), _)
    ('512 (+143)', '9,626 (−197)', '2,374,000')
    """
    if math.isnan(value):
        return "–"
    if math.isnan(change):
        return amount(value, _)
    return f"{amount(value, _)} ({'+' if change > 0 else ''}{amount(change, _)})"


def amount(value: float, _: Translator) -> str:
    """Return a number, with two places where it is not whole and a dash where it is not known."""
    if math.isnan(value):
        return "–"
    return _.number(int(value)) if value == int(value) else _.decimal(value, 2)


def yearly_table(found: YearlyIndicators, language: str = "en", *, brief: bool = False) -> pd.DataFrame:
    """Return the figures as a table in a language.

    Parameters
    ----------
    brief : bool
        Figures of the whole country alone, in three columns that fit a terminal.
    """
    _ = translator(language)
    frame, titles = found.frame, {f.name: f for f in found.figures}
    table = frame.assign(
        title=[titles[name].title(language) for name in frame["figure"]],
        written=[written(v, c, _) for v, c in zip(frame["value"], frame["change"], strict=True)],
        source=[_source(str(t), _) for t in frame["table"]],
        definition=[titles[name].definition(language) for name in frame["figure"]],
    )
    if brief:
        return table.loc[table["by"] == ALL, ["title", "written", "source"]].reset_index(drop=True)
    return table[["figure", "title", "by", "group", "written", "value", "change", "before", "source", "rows", "was",
                  "rows_since", "note", "definition"]]  # fmt: skip


def yearly_html(found: YearlyIndicators, language: str = "en") -> str:
    """Return the figures as one page: all of them first, then each with its definition, groups and rows.

    Ids of rows stand there, never names; of reports not even these.
    """
    _ = translator(language)
    frame = found.frame
    whole = frame[frame["by"] == ALL]
    titles = {f.name: f.title(language) for f in found.figures}
    return render(
        "watch/yearly.html",
        _=_,
        language=language,
        found=found,
        as_of=_.date(found.as_of),
        since=_.date(found.since),
        lines=[_line(titles[str(row.figure)], row, _) for row in whole.itertuples()],
        changed=[_line(titles[str(r.figure)], r, _) for r in whole.itertuples() if _since(r, _)],
        parts=[_part(found, name, language) for name in titles],
    )


def _line(name: str, row: object, _: Translator) -> Line:
    value, change, before, table = (getattr(row, c) for c in ("value", "change", "before", "table"))
    return Line(name, written(value, change, _), amount(before, _), _source(table, _), _since(row, _))


def _since(row: object, _: Translator) -> str:
    """Return what a figure was on the earlier day; empty where it is the same, or nothing was known of it."""
    value, was = getattr(row, "value"), getattr(row, "was")  # noqa: B009
    return "" if math.isnan(was) or was == value else amount(was, _)


def _source(table: str, _: Translator) -> str:
    if not table:
        return _("not known")
    return _("counted by others") if table == COUNTS else _("rows of {table}", table=table)


def _part(found: YearlyIndicators, name: str, language: str) -> Part:
    _ = translator(language)
    figure = next(f for f in found.figures if f.name == name)
    frame, rows = found.frame[found.frame["figure"] == name], found.rows[found.rows["figure"] == name]
    whole = frame[frame["by"] == ALL].iloc[0]
    groups = tuple(
        (_(TITLES[by]), tuple(_line(str(r.group) or _("not told"), r, _) for r in part.itertuples()))
        for by in GROUPS
        if len(part := frame[frame["by"] == by])
    )
    ids = tuple(i for i in rows["row_id"].astype(str).head(SHOWN_IDS) if i)
    return Part(
        name, figure.title(language), figure.definition(language), written(whole["value"], whole["change"], _),
        str(whole["note"]), groups, str(whole["table"]), ids, len(rows),
    )  # fmt: skip

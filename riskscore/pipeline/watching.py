"""Yearly figures, drift and coverage: what is watched while the tool runs for years."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from riskscore.dates import as_date, day
from riskscore.pipeline.prepare import default_day
from riskscore.records.model import Records
from riskscore.watch.figures import load_figures
from riskscore.watch.yearly import YearlyIndicators, yearly_indicators


def indicators(
    records: Records,
    year: int,
    as_of: str | dt.date | None = None,
    *,
    since: str | dt.date | None = None,
    figures: str | Path | None = None,
) -> YearlyIndicators:
    """Return the figures of a year with their change on the year before.

    Parameters
    ----------
    as_of : date, optional
        Exclusive: rows known on it or later do not count. Default: the day after the newest visit.
    since : date, optional
        The day of an earlier report; each figure then says what it was on that day. Default: the end of the year.
    figures : path, optional
        A file of one's own definitions; default: the shipped ones.

    Examples
    --------
    >>> import riskscore as rs
    >>> found = rs.indicators(rs.sample_records(), 2023)
    >>> found.frame.query("figure == 'hotline_calls'")[["value", "change"]].to_numpy().tolist()
    [[1925.0, -40.0]]
    """
    on = as_date(day(as_of)) if as_of is not None else default_day(records)
    told = None if since is None else as_date(day(since))
    return yearly_indicators(records, year, on, told, load_figures(figures))

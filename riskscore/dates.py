"""Days, periods and windows: the only module that subtracts dates.

Inside the engine a day is an ``int32`` count of days since 1970-01-01; ``MISSING`` marks no date and
``FOREVER`` an interval without end. Windows are ``[as_of - w, as_of)``, horizons ``[as_of, as_of + h)``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.errors import RiskscoreError

Days = NDArray[np.int32]
MISSING = np.int32(np.iinfo(np.int32).min)
FOREVER = np.int32(np.iinfo(np.int32).max)

_PERIOD = re.compile(r"^(\d+) ?(day|week|month|year)s?$")


@dataclass(frozen=True, order=True)
class Period:
    """A length of time: whole days, or calendar months, or everything before.

    Examples
    --------
    >>> bool(Period.parse("6 months").before(np.array([day("2024-08-31")], dtype=np.int32))[0] == day("2024-02-29"))
    True
    >>> Period.parse("all").name, Period.parse("1 year").name, Period.parse("1095 days").name
    ('all', '12m', '1095d')
    """

    months: int = 0
    days: int = 0
    everything: bool = False

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``"6 months"``, ``"1095 days"``, ``"2 years"``, ``"3 weeks"`` or ``"all"``."""
        if text == "all":
            return cls(everything=True)
        found = _PERIOD.match(text.strip())
        if not found:
            raise RiskscoreError(f"'{text}' is no period.", next="Write '6 months', '1095 days' or 'all'.")
        number, unit = int(found[1]), found[2]
        if unit in ("month", "year"):
            return cls(months=number * (12 if unit == "year" else 1))
        return cls(days=number * (7 if unit == "week" else 1))

    @property
    def name(self) -> str:
        """The short name used in column names: ``6m``, ``1095d`` or ``all``."""
        return "all" if self.everything else f"{self.months}m" if self.months else f"{self.days}d"

    def before(self, day_numbers: Days) -> Days:
        """Return the first day of the window that ends before each day (the window's inclusive start)."""
        if self.everything:
            return np.full(day_numbers.shape, MISSING + 1, dtype=np.int32)
        return _shift(day_numbers, -self.months, -self.days)

    def after(self, day_numbers: Days) -> Days:
        """Return the first day after the horizon that starts on each day (its exclusive end)."""
        if self.everything:
            return np.full(day_numbers.shape, FOREVER, dtype=np.int32)
        return _shift(day_numbers, self.months, self.days)


def _shift(day_numbers: Days, months: int, days: int) -> Days:
    """Move days by calendar months (the day of the month is cut to the month's length), then by days."""
    moved = np.asarray(day_numbers, dtype=np.int32)
    if months and moved.size > 10_000:  # many rows share few days: shift each day of the span once
        first, last = int(moved.min()), int(moved.max())
        if last - first < moved.size:
            return np.asarray(_shift(np.arange(first, last + 1, dtype=np.int32), months, days)[moved - first])
    if months:
        whole = moved.astype("datetime64[D]")
        month = whole.astype("datetime64[M]")
        offset = (whole - month.astype("datetime64[D]")).astype(np.int64)
        target, one = month + np.timedelta64(months, "M"), np.timedelta64(1, "M")
        length = ((target + one).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(np.int64)
        shifted = target.astype("datetime64[D]") + np.minimum(offset, length - 1).astype("timedelta64[D]")
        moved = shifted.astype(np.int64).astype(np.int32)
    return (moved + np.int32(days)).astype(np.int32)


def day(value: str | dt.date) -> int:
    """Return the day number of one date.

    Examples
    --------
    >>> day("1970-01-11"), as_date(10).isoformat()
    (10, '1970-01-11')
    """
    try:
        date = dt.date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise RiskscoreError(f"'{value}' is no date.", next="Write a date as 2024-01-31.") from None
    if isinstance(date, dt.datetime):
        date = date.date()
    return (date - dt.date(1970, 1, 1)).days


def as_date(number: int) -> dt.date:
    """Return the date of a day number."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(number))


def to_days(values: Any) -> Days:
    """Return day numbers of a column of dates; a missing date becomes ``MISSING``.

    Parameters
    ----------
    values : Series or array of datetime64, shape (n,)

    Returns
    -------
    int32 array, shape (n,)
    """
    whole = pd.Series(values).to_numpy().astype("datetime64[D]")
    numbers = whole.view(np.int64)
    return np.where(np.isnat(whole), np.int64(MISSING), numbers).astype(np.int32)


def to_dates(day_numbers: Days) -> pd.Series[Any]:
    """Return a column of ``datetime64[s]`` for day numbers; ``MISSING`` becomes NaT."""
    numbers = np.asarray(day_numbers).astype(np.int64)
    whole = np.where(numbers == int(MISSING), np.datetime64("NaT", "D"), numbers.astype("datetime64[D]"))
    return pd.Series(whole.astype("datetime64[s]"))


def dates_every(first: dt.date, last: dt.date, step: Period) -> list[dt.date]:
    """Return the dates ``first, first + step, ...`` up to and including ``last``.

    Examples
    --------
    >>> [d.isoformat() for d in dates_every(dt.date(2020, 1, 1), dt.date(2021, 1, 1), Period(months=6))]
    ['2020-01-01', '2020-07-01', '2021-01-01']
    """
    start, k = np.array([day(first)], dtype=np.int32), 0
    found: list[dt.date] = []
    while True:
        here = as_date(int(Period(months=step.months * k, days=step.days * k).after(start)[0]))
        if here > last or (k and step.everything):
            return found
        found.append(here)
        k += 1


def days_between(earlier: Days, later: Days) -> NDArray[np.float64]:
    """Return the days from one day to another, NaN where either is ``MISSING``.

    Examples
    --------
    >>> days_between(np.array([3, MISSING], dtype=np.int32), np.array([10, 10], dtype=np.int32)).tolist()
    [7.0, nan]
    """
    length = np.subtract(later, earlier, dtype=np.float64)
    length[(earlier == MISSING) | (later == MISSING)] = np.nan
    return length


def days_later(day_numbers: Days, number: NDArray[np.float64]) -> Days:
    """Return the day that lies a number of days later; ``MISSING`` where either is missing or no date is left.

    Examples
    --------
    >>> days_later(np.array([3, 3], dtype=np.int32), np.array([-2.0, np.nan])).tolist() == [1, int(MISSING)]
    True
    """
    moved = np.add(day_numbers, np.floor(number), dtype=np.float64)
    lost = ~(np.abs(moved) < int(FOREVER)) | (day_numbers == MISSING)
    return np.where(lost, float(MISSING), moved).astype(np.int32)

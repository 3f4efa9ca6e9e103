"""Temporal splits with an embargo: what a model learns from had ended before its test date.

The outcome of as-of date ``d`` is known on ``ready(d) = d + horizon + delay``. A date may serve at a moment ``T``
(a test date, or the day of the final fit) only if ``ready(d) <= T``. With ``first`` the first calibration date:

    training:     ready(d) <= first, so that no training outcome reaches into the calibration dates
    calibration:  first <= d and ready(d) <= T
    test:         d = T, or T <= d < T + every where dates are many; ready(d) <= last known day

The calibration dates are the last ``calibration`` period of the dates ready at ``T``: with half-yearly dates, a
horizon and a calibration period of 12 months each and ``T`` 2023-01-01, calibration is 2021-07-01 and 2022-01-01
and training ends with 2020-07-01.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from riskscore.dates import Days, Period, as_date, day
from riskscore.errors import FitError

if TYPE_CHECKING:
    from riskscore.definitions.recipe import SplitRule


@dataclass(frozen=True)
class Split:
    """The as-of dates of one split, sorted; a final fit has no test dates.

    Parameters
    ----------
    origin : date
        The day on which the model could have been made: every training and calibration outcome was known.
    train, calibrate, test : tuple of date
    """

    origin: dt.date
    train: tuple[dt.date, ...]
    calibrate: tuple[dt.date, ...]
    test: tuple[dt.date, ...] = ()

    def masks(self, as_of: Days) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return the rows of training, calibration and test.

        Parameters
        ----------
        as_of : int32 array, shape (n,)
            Day number of each row's as-of date.

        Returns
        -------
        three bool arrays, shape (n,)

        Examples
        --------
        >>> split = Split(dt.date(2020, 1, 1), (dt.date(2018, 1, 1),), (), (dt.date(2020, 1, 1),))
        >>> [m.tolist() for m in split.masks(np.array([day("2020-01-01"), day("2018-01-01")], dtype=np.int32))]
        [[False, True], [False, False], [True, False]]
        """
        train, calibrate, test = (
            np.isin(as_of, np.array([day(d) for d in part], dtype=np.int32))
            for part in (self.train, self.calibrate, self.test)
        )
        return train, calibrate, test


def rolling_origins(
    dates: Iterable[dt.date] | Days,
    rule: SplitRule,
    horizon: Period,
    delay: Period,
    last_known: dt.date,
    *,
    test: Literal["date", "period"] = "date",
) -> list[Split]:
    """Return the newest rolling origins that the dates allow, oldest first.

    Parameters
    ----------
    dates : iterable of date, or int32 array of day numbers
        As-of dates of the cohort, in any order; repeated dates count once.
    rule : SplitRule
    horizon, delay : Period
        Outcomes fall in ``[d, d + horizon)`` and are known ``delay`` after its end.
    last_known : date
        The records are complete before this day (exclusive).
    test : "date" or "period"
        Each origin is tested on its own date alone (a register: one list, one capacity), or on all dates in
        ``[origin, origin + rule.every)`` (visits, of which each date has few).

    Returns
    -------
    list of Split
        At most ``rule.origins``; fewer where the earlier ones would have no training or calibration dates.

    Raises
    ------
    FitError
        Not even one origin has dates to train on.

    Examples
    --------
    >>> from riskscore.dates import dates_every
    >>> from riskscore.definitions.recipe import SplitRule
    >>> year, dates = Period(months=12), dates_every(dt.date(2016, 1, 1), dt.date(2024, 1, 1), Period(months=6))
    >>> for split in rolling_origins(dates, SplitRule(origins=2), year, Period(days=0), dt.date(2024, 1, 1)):
    ...     print(split.train[-1], [d.isoformat() for d in split.calibrate], split.test[0])
    2019-07-01 ['2020-07-01', '2021-01-01'] 2022-01-01
    2020-07-01 ['2021-07-01', '2022-01-01'] 2023-01-01
    """
    days = _unique(dates)
    known = days[ready(days, horizon, delay) <= day(last_known)]
    found: list[Split] = []
    for origin in _origins(known, rule, test):
        end = rule.every.after(origin)[0] if test == "period" else origin[0] + 1
        tested = known[(known >= origin[0]) & (known < end)]
        train, calibrate = _before(days, as_date(origin[0]), rule, horizon, delay)
        if tested.size and _enough(train, calibrate, rule):
            found.append(Split(as_date(origin[0]), _as_dates(train), _as_dates(calibrate), _as_dates(tested)))
    if not found:
        raise _too_short(days, horizon, delay, "no test date has training dates before it")
    return found[::-1]


def fit_split(
    dates: Iterable[dt.date] | Days, rule: SplitRule, horizon: Period, delay: Period, as_of: dt.date
) -> Split:
    """Return the dates of the final fit: all outcomes of training and of the later calibration known by ``as_of``.

    Parameters
    ----------
    dates : iterable of date, or int32 array of day numbers
    rule : SplitRule
    horizon, delay : Period
    as_of : date
        The day of the fit; what is known on it or later is not used.

    Raises
    ------
    FitError
        No date is left to train or to calibrate on.

    Examples
    --------
    >>> from riskscore.definitions.recipe import SplitRule
    >>> dates = [dt.date(y, 1, 1) for y in range(2018, 2025)]
    >>> split = fit_split(dates, SplitRule(), Period(months=12), Period(days=0), dt.date(2024, 1, 1))
    >>> split.train[-1].isoformat(), [d.isoformat() for d in split.calibrate], split.test
    ('2022-01-01', ['2023-01-01'], ())
    """
    days = _unique(dates)
    train, calibrate = _before(days, as_of, rule, horizon, delay)
    if not _enough(train, calibrate, rule):
        raise _too_short(days, horizon, delay, f"too few dates have outcomes that are known on {as_of}")
    return Split(as_of, _as_dates(train), _as_dates(calibrate))


def ready(days: Days, horizon: Period, delay: Period) -> Days:
    """Return the first day on which the outcome of each day is fully known."""
    return delay.after(horizon.after(days))


def _before(days: Days, origin: dt.date, rule: SplitRule, horizon: Period, delay: Period) -> tuple[Days, Days]:
    """Return training and calibration days for a model made on ``origin``."""
    known_on = ready(days, horizon, delay)
    usable = days[known_on <= day(origin)]
    calibrate = usable[usable > rule.calibration.before(usable[-1:])] if usable.size else usable
    if not calibrate.size:
        return usable, calibrate
    return days[known_on <= calibrate[0]], calibrate


def _origins(known: Days, rule: SplitRule, test: str) -> Iterator[Days]:
    """Yield test origins, newest first, each as an array of one day number."""
    if not known.size:
        return
    last = rule.every.before(known[-1:] + np.int32(1)) if test == "period" else known[-1:]
    given = -1
    for k in range(rule.origins):
        here = Period(months=rule.every.months * k, days=rule.every.days * k).before(last)
        if test == "date":  # the newest date of the cohort on or before the step
            here = known[known <= here[0]][-1:]
        if here.size and here[0] != given:
            given = here[0]
            yield here.astype(np.int32)


def _unique(dates: Iterable[dt.date] | Days) -> Days:
    numbers = dates if isinstance(dates, np.ndarray) else np.array([day(d) for d in dates], dtype=np.int32)
    return np.unique(numbers).astype(np.int32)


def _as_dates(days: Days) -> tuple[dt.date, ...]:
    return tuple(as_date(int(d)) for d in days)


def _enough(train: Days, calibrate: Days, rule: SplitRule) -> bool:
    return bool(train.size and (calibrate.size or rule.calibration == Period()))


def _too_short(days: Days, horizon: Period, delay: Period, what: str) -> FitError:
    """Return the error with the dates that there are and what would help."""
    span = f"{as_date(days[0])} to {as_date(days[-1])}, {len(days)} in all" if days.size else "none"
    return FitError(
        f"{what} (as-of dates: {span}; horizon {horizon.name}, delay {delay.name}).",
        where="splits",
        next="Begin the cohort earlier, give records that reach further, or shorten horizon or calibration.",
    )

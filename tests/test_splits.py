"""Temporal splits: nothing that training learned from reaches the test date."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscore.dates import Period, as_date, dates_every, day
from riskscore.definitions.recipe import SplitRule
from riskscore.errors import FitError
from riskscore.splits import Split, fit_split, rolling_origins

YEAR, NO_DELAY = Period(months=12), Period(days=0)
HALF_YEARS = dates_every(dt.date(2015, 1, 1), dt.date(2024, 7, 1), Period(months=6))

periods = st.one_of(
    st.integers(1, 24).map(lambda m: Period(months=m)), st.integers(1, 500).map(lambda d: Period(days=d))
)
delays = st.integers(0, 200).map(lambda d: Period(days=d))
dates = st.lists(st.dates(dt.date(2010, 1, 1), dt.date(2024, 12, 31)), min_size=1, max_size=60)


def ready(date: dt.date, horizon: Period, delay: Period) -> int:
    return int(delay.after(horizon.after(np.array([day(date)], dtype=np.int32)))[0])


def assert_embargo(split: Split, horizon: Period, delay: Period) -> None:
    """No outcome used to train or calibrate was open on the origin; none of training reaches calibration."""
    for date in (*split.train, *split.calibrate):
        assert ready(date, horizon, delay) <= day(split.origin)
    for date in split.train if split.calibrate else ():
        assert ready(date, horizon, delay) <= day(split.calibrate[0])
    assert all(date >= split.origin for date in split.test)
    for part in (split.train, split.calibrate, split.test):
        assert list(part) == sorted(set(part))


@settings(max_examples=200, deadline=None)
@given(
    dates=dates,
    every=periods,
    calibration=periods,
    horizon=periods,
    delay=delays,
    test=st.sampled_from(["date", "period"]),
)
def test_no_label_window_of_training_or_calibration_reaches_the_test_date(
    dates: list[dt.date], every: Period, calibration: Period, horizon: Period, delay: Period, test: str
) -> None:
    last_known = dt.date(2025, 1, 1)
    rule = SplitRule(every, 4, calibration)
    try:
        splits = rolling_origins(dates, rule, horizon, delay, last_known, test=test)  # type: ignore[arg-type]
    except FitError:
        return
    assert 1 <= len(splits) <= 4
    for split in splits:
        assert all((split.train, split.calibrate, split.test))
        assert_embargo(split, horizon, delay)
        assert all(ready(d, horizon, delay) <= day(last_known) for d in split.test)
    tested = [d for split in splits for d in split.test]
    assert len(tested) == len(set(tested))
    assert tested == sorted(tested)


@settings(max_examples=100, deadline=None)
@given(dates=dates, calibration=periods, horizon=periods, delay=delays)
def test_the_final_fit_wastes_no_date_that_the_embargo_allows(
    dates: list[dt.date], calibration: Period, horizon: Period, delay: Period
) -> None:
    as_of = dt.date(2024, 6, 1)
    try:
        split = fit_split(dates, SplitRule(calibration=calibration), horizon, delay, as_of)
    except FitError:
        return
    assert_embargo(split, horizon, delay)
    known = {d for d in dates if ready(d, horizon, delay) <= day(as_of)}
    assert max(known) == split.calibrate[-1]
    between = known - set(split.train) - set(split.calibrate)
    for date in between:  # left out only because its outcome reaches into the calibration dates
        assert date < split.calibrate[0] < as_date(ready(date, horizon, delay))


def test_a_longer_delay_moves_training_further_back() -> None:
    as_of, rule = dt.date(2024, 1, 1), SplitRule()
    prompt = fit_split(HALF_YEARS, rule, YEAR, NO_DELAY, as_of)
    late = fit_split(HALF_YEARS, rule, YEAR, Period(days=1), as_of)
    assert prompt.calibrate == (dt.date(2022, 7, 1), dt.date(2023, 1, 1))
    assert prompt.train[-1] == dt.date(2021, 7, 1)
    assert late.calibrate == (dt.date(2022, 1, 1), dt.date(2022, 7, 1))
    assert late.train[-1] == dt.date(2020, 7, 1)


def test_register_origins_are_single_dates_one_step_apart_oldest_first() -> None:
    splits = rolling_origins(HALF_YEARS, SplitRule(origins=3), YEAR, NO_DELAY, dt.date(2024, 3, 1))
    assert [s.test for s in splits] == [(dt.date(y, 1, 1),) for y in (2021, 2022, 2023)]


def test_visits_are_tested_over_whole_periods_that_tile() -> None:
    days = np.arange(day("2010-01-04"), day("2016-01-01"), 3, dtype=np.int32)
    splits = rolling_origins(
        np.repeat(days, 4), SplitRule(origins=2), Period(days=8), NO_DELAY, dt.date(2016, 1, 12), test="period"
    )
    older, newer = splits
    assert older.test[-1] < newer.origin <= newer.test[0]
    assert len(newer.test) in (121, 122)
    assert newer.test[-1] == as_date(int(days[-1]))
    train, calibrate, test = newer.masks(np.repeat(days, 4))
    assert train.sum() == 4 * len(newer.train)
    assert not (train & calibrate).any()
    assert not (calibrate & test).any()
    assert np.repeat(days, 4)[train].max() < np.repeat(days, 4)[calibrate].min()


def test_no_calibration_dates_are_taken_where_the_rule_asks_for_none() -> None:
    split = fit_split(HALF_YEARS, SplitRule(calibration=NO_DELAY), YEAR, NO_DELAY, dt.date(2024, 1, 1))
    assert split.calibrate == ()
    assert split.train[-1] == dt.date(2023, 1, 1)


def test_the_order_and_repetition_of_dates_change_nothing() -> None:
    rule, end = SplitRule(), dt.date(2024, 3, 1)
    shuffled = HALF_YEARS[::-1] + HALF_YEARS[3:7]
    assert rolling_origins(shuffled, rule, YEAR, NO_DELAY, end) == rolling_origins(
        HALF_YEARS, rule, YEAR, NO_DELAY, end
    )


def test_too_short_records_are_refused_with_the_dates_that_there_are() -> None:
    short = [dt.date(2023, 1, 1), dt.date(2023, 7, 1)]
    with pytest.raises(FitError, match=r"2023-01-01 to 2023-07-01, 2 in all; horizon 12m, delay 0d"):
        fit_split(short, SplitRule(), YEAR, NO_DELAY, dt.date(2024, 1, 1))
    with pytest.raises(FitError, match="no test date"):
        rolling_origins(short, SplitRule(), YEAR, NO_DELAY, dt.date(2024, 1, 1))
    with pytest.raises(FitError, match="as-of dates: none"):
        rolling_origins([], SplitRule(), YEAR, NO_DELAY, dt.date(2024, 1, 1))

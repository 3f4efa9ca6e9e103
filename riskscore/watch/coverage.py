"""Where nobody looks: places by the time since any visit, and how much of the estimated risk lies there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.selection.bounds import tilted

Floats = NDArray[np.float64]
GAMMA = 2.0  # odds of a find at a place not visited of late may be so many times higher, or lower, than estimated
TIMES = ("within a year", "1 to 3 years ago", "over 3 years ago", "never")
LATE = TIMES[2:]
ALL = "all"


@dataclass(frozen=True)
class Places:
    """The register on a day; arrays of shape (n,).

    Parameters
    ----------
    days : float array
        Since the newest visit known; NaN where there was none.
    closed : bool array
        The rule in force allows no visit.
    low, chance, high : float array
        Of a find if visited: the calibration's ends (Venn-Abers) and its value; NaN where percentages are refused.
    groups : mapping of name to text array
        Sector, region, kind of place; empty where not told.
    latitude, longitude : float array
        NaN where not told.
    """

    days: Floats
    closed: NDArray[np.bool_]
    low: Floats
    chance: Floats
    high: Floats
    groups: Mapping[str, NDArray[np.object_]]
    latitude: Floats
    longitude: Floats


@dataclass(frozen=True)
class Coverage:
    """What was found.

    ``frame`` has one row per group and time since the newest visit. Columns: by ("all", "sector", ...), group, time,
    places, closed (of these, places at which no visit is allowed), finds, finds_low, finds_high (expected if every one
    of these places were visited), share, share_low, share_high (of all finds expected in the group). The ends allow for
    the calibration, and, except for places visited within a year, for odds of a find up to ``GAMMA`` times higher or
    lower: nothing observed rules that out. They are NaN where the run refuses percentages, ``refusal`` says why.
    """

    as_of: dt.date
    frame: pd.DataFrame
    points: pd.DataFrame  # latitude, longitude, time: rounded to a tenth of a degree, with the number of places
    refusal: str


def coverage_of(places: Places, as_of: dt.date, refusal: str = "") -> Coverage:
    """Return who is looked at how often, by group.

    Examples
    --------
    >>> half, n = np.full(2, 0.5), np.full(2, np.nan)
    >>> found = coverage_of(Places(np.array([10.0, np.nan]), np.array([False, True]), half, half, half, {}, n, n),
    ...                     dt.date(2025, 1, 1)).frame
    >>> found[["time", "places", "closed"]].query("places > 0").values.tolist()
    [['within a year', 1, 0], ['never', 1, 1]]
    >>> found["share_high"].round(3).tolist()
    [0.6, 0.0, 0.0, 0.571]
    """
    when = np.select([places.days <= 365, places.days <= 3 * 365, ~np.isnan(places.days)], TIMES[:3], TIMES[3])
    recent = when == TIMES[0]
    low = np.where(recent, places.low, tilted(places.low, 1 / GAMMA))
    high = np.where(recent, places.high, tilted(places.high, GAMMA))
    table = pd.DataFrame({"time": when, "places": 1, "closed": places.closed.astype(np.int64), "finds": places.chance,
                          "finds_low": low, "finds_high": high})  # fmt: skip
    parts = [_split(table, ALL, "")]
    for by, words in places.groups.items():
        parts += [_split(table[words == group], by, str(group)) for group in np.unique(words.astype(str))]
    grid = pd.DataFrame({"latitude": places.latitude.round(1), "longitude": places.longitude.round(1), "time": when})
    points = grid.dropna().groupby(["latitude", "longitude", "time"], as_index=False).size()
    return Coverage(as_of, pd.concat(parts, ignore_index=True), points.rename(columns={"size": "places"}), refusal)


def _split(table: pd.DataFrame, by: str, group: str) -> pd.DataFrame:
    sums = table.groupby("time").sum(min_count=1).reindex(list(TIMES))
    empty = sums["places"].isna()
    sums.loc[empty] = 0  # no place, so no find there; NaN is kept for percentages that are refused
    if table["finds"].isna().all():
        sums[["finds", "finds_low", "finds_high"]] = np.nan
    whole = sums.sum(min_count=len(sums))
    sums["share"] = sums["finds"] / whole["finds"]
    # at its least a part is as small, and all others as large, as the bounds allow
    sums["share_low"] = sums["finds_low"] / (sums["finds_low"] + whole["finds_high"] - sums["finds_high"])
    sums["share_high"] = sums["finds_high"] / (sums["finds_high"] + whole["finds_low"] - sums["finds_low"])
    sums = sums.astype({"places": int, "closed": int}).reset_index()
    sums.insert(0, "group", group)
    sums.insert(0, "by", by)
    return sums

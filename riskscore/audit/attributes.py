"""What an audit reads of each row and a feature may not: groups of employers, and the share of foreign workers.

Everything is as it was known on the row's own day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.dates import Days, Period
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import parse
from riskscore.history.tables import take
from riskscore.history.windows import Ints, stretches
from riskscore.records.model import Records

Floats = NDArray[np.float64]

NOT_KNOWN = "not known"
SIZES = {"1 to 9": 10, "10 to 49": 50, "50 to 249": 250, "250 and more": np.inf}  # band -> below how many
HEADCOUNT_SINCE = Period(months=24)  # an older headcount says nothing of today


@dataclass(frozen=True)
class Attributes:
    """Groups and breaches of n rows.

    ``groups`` has the index (entity, as_of) and of these columns those that the records give: region, sector, size
    (band of the employer's registered headcount) and foreign_workers (band of their share). ``foreign_share`` is the
    number behind the last, NaN where it is not known. ``breaches`` are numbers that a score may know.
    """

    groups: pd.DataFrame
    foreign_share: Floats
    breaches: pd.DataFrame


def attributes(records: Records, cohort: Cohort, high: float) -> Attributes:
    """Return what an audit reads of a cohort.

    Parameters
    ----------
    high : float
        From which share of foreign workers on it counts as high.
    """
    engine = Engine(records, cohort)
    missing = np.full(cohort.as_of.shape, np.nan)
    groups = {
        "region": _words(engine, "region", ("site", "employer")),
        "sector": _words(engine, "sector", ("employer",)),
    }
    headcount = _headcount(engine) if records.has("contracts") else missing
    holders = _in_force(engine) if records.has("permits") else missing
    share = foreign_share(holders, headcount)
    found = {name: words for name, words in groups.items() if words is not None}
    if records.has("contracts"):
        found["size"] = size_band(headcount)
    if records.has("permits"):
        found["foreign_workers"] = share_band(share, high)
    return Attributes(pd.DataFrame(found, index=cohort.index), share, _breaches(records, cohort))


def foreign_share(holders: Floats, headcount: Floats) -> Floats:
    """Return workers with a permit in force over registered headcount, at most 1; NaN where that is not known.

    Where a permit and its extension are both in force, both count; such a share may be too high.

    Examples
    --------
    >>> foreign_share(np.array([0.0, 5.0, 9.0, 3.0]), np.array([np.nan, 20.0, 6.0, np.nan])).tolist()
    [0.0, 0.25, 1.0, nan]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.minimum(holders / headcount, 1.0)
    return np.where(holders == 0, 0.0, np.where(headcount == 0, 1.0, share))


def size_band(headcount: Floats) -> NDArray[np.object_]:
    """Return the band of each headcount.

    Examples
    --------
    >>> size_band(np.array([3.0, 50.0, np.nan])).tolist()
    ['1 to 9', '50 to 249', 'not known']
    """
    names = np.array([*SIZES, NOT_KNOWN], dtype=object)
    band = np.searchsorted(list(SIZES.values()), headcount, side="right")
    return names[np.where(np.isnan(headcount), len(SIZES), np.minimum(band, len(SIZES) - 1))]


def share_band(share: Floats, high: float) -> NDArray[np.object_]:
    """Return the band of each share of foreign workers.

    Examples
    --------
    >>> share_band(np.array([0.0, 0.1, 0.2, np.nan]), 0.2).tolist()
    ['none', 'below 20 %', '20 % and more', 'not known']
    """
    names = np.array(["none", f"below {high:.0%}".replace("%", " %"), f"{high:.0%} and more".replace("%", " %"),
                      NOT_KNOWN], dtype=object)  # fmt: skip
    at: NDArray[np.intp] = np.select([np.isnan(share), share == 0, share < high], [3, 0, 1], 2)
    return names[at]


def _words(engine: Engine, column: str, kinds: tuple[str, ...]) -> NDArray[np.object_] | None:
    """Return a column of each row's site or employer, whichever has it first; None where no table has it."""
    found: NDArray[np.object_] | None = None
    for kind in kinds:
        table = engine.records.tables.get(f"{kind}s")
        if table is None or column not in table.present or (kind == "site" and engine.cohort.kind == "employer"):
            continue
        values = take(engine.index[kind].view.values(column), engine.newest(kind))
        words = np.array([*values.words, None], dtype=object)[values.data]
        found = words if found is None else np.where(pd.isna(found), words, found)
    if found is not None:
        found[pd.isna(found)] = NOT_KNOWN
    return found


def _in_force(engine: Engine) -> Floats:
    """Return how many workers hold a permit of each row's employer that runs on the row's day."""
    events = engine.evaluated([], "permits", ["employer"])
    until = events.table.cell(events.versions, None, "expires_on").data
    workers = np.nan_to_num(events.table.cell(events.versions, None, "workers").data)

    def sum_of(n: int, owner: Ints, event: Ints, as_of: Days) -> Floats:
        running = np.where(until[event] >= as_of[owner], workers[event], 0.0)
        return np.bincount(owner, running, minlength=n).astype(np.float64)

    return _over_events(engine, "permits", sum_of, 0.0)


def _headcount(engine: Engine) -> Floats:
    """Return the registered headcount of each row's employer: of each of its places the newest, added up."""
    events = engine.evaluated([], "contracts", ["employer"])
    place = events.table.cell(events.versions, None, "site_id").data
    registered = events.table.cell(events.versions, None, "registered_workers").data

    def sum_of(n: int, owner: Ints, event: Ints, as_of: Days) -> Floats:
        told = ~np.isnan(registered[event])
        owner, event = owner[told], event[told]
        # Events of an owner come in the order of their dates, so the last row of a place is its newest.
        pairs = pd.DataFrame({"owner": owner, "place": place[event]})
        last = ~pairs.duplicated(keep="last").to_numpy()
        total = np.bincount(owner[last], registered[event[last]], minlength=n)
        return np.where(np.bincount(owner, minlength=n) > 0, total, np.nan)

    return _over_events(engine, "contracts", sum_of, np.nan, HEADCOUNT_SINCE)


def _over_events(
    engine: Engine,
    table: str,
    sum_of: Callable[[int, Ints, Ints, Days], Floats],
    none: float,
    window: Period = Period(everything=True),
) -> Floats:
    """Return for each row what ``sum_of`` makes of the events of its employer that were known on its day.

    ``sum_of`` takes the number of rows, pairs of a row and an event in the order of the events' dates, and the rows'
    days. ``none`` stands where the employer is not known.
    """
    events = engine.evaluated([], table, ["employer"])
    history, (_, codes) = engine.keyed(events, "employer", True).history, engine.key("employer")
    out = np.full(engine.cohort.as_of.shape, none)
    for part in history.parts(codes, engine.cohort.as_of):
        owner, position = stretches(part.begin(window), part.stop)
        out[part.rows] = sum_of(part.rows.size, owner, part.order[position].astype(np.int64), part.as_of)
    return out


def _breaches(records: Records, cohort: Cohort) -> pd.DataFrame:
    """Return the breaches about foreign workers that a score may know: work without a permit, permits run out."""
    common: dict[str, Any] = {"by": ("employer",), "none": 0.0}
    features = {
        "inspections": Feature("without_permit", "sum", "inspections", value=parse("workers_without_permit"), **common),
        "permits": Feature("overdue", "overdue", "permits", value=parse("expires_on"), **common),
    }
    wanted = {"inspections": "workers_without_permit", "permits": "expires_on"}
    found = [f for t, f in features.items() if records.has(t) and wanted[t] in records[t].present]
    family = Family("breach", "Breaches", "inspections", "", "", tuple(found))
    return build(records, [family], cohort).frame if found else pd.DataFrame(index=cohort.index)

"""How visits come about: the month, the office that goes there, and the rule in force.

These are facts about selection. They explain who was visited and stay out of the model of the risk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.dates import FOREVER, MISSING, Period, to_days
from riskscore.history.tables import TableView, take
from riskscore.records.model import Records

OPEN, COMPLAINT_ONLY, SUSPENDED = "open", "complaint_only", "suspended"
NOT_STATED = "not stated"  # no rule covers the row on its day; visits are then allowed
RULES = (NOT_STATED, OPEN, COMPLAINT_ONLY, SUSPENDED)  # from the mildest to the strictest
ON_FILE = Period(months=12)  # a complaint made within it opens a place under the rule "complaint_only"
MONTH, OFFICE, RULE = "selection.month", "selection.office", "selection.rule"  # no feature can be called so
_KEYS = ("sector", "site_type", "region")


@dataclass(frozen=True)
class Circumstances:
    """How visits to the rows of a cohort come about, as known before each row's day.

    Parameters
    ----------
    frame : DataFrame, shape (n, 3)
        Month of the day; the office that went to the region most often before; the rule in force.
    closed : bool array, shape (n,)
        The rule allows no visit: visits are suspended, or need a complaint and none was made in the last 12 months.
    """

    frame: pd.DataFrame
    closed: NDArray[np.bool_]

    @property
    def rule(self) -> NDArray[Any]:
        """The rule in force on each row's day, one of `RULES`; array of str, shape (n,)."""
        return self.frame[RULE].to_numpy(dtype=object)

    def beside(self, features: pd.DataFrame) -> pd.DataFrame:
        """Return the features with these columns beside them, for a model of who is visited."""
        return pd.concat([features, self.frame.set_axis(features.index, axis=0)], axis=1)


def circumstances(records: Records, cohort: Cohort) -> Circumstances:
    """Return how visits to each row of a cohort come about.

    Where several rules hold, the one that names most of sector, site type and region decides, and of two such the
    stricter one. Nothing known on a row's day or later is used: a rule of which the office learns on the day is not
    yet in force for it.
    """
    engine = Engine(records, cohort)
    rule = _rules(engine)
    names = np.array(RULES, dtype=object)[rule]
    reported = np.zeros(rule.shape, dtype=bool)
    for key in dict.fromkeys([cohort.kind, "employer"]):
        if records.has("complaints") and engine.table("complaints").paths(key):
            reported |= engine.visible("complaints", key, ON_FILE) > 0
    closed = (names == SUSPENDED) | ((names == COMPLAINT_ONLY) & ~reported)
    months = cohort.as_of.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
    return Circumstances(
        pd.DataFrame({
            MONTH: months.astype(np.float64), OFFICE: _offices(engine), RULE: pd.Categorical(names, list(RULES)),
        }, index=cohort.index),
        np.asarray(closed),
    )  # fmt: skip


def _rules(engine: Engine) -> NDArray[np.int64]:
    """Return the position in `RULES` of the rule in force for each row."""
    as_of = engine.cohort.as_of
    found, named = np.zeros(as_of.shape, dtype=np.int64), np.full(as_of.shape, -1)
    if "regimes" not in engine.views:
        return found
    view: TableView = engine.views["regimes"]
    frame = view.frame
    begins, ends = to_days(frame["from"]), to_days(frame["to"])
    ends = np.where(ends == MISSING, FOREVER, ends)
    until = np.full(view.n, FOREVER) if view.until is None else view.until
    said = {key: told(engine, key) for key in _KEYS}
    for i, rule in enumerate(frame["rule"].to_numpy(dtype=object)):
        if rule not in RULES:  # a rule without a word says nothing
            continue
        holds = (view.start[i] < as_of) & (as_of <= until[i]) & (begins[i] <= as_of) & (as_of < ends[i])
        asked = {key: frame[key].iloc[i] for key in _KEYS if not pd.isna(frame[key].iloc[i])}
        for key, word in asked.items():
            holds &= said[key] == word
        strict = RULES.index(rule)
        wins = holds & ((len(asked) > named) | ((len(asked) == named) & (strict > found)))
        found[wins], named[wins] = strict, len(asked)
    return found


def told(engine: Engine, key: str) -> NDArray[Any]:
    """Return what the registers say of each row: its employer's sector, its own type and region."""
    kind = "employer" if key == "sector" else engine.cohort.kind
    if kind not in engine.index or not engine.index[kind].view.has(key):
        return np.full(engine.cohort.as_of.shape, None, dtype=object)
    values = take(engine.index[kind].view.values(key), engine.newest(kind))
    found: NDArray[Any] = np.array([*values.words, None], dtype=object)[values.data]
    return found


def _offices(engine: Engine) -> pd.Categorical:
    """Return the office that went most often to each row's region before its day; missing where nobody had gone.

    The office of the visit itself would be known of visited rows alone.
    """
    cohort, kind = engine.cohort, engine.cohort.kind
    missing = pd.Categorical([None] * cohort.as_of.size, categories=pd.Index([], dtype=object))
    visits = engine.table("inspections")
    if not visits.view.has("office") or kind not in engine.index or not engine.index[kind].view.has("region"):
        return missing
    versions = visits.reading([], [kind], [kind])
    region, office = visits.cell(versions, kind, "region"), visits.cell(versions, None, "office")
    words = np.unique(np.asarray(office.words, dtype=object).astype(str))
    place = np.searchsorted(words, np.asarray(office.words, dtype=object).astype(str))
    whose = np.append(place, -1)[office.data]
    until = np.full(versions.start.shape, FOREVER) if versions.until is None else versions.until
    own = take(engine.index[kind].view.values("region"), engine.newest(kind)).data
    found = np.full(cohort.as_of.shape, -1)
    there = (region.data >= 0) & (whose >= 0)
    for date in np.unique(cohort.as_of):
        known = there & (versions.start < date) & (date <= until)
        went = np.bincount(region.data[known] * words.size + whose[known], minlength=len(region.words) * words.size)
        went = went.reshape(len(region.words), words.size)
        usual = np.append(np.where(went.sum(axis=1) > 0, went.argmax(axis=1), -1), -1)
        rows = cohort.as_of == date
        found[rows] = usual[own[rows]]
    return pd.Categorical.from_codes(found, categories=pd.Index(words.astype(object)))

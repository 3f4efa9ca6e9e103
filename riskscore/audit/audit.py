"""The audit of a backtest: both harms by group, the proxy for who the workers are, and what blocks a promotion."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.audit.attributes import Attributes
from riskscore.audit.fairness import Least, fairness
from riskscore.audit.proxy import Proxy, proxy
from riskscore.definitions.recipe import AuditRule

HARMS = ("visits for nothing", "finds passed over")  # shares: a limit can be set on their differences


@dataclass(frozen=True)
class Audit:
    """What was found.

    ``fairness`` is as `riskscore.audit.fairness.fairness` returns it. ``reasons`` say in sentences what blocks a
    promotion; ``passed`` is whether there are none. ``not_judged`` says what could not be told: it blocks nothing, and
    must be read.
    """

    capacity: float  # share of the list that can be visited
    fairness: pd.DataFrame
    proxy: Proxy | None  # None: no permits in the records
    reasons: tuple[str, ...]
    not_judged: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing blocks a promotion."""
        return not self.reasons


def audit(
    rows: pd.DataFrame, found: Attributes, rule: AuditRule, capacity: float, score: str = "model", draws: int = 1000
) -> Audit:
    """Return the audit of one ranking on past dates.

    Parameters
    ----------
    rows : DataFrame of n rows
        A row per origin and place of the whole test cohort: origin, entity, group (the employer), target (1, 0, NaN
        where nobody looked), days (from the list to the first find), and the column named by ``score``.
    found : Attributes
        Of the same n rows.
    rule : AuditRule
        The recipe's limits.
    capacity : float
        Share of each origin's cohort that can be visited.

    Raises
    ------
    ValueError
        The attributes are not of these rows.
    """
    if len(found.groups) != len(rows):
        raise ValueError(f"{len(found.groups)} rows of attributes for {len(rows)} rows")
    score_, employers = rows[score].to_numpy(dtype=np.float64), rows["group"].to_numpy(dtype=object)
    origins = rows["origin"].to_numpy()
    harms = fairness(
        rows["target"].to_numpy(dtype=np.float64), within_capacity(origins, rows["entity"], score_, capacity),
        rows["days"].to_numpy(dtype=np.float64), employers, found.groups,
        Least(rule.minimum_rows, rule.minimum_positives), draws=draws,
    )  # fmt: skip
    told = None
    if "foreign_workers" in found.groups:
        share = found.foreign_share
        high = np.where(np.isnan(share), np.nan, share >= rule.high_foreign_share)
        told = proxy(high, place_in_list(origins, score_), found.breaches, employers, fewest=rule.minimum_rows)
    reasons = [*_harms_beyond(harms, rule.difference_limit), *_proxy_beyond(told, rule)]
    return Audit(capacity, harms, told, tuple(reasons), tuple(_not_judged(harms, told, found)))


def within_capacity(
    origins: NDArray[np.object_], entity: pd.Series[str], score: NDArray[np.float64], capacity: float
) -> NDArray[np.bool_]:
    """Return which rows are among the first of their origin's list; equal scores in the order of their ids."""
    within = np.zeros(score.shape, dtype=bool)
    ids = entity.to_numpy(dtype=object).astype(str)
    for origin in np.unique(origins):
        here = np.flatnonzero(origins == origin)
        first = np.lexsort((ids[here], -score[here]))[: max(1, round(capacity * here.size))]
        within[here[first]] = True
    return within


def place_in_list(origins: NDArray[np.object_], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each row's rank by score within its origin, from 0 to 1: scores of different models do not compare."""
    table = pd.DataFrame({"origin": origins, "score": score})
    return table.groupby("origin")["score"].rank(pct=True).to_numpy(dtype=np.float64)


def _harms_beyond(harms: pd.DataFrame, limit: float) -> list[str]:
    """Say of each group that is surely worse off than everybody else by more than the limit."""
    beyond = harms[harms["measure"].isin(HARMS) & (harms["difference_low"] > limit)]
    return [
        f"{row.measure}, {str(row.attribute).replace('_', ' ')} '{row.group}': {row.value:.0%}, "
        f"{row.difference:.0%} more than everybody else (at least {row.difference_low:.0%}, at most "
        f"{row.difference_high:.0%}; limit {limit:.0%})"
        for row in beyond.itertuples()
    ]


def _proxy_beyond(told: Proxy | None, rule: AuditRule) -> list[str]:
    """Say that the score gives away who the workers are: by more than the limit, and not by chance alone."""
    if told is None or not (told.gain.value > rule.proxy_gain_limit and told.gain.low > 0):
        return []
    return [
        f"the score tells employers with many foreign workers from others better than their breaches do: AUC "
        f"{told.with_score.value:.3f} instead of {told.breaches.value:.3f}, a gain of {told.gain.value:.3f} "
        f"({told.gain.low:.3f} to {told.gain.high:.3f}, limit {rule.proxy_gain_limit:.3f})"
    ]


def _not_judged(harms: pd.DataFrame, told: Proxy | None, found: Attributes) -> list[str]:
    said = [
        f"no {name.replace('_', ' ')} in the records"
        for name in ("region", "sector", "size", "foreign_workers")
        if name not in found.groups
    ]
    unjudged = harms[(harms["verdict"] == "no verdict") & harms["measure"].isin(HARMS)] if len(harms) else harms
    pairs = unjudged.drop_duplicates(["attribute", "group"]) if len(unjudged) else unjudged
    if len(pairs):
        said.append(f"{len(pairs)} groups have too few visited places or finds for a verdict on both harms")
    if told is not None and told.refusal:
        said.append(f"whether the score gives away who the workers are: {told.refusal}")
    return said

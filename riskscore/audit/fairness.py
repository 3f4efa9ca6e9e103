"""Two harms by group: visits that find nothing burden employers, finds that are passed over abandon workers.

All figures are of places that somebody visited; a group that nobody visits has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.metrics import Interval, wilson

Floats = NDArray[np.float64]
LEVEL = 0.95
_BLOCK = 4_000_000  # weights held at a time

MEASURES: Mapping[str, str] = {
    "visits for nothing": "of the visited places within capacity, the share where nothing was found",
    "finds passed over": "of the places where something was found, the share outside capacity",
    "days until found": "mean days from the list to the first find, of the places outside capacity where one was made",
}


@dataclass(frozen=True)
class Least:
    """With fewer than so many rows or positives a group gets no verdict."""

    rows: int = 30
    positives: int = 10


def fairness(
    outcome: Floats,
    within: NDArray[np.bool_],
    days: Floats,
    employers: NDArray[Any],
    groups: pd.DataFrame,
    least: Least,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return both harms for every group of every attribute, with intervals and the difference from everybody else.

    Shares have Wilson's interval at the number of independent rows that a bootstrap of whole employers leaves, so that
    a group where nothing, or everything, was passed over has an interval too; differences of shares have Newcombe's.
    Days have the bootstrap's percentiles. Differences are judged at a level shared among all groups of a measure: of a
    ranking that treats all groups alike, a measure marks any group in about one audit of twenty.

    Parameters
    ----------
    outcome : array of 1, 0 and NaN (nobody looked), shape (n,)
    within : bool array, shape (n,)
        Which places the list puts within capacity.
    days : array, shape (n,)
        From the list to the first find; read only where the outcome is 1.
    employers : array, shape (n,)
        Rows of one employer are resampled together.
    groups : DataFrame, shape (n, a)
        A column per attribute.
    least : Least

    Returns
    -------
    DataFrame
        A row per attribute, group and measure: attribute, group, measure, rows (with a known outcome), positives,
        counted (what the measure is a share or mean of), value, low, high, difference, difference_low,
        difference_high, verdict ("no verdict", "not told apart", "higher", "lower"). Too few rows give no figure.

    Examples
    --------
    >>> found = fairness(np.tile([1.0, 0, 0, 0], 100), np.arange(400) % 2 == 0, np.full(400, 90.0), np.arange(400),
    ...                  pd.DataFrame({"region": ["Bakı", "Quba"] * 200}), Least(), draws=200)
    >>> found[found.measure == "visits for nothing"][["group", "value", "verdict"]].values.tolist()
    [['Bakı', 0.5, 'no verdict'], ['Quba', nan, 'no verdict']]
    """
    known = ~np.isnan(outcome)
    found, within, days = outcome[known] == 1, within[known], np.nan_to_num(days[known])
    _, employer = np.unique(employers[known].astype(str), return_inverse=True)
    parts = [
        _attribute(str(name), groups[name].to_numpy(dtype=object)[known], found, within, days, employer, least,
                   draws, seed)
        for name in groups
    ]  # fmt: skip
    rows = [row for part in parts for row in part]
    for measure in MEASURES:
        _judge([row for row in rows if row["measure"] == measure])
    return pd.DataFrame([{k: v for k, v in row.items() if k[0] != "_"} for row in rows])


def measured(outcome: NDArray[np.bool_], within: NDArray[np.bool_], days: Floats, group: NDArray[Any]) -> pd.DataFrame:
    """Return the measures of every group as fairlearn computes them: a row per group, a column per measure."""
    from fairlearn.metrics import MetricFrame, false_negative_rate

    def false_discovery(y: Any, chosen: Any) -> float:
        return float(1 - y[chosen].mean()) if chosen.any() else float("nan")

    def passed_over(y: Any, chosen: Any) -> float:
        return float(false_negative_rate(y, chosen, pos_label=True)) if y.any() else float("nan")

    def days_until(y: Any, chosen: Any, days: Any) -> float:
        late = days[y & ~chosen]
        return float(late.mean()) if late.size else float("nan")

    frame = MetricFrame(
        metrics=dict(zip(MEASURES, (false_discovery, passed_over, days_until), strict=True)),
        y_true=outcome,
        y_pred=within,
        sensitive_features=pd.Series(group.astype(str), name="group"),
        sample_params={"days until found": {"days": days}},
    )
    return pd.DataFrame(frame.by_group)


def _attribute(
    name: str, group: NDArray[Any], outcome: NDArray[np.bool_], within: NDArray[np.bool_], days: Floats,
    employer: NDArray[np.intp], least: Least, draws: int, seed: int,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Give the rows of one attribute, not yet judged."""
    if not group.size:
        return
    names, code = np.unique(group.astype(str), return_inverse=True)
    values = measured(outcome, within, days, group)
    rows, positives = np.bincount(code, minlength=names.size), np.bincount(code[outcome], minlength=names.size)
    # A measure is a sum over a sum: (what is added up, among whom).
    sums = {
        "visits for nothing": (within & ~outcome, within),
        "finds passed over": (outcome & ~within, outcome),
        "days until found": (np.where(outcome & ~within, days, 0.0), outcome & ~within),
    }
    for measure, (above, below) in sums.items():
        drawn_above, drawn_below = (_drawn(part, code, employer, names.size, draws, seed) for part in (above, below))
        counted = np.bincount(code, below, minlength=names.size)
        total = np.bincount(code, above, minlength=names.size)
        share = measure != "days until found"
        for g, said in enumerate(names):
            enough = rows[g] >= least.rows and positives[g] >= least.positives and counted[g] >= least.positives
            mine = _Measured(total[g], counted[g], drawn_above[:, g], drawn_below[:, g], share)
            rest = _Measured(
                total.sum() - total[g], counted.sum() - counted[g],
                drawn_above.sum(axis=1) - drawn_above[:, g], drawn_below.sum(axis=1) - drawn_below[:, g], share,
            )  # fmt: skip
            found = mine.interval(LEVEL)
            value = float(values.loc[said, measure])
            yield {
                "attribute": name, "group": said, "measure": measure, "rows": int(rows[g]),
                "positives": int(positives[g]), "counted": int(counted[g]),
                "value": value if enough else np.nan,
                "low": found.low if enough else np.nan, "high": found.high if enough else np.nan,
                "_mine": mine, "_rest": rest, "_judged": bool(enough and rest.below >= least.positives),
            }  # fmt: skip


@dataclass(frozen=True)
class _Measured:
    """A ratio of sums with the same ratio in every draw of employers."""

    above: float
    below: float
    drawn_above: Floats
    drawn_below: Floats
    share: bool

    @property
    def value(self) -> float:
        return self.above / self.below if self.below else float("nan")

    @property
    def drawn(self) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.drawn_above / self.drawn_below

    def interval(self, level: float) -> Interval:
        drawn = self.drawn[self.drawn_below > 0]
        if not self.below or not drawn.size:
            return Interval(self.value, float("nan"), float("nan"))
        if not self.share:
            low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
            return Interval(self.value, float(low), float(high))
        plain, found = self.value * (1 - self.value) / self.below, float(drawn.var())
        n = self.below / max(1.0, found / plain) if plain else self.below
        return wilson(self.value * n, n, level)


def _judge(rows: list[dict[str, Any]]) -> None:
    """Add to each row how far its group differs from everybody else, at a level that all rows share."""
    attributes = [row["attribute"] for row in rows if row["_judged"]]
    # Of two groups each is the other's mirror: one comparison.
    comparisons = sum(max(n - (n == 2), 1) for n in (attributes.count(a) for a in sorted(set(attributes))))
    level = 1 - (1 - LEVEL) / max(comparisons, 1)
    for row in rows:
        mine, rest = row["_mine"], row["_rest"]
        low = high = difference = float("nan")
        if row["_judged"]:
            difference = mine.value - rest.value
            low, high = _apart(mine, rest, level)
        verdict = "higher" if low > 0 else "lower" if high < 0 else "not told apart" if low <= high else "no verdict"
        row |= {"difference": difference, "difference_low": low, "difference_high": high, "verdict": verdict}


def _apart(mine: _Measured, rest: _Measured, level: float) -> tuple[float, float]:
    """Return the interval of a difference: Newcombe's of two shares, the bootstrap's of two means."""
    apart = mine.value - rest.value
    if mine.share:
        a, b = mine.interval(level), rest.interval(level)
        return (apart - float(np.hypot(a.value - a.low, b.high - b.value)),
                apart + float(np.hypot(a.high - a.value, b.value - b.low)))  # fmt: skip
    drawn = mine.drawn - rest.drawn
    width = NormalDist().inv_cdf((1 + level) / 2) * float(np.nanstd(drawn))
    return apart - width, apart + width


def _drawn(
    part: NDArray[Any], code: NDArray[np.intp], employer: NDArray[np.intp], groups: int, draws: int, seed: int
) -> Floats:
    """Return the sum of each group in every draw of employers, shape (draws, groups)."""
    count = int(employer.max()) + 1
    by_employer = np.bincount(employer * groups + code, part, minlength=count * groups).reshape(count, groups)
    random, chance = np.random.default_rng(seed), np.full(count, 1 / count)
    blocks = []
    size = max(1, _BLOCK // count)
    for first in range(0, draws, size):
        times = random.multinomial(count, chance, size=min(size, draws - first))
        blocks.append(times.astype(np.float64) @ by_employer)
    return np.concatenate(blocks)

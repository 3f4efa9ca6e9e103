"""Whether two samples of the same columns differ: by how much, and more than by chance.

How much is the population stability index, PSI = sum (a - b) ln(a / b) over the shares of bins. More than by chance is
a two-sample test: Kolmogorov-Smirnov for numbers, chi-square for categories, shares and missing values. Many columns
are tested at once, so p-values are adjusted to keep the expected share of false alarms among all alarms (Benjamini and
Hochberg, 1995). **Both must speak for an alarm**: in a large register every small difference is more than chance, and
in a small one chance alone makes a large PSI.

The tests take rows for independent. The same places stand in both samples, which makes them alarm less, not more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 10
MISSING = "missing"
OTHERS = "(others)"
KINDS = ("feature", "missing", "score", "visited", "finds", "predicted")


@dataclass(frozen=True)
class Limits:
    """When a difference is an alarm."""

    psi: float = 0.2  # and more: the usual mark of a marked shift
    false_alarms: float = 0.05  # expected share of false alarms among all alarms
    ratio: float = 1.25  # of realised to predicted finds, either way
    fewest: int = 30  # rows on either side below which nothing is judged


@dataclass(frozen=True)
class Difference:
    """One column of the two samples.

    ``bins`` has the columns bin, before and after (shares); ``p`` is NaN, and ``note`` says why, where nothing could
    be judged.
    """

    kind: str  # one of KINDS
    name: str
    test: str
    psi: float
    p: float
    before: float  # mean of numbers, else the share told in ``note``
    after: float
    bins: pd.DataFrame
    note: str = ""


@dataclass(frozen=True)
class Drift:
    """What differs between two days.

    ``frame`` has one row per column: kind, name, before, after, psi, test, p, q (p adjusted for the number of tests),
    over (an alarm) and note; alarms first. ``bins`` has the shares behind each, by (kind, name).
    """

    frame: pd.DataFrame
    bins: Mapping[tuple[str, str], pd.DataFrame]
    limits: Limits
    notes: tuple[str, ...] = ()

    @property
    def over(self) -> pd.DataFrame:
        """The alarms."""
        return self.frame[self.frame["over"]]


def compare(before: pd.DataFrame, after: pd.DataFrame, kind: str, limits: Limits) -> list[Difference]:
    """Return the difference of every column of two frames with the same columns.

    Examples
    --------
    >>> old, new = pd.DataFrame({"x": np.arange(100.0)}), pd.DataFrame({"x": np.arange(50.0, 150.0)})
    >>> found = compare(old, new, "feature", Limits())[0]
    >>> found.test, found.psi > 1, found.p < 1e-9
    ('Kolmogorov-Smirnov', True, True)
    """
    return [difference(str(name), kind, before[name], after[name], limits) for name in before.columns]


def difference(name: str, kind: str, before: pd.Series, after: pd.Series, limits: Limits) -> Difference:
    """Return how two samples of one column differ; missing values are a bin of their own in the PSI."""
    from scipy.stats import ks_2samp

    if pd.api.types.is_numeric_dtype(before) and not pd.api.types.is_bool_dtype(before):
        old, new = before.to_numpy(dtype=np.float64), after.to_numpy(dtype=np.float64)
        bins = _number_bins(old, new)
        a, b = old[~np.isnan(old)], new[~np.isnan(new)]
        note, p = _few(a.size, b.size, limits), np.nan
        if not note:
            p = float(ks_2samp(a, b, method="asymp").pvalue)
        means = [float(x.mean()) if x.size else np.nan for x in (a, b)]
        return Difference(kind, name, "Kolmogorov-Smirnov", _psi(bins), p, means[0], means[1], bins, note)
    old_words, new_words = (s.astype("object").where(s.notna(), MISSING).astype(str) for s in (before, after))
    return of_counts(name, kind, old_words.value_counts(), new_words.value_counts(), limits)


def of_counts(name: str, kind: str, before: pd.Series, after: pd.Series, limits: Limits) -> Difference:
    """Return how two counts of the same categories differ; categories too rare to test are put together.

    Examples
    --------
    >>> of_counts("found", "finds", pd.Series({"no": 90, "yes": 10}), pd.Series({"no": 90, "yes": 10}), Limits()).psi
    0.0
    """
    from scipy.stats import chi2_contingency

    names = sorted(set(before.index) | set(after.index))
    table = np.array([before.reindex(names, fill_value=0), after.reindex(names, fill_value=0)], dtype=np.float64)
    expected = table.sum(axis=0) * table.sum(axis=1).min() / max(table.sum(), 1.0)
    rare = expected < 5
    if rare.sum() > 1:
        names = [n for n, few in zip(names, rare, strict=True) if not few] + [OTHERS]
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(axis=1)])
    note, p = _few(table[0].sum(), table[1].sum(), limits), np.nan
    there = table.sum(axis=0) > 0
    if not note:
        p = 1.0 if there.sum() < 2 else float(chi2_contingency(table[:, there], correction=False).pvalue)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    bins = pd.DataFrame({"bin": names, "before": shares[0], "after": shares[1], "n": table[0], "m": table[1]})
    most = int(np.argmax(np.abs(shares[0] - shares[1])))
    return Difference(kind, name, "chi-square", _psi(bins), p, float(shares[0, most]), float(shares[1, most]),
                      bins, note or f"share of '{names[most]}'")  # fmt: skip


def missing(before: pd.DataFrame, after: pd.DataFrame, limits: Limits) -> list[Difference]:
    """Return how the share of missing values of every column differs."""
    found = []
    for name in before.columns:
        old, new = (frame[name].isna().map({True: MISSING, False: "known"}).value_counts() for frame in (before, after))
        if old.get(MISSING, 0) or new.get(MISSING, 0):
            found.append(of_counts(str(name), "missing", old, new, limits))
    return found


def realised(chance: Floats, found: Floats, limits: Limits) -> Difference:
    """Return how the finds at visited places differ from what the calibrated chances foretold.

    Parameters
    ----------
    chance : array, shape (n,)
        Of a find at each visited place.
    found : array of 1 and 0, shape (n,)
    """
    from scipy.stats import norm

    expected, spread = chance.sum(), np.sqrt((chance * (1 - chance)).sum())
    note = _few(chance.size, found.size, limits)
    p = np.nan if note or not spread else float(2 * norm.sf(abs(found.sum() - expected) / spread))
    bins = pd.DataFrame({"bin": ["found"], "before": [expected / max(chance.size, 1)],
                         "after": [found.sum() / max(found.size, 1)]})  # fmt: skip
    return Difference("predicted", "finds at visited places", "z of the sum", np.nan, p, float(expected),
                      float(found.sum()), bins, note or "finds predicted, and found")  # fmt: skip


def judged(found: Sequence[Difference], limits: Limits, notes: Sequence[str] = ()) -> Drift:
    """Return all differences together, with p adjusted for their number, and which are alarms."""
    from scipy.stats import false_discovery_control

    frame = pd.DataFrame(
        [{c: getattr(d, c) for c in ("kind", "name", "before", "after", "psi", "test", "p", "note")} for d in found]
    )
    q, told = np.full(len(found), np.nan), frame["p"].notna().to_numpy()
    if told.any():
        q[told] = false_discovery_control(frame["p"].to_numpy(dtype=np.float64)[told])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = frame["after"].to_numpy(dtype=np.float64) / frame["before"].to_numpy(dtype=np.float64)
    off = (ratio > limits.ratio) | (ratio < 1 / limits.ratio)
    much = np.where(frame["kind"] == "predicted", off, frame["psi"].to_numpy(dtype=np.float64) >= limits.psi)
    frame.insert(7, "q", q)
    frame.insert(8, "over", (q <= limits.false_alarms) & much)
    order = frame.assign(_kind=frame["kind"].map(KINDS.index), _less=-frame["psi"].fillna(np.inf)).sort_values(
        ["over", "_kind", "_less", "name"], ascending=[False, True, True, True], kind="stable"
    )
    bins = {(d.kind, d.name): d.bins for d in found}
    return Drift(frame.loc[order.index].reset_index(drop=True), bins, limits, tuple(notes))


def _few(before: float, after: float, limits: Limits) -> str:
    if min(before, after) >= limits.fewest:
        return ""
    return f"not judged: {int(before):,} and {int(after):,} rows, {limits.fewest} needed"


def _number_bins(before: Floats, after: Floats) -> pd.DataFrame:
    """Return shares by tenths of the first sample; a value that is a tenth or more by itself has one bin for all."""
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if known.size else np.array([0.0])
    counts = []
    for sample in (before, after):
        there = sample[~np.isnan(sample)]
        inside = np.bincount(np.searchsorted(edges, there, side="left"), minlength=edges.size + 1)
        counts.append(np.append(inside, sample.size - there.size).astype(np.float64))
    said = [f"{e:.4g}" for e in edges]
    names = [f"to {said[0]}", *(f"over {a} to {b}" for a, b in pairwise(said)),
             f"over {said[-1]}", MISSING]  # fmt: skip
    table = pd.DataFrame({"bin": names, "n": counts[0], "m": counts[1]})
    table["before"], table["after"] = (table[c] / max(table[c].sum(), 1.0) for c in ("n", "m"))
    return table[(table["n"] > 0) | (table["m"] > 0)].reset_index(drop=True)


def _psi(bins: pd.DataFrame) -> float:
    """Return the PSI of counts n and m; half a row is added to every bin, so that an empty one stays finite."""
    n, m = (bins[c].to_numpy(dtype=np.float64) + 0.5 for c in ("n", "m"))
    a, b = m / m.sum(), n / n.sum()
    return float(((a - b) * np.log(a / b)).sum())

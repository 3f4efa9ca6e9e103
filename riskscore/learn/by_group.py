"""Metrics of a backtest split by why a visit was made, or by the rule under which it was.

A model that ranks reported places well may rank the others badly, and a year in which visits need a complaint can
judge nothing but the triage of complaints.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from riskscore.learn.backtest import DRAWS, MODEL
from riskscore.learn.bootstrap import Metric, compare
from riskscore.learn.curve import Curve

FEWEST = 10  # positives, and as many others; with fewer a figure would be chance


def by_group(rows: pd.DataFrame, by: str, models: Sequence[str], share: float) -> pd.DataFrame:
    """Return each model's metrics on the visited rows of each group, origin by origin.

    Parameters
    ----------
    rows : DataFrame
        ``Backtest.rows`` with the column ``by``.
    by : str
        Such as trigger or era.
    models : sequence of str
        The columns that hold scores.
    share : float
        Of the group's visited rows, for precision.

    Returns
    -------
    DataFrame
        Columns: origin, ``by``, model, metric, share (NaN but for precision), value, low, high (95 %, resampled by
        employer), visited, positives. Value and interval are NaN where a group has fewer than ten of either kind.
    """
    seen = rows[rows["target"].notna()]
    metrics: dict[str, Metric] = {
        "auc": Curve.auc, "average precision": Curve.average_precision,
        "precision": lambda curve: curve.precision_at(share),
    }  # fmt: skip
    found = []
    for (origin, name), own in seen.groupby(["origin", by], observed=True, sort=True):
        target = own["target"].to_numpy(dtype=np.float64)
        told = {"origin": origin, by: name, "visited": target.size, "positives": int(target.sum())}
        enough = min(target.sum(), target.size - target.sum()) >= FEWEST
        measured = compare(
            metrics, target, {m: own[m].to_numpy(dtype=np.float64) for m in models}, MODEL,
            own["group"].to_numpy(dtype=object), draws=DRAWS, seed=0,
        ) if enough else {}  # fmt: skip
        for metric in metrics:
            for model in models:
                one = measured[metric, model].a if enough else None
                found.append({
                    **told, "model": model, "metric": metric, "share": share if metric == "precision" else np.nan,
                    "value": one.value if one else np.nan, "low": one.low if one else np.nan,
                    "high": one.high if one else np.nan,
                })  # fmt: skip
    names = ["origin", by, "model", "metric", "share", "value", "low", "high", "visited", "positives"]
    return pd.DataFrame(found, columns=names)


def means_by_group(split: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return one row per group and metric: visits and positives in all, and each model's mean over the origins.

    Origins at which a group is too small are left out of the mean; one that always is has a single row without figures.
    """
    counts = split.drop_duplicates(["origin", by]).groupby(by, observed=True)[["visited", "positives"]].sum()
    named = [
        m if np.isnan(s) else f"{m} in the top {s:.0%}" for m, s in zip(split["metric"], split["share"], strict=True)
    ]
    models = list(dict.fromkeys(split["model"]))
    told = split.assign(metric=named).dropna(subset="value")
    means = told.pivot_table(index=[by, "metric"], columns="model", values="value", aggfunc="mean", sort=False)
    means = means.reindex(columns=models).reset_index().set_index(by)
    found = counts.join(means)  # groups without figures keep their row
    return found.assign(metric=found["metric"].fillna("too few to say")).reset_index()

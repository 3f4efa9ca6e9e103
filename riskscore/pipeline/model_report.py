"""The report of a stored model: measured on past dates, audited, and with what limits it."""

from __future__ import annotations

from functools import partial
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.audit.attributes import attributes
from riskscore.audit.audit import audit, place_in_list
from riskscore.cohorts import Cohort
from riskscore.dates import as_date, day, to_days
from riskscore.labels import days_to_first
from riskscore.learn.backtest import MODEL, named
from riskscore.learn.bootstrap import Metric, bootstrap, compare
from riskscore.learn.curve import Curve
from riskscore.learn.metrics import wilson
from riskscore.pipeline.learn import backtest_of
from riskscore.pipeline.listing import List, label_of, rank_list
from riskscore.pipeline.work import Say
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records
from riskscore.report.beeswarm import beeswarm_svg
from riskscore.report.model_report import ModelReport, Moving
from riskscore.store import Run

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)  # of a list, at which finds are counted beside the recipe's
TENTHS, FEWEST = 10, 20  # groups of calibration, and the visited places that one needs
DRAWS = 300
LABEL, SIZE = 44, (11, 11)  # characters of a line in that picture, and its inches
SHOWN = 400  # places in the picture of what moves the list


def model_report(run: Run, records: Records, say: Say = lambda text: None) -> ModelReport:
    """Return the report of a run: its recipe on past dates, and the list of its own day.

    The recipe is fitted again at each past date with the run's own definitions, from what was known on that date.
    Nothing that became known on the run's day or later is used.

    Parameters
    ----------
    run : Run
    records : Records
        Those that the run was made from; where they have changed since, the report says so.

    Examples
    --------
    >>> import tempfile
    >>> import riskscore as rs
    >>> records = rs.sample_records()
    >>> with tempfile.TemporaryDirectory() as store:
    ...     run = rs.fit(records, "site_risk", "2024-01-01", store=store)
    ...     report = rs.model_report(run, records)
    >>> report.audit.passed, report.altered
    (True, ())
    """
    recipe, on = run.model.recipe, as_date(day(run.manifest["as_of"]))
    found = backtest_of(records, recipe, run.model.families, on, say)
    say("the audit of the past dates")
    members = Cohort(recipe.entity, found.rows["entity"].to_numpy(dtype=object), to_days(found.rows["as_of"]))
    rows = found.rows.assign(days=days_to_first(records, recipe, members, on))
    audited = audit(rows, attributes(records, members, recipe.audit.high_foreign_share), recipe.audit,
                    max(recipe.capacity))  # fmt: skip
    say("the list of the run's day")
    listed = rank_list(run, records, on)
    frame, ways = found.frame, [str(way) for way in dict.fromkeys(found.frame["model"])]
    made = fingerprint(records)
    was = run.manifest["records"]
    shares = sorted({*SHARES, *recipe.capacity})
    return ModelReport(
        run=run.id, recipe=recipe, families=run.model.families, manifest=run.manifest,
        origins=_origins(rows), metrics=_means(frame), rolling=frame.loc[frame["metric"] == "auc", _FIGURE].copy(),
        capacity=_capacity(rows, ways, shares), parts=_parts(rows), calibration=_calibration(rows), audit=audited,
        moving=_moving(listed), picture=_picture(listed), listed=_listed(listed),
        altered=tuple(sorted(name for name in {*made, *was} if made.get(name) != was.get(name))),
        overlap=run.manifest["card"].get("overlap"),
        corrected=found.corrected,
        leads=found.leads,
        coverage=found.coverage,
        notes=found.notes,
        tables={name: len(table.frame) for name, table in sorted(records.tables.items())},
        as_of_now=tuple(sorted(name for name, table in records.tables.items() if table.as_of_now)),
    )  # fmt: skip


_FIGURE = ["origin", "model", "value", "low", "high"]


def _origins(rows: pd.DataFrame) -> pd.DataFrame:
    counted = rows.assign(new_visited=rows["new_employer"] & rows["visited"])
    table = counted.groupby("origin", sort=True).agg(
        places=("entity", "size"), visited=("visited", "sum"), positives=("target", "sum"),
        new_visited=("new_visited", "sum"),
    )  # fmt: skip
    return table.astype(int).reset_index()


def _means(frame: pd.DataFrame) -> pd.DataFrame:
    """Return each metric's mean over the past dates, with the least and the greatest of them."""
    table = frame.assign(metric=[named(m, s) for m, s in zip(frame["metric"], frame["share"], strict=True)])
    return table.groupby(["metric", "model"], sort=False)["value"].agg(["mean", "min", "max"]).reset_index()


def _capacity(rows: pd.DataFrame, ways: list[str], shares: list[float]) -> pd.DataFrame:
    """Return the finds among visited places in the first share of each list, all dates together."""
    origins, target = rows["origin"].to_numpy(), rows["target"].to_numpy(dtype=np.float64)
    # Scores of different dates do not compare, places in their lists do.
    places = {way: place_in_list(origins, rows[way].to_numpy(dtype=np.float64)) for way in ways}
    metrics: dict[str, Metric] = {str(share): partial(Curve.precision_at, share=share) for share in shares}
    found = compare(metrics, target, places, MODEL, rows["group"].to_numpy(dtype=object), draws=DRAWS, seed=0)
    mine = np.where(np.isnan(target), 2.0, 1 - places[MODEL])
    out = []
    for way in ways:
        for share in shares:
            one = found[str(share), way]
            out.append({
                "model": way, "share": share, "value": one.a.value, "low": one.a.low, "high": one.a.high,
                "behind": -one.difference.value, "behind_low": -one.difference.high, "behind_high": -one.difference.low,
                "visited": int((mine < share).sum()) if way == MODEL else np.nan,
            })  # fmt: skip
    return pd.DataFrame(out)


def _parts(rows: pd.DataFrame) -> pd.DataFrame:
    """Return how well the model orders visited places of all employers, and of those it had never seen."""
    place = place_in_list(rows["origin"].to_numpy(), rows[MODEL].to_numpy(dtype=np.float64))
    out = []
    known = rows["target"].notna().to_numpy()
    new = rows["new_employer"].to_numpy(dtype=bool)
    for part, some in (("all employers", known), ("employers with no visit in training", known & new)):
        y = rows["target"].to_numpy(dtype=np.float64)[some]
        positives = int(y.sum())
        said = {"part": part, "visited": int(some.sum()), "positives": positives}
        if min(positives, len(y) - positives) < FEWEST // 2:
            out.append(said | dict.fromkeys(("value", "low", "high"), np.nan))
            continue
        groups = rows["group"].to_numpy(dtype=object)[some]
        auc = bootstrap(Curve.auc, y, place[some], groups, draws=DRAWS, seed=0)
        out.append(said | {"value": auc.value, "low": auc.low, "high": auc.high})
    return pd.DataFrame(out)


def _calibration(rows: pd.DataFrame) -> pd.DataFrame:
    """Return what was said and what came out, by tenths of the visited places in the order of what was said."""
    known = rows[rows["target"].notna() & rows["probability"].notna()].sort_values(["probability", "entity", "origin"])
    groups = min(TENTHS, len(known) // FEWEST)
    out = []
    for part in np.array_split(np.arange(len(known)), groups) if groups else []:
        some = known.iloc[part]
        found = int(some["target"].sum())
        seen = wilson(found, len(some))
        out.append({
            "visited": len(some), "found": found, "said": float(some["probability"].mean()), "seen": seen.value,
            "low": seen.low, "high": seen.high, "left_low": float(some["probability_low"].mean()),
            "left_high": float(some["probability_high"].mean()),
        })  # fmt: skip
    return pd.DataFrame(out)


def _moving(listed: List) -> tuple[Moving, ...]:
    """Return the families by how much of the scores of the list they make."""
    family = np.array([name.split(".")[0] for name in listed.model.columns])
    found = []
    for one in listed.model.families:
        columns = np.flatnonzero(family == one.name)
        part = listed.values[:, columns].sum(axis=1) if columns.size else np.zeros(1)
        found.append(Moving(one.title, one.why, one.basis, int(columns.size), float(np.abs(part).mean()),
                            float((part > 0).mean())))  # fmt: skip
    return tuple(sorted(found, key=lambda m: (-m.weight, m.title)))


def _picture(listed: List) -> str:
    chosen = np.linspace(0, len(listed.values) - 1, min(SHOWN, len(listed.values))).astype(int)
    features = listed.model.features(listed.matrix).iloc[chosen]
    labels = ["\n".join(wrap(label_of(listed, name), LABEL)) for name in listed.model.columns]
    return beeswarm_svg(listed.values[chosen, :-1], features, labels, f"What moves the list of {listed.as_of}", SIZE)


def _listed(listed: List) -> dict[str, int]:
    """Return how many places the list of the run's day has, how many nobody visited before, and who is left out."""
    engine = Engine(listed.records, listed.cohort)
    visits: NDArray[Any] = engine.visible("inspections", listed.cohort.kind)[listed.ranking.rows]
    found = {"places": len(listed.frame), "never visited": int((visits == 0).sum())}
    if "extrapolation" in listed.frame:
        found["beyond what visits speak for"] = int(listed.frame["extrapolation"].sum())
    return {**found, **listed.ranking.left_out}

"""A peer's whole task, with the same models: 20,000 employers, 129 features on 14 dates, 7 splits of two models.

    RISKSCORE_DATA=folder PYTHONPATH=. python tests/benchmarks/peer_task.py

The task stands in the README of ``peer_matrices``, whose script makes the records. Goal: all of it in at most 1.3
times what the models themselves take (fit and score), reading, features, labels, splits and metrics included. The
peer took 158 to 235 s on two cores, of which 26 s were its models' fitting.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from riskscore.asof.build import build
from riskscore.cohorts import cohort_of
from riskscore.dates import Period, dates_every, day
from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.labels import label
from riskscore.learn.metrics import auc, top_k
from riskscore.records.read import read_records

TESTS = Path(__file__).parents[1]
DATES = dates_every(dt.date(2017, 1, 1), dt.date(2023, 7, 1), Period(months=6))
TEST_DATES = [dt.date(year, 7, 1) for year in range(2017, 2024)]
HORIZON, BACK = Period(months=6), Period(months=36)
SHARES, PLACES = (0.01, 0.05, 0.1), (50, 100, 300)
RECIPE = """
title = "Employers at which a visit finds something"
why = "A peer's task."
entity = "employer"
rank_by = 1
horizon = "6 months"
[[ladder]]
level = 1
name = "found"
title = "something was found"
any = [{ table = "inspections", where = "outcome = 1" }]
[model]
rounds = 1
"""


def models(threads: int) -> dict[str, object]:
    """Return the two models of the task."""
    forest = RandomForestClassifier(200, max_depth=8, min_samples_leaf=5, n_jobs=threads, random_state=1)
    return {"logistic": make_pipeline(StandardScaler(), LogisticRegression(C=1.0, max_iter=1000)), "forest": forest}


def figures(y: np.ndarray, score: np.ndarray) -> list[float]:
    """Return the AUC, then precision and recall at each share and number of places."""
    capacities = [max(1, round(share * y.size)) for share in SHARES] + list(PLACES)
    found = [top_k(y, score, k) for k in capacities]
    return [auc(y, score), *(v for top in found for v in (top.precision.expected, top.recall.expected))]


def clock() -> np.ndarray:
    """Return wall and CPU seconds (all threads of this process)."""
    return np.array([time.perf_counter(), time.process_time()])


def training_dates(test: dt.date) -> np.ndarray:
    """Return the dates whose outcomes had ended by the test date, up to three years back from the newest of them."""
    days = np.array([day(d) for d in DATES], dtype=np.int32)
    ended = days[HORIZON.after(days) <= day(test)]
    return ended[ended >= BACK.before(ended[-1:])]


def main() -> None:
    """Make the records, do the task, print times by stage and the mean figures of each model."""
    options = argparse.ArgumentParser()
    options.add_argument("--employers", type=int, default=20_000)
    options.add_argument("--threads", type=int, default=2)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = Path(os.environ["RISKSCORE_DATA"]) / "peer_matrices" / "make_records.py"
        subprocess.run([sys.executable, str(script), folder, str(given.employers)], check=True)
        whole, spent = clock(), {stage: np.zeros(2) for stage in ("fit", "score", "figures")}
        records = read_records(folder, TESTS / "records" / "mappings" / "peer_matrices.toml")
        spent["read"] = clock() - whole
        start = clock()
        recipe = recipe_from_text(RECIPE, "found")
        cohort = cohort_of(records, recipe, DATES)
        catalog = load_catalog(TESTS / "asof" / "peer_definitions")
        matrix = build(records, [catalog.family(name) for name in ("insp", "cmpl", "emp")], cohort)
        for family in ("insp", "cmpl"):  # the peer's flag says at every window that there was no row at all
            for window in ("6m", "12m", "36m"):
                matrix.frame[f"{family}.total_imp.employer.{window}"] = matrix.frame[f"{family}.total_imp.employer.all"]
        spent["features"] = clock() - start
        start = clock()
        target = label(records, recipe, cohort, dt.date(2024, 1, 1)).target(1)
        spent["labels"] = clock() - start
        X, rows, results = matrix.frame.to_numpy(dtype=np.float32), [0, 0], []
        for date in TEST_DATES:
            train = np.isin(cohort.as_of, training_dates(date)) & ~np.isnan(target)
            test = cohort.as_of == day(date)
            rows = [rows[0] + int(train.sum()), rows[1] + int(test.sum())]
            learned, y, asked = X[train], target[train], X[test]
            for name, model in models(given.threads).items():
                start = clock()
                model.fit(learned, y)  # type: ignore[attr-defined]
                fitted = clock()
                score = model.predict_proba(asked)[:, 1]  # type: ignore[attr-defined]
                scored = clock()
                results.append([name, *figures(target[test], score)])
                spent["fit"] += fitted - start
                spent["score"] += scored - fitted
                spent["figures"] += clock() - scored
        total = clock() - whole
    own = spent["fit"] + spent["score"]
    if given.employers == 20_000 and rows != [70_428, 140_000]:
        raise SystemExit(f"the task has 70,428 training and 140,000 test rows, here are {rows[0]:,} and {rows[1]:,}")
    print(f"{len(DATES)} dates, {X.shape[1]} features; {rows[0]:,} training and {rows[1]:,} test rows; seconds:")
    table = pd.DataFrame(spent | {"in all": total, "the models themselves": own, "ratio (goal 1.3)": total / own})
    print(table.set_axis(["wall", "CPU"]).T.round(2).to_string())
    names = ["auc", *(f"{m} {k}" for k in (*(f"{s:.0%}" for s in SHARES), *PLACES) for m in ("precision", "recall"))]
    print(pd.DataFrame(results, columns=["model", *names]).groupby("model").mean().round(3).T.to_string())


if __name__ == "__main__":
    main()

"""Rung by rung against learning a rare outcome directly: closures of restaurants, of which fewer and fewer are known.

    RISKSCORE_DATA=folder PYTHONPATH=. python tests/benchmarks/bench_ladder.py [DRAWS]

The lower rung is a score of 28 or more, the upper one a closure; visits of 2015 are the test. Closures in training
are thinned to 12, 30, 60, 150 (means and standard deviations of so many draws, the same for every way) and all. Shown
is the AUC of closure: by the lower rung's margin alone, by a model of closures alone (the recipe's parameters, one
seed, half its rounds, min_child_weight 1), and rung by rung: from margins of the rows that the lower rung learned from
(in-sample) and of rows that it did not (out-of-fold). "40 trees" are corrections that no choice was made for. Goal: at
12 and 30 closures rung by rung no worse than the lower rung alone and ahead of the direct model.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.dates import day
from riskscore.definitions.grammar import parse
from riskscore.definitions.recipe import Condition, Rung
from riskscore.learn.booster import train
from riskscore.learn.correction import NEEDED, Correction, Rows, fit_correction
from riskscore.learn.fit import estimator_of
from riskscore.learn.ladder import out_of_fold
from riskscore.learn.metrics import auc
from riskscore.pipeline.prepare import choose, outcomes
from riskscore.records.read import read_records

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "nyc_food"
LEAD = 7


def main(draws: int = 5) -> None:
    """Print the table."""
    began = time.process_time()
    records = read_records(Path(os.environ["RISKSCORE_DATA"]) / "nyc_food", EXAMPLE / "mapping.toml")
    chosen = choose("food_hygiene", EXAMPLE)
    closed = Rung(2, "closed", "closed", (Condition("inspections", parse("closed > 0")),))
    recipe = replace(chosen.recipe, ladder=(*chosen.recipe.ladder, closed))
    recipe = replace(recipe, model=replace(recipe.model, seeds=(1,)))
    found = outcomes(records, recipe, dt.date(2016, 2, 1))
    matrix = build(records, chosen.families, found.cohort)
    top = found.labels.target(2)
    visit = found.cohort.as_of + LEAD
    known = ~np.isnan(found.target) & ~np.isnan(top)
    learned = np.flatnonzero(known & (visit < day("2014-12-01")))
    tested = np.flatnonzero(known & (visit >= day("2015-01-01")))

    frame = matrix.frame.iloc[learned]
    estimator = estimator_of(recipe, matrix.columns)
    estimator.fit(frame, found.target[learned].astype(np.int64))
    table, test = estimator.encode(frame), estimator.encode(matrix.frame.iloc[tested])
    types = ["c" if name in estimator.categories_ else "q" for name in frame.columns]
    params = {k: v for k, v in estimator.get_params().items() if v is not None and k not in _OURS}
    params["min_child_weight"] = 1  # of 12 cases, the recipe's 20 would not let a single split through
    groups = found.cohort.entity[learned]
    starts = {
        "in-sample": estimator.decision_function(frame),
        "out-of-fold": out_of_fold(estimator, frame, found.target[learned], groups),
    }
    base = estimator.decision_function(matrix.frame.iloc[tested])
    as_of = found.cohort.as_of[learned]
    y, cases = top[tested], np.flatnonzero(top[learned] == 1)
    print(f"{learned.size:,} visits to learn from, {cases.size} closures; {tested.size:,} to test, {int(y.sum())}")
    own = auc(found.target[tested], base)
    print(f"lower rung alone: AUC of its own outcome {own:.3f}, of closure {auc(y, base):.3f}")
    print(f"{time.process_time() - began:.0f} s CPU so far", flush=True)
    for n in (12, 30, 60, 150, cases.size):
        seen: dict[str, list[float]] = defaultdict(list)
        forms: dict[str, int] = defaultdict(int)
        for draw in range(draws if n < cases.size else 1):
            keep = np.ones(learned.size, dtype=bool)
            dropped = np.random.default_rng(draw).permutation(cases)[n:]
            keep[dropped] = False
            direct = train(table[keep], top[learned][keep], params=params, rounds=recipe.model.rounds // 2,
                           feature_types=types)  # fmt: skip
            seen["direct"].append(auc(y, direct.margin(test)))
            for name, lower in starts.items():
                rows = Rows(lower, top[learned], table, as_of, as_of + LEAD + 1).pick(keep)
                made = fit_correction(rows, n, feature_types=types)
                seen[f"chosen {name}"].append(auc(y, made.margin(base, test)))
                forms[f"{made.form} {name}"] += 1
                trees = _trees(rows, types)
                seen[f"40 trees {name}"].append(auc(y, trees.margin(base, test)))
        told = "  ".join(f"{name} {_written(values)}" for name, values in seen.items())
        print(f"{n:4} closures: {told}   forms: {dict(sorted(forms.items()))}", flush=True)
    print(f"{time.process_time() - began:.0f} s CPU")


def _trees(rows: Rows, types: list[str]) -> Correction:
    """Return the richest form, whatever later dates say."""
    from riskscore.learn.correction import _forms

    return _forms(rows, tuple(NEEDED), types, None)["trees"]


def _written(values: NDArray[np.float64] | list[float]) -> str:
    return f"{np.mean(values):.3f} ±{np.std(values):.3f}"


_OURS = ("rounds", "seeds", "monotone", "interaction", "nthread")

if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]))

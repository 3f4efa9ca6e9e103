"""The restaurant example against its baselines: visits of 2015, trained on those before December 2014.

    RISKSCORE_DATA=folder PYTHONPATH=. python tests/benchmarks/bench_nyc_food.py

Goals: mean AUC of the five seeds at least .655; precision in the top 1 % ahead of the prior mean score, interval of
the difference above 0 (paired bootstrap, places of one name drawn together). XGBoost's defaults and the logistic
regression learn from the same features and visits. CPU seconds are of this process, all threads.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.dates import day
from riskscore.learn.baselines import prior_rate
from riskscore.learn.bootstrap import bootstrap, paired_bootstrap
from riskscore.learn.curve import Curve
from riskscore.learn.estimator import RiskClassifier
from riskscore.learn.fit import fit_model
from riskscore.learn.logistic import fit_logistic
from riskscore.learn.metrics import Interval, auc
from riskscore.pipeline.prepare import choose, groups_of, outcomes, past_of
from riskscore.records.read import read_records
from riskscore.splits import fit_split

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "nyc_food"
MADE_ON = dt.date(2015, 1, 1)
LEAD = 7  # days from as_of to the visit, as the recipe says


def top_percent(curve: Curve) -> NDArray[np.float64]:
    """Return the precision in the first hundredth of the list."""
    return curve.precision_at(0.01)


def written(found: Interval) -> str:
    """Return a value with its interval of 95 %."""
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def timed(what: str) -> Callable[[], None]:
    """Return a function that prints the CPU seconds since now."""
    start, wall = time.process_time(), time.perf_counter()
    return lambda: print(f"{what}: {time.process_time() - start:.1f} s CPU, {time.perf_counter() - wall:.1f} s")


def main() -> None:
    """Print the figures of the model, its seeds and every baseline."""
    whole, done = timed("all"), timed("reading")
    records = read_records(Path(os.environ["RISKSCORE_DATA"]) / "nyc_food", EXAMPLE / "mapping.toml")
    done()
    chosen = choose("food_hygiene", EXAMPLE)
    recipe = chosen.recipe
    found = outcomes(records, recipe, dt.date(2016, 2, 1))
    done = timed("features")
    matrix = build(records, chosen.families, found.cohort)
    done()
    as_of = found.cohort.as_of
    split = fit_split(as_of, recipe.splits, recipe.horizon, recipe.rung(recipe.rank_by).delay, MADE_ON)
    done = timed("fit of five seeds")
    model = fit_model(matrix, found.target, split, as_of, recipe, chosen.families)
    done()
    train = split.masks(as_of)[0]
    tested = as_of + LEAD >= day(MADE_ON)
    y, cohort = found.target[tested], found.cohort.pick(tested)
    print(f"{matrix.frame.shape[1]} columns; training {model.counts['training rows']:,} visits to "
          f"{split.train[-1] + dt.timedelta(days=LEAD)}; test {y.size:,} visits, base rate {y.mean():.4f}")  # fmt: skip

    rows = model.features(matrix)[tested]
    encoded = model.estimator.encode(rows)
    seeds = [auc(y, booster.margin(encoded)) for booster in model.estimator.boosters_]
    print("AUC of each seed:", *(f"{a:.4f}" for a in seeds), f"mean {np.mean(seeds):.4f}")

    plain = RiskClassifier(seeds=(1,)).fit(model.features(matrix)[train], found.target[train].astype(np.int64))
    logistic = fit_logistic(model.features(matrix)[train], found.target[train])
    past = past_of(records, recipe, found.cohort)
    known = float(np.nanmean(past.last[train]))
    scores = {
        "model": model.margin(matrix)[tested],
        "XGBoost's defaults": plain.decision_function(rows),
        "logistic": logistic.score(rows),
        "prior mean score": prior_rate(past.total, past.visits, prior=known, smoothing=0.0)[tested],
        "the same, shrunken": prior_rate(past.total, past.visits, prior=known, smoothing=2.0)[tested],
        "last score": np.where(np.isnan(past.last), known, past.last)[tested],
    }
    groups = groups_of(records, cohort)
    for name, score in scores.items():
        print(f"{name:20} AUC {written(bootstrap(Curve.auc, y, score, groups))}"
              f"  precision in the top 1 % {written(bootstrap(top_percent, y, score, groups))}")  # fmt: skip
        if name != "model":
            ahead = [
                paired_bootstrap(m, y, scores["model"], score, groups).difference for m in (Curve.auc, top_percent)
            ]
            print(f"{'':20} model ahead by {written(ahead[0])} and {written(ahead[1])}")
    seen = past.visits[tested] > 0
    prior, ours = (auc(y[seen], scores[name][seen]) for name in ("prior mean score", "model"))
    print(f"with a prior mean score ({int(seen.sum()):,} visits): its AUC {prior:.4f}, the model's {ours:.4f}")
    whole()


if __name__ == "__main__":
    main()

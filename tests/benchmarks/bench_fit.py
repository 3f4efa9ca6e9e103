"""CPU of the estimator's fit against a bare QuantileDMatrix and train, per booster; goal at most 1.25 times.

    PYTHONPATH=. python tests/benchmarks/bench_fit.py

Both sides see the same frame of float32 columns and categories, the same parameters and seed, in turn, in one
process; the bare side gets the array ready made. Minimum of the repetitions, process CPU seconds. One thread by
default: with more, threads that wait for a busy machine spin, and their spinning counts as CPU.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from riskscore.learn.estimator import RiskClassifier

PARAMS = {"eta": 0.05, "max_depth": 5, "subsample": 0.7, "colsample_bytree": 0.4, "min_child_weight": 20.0}


def make_frame(n: int, p: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return p columns, two of them categories and a fifth of the values missing, and a rare outcome."""
    rng = np.random.default_rng(0)
    table = rng.normal(size=(n, p - 2)).astype(np.float32)
    table[rng.random(table.shape) < 0.2] = np.nan
    frame = pd.DataFrame({f"number_{j}": table[:, j] for j in range(p - 2)})
    for name in ("sector", "region"):
        frame[name] = pd.Categorical(rng.choice([f"{name} {k:02d}" for k in range(20)], n))
    risk = np.nan_to_num(table[:, 0]) + (frame["sector"].cat.codes < 3) - 2.5
    return frame, (rng.random(n) < 1 / (1 + np.exp(-risk.to_numpy()))).astype(np.float32)


def cpu(work: Callable[[], object]) -> float:
    """Return the process CPU seconds of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print both sides and their ratio, for one seed and for three."""
    import xgboost

    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--columns", type=int, default=80)
    options.add_argument("--rounds", type=int, default=100)
    options.add_argument("--repeat", type=int, default=3)
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    frame, y = make_frame(given.rows, given.columns)
    print(f"xgboost {xgboost.__version__}, {given.rows} rows, {given.columns} columns, {given.rounds} rounds")
    for seeds in ((1,), (1, 2, 3)):
        model = RiskClassifier(rounds=given.rounds, seeds=seeds, nthread=given.threads, **PARAMS)  # type: ignore[arg-type]
        model.fit(frame.head(1000), y[:1000])
        table, types = model.encode(frame), ["q"] * (given.columns - 2) + ["c", "c"]

        def bare(seed: int = 1, table: np.ndarray = table, types: list[str] = types) -> None:
            matrix = xgboost.QuantileDMatrix(
                table, label=y, feature_types=types, enable_categorical=True, nthread=given.threads
            )
            settings = {"objective": "binary:logistic", "tree_method": "hist", "nthread": given.threads, **PARAMS}
            xgboost.train({**settings, "seed": seed}, matrix, given.rounds)

        pairs = [(cpu(lambda m=model: m.fit(frame, y)) / len(seeds), cpu(bare)) for _ in range(given.repeat)]
        ours, theirs = (min(side) for side in zip(*pairs, strict=True))
        print(
            f"{len(seeds)} seed(s): estimator {ours:.2f} s per booster, bare {theirs:.2f} s, ratio {ours / theirs:.3f}"
        )


if __name__ == "__main__":
    main()

"""Exact contributions for a register against XGBoost's plain prediction and its own contributions, in one run.

    python tests/benchmarks/bench_treeshap.py [--rows 1000000] [--trees 300] [--depth 6] [--features 80]

CPU seconds of this process, one thread unless said; the rounds alternate and the least of each is kept, because other
work on the machine adds to CPU seconds too. XGBoost remembers the predictions of a matrix, so each round has its own.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import xgboost

from riskscore.explanation.treeshap import TreeShap, compiled, explainer


def made(rows: int, features: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((rows, features), dtype=np.float32)
    X[rng.random((rows, features), dtype=np.float32) < 0.1] = np.nan
    return X


def trained(features: int, trees: int, depth: int) -> xgboost.Booster:
    X = made(60_000, features, 0)
    known, rng = np.nan_to_num(X), np.random.default_rng(1)
    half = features // 2
    signal = known @ np.linspace(1, 0.1, features) + 0.5 * (known[:, :half] * known[:, half : 2 * half]).sum(axis=1)
    y = signal + 2 * rng.logistic(size=len(X)) > 0
    options = {"max_depth": depth, "eta": 0.1, "objective": "binary:logistic", "nthread": 2, "seed": 0}
    return xgboost.train(options, xgboost.DMatrix(X, y), trees)


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("rows", 1_000_000), ("trees", 300), ("depth", 6), ("features", 80), ("rounds", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    booster = trained(asked.features, asked.trees, asked.depth)
    booster.set_param({"nthread": 1})
    X = made(asked.rows, asked.features, 2)
    print(f"python {sys.version.split()[0]}, xgboost {xgboost.__version__}, numba {compiled.available()}")
    print(f"{asked.rows} rows x {asked.features} features x {asked.trees} trees of depth {asked.depth}")

    tables = TreeShap(booster)
    build = cpu(lambda: tables.__init__(booster)) + cpu(lambda: tables.values(X[: explainer.FEW_ROWS + 1]))  # type: ignore[misc]
    assert tables._kept is not None
    print(f"build {build:.2f} s, tables {tables._kept.flat.nbytes / 1e6:.0f} MB")
    compiling = cpu(lambda: tables.values(np.repeat(X[:1], explainer.COMPILED_ROWS, axis=0)))
    print(f"first call with {explainer.COMPILED_ROWS} rows, compiling included: {compiling:.2f} s")

    plain, ours = [], []
    for _ in range(asked.rounds):
        matrix = xgboost.DMatrix(X, nthread=1)
        plain.append(cpu(lambda matrix=matrix: booster.predict(matrix, output_margin=True)))
        del matrix
        ours.append(cpu(lambda: tables.values(X)))
    few = 2_000 if xgboost.__version__ >= "3.3" else 300
    sample = xgboost.DMatrix(X[:few], nthread=1)
    slow = cpu(lambda: booster.predict(sample, pred_contribs=True)) * asked.rows / few
    print(f"plain predict {min(plain):.2f} s; contributions {min(ours):.2f} s = {min(ours) / min(plain):.2f} times")
    print(f"pred_contribs {slow:.0f} s (from {few} rows) = {slow / min(ours):.0f} times ours")

    portion = min(asked.rows, 100_000)
    threshold, explainer.COMPILED_ROWS = explainer.COMPILED_ROWS, asked.rows + 1
    numpy_only = cpu(lambda: tables.values(X[:portion])) * asked.rows / portion
    explainer.COMPILED_ROWS = threshold
    print(f"numpy alone {numpy_only:.2f} s (from {portion} rows) = {numpy_only / min(plain):.2f} times plain predict")

    for threads in (1, 2):
        wall, start = time.perf_counter(), time.process_time()
        tables.values(X, threads=threads)
        used = time.process_time() - start
        print(f"{threads} threads: wall {time.perf_counter() - wall:.2f} s, CPU {used:.2f} s")

    margin = booster.predict(sample, output_margin=True)
    found = tables.values(X[:few], margin=margin)
    gap = np.abs(found - booster.predict(sample, pred_contribs=True)).max()
    off = np.abs(found.sum(axis=1) - margin).max()
    print(
        f"largest gap to pred_contribs {gap:.2e}, of sums to the margin {off:.2e}, margins' spread {margin.std():.2f}"
    )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


if __name__ == "__main__":
    main()

"""Features at register size against numpy reading and sorting the events: CPU seconds, both sides in one run.

    python tests/benchmarks/bench_features.py [EVENTS] [ROWS]

The numpy side loads the event columns from ``.npy`` files and sorts them by (key, date) with ``np.lexsort``. Ours
starts from Records in memory and ends with the feature matrix: 29 columns, two clocks, with 0, 5 and 30 % late rows.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import Period, day
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import parse
from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import TABLES

WINDOWS = tuple(Period.parse(w) for w in ("6 months", "1 year", "3 years", "all"))


def family() -> Family:
    """Return seven features over four windows, and one over all: 29 columns."""

    def feature(name: str, kind: str, where: str = "", value: str = "", windows: tuple[Period, ...] = WINDOWS):
        return Feature(name=name, kind=kind, table="inspections", windows=windows, by=("site",),
                       where=parse(where) if where else None, value=parse(value) if value else None)  # fmt: skip

    features = (
        feature("visits", "count"),
        feature("planned", "count", "trigger = 'planned'"),
        feature("found", "count", "uncontracted_workers > 0"),
        feature("people", "sum", "", "uncontracted_workers"),
        feature("people_mean", "mean", "", "uncontracted_workers"),
        feature("people_max", "max", "", "uncontracted_workers"),
        feature("minors", "sum", "trigger != 'random'", "minors_found"),
        feature("days", "days_since", "", "", (WINDOWS[-1],)),
    )
    return Family("bench", "Bench", "inspections", "", "", features)


def events(n: int, keys: int, late: float) -> dict[str, np.ndarray]:
    """Return event columns: key, date, known_on (14 days later, or up to a year), two values and a trigger."""
    random = np.random.default_rng(7)
    date = random.integers(day("2013-01-01"), day("2024-01-01"), n).astype(np.int32)
    delay = np.where(random.random(n) < late, random.integers(15, 365, n), 14).astype(np.int32)
    return {
        "key": random.integers(0, keys, n).astype(np.int32), "date": date, "known_on": date + delay,
        "uncontracted_workers": random.poisson(0.6, n), "minors_found": random.poisson(0.05, n),
        "trigger": random.integers(0, 5, n).astype(np.int8),
    }  # fmt: skip


def records(columns: dict[str, np.ndarray], keys: int) -> Records:
    """Return the events as canonical records in memory."""
    n, schema = columns["key"].size, TABLES["inspections"]
    ids = pd.Index([f"S{k:07d}" for k in range(keys)], dtype="str")
    triggers = pd.Index(["complaint", "follow_up", "planned", "raid", "random"], dtype="str")
    made = {
        "inspection_id": pd.array(np.char.mod("V%08d", np.arange(n)), dtype="str"),
        "site_id": pd.Categorical.from_codes(columns["key"], ids),
        "trigger": pd.Categorical.from_codes(columns["trigger"], triggers),
        "date": columns["date"].astype("datetime64[D]").astype("datetime64[s]"),
        "known_on": columns["known_on"].astype("datetime64[D]").astype("datetime64[s]"),
        "uncontracted_workers": pd.array(columns["uncontracted_workers"], dtype="Int64"),
        "minors_found": pd.array(columns["minors_found"], dtype="Int64"),
        "replaces": pd.array([None], dtype="str").take(np.zeros(n, dtype=int)),
    }
    return Records({"inspections": RecordTable(schema, pd.DataFrame(made), present=frozenset(made) - {"replaces"})})


def one(n: int, rows: int, late: float) -> None:
    """Measure both sides once, in this process, and print them."""
    keys = rows // 3
    columns = events(n, keys, late)
    with tempfile.TemporaryDirectory() as folder:
        for name, values in columns.items():
            np.save(Path(folder) / name, values)
        begun = time.process_time()
        read = {name: np.load(Path(folder) / f"{name}.npy") for name in columns}
        order = np.lexsort((read["date"], read["key"]))
        read = {name: values[order] for name, values in read.items()}
        theirs = time.process_time() - begun
        del read, order
    made = records(columns, keys)
    del columns
    entity = np.tile(np.array([f"S{k:07d}" for k in range(keys)], dtype=object), 3)
    as_of = np.repeat(np.array([day("2020-01-01"), day("2022-01-01"), day("2024-01-01")], dtype=np.int32), keys)
    cohort = Cohort("site", entity, as_of)
    assert cohort.code.size  # ids are coded once per cohort, as for any matrix
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    matrix = build(made, [family()], cohort)
    ours = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"{n:,} events, {as_of.size:,} rows, {matrix.frame.shape[1]} columns, {late:.0%} late: numpy reads and sorts "
        f"{theirs:.2f} s, features {ours:.2f} s, ratio {ours / theirs:.2f}; peak {peak / 2**20:.2f} GB "
        f"({before / 2**20:.2f} GB before)"
    )


if __name__ == "__main__":
    size, wanted = (int(a) for a in [*sys.argv[1:3], 5_000_000, 1_200_000][:2])
    if len(sys.argv) > 3:
        one(size, wanted, float(sys.argv[3]))
    else:
        for share in ("0", "0.05", "0.3"):  # a process each, so that the peak memory is its own
            subprocess.run([sys.executable, __file__, str(size), str(wanted), share], check=True)

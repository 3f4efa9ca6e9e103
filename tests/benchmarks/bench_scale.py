"""Features from 1.25 to 20 million events: CPU, memory, and the exponent of the cost.

    PYTHONPATH=. python tests/benchmarks/bench_scale.py [--most 20000000] [--json FILE]

Ten events an entity, two clocks, 5 % late rows, 29 columns, each entity on one date: 20 million events are 2 million
entities. A process per size; "records" is its memory with the records made, "peak" its largest during the features,
the records included. Goals: 4 GB at 20 million events, and a cost that grows with events plus rows, exponent 1.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from bench_features import events, family

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import TABLES

PER_ENTITY, LATE, STEPS = 10, 0.05, 5
MEMORY_GOAL = 4


def texts(prefix: str, n: int) -> pd.api.extensions.ExtensionArray:
    """Return n ids as Arrow text, without a Python object for each."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = pc.utf8_lpad(pa.array(np.arange(n)).cast(pa.large_string()), 8, "0")
    first, nothing = pa.scalar(prefix, pa.large_string()), pa.scalar("", pa.large_string())
    return pd.array(pc.binary_join_element_wise(first, numbers, nothing), dtype="str")


def made(n: int) -> Records:
    """Return n visits as canonical records in memory; the columns they are made of are let go on the way."""
    import pyarrow as pa

    columns = events(n, n // PER_ENTITY, LATE)
    words = pd.Index(["complaint", "follow_up", "planned", "raid", "random"], dtype="str")
    frame = {
        "inspection_id": texts("V", n),
        "site_id": pd.Categorical.from_codes(columns.pop("key"), pd.Index(texts("S", n // PER_ENTITY))),
        "trigger": pd.Categorical.from_codes(columns.pop("trigger"), words),
        "replaces": pd.array(pa.nulls(n, pa.large_string()), dtype="str"),
    }
    for name in ("date", "known_on"):
        frame[name] = columns.pop(name).astype("datetime64[D]").astype("datetime64[s]")
    for name in ("uncontracted_workers", "minors_found"):
        frame[name] = pd.array(columns.pop(name), dtype="Int64")
    table = RecordTable(TABLES["inspections"], pd.DataFrame(frame, copy=False), present=frozenset(frame) - {"replaces"})
    return Records({"inspections": table})


def resident() -> float:
    """Return the gigabytes that this process holds now, 0 where the system does not tell."""
    status = Path("/proc/self/statm")
    return int(status.read_text().split()[1]) * resource.getpagesize() / 2**30 if status.exists() else 0.0


def one(n: int) -> None:
    """Measure one size in this process and print it as JSON."""
    records = made(n)
    entity = np.asarray(texts("S", n // PER_ENTITY), dtype=object)
    cohort = Cohort("site", entity, np.full(entity.size, day("2024-01-01"), dtype=np.int32))
    assert cohort.code.size  # ids are coded once per cohort, as for any matrix
    held, before = resident(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    cpu, wall = time.process_time(), time.perf_counter()
    matrix = build(records, [family()], cohort)
    found = {
        "events": n, "rows": entity.size, "columns": matrix.frame.shape[1], "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall, "records": held, "making": before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }  # fmt: skip
    print(json.dumps(found))


def draw(found: list[dict[str, float]], exponent: float, path: Path) -> None:
    """Draw CPU seconds and memory against events."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "scale"
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    events_ = [row["events"] / 1e6 for row in found]
    left.loglog(events_, [row["cpu"] for row in found], "o-", color="#1f5a7a")
    left.set(title=f"CPU seconds (exponent {exponent:.2f})", xlabel="million events")
    left.set_xticks(events_, [f"{e:g}" for e in events_])
    left.set_xticks([], minor=True)
    left.set_yticks([1, 2, 5, 10, 20], ["1", "2", "5", "10", "20"])
    left.set_yticks([], minor=True)
    right.plot(events_, [row["peak"] for row in found], "o-", color="#1f5a7a", label="peak, records included")
    right.plot(events_, [row["records"] for row in found], "o--", color="#777777", label="records alone")
    right.axhline(MEMORY_GOAL, color="#b03020", linewidth=1, label="goal")
    right.set(title="Memory, GB", xlabel="million events", ylim=(0, None), xticks=events_[2:])
    right.legend(frameon=False, loc="center left", bbox_to_anchor=(0, 0.72))
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure every size and print the exponent."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--most", type=int, default=20_000_000)
    options.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options.add_argument("--json", type=Path)
    options.add_argument("--picture", type=Path, help="an SVG file")
    given = options.parse_args()
    if given.one:
        one(given.one)
        return
    found = []
    for k in reversed(range(STEPS)):  # a process each, so that the peak is its own
        size = str(given.most // 2**k)
        done = subprocess.run([sys.executable, __file__, "--one", size], check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout))
        row = found[-1]
        print(f"{row['events']:>12,} events {row['rows']:>10,} rows: {row['cpu']:6.2f} s CPU {row['wall']:6.2f} s wall")
        print(f"  records {row['records']:.2f} GB (making them {row['making']:.2f}), peak {row['peak']:.2f} GB")
    x, y = (np.log([row[name] for row in found]) for name in ("events", "cpu"))
    exponent = float(np.polyfit(x, y, 1)[0])
    print(f"cost grows as events to the power {exponent:.2f}; peak at the largest {found[-1]['peak']:.2f} GB "
          f"(goal {MEMORY_GOAL})")  # fmt: skip
    if given.picture:
        draw(found, exponent, given.picture)
    if given.json:
        given.json.write_text(json.dumps({"exponent": exponent, "sizes": found}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

"""A register of a million places on one machine: check, fit, features, score, explain every row, rank, write.

    PYTHONPATH=. python tests/benchmarks/million_sites.py [--sites 1000000] [--records FOLDER] [--json FILE]

The simulation counts apart, in a process of its own; everything else is one process. Wall and CPU seconds by stage,
and the largest memory so far at the end of each. Goal: under 5 minutes and 8 GB in all.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from riskscore.pipeline import learn, listing, work
from riskscore.records.check import check_records
from riskscore.records.read import read_records
from riskscore.report.write import write
from riskscore.store import Run

AS_OF = "2025-01-01"
WALL_GOAL, MEMORY_GOAL = 300, 8
SIMULATED = """
import sys
from riskscore.simulate.simulation import simulate
from riskscore.simulate.write import write_simulation
write_simulation(simulate(sites=int(sys.argv[1])), sys.argv[2], format="parquet")
"""


class Stages:
    """Seconds and memory of named stages; a stage inside another is taken out of it."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, float]] = {}
        self._inside = [[0.0, 0.0]]

    def timed(self, stage: str, does: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same function, its time noted under the stage."""

        def call(*given: Any, **named: Any) -> Any:
            self._inside.append([0.0, 0.0])
            wall, cpu = time.perf_counter(), time.process_time()
            found = does(*given, **named)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            inner = self._inside.pop()
            self._inside[-1][0] += wall
            self._inside[-1][1] += cpu
            row = self.rows.setdefault(stage, {"wall": 0.0, "cpu": 0.0, "peak": 0.0})
            row["wall"] += wall - inner[0]
            row["cpu"] += cpu - inner[1]
            row["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            return found

        return call


def run_all(folder: Path, out: Path) -> dict[str, Any]:
    """Do everything once and return its figures."""
    stages, begun = Stages(), time.perf_counter()
    for module, name, stage in (
        (learn, "outcomes", "fit: cohort and outcomes"), (work, "fit_model", "fit: trees and calibration"),
        (learn, "measured", "fit: card; fingerprint of the records"), (learn, "with_rungs", "fit: rarer rungs"),
        (learn, "save_run", "fit: run written"), (work, "build", "features of training and of the list"),
        (listing, "register", "rank: register"), (listing, "urgent", "rank: urgent reports"),
        (listing, "rank", "rank: order, bands, employers"),
        (work, "explained", "explain: margins and contributions of every row"),
        (listing, "main_reasons", "explain: reasons in words"),
    ):  # fmt: skip
        setattr(module, name, stages.timed(stage, getattr(module, name)))
    records = stages.timed("read", read_records)(folder)
    problems = stages.timed("check", check_records)(records).errors
    run = stages.timed("fit: rest", learn.fit)(records, "site_risk", AS_OF, store=out / "runs")
    assert isinstance(run, Run)
    listed = stages.timed("rank: rest", listing.rank_list)(run, records, AS_OF)
    frame = stages.timed("write", listing.shown)(listed)
    for name in ("ranking.csv", "ranking.parquet"):
        stages.timed("write", write)(frame, out / name)
    whole = time.perf_counter() - begun
    counted = {name: len(table.frame) for name, table in records.tables.items()}
    return {
        "whole": whole, "cpu": time.process_time(), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "stages": stages.rows, "rows": sum(counted.values()), "tables": counted, "errors": problems,
        "training rows": run.model.counts["training rows"], "columns": len(listed.model.columns),
        "listed": len(frame), "explained": int(listed.values.shape[0]),
    }  # fmt: skip


def draw(found: dict[str, Any], path: Path) -> None:
    """Draw the CPU seconds of every stage."""
    import matplotlib.pyplot as plt

    plt.rcParams["svg.hashsalt"] = "stages"
    shown = {stage: row for stage, row in reversed(found["stages"].items()) if row["cpu"] >= 0.5}
    figure, axes = plt.subplots(figsize=(8, 0.3 * len(shown) + 1), layout="constrained")
    bars = axes.barh(list(shown), [row["cpu"] for row in shown.values()], color="#1f5a7a")
    axes.bar_label(bars, fmt="%.0f", padding=3)
    axes.set(title=f"CPU seconds by stage, {found['explained']:,} places", xticks=[])
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Simulate where no records are given, do the work, print it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sites", type=int, default=1_000_000)
    options.add_argument("--records", type=Path, help="records simulated before")
    options.add_argument("--json", type=Path)
    options.add_argument("--picture", type=Path, help="an SVG file")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as own:
        folder = given.records or Path(own) / "records"
        if given.records is None:
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-c", SIMULATED, str(given.sites), str(folder)], check=True)
            print(f"simulated and written in {time.perf_counter() - begun:.0f} s")
        found = run_all(folder, Path(own) / "out")
    print(f"{found['rows']:,} rows of records; {found['training rows']:,} rows to train on, {found['columns']} columns")
    print(f"{found['listed']:,} places listed, {found['explained']:,} explained")
    for stage, row in found["stages"].items():
        print(f"  {stage:40} {row['wall']:7.1f} s wall {row['cpu']:7.1f} s CPU  peak so far {row['peak']:5.2f} GB")
    print(f"in all {found['whole']:.0f} s wall (goal {WALL_GOAL}), {found['cpu']:.0f} s CPU, "
          f"peak {found['peak']:.2f} GB (goal {MEMORY_GOAL})")  # fmt: skip
    if given.picture:
        draw(found, given.picture)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

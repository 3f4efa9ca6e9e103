"""Features in memory and out of core from the same Parquet: peak memory and CPU, a process for each side.

    PYTHONPATH=. python tests/benchmarks/bench_out_of_core.py [--events 5000000 20000000] [--memory 1500MB]
        [--limit 4GB] [--records FOLDER] [--as-of 2024-01-01] [--json FILE]

The events are those of `bench_scale.py`: ten an entity, two clocks, 5 % late rows, 29 columns. Either side starts from
the files and ends with the matrix as Parquet; the two are then compared, bit for bit. ``--records`` takes a folder of
Parquet tables instead, and the features of site_risk. With ``--limit`` a side may have so much address space and no
more, and one that does not live is shown as such.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
from bench_features import family
from bench_scale import made

import riskscore as rs
from riskscore.cohorts import cohort_of
from riskscore.dates import as_date, day
from riskscore.parcels.features import columns_read, features_by_partition, tables_of
from riskscore.parcels.files import open_files
from riskscore.parcels.memory import in_bytes, plan
from riskscore.pipeline.prepare import Chosen, choose

SIDES = ("memory", "disk")


def chosen_for(folder: Path) -> Chosen:
    """Return site_risk; with the 29 columns of the events where nothing but visits is there."""
    chosen = choose("site_risk")
    return chosen if (folder / "sites.parquet").exists() else replace(chosen, families=(family(),))


def in_memory(folder: Path, as_of: str, out: Path) -> int:
    """Build the matrix the usual way and write it."""
    from riskscore.asof.build import build

    chosen, records = chosen_for(folder), rs.read_records(folder)
    matrix = build(records, chosen.families, cohort_of(records, chosen.recipe, [as_date(day(as_of))]))
    matrix.frame.reset_index().to_parquet(out / "part-0.parquet", index=False)
    return 1


def on_disk(folder: Path, as_of: str, out: Path, memory: str) -> int:
    """Build the matrix partition by partition and write it; return how many partitions there were."""
    chosen = chosen_for(folder)
    read = columns_read(chosen.families, chosen.recipe)
    files = open_files(folder, None, tables_of(chosen.families), read)
    columns = sum(len(f.by) * len(f.windows) for one in chosen.families for f in one.features)
    limits, dates = plan(files, columns, in_bytes(memory)), [as_date(day(as_of))]
    with tempfile.TemporaryDirectory(dir=out.parent) as work:
        found = features_by_partition(
            files, chosen.families, chosen.recipe, dates, limits, Path(work), lambda text: None
        )  # fmt: skip
        for k, matrix in enumerate(found):
            matrix.frame.reset_index().to_parquet(out / f"part-{k}.parquet", index=False)
    return limits.partitions


def measured(side: str, folder: Path, as_of: str, out: Path, memory: str, limit: str | None) -> None:
    """Measure one side in this process and print it as JSON."""
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_AS, (in_bytes(limit),) * 2)
    wall = time.perf_counter()
    parts = in_memory(folder, as_of, out) if side == "memory" else on_disk(folder, as_of, out, memory)
    status = Path("/proc/self/status").read_text()
    print(json.dumps({
        "side": side, "partitions": parts, "cpu": time.process_time(), "wall": time.perf_counter() - wall,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "address_space": int(status.split("VmPeak:")[1].split()[0]) / 2**20,
    }))  # fmt: skip


def compared(folder: Path, as_of: str, work: Path, given: argparse.Namespace) -> list[dict[str, object]]:
    """Run both sides, show them, and stop where their matrices differ."""
    found: list[dict[str, object]] = []
    limit = ["--limit", given.limit] if given.limit else []
    for side in SIDES:
        out = work / side
        out.mkdir()
        command = [sys.executable, __file__, "--side", side, "--records", str(folder), "--as-of", as_of,
                   "--out", str(out), "--memory", given.memory, *limit]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or [f"ended by signal {-done.returncode}"]
            found.append({"side": side, "failed": last[0][:200]})
            print(f"  {side:7} does not live: {last[0][:100]}", flush=True)
            continue
        row = json.loads(done.stdout)
        found.append(row)
        print(f"  {side:7} {row['cpu']:7.1f} s CPU {row['wall']:7.1f} s wall, peak {row['peak']:.2f} GB, "
              f"address space {row['address_space']:.2f} GB, partitions {row['partitions']}", flush=True)  # fmt: skip
    if not any("failed" in row for row in found):
        here, there = (pd.read_parquet(work / s).set_index(["entity", "as_of"]).sort_index() for s in SIDES)
        pd.testing.assert_frame_equal(there, here, check_exact=True)
        print(f"  equal, bit for bit: {here.shape[0]:,} rows, {here.shape[1]} columns", flush=True)
    return found


def main() -> None:
    """Measure both sides of every size."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--events", type=int, nargs="+", default=[5_000_000, 20_000_000])
    options.add_argument("--memory", default="1500MB")
    options.add_argument("--limit")
    options.add_argument("--records", type=Path)
    options.add_argument("--as-of", default="2024-01-01")
    options.add_argument("--json", type=Path)
    options.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    options.add_argument("--make", type=int, help=argparse.SUPPRESS)
    options.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.make:
        made(given.make)["inspections"].frame.drop(columns="replaces").to_parquet(given.out, index=False)
    elif given.side:
        measured(given.side, given.records, given.as_of, given.out, given.memory, given.limit)
    else:
        found = {}
        for n in [0] if given.records else given.events:
            with tempfile.TemporaryDirectory() as name:
                work, folder = Path(name), given.records or Path(name) / "records"
                if not given.records:
                    folder.mkdir()
                    path = folder / "inspections.parquet"
                    subprocess.run([sys.executable, __file__, "--make", str(n), "--out", str(path)], check=True)
                print(f"{n:,} events" if n else folder.name, flush=True)
                found[str(n or folder.name)] = compared(folder, given.as_of, work, given)
        if given.json:
            given.json.write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()

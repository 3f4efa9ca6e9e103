"""A plan for many places and teams: CPU and wall seconds, gap, and the same plan twice.

    python tests/benchmarks/bench_plan.py [--sites 1000] [--teams 10] [--days 14] [--explore 0.1]

Places, values and employers are invented; reading records, features and scores are not in the figures.
"""

from __future__ import annotations

import argparse
import datetime as dt
import time

import numpy as np
import pandas as pd

from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.places import Places
from riskscore.planning.plan import Asked, make_plan

REGIONS = ("R0", "R1", "R2", "R3", "R4")


def made(sites: int, seed: int) -> Places:
    rng = np.random.default_rng(seed)
    region = rng.integers(0, 5, sites)
    urgent = np.where(np.arange(sites) % 250 == 17, "urgent report", "")
    frame = pd.DataFrame({
        "entity": [f"S{i:05d}" for i in range(sites)],
        "employer": [f"E{e:05d}" for e in rng.integers(0, sites * 3 // 4, sites)],
        "region": [REGIONS[r] for r in region], "district": "", "sector": rng.choice(["A", "F", "G"], sites),
        "site_type": "site", "latitude": 39 + region * 0.6 + rng.normal(0, 0.2, sites),
        "longitude": 47 + (region % 2) + rng.normal(0, 0.25, sites), "rank": np.arange(1, sites + 1), "band": "B",
        "urgent": urgent != "", "located": True, "finding": rng.beta(1, 5, sites), "value": rng.gamma(2, 0.5, sites),
        "workers": 10.0, "visited": rng.random(sites) < 0.6, "similarity": rng.random(sites), "demand": urgent,
        "because": "", "partner": "", "out": "",
    })  # fmt: skip
    return Places(frame, ())


def offices(teams: int) -> str:
    parts = []
    for i, name in enumerate(REGIONS):
        own = ", ".join(f'"{name}-{t}"' for t in range(teams // 5 + (i < teams % 5)))
        parts.append(
            f'[[office]]\nname = "O{i}"\nlatitude = {39 + i * 0.6:.1f}\nlongitude = {47 + i % 2}\n'
            f'regions = ["{name}"]\nteams = [{own}]\n'
        )
    limits = '[[floor]]\nregion = "R3"\nvisits = 20\n[[cap]]\nsector = "F"\nvisits = 90\n'
    return "\n".join(parts) + limits


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("sites", 1_000), ("teams", 10), ("days", 14)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--explore", type=float, default=0.1)
    asked = parser.parse_args()
    places, rules, first = made(asked.sites, 1), offices_from_text(offices(asked.teams)), dt.date(2025, 1, 6)
    plans = []
    for _ in range(2):
        wall, cpu = time.perf_counter(), time.process_time()
        plans.append(make_plan(places, rules, Asked(first, first, asked.days, asked.explore), lambda text: None))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{len(plans[-1].visits)} visits, gap {plans[-1].gap:.2%}; {cpu:.1f} CPU s, {wall:.1f} s")
    print("the same plan twice:", plans[0].visits.equals(plans[1].visits))


if __name__ == "__main__":
    main()

"""Do the estimates of a replay hold where the truth is known?

    PYTHONPATH=. python tests/benchmarks/bench_replay.py [COUNTRIES] [SITES] [SETTING]

Each country is simulated with its own seed, with visits of 2013 to 2018 to learn from and the list of 2019-01-01. Every
way chooses as many places as were visited in 2019 of the offices' own accord. The truth is the chance that a visit in
that year finds something, at the chosen places that visits can speak for. Shown is how often 95 % intervals hold it,
and how often the ends at Gamma 2 do.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from dataclasses import replace

import pandas as pd
from bench_selection import Country

import riskscore as rs
from riskscore.definitions.recipe import Recipe
from riskscore.pipeline.prepare import choose
from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.replay import ALL, MADE, Replay
from riskscore.report.replay_text import replay_text
from riskscore.simulate.world import world

ON = "2020-02-15"  # the year after the list is over, and its outcomes are reported
_AT = {r.name: r.at for r in world().regions}
OFFICES = "\n".join(
    f'[[office]]\nname = "{name}"\nlatitude = {_AT[name][0]}\nlongitude = {_AT[name][1]}\nteams = ["{name} 1"]\n'
    f"regions = {[r.name for r in world().regions if r.office == name]}\n"
    for name in world().offices
)


def replayed(country: Country, recipe: Recipe) -> Replay:
    """Replay the one date, with the simulator's own offices."""
    one = replace(recipe, splits=replace(recipe.splits, origins=1))
    return rs.replay(country.made.records, one, ON, offices=offices_from_text(OFFICES))


def beside_truth(found: Replay, country: Country) -> pd.DataFrame:
    """Return the estimates beside the mean true chance of the places that they are of."""
    rows = found.places[found.places["overlap"]]
    chance = [country.chance[int(name[1:]) - 1] for name in rows["entity"]]
    truth = rows.assign(chance=chance).groupby("policy")["chance"].mean()
    told = found.estimated[found.estimated["origin"] == ALL].set_index("policy")
    told = told[told["refused"] == ""].assign(truth=truth, truth_made=truth[MADE])
    lead = told["truth"] - told["truth_made"]
    return told.assign(
        held=(told["low"] <= told["truth"]) & (told["truth"] <= told["high"]),
        lead_held=(told["ahead_low"] <= lead) & (lead <= told["ahead_high"]),
        gamma_2_held=(told["low_2"] <= told["truth"]) & (told["truth"] <= told["high_2"]),
        width=told["high"] - told["low"],
    )


def main(countries: int = 8, sites: int = 6000, setting: str = "") -> None:
    """Print the first country's replay, and the table of all."""
    recipe = choose("site_risk").recipe
    recipe = replace(recipe, cohort=replace(recipe.cohort, first=dt.date(2014, 7, 1)))
    recipe = replace(recipe, model=replace(recipe.model, seeds=(1,)))
    columns = ["truth", "value", "width", "held", "truth_made", "made", "ahead", "lead_held", "gamma_2_held"]
    for name in [setting] if setting else ["ignorable", "hidden"]:
        every = []
        for seed in range(1, countries + 1):
            country = Country.of(sites, seed, name)
            found = replayed(country, recipe)
            if seed == 1:
                print(f"\n{name}, country 1\n{replay_text(found)}")
            every.append(beside_truth(found, country))
            print(f"{name}: country {seed}, {time.process_time():.0f} s CPU", file=sys.stderr, flush=True)
        table = pd.concat(every)
        print(f"\n{name}: {countries} countries of {sites:,} places")
        print(table.groupby(level=0)[columns].mean().round(3).to_string())
        print(table[["held", "lead_held", "gamma_2_held"]].mean().round(3).to_string())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:4])

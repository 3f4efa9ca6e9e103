"""Do the corrected figures hold where the truth is known?

    PYTHONPATH=. python tests/benchmarks/bench_selection.py [FITS] [DRAWS] [SITES] [SETTING]

Each fit is a simulated country of its own, with visits of 2013 to 2018 to learn from and the list of 2019-01-01. Then
the year 2019 is drawn anew DRAWS times: who is visited of the offices' own accord (by the simulator's own rule, from
what the records show; in the setting "hidden" also from tips that no record holds), and what is found. Each time the
figures of the list are estimated from those visits alone, with everything cross-fitted anew, and held against the
truth: the chance that a visit would find something, of every place of the cohort with overlap, visited or not.

Shown is how often 95 % intervals hold the truth, with a standard error by country; how far off the values are; how wide
the intervals; and for the bounds how often their outer ends hold it. Then, at places never visited before: how many
finds the first tenth of the list would bring, by the recipe as it is and with visits weighted by how rare they were.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import pandas as pd

from riskscore.asof.build import build
from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort, cohort_of
from riskscore.dates import day
from riskscore.definitions.recipe import Recipe
from riskscore.learn.bootstrap import compare
from riskscore.learn.curve import Curve, Order
from riskscore.learn.fit import Model, estimator_of, fit_model
from riskscore.learn.selection.circumstances import Circumstances, circumstances
from riskscore.learn.selection.corrected import Tally
from riskscore.learn.selection.evaluation import Nuisances, bounded_metrics, corrected_metrics, nuisances
from riskscore.learn.selection.overlap import clipped_weights
from riskscore.learn.selection.propensity import cross_fit_visited
from riskscore.pipeline.prepare import Chosen, Outcomes, choose, groups_of, outcomes, past_of
from riskscore.simulate import simulate
from riskscore.simulate.draws import Draws
from riskscore.simulate.register import register
from riskscore.simulate.results import results
from riskscore.simulate.select import Past
from riskscore.simulate.simulation import Simulation, _remember
from riskscore.simulate.world import published, world
from riskscore.simulate.year import Setting, _chosen, _inspectors, live
from riskscore.splits import Split, fit_split

FIRST, YEAR, LEARNED_FROM = 2013, 2019, dt.date(2014, 7, 1)
OPEN = 2100  # no rule forbids a visit
METRICS = {
    "auc": Curve.auc,
    "average precision": Curve.average_precision,
    "precision 5%": partial(Curve.precision_at, share=0.05),
    "precision 10%": partial(Curve.precision_at, share=0.1),
    "recall 10%": partial(Curve.recall_at, share=0.1),
    "lift 10%": partial(Curve.lift_at, share=0.1),
}
BOUNDED, GAMMAS = "precision 10%", (1.0, 1.5, 2.0, 3.0)
MODEL, RIVAL = "model", "prior rate"
DRAWS = 200  # of the bootstrap


@dataclass(frozen=True)
class Country:
    """A simulated country, and the year of its list drawn anew as often as one likes."""

    made: Simulation
    run: Setting
    past: Past

    @classmethod
    def of(cls, sites: int, seed: int, setting: str) -> Country:
        """Simulate it, and live through its years again up to the one that is drawn."""
        made = simulate(sites=sites, years=(FIRST, YEAR), seed=seed, setting=setting, suspended_from=OPEN)  # type: ignore[arg-type]
        people = register(Draws(seed), world(), sites, FIRST, YEAR)
        run = Setting(Draws(seed), world(), published(), people, FIRST, sites, OPEN, setting == "hidden")
        count = len(people.sites.place)
        past, visits = Past(np.full(count, -1), np.zeros(count, dtype=np.int64)), 0
        for year in range(FIRST, YEAR):
            lived = live(run, year, past)
            past, visits = _remember(past, lived, results(run, lived, visits)), visits + len(lived.site)
        return cls(made, run, past)

    def rows(self, members: Cohort) -> np.ndarray:
        """Return the number of each member's place."""
        return np.array([int(name[1:]) - 1 for name in members.entity])

    @cached_property
    def chance(self) -> np.ndarray:
        """Return the chance that a visit by the year's inspector finds something, NaN at places not at work."""
        truth = self.made.truth[self.made.truth["year"] == YEAR]
        chance = np.full(len(self._everyone), np.nan)
        chance[[int(name[1:]) - 1 for name in truth["site_id"]]] = truth["level_2"]
        strict = self.run.draws.normal("inspector", 250, _inspectors(self.run, YEAR, self._everyone)) / 1000
        return 1 / (1 + (1 - chance) / chance * np.exp(-strict))

    def drawn(self, seed: int) -> np.ndarray:
        """Return what another 2019 would have seen: 1 or 0 where offices went of their own accord, NaN elsewhere."""
        sites, end = self.run.register.sites, day(f"{YEAR}-12-31")
        low = np.maximum(sites.opened_on, day(f"{YEAR}-01-01"))
        high = np.where(sites.closed_on >= 0, np.minimum(sites.closed_on, end), end)
        draws = self.run.draws
        shock = draws.normal("year", 500, self._everyone, YEAR)
        shock = shock + draws.normal("era", 450, self._everyone, (YEAR + self._everyone) // 3)
        tip = sites.unseen + shock if self.run.hidden else None
        other = replace(self.run, draws=Draws(1_000_000 + seed))
        seen = np.zeros(len(low), dtype=bool)
        for chosen in _chosen(other, YEAR, self.past, high - low >= 60, tip):
            seen[chosen.site] = True
        found = np.random.default_rng(seed).random(len(low)) < np.nan_to_num(self.chance)
        return np.where(seen, found.astype(float), np.nan)

    @property
    def _everyone(self) -> np.ndarray:
        return np.arange(len(self.run.register.sites.place))


@dataclass(frozen=True)
class List:
    """The list of 2019-01-01: places at work, what is known of them, their true chances and their scores."""

    matrix: FeatureMatrix
    around: Circumstances
    groups: np.ndarray
    place: np.ndarray
    chance: np.ndarray
    scores: dict[str, np.ndarray]
    never: np.ndarray  # visited


@dataclass(frozen=True)
class Learned:
    """What the recipe learned from, and its model."""

    chosen: Chosen
    recipe: Recipe
    found: Outcomes
    split: Split
    model: Model


def learn(country: Country) -> Learned:
    """Fit the shipped recipe on what was known on the day of the list."""
    chosen, on = choose("site_risk"), dt.date(YEAR, 1, 1)
    recipe = replace(chosen.recipe, cohort=replace(chosen.recipe.cohort, first=LEARNED_FROM))
    recipe = replace(recipe, model=replace(recipe.model, seeds=(1,)))
    found = outcomes(country.made.records, recipe, on)
    known = ~np.isnan(found.target)
    delay = recipe.rung(recipe.rank_by).delay
    split = fit_split(found.cohort.as_of[known], recipe.splits, recipe.horizon, delay, on)
    used = found.pick(known)
    matrix = build(country.made.records, chosen.families, used.cohort)
    model = fit_model(matrix, used.target, split, used.cohort.as_of, recipe, chosen.families)
    return Learned(chosen, recipe, found, split, model)


def listed(country: Country, learned: Learned) -> List:
    """Score everybody on the day of the list."""
    records = country.made.records
    members = cohort_of(records, learned.recipe, [dt.date(YEAR, 1, 1)])
    at_work = ~np.isnan(country.chance[country.rows(members)])
    members = members.pick(at_work)
    matrix, past = build(records, learned.chosen.families, members), past_of(records, learned.recipe, members)
    scores = {
        MODEL: learned.model.margin(matrix),
        RIVAL: (np.nan_to_num(past.total) + 1.5) / (np.nan_to_num(past.visits) + 5),
    }
    place = country.rows(members)
    return List(
        matrix, circumstances(records, members), groups_of(records, members), place, country.chance[place], scores,
        np.nan_to_num(past.visits) == 0,
    )  # fmt: skip


def evaluated(one: List, y: np.ndarray, draws: int = DRAWS) -> pd.DataFrame:
    """Return every way's interval of every metric beside the truth, for one year that was drawn."""
    closed = np.zeros(y.size, dtype=bool)
    known = nuisances(one.matrix.frame, one.around.frame, y, closed, one.groups, one.scores[MODEL])
    inside, scores = known.inside, one.scores
    orders = {name: Order.of(np.full(y.size, np.nan)[inside], score[inside]) for name, score in scores.items()}
    sure = {name: Tally.of_expected(one.chance[inside], order).curve() for name, order in orders.items()}
    truth = {(metric, name): float(of(sure[name])[0]) for metric, of in METRICS.items() for name in scores}
    rows = []
    corrected = corrected_metrics(METRICS, scores, known, one.groups, MODEL, draws=draws)
    for r in corrected.itertuples():
        rows.append((r.metric, r.model, "corrected", r.value, r.low, r.high, truth[r.metric, r.model]))
        lead = truth[r.metric, MODEL] - truth[r.metric, r.model]
        if r.model != MODEL:
            rows.append((r.metric, "lead of the model", "corrected", r.behind, r.behind_low, r.behind_high, lead))
    seen = ~np.isnan(y)
    plain = compare(METRICS, y[seen], {n: s[seen] for n, s in scores.items()}, MODEL, one.groups[seen], draws=draws)
    for (metric, name), found in plain.items():
        rows.append((metric, name, "visited only", found.a.value, found.a.low, found.a.high, truth[metric, name]))
    bound = {BOUNDED: METRICS[BOUNDED]}
    for r in bounded_metrics(bound, scores[MODEL], known, one.groups, MODEL, gammas=GAMMAS, draws=draws).itertuples():
        rows.append((r.metric, MODEL, f"bounds, Gamma {r.gamma}", np.nan, r.low, r.high, truth[r.metric, MODEL]))
    frame = pd.DataFrame(rows, columns=["metric", "model", "way", "value", "low", "high", "truth"])
    return frame.assign(places=int(inside.sum()), visits=int((inside & seen).sum()), hidden=_gamma(one, known))


def _gamma(one: List, known: Nuisances) -> float:
    """Return the odds of a find where nobody went over those where somebody did, at equal columns, as truth has it."""
    seen, logit = ~np.isnan(known.y), np.log(one.chance / (1 - one.chance))
    rows = known.inside
    table = np.column_stack([
        ~seen[rows], np.ones(int(rows.sum())), np.log(known.find / (1 - known.find))[rows], np.log(known.visit)[rows]
    ])  # fmt: skip
    return float(np.exp(np.linalg.lstsq(table, logit[rows], rcond=None)[0][0]))


def weighted(country: Country, learned: Learned, one: List) -> dict[str, float]:
    """Return finds that the first tenth of the never visited would bring, by ways to learn from the visits made."""
    records, found = country.made.records, learned.found
    rows = learned.split.masks(found.cohort.as_of)[0]
    used = found.pick(rows)
    matrix, groups = build(records, learned.chosen.families, used.cohort), groups_of(records, used.cohort)
    seen = ~np.isnan(used.target)
    frame = matrix.frame[learned.model.columns]
    around = circumstances(records, used.cohort)
    chance = cross_fit_visited(around.beside(frame), seen, groups, np.zeros(seen.shape, dtype=bool))
    weight = clipped_weights(chance, seen)
    columns = {name: matrix.columns[name] for name in learned.model.columns}
    made = estimator_of(learned.recipe, columns)
    made.fit(frame[seen], used.target[seen].astype(int), weight[seen] * seen.sum() / weight.sum())
    mixed = made.decision_function(learned.model.features(one.matrix))
    ways = {"as it is": one.scores[MODEL], "weighted": mixed, RIVAL: one.scores[RIVAL]}
    never, k = one.never, int(one.never.sum()) // 10
    brought = {
        name: float(one.chance[never][np.argsort(-score[never], kind="stable")[:k]].sum())
        for name, score in ways.items()
    }
    best = float(np.sort(one.chance[never])[::-1][:k].sum())
    return brought | {"at random": float(one.chance[never].mean()) * k, "knowing the truth": best, "places": float(k)}


def run(fits: int, draws: int, sites: int, setting: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return all evaluations, and what each fit would bring at places never visited."""
    every, brought = [], []
    for seed in range(1, fits + 1):
        country = Country.of(sites, seed, setting)
        learned = learn(country)
        one = listed(country, learned)
        brought.append({"seed": seed, **weighted(country, learned, one)})
        for draw in range(draws):
            y = country.drawn(1000 * seed + draw)[one.place]
            every.append(evaluated(one, y).assign(seed=seed, draw=draw))
        print(f"{setting}: country {seed}, {time.process_time():.0f} s CPU", file=sys.stderr)
        print(
            summary(pd.concat(every)).loc[BOUNDED, MODEL][["value", "truth", "held"]].round(3),
            file=sys.stderr,
            flush=True,
        )
    return pd.concat(every, ignore_index=True), pd.DataFrame(brought)


def summary(every: pd.DataFrame) -> pd.DataFrame:
    """Return for each way how often its intervals hold the truth, with a standard error by country."""
    told = every.assign(
        held=(every["low"] <= every["truth"]) & (every["truth"] <= every["high"]),
        off=every["value"] - every["truth"], width=every["high"] - every["low"],
    )  # fmt: skip
    keys = ["metric", "model", "way"]
    by_country = told.groupby([*keys, "seed"])["held"].mean().groupby(keys)
    found = told.groupby(keys).agg(
        truth=("truth", "mean"), value=("value", "mean"), off=("off", "mean"), spread=("off", "std"),
        width=("width", "mean"), held=("held", "mean"),
    )  # fmt: skip
    return found.assign(error=by_country.std() / np.sqrt(by_country.count()))


def main(fits: int = 3, draws: int = 5, sites: int = 8000, setting: str = "") -> None:
    """Print the tables."""
    pd.set_option("display.width", 160, "display.max_rows", 200)
    for name in [setting] if setting else ["ignorable", "hidden"]:
        every, brought = run(fits, draws, sites, name)
        size = every.groupby(["seed", "draw"])[["places", "visits", "hidden"]].first()
        print(f"\n{name}: {fits} countries of {sites:,} places, {draws} years each; with overlap "
              f"{size.places.mean():.0f} places, {size.visits.mean():.0f} visited; odds unseen over seen "
              f"{size.hidden.mean():.2f}")  # fmt: skip
        print(summary(every).round(3).to_string())
        means, n = brought.drop(columns="seed"), len(brought)
        print("\nfinds that the first tenth of places never visited would bring, means over countries")
        print(means.mean().round(1).to_string())
        gain = means["weighted"] - means["as it is"]
        print(f"weighted less as it is: {gain.mean():.2f}, standard error {gain.std() / n**0.5:.2f}, "
              f"ahead in {int((gain > 0).sum())} of {n}")  # fmt: skip
    print(f"{time.process_time():.0f} s CPU")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]), *sys.argv[4:5])

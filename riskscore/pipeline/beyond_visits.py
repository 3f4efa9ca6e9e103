"""What a backtest says beyond the visits that were made: of the register, at offices' capacity, and of coverage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort
from riskscore.dates import FOREVER, Period, day, to_days
from riskscore.definitions.recipe import Recipe
from riskscore.errors import FitError
from riskscore.history.versions import EventTable
from riskscore.history.windows import Ints
from riskscore.learn.backtest import MODEL, Backtest, Floats, figures, metrics_of
from riskscore.learn.offices import Offices, at_capacity
from riskscore.learn.selection.circumstances import NOT_STATED, OFFICE, OPEN, Circumstances, circumstances, told
from riskscore.learn.selection.evaluation import (
    Nuisances,
    bounded_metrics,
    corrected_metrics,
    drawn_metrics,
    gamma_to_lose,
    nuisances,
)
from riskscore.learn.selection.response import Draws, draws_of
from riskscore.learn.selection.visits import inspections, unprompted, visit_of_rows, visits_of
from riskscore.pipeline.prepare import Outcomes
from riskscore.pipeline.work import Say
from riskscore.records.model import Records

OF_VISITS = "the cohort is made of visits: every figure is of places that were visited, and nothing corrects for that"
IN_SHARE = 10  # drawn visits in the top share of the places: below it, they say nothing of that share
YEAR = Period(months=12)


def beyond_visits(
    records: Records, recipe: Recipe, tested: Backtest, matrix: FeatureMatrix, used: Outcomes, on: dt.date, say: Say
) -> Backtest:
    """Return the backtest with its figures of places that nobody visited, of offices' lists, and of coverage.

    Parameters
    ----------
    tested : Backtest
    matrix, used : FeatureMatrix, Outcomes
        Of the rows that it was made from.
    on : date
        Nothing known on it or later is used.
    """
    if recipe.cohort.kind == "visits":
        return replace(tested, notes=(OF_VISITS,))
    rows, frames, notes = [], [], []
    models = list(dict.fromkeys(tested.frame["model"]))
    for date, known, note in _dates(records, recipe, tested.rows, matrix, used, on, models, say):
        missed = date.draws.says(date.drawn_visits)
        notes += [*note, *([f"{date.rows['origin'].iloc[0]}: {missed}"] if missed else [])]
        rows.append(date.noted(known))
        frames.append({
            "new_employers": date.new_employers(), "capacity": date.at_capacity(known), "coverage": date.coverage(),
            "corrected": date.corrected(known), "leads": date.leads(known),
        })  # fmt: skip
    joined = {name: pd.concat([frame[name] for frame in frames], ignore_index=True) for name in frames[0]}
    return replace(tested, rows=pd.concat(rows, ignore_index=True), notes=tuple(notes), **joined)


def with_chances(
    records: Records, recipe: Recipe, rows: pd.DataFrame, matrix: FeatureMatrix, used: Outcomes, on: dt.date, say: Say
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return rows such as a backtest's with what the corrections rest on, and why a date has none of it.

    Of a cohort of visits no row has overlap: nothing corrects for who was visited.

    Parameters
    ----------
    rows : DataFrame
        Columns origin, as_of, entity, group, target and model (the margin), in the order of ``used``.
    """
    if recipe.cohort.kind == "visits":
        return rows.assign(visit_probability=np.nan, outcome_probability=np.nan, overlap=False), (OF_VISITS,)
    found = [
        (date.noted(known), note) for date, known, note in _dates(records, recipe, rows, matrix, used, on, (), say)
    ]
    return pd.concat([noted for noted, _ in found], ignore_index=True), tuple(n for _, note in found for n in note)


def _dates(
    records: Records, recipe: Recipe, rows: pd.DataFrame, matrix: FeatureMatrix, used: Outcomes, on: dt.date,
    models: Sequence[str], say: Say,
) -> Iterator[tuple[_Date, Nuisances | None, list[str]]]:  # fmt: skip
    """Give each past date with its chances, or without and why."""
    for seed, (origin, own) in enumerate(rows.groupby("origin", sort=True)):
        say(f"{origin}: what the visits leave out")
        at = np.flatnonzero(np.isin(used.cohort.as_of, to_days(own["as_of"])))
        date = _Date(
            records, recipe, own.reset_index(drop=True), matrix.frame.iloc[at], used.cohort.pick(at), on, models, seed
        )
        try:
            yield date, date.nuisances, []
        except FitError as error:
            yield date, None, [f"{origin}: not corrected for who was visited: {error.what} {error.next}"]


@dataclass(frozen=True)
class _Date:
    """One past date: who was on the list, what was known, what the visits found."""

    records: Records
    recipe: Recipe
    rows: pd.DataFrame
    features: pd.DataFrame
    cohort: Cohort
    on: dt.date
    models: Sequence[str]
    seed: int

    @property
    def _scores(self) -> dict[str, Floats]:
        return {name: self.rows[name].to_numpy() for name in self.models}

    @property
    def _groups(self) -> NDArray[np.object_]:
        return self.rows["group"].to_numpy(dtype=object)

    @property
    def _target(self) -> Floats:
        return self.rows["target"].to_numpy()

    @cached_property
    def _events(self) -> EventTable:
        return inspections(self.records)

    @cached_property
    def _around(self) -> Circumstances:
        return circumstances(self.records, self.cohort)

    @cached_property
    def _closed(self) -> NDArray[np.bool_]:
        """Return where the rule in force allowed no visit of the office's own accord."""
        return ~np.isin(self._around.rule.astype(str), (OPEN, NOT_STATED))

    @cached_property
    def _own_accord(self) -> NDArray[np.bool_]:
        """Return where somebody went without a report: all visits, where nobody wrote down why they were made."""
        return self._visit(unprompted(self._events)) >= 0

    def _visit(self, among: NDArray[np.bool_] | None = None) -> Ints:
        return visit_of_rows(self._events, self.recipe, self.cohort, day(self.on), among)

    @cached_property
    def nuisances(self) -> Nuisances:
        """The chances that the corrections rest on."""
        y = np.where(self._own_accord, self._target, np.nan)
        return nuisances(
            self.features, self._around.frame, y, self._closed, self._groups, self.rows[MODEL].to_numpy(),
            seed=self.seed,
        )  # fmt: skip

    def noted(self, known: Nuisances | None) -> pd.DataFrame:
        """Return the rows with what was estimated for each."""
        missing = np.full(len(self.rows), np.nan)
        return self.rows.assign(
            own_accord=self._own_accord,
            visit_probability=missing if known is None else known.visit,
            outcome_probability=missing if known is None else known.find,
            overlap=False if known is None else known.inside,
        )

    @cached_property
    def _chance(self) -> Floats:
        """Return the logged chance of each row's drawn visit; NaN where none was made."""
        return visits_of(self.records, self.recipe, self.cohort, self.on).drawn

    @cached_property
    def draws(self) -> Draws:
        """Which rows plans drew, visited or not."""
        return draws_of(self.records, self.recipe, self.cohort, self.on)

    @property
    def drawn_visits(self) -> NDArray[np.bool_]:
        """Return where a drawn visit told its outcome."""
        return ~np.isnan(self._chance) & ~np.isnan(self._target)

    def corrected(self, known: Nuisances | None) -> pd.DataFrame:
        """Return every metric, corrected, from drawn visits alone, and bounded."""
        metrics = metrics_of(self.recipe)
        measures = {f"{name} {share}": measure for name, share, measure in metrics}
        found = []
        if known is not None:
            found.append(corrected_metrics(measures, self._scores, known, self._groups, MODEL, seed=self.seed))
            ours = self.rows[MODEL].to_numpy()
            for everybody in (False, True):
                found.append(
                    bounded_metrics(measures, ours, known, self._groups, MODEL, everybody=everybody, seed=self.seed)
                )
        # where places of a draw were not visited, the others of their stratum speak for them
        drawn = self._chance * self.draws.answered(self.drawn_visits)
        enough = IN_SHARE / max(1, int((~np.isnan(drawn) & ~self._closed).sum()))
        few = {f"{name} {share}": measure for name, share, measure in metrics if not share < enough}
        with suppress(FitError):  # most offices draw few visits, or none
            found.append(drawn_metrics(few, self._scores, self._target, drawn, self._closed, self._groups, MODEL,
                                       seed=self.seed))  # fmt: skip
        if not found:
            return pd.DataFrame()
        shares = {f"{name} {share}": (name, share) for name, share, _ in metrics}
        frame = pd.concat(found, ignore_index=True)
        named = frame["metric"].map(shares)
        frame = frame.assign(metric=named.str[0], share=named.str[1].astype(float))
        most = np.where(frame["metric"] == "lift", np.inf, 1.0)  # an estimate may lie beyond what there can be
        return self._dated(frame.assign(low=frame["low"].clip(0.0), high=np.minimum(frame["high"], most)))

    def leads(self, known: Nuisances | None) -> pd.DataFrame:
        """Return for each share the rule that finds most and the Gamma from which the model need not find more."""
        if known is None:
            return pd.DataFrame()
        found = []
        for metric, share, measure in metrics_of(self.recipe):
            if metric != "precision":
                continue
            table = corrected_metrics({"": measure}, self._scores, known, self._groups, MODEL, draws=1)
            rival = str(table[table["model"] != MODEL].sort_values("value", ascending=False)["model"].iloc[0])
            gamma = gamma_to_lose(known, self._scores[MODEL], self._scores[rival], share)
            found.append({"share": share, "rival": rival, "gamma": gamma})
        return self._dated(pd.DataFrame(found))

    def new_employers(self) -> pd.DataFrame:
        """Return the figures of visited places of employers from which nothing was learned."""
        part = self.rows[self.rows["visited"] & self.rows["new_employer"]]
        if part["target"].nunique() < 2:
            return pd.DataFrame()
        scores = {name: part[name].to_numpy() for name in self.models}
        groups = part["group"].to_numpy(dtype=object)
        origin = self.rows["origin"].iloc[0]
        return figures(metrics_of(self.recipe), part["target"].to_numpy(), scores, groups, origin, seed=self.seed)

    def at_capacity(self, known: Nuisances | None) -> pd.DataFrame:
        """Return what lists at the offices' real capacity would have brought."""
        phi = None if known is None else known.phi
        view, at = self._events.view, self._visit()
        office = self._around.frame[OFFICE].astype(object).fillna("").to_numpy(dtype=object)
        after = np.where(at >= 0, view.date[at] - self.cohort.as_of, np.nan)
        people = np.full(at.shape, np.nan)
        if view.has("uncontracted_workers"):
            people = np.where(at >= 0, view.values("uncontracted_workers").data[at], np.nan)
        offices = Offices(office, self._capacity(), self._target, after.astype(np.float64), people)
        return self._dated(at_capacity(offices, self._scores, self._groups, MODEL, phi, seed=self.seed))

    def _capacity(self) -> dict[str, int]:
        """Return how many visits each office's places had in the twelve months before, as far as was known then."""
        view, origin = self._events.view, np.unique(self.cohort.as_of)[-1:].astype(np.int32)
        until = np.full(view.n, FOREVER) if view.until is None else view.until
        made = (view.start < origin) & (until >= origin) & (view.date >= YEAR.before(origin)) & (view.date < origin)
        places = view.frame[f"{self.cohort.kind}_id"].to_numpy(dtype=object)[made]
        places = places[~pd.isna(places)]
        went = Cohort(self.cohort.kind, places, np.repeat(origin, places.size))
        office = circumstances(self.records, went).frame[OFFICE].astype(object).fillna("")
        return {str(name): int(n) for name, n in office.value_counts().sort_index().items()}

    def coverage(self) -> pd.DataFrame:
        """Return the shares of register, visits and list by region and by sector."""
        engine = Engine(self.records, self.cohort)
        seats = Offices(
            self._around.frame[OFFICE].astype(object).fillna("").to_numpy(dtype=object), self._capacity(),
            self._target, self._target, self._target,
        ).seats(self.rows[MODEL].to_numpy())  # fmt: skip
        shown = {"register": np.ones(len(self.rows)), "visits": self.rows["visited"].to_numpy(float), "list": seats}
        found = []
        for by in ("region", "sector"):
            name = pd.Series(told(engine, by), dtype=object).fillna("not known")
            sums = pd.DataFrame(shown).groupby(name.to_numpy()).sum()
            shares = sums / sums.sum().where(sums.sum() > 0)
            found.append(shares.rename_axis("name").reset_index().assign(by=by))
        frame = pd.concat(found, ignore_index=True)
        return self._dated(frame[["by", "name", *shown]])

    def _dated(self, frame: pd.DataFrame) -> pd.DataFrame:
        frame.insert(0, "origin", self.rows["origin"].iloc[0])
        return frame

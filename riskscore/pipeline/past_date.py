"""One past date of a replay: who could be chosen on it, by which way, and what visits after it found."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import Period, as_date, day, days_between
from riskscore.definitions.recipe import Recipe
from riskscore.errors import FitError
from riskscore.labels import label
from riskscore.learn.backtest import baseline_scores
from riskscore.learn.curve import Floats
from riskscore.learn.selection.circumstances import circumstances
from riskscore.learn.selection.evaluation import Nuisances, nuisances
from riskscore.learn.selection.visits import inspections, unprompted, visit_of_rows
from riskscore.pipeline.learn import final_split
from riskscore.pipeline.listing import List
from riskscore.pipeline.prepare import groups_of, outcomes, past_of
from riskscore.pipeline.work import Say
from riskscore.planning.offices import Offices
from riskscore.planning.places import places
from riskscore.planning.policies import Flags, Seats, office_of, planned
from riskscore.planning.replay import LIST, MADE, PLAN, Then, finds_earlier
from riskscore.planning.tours import tour_km
from riskscore.records.model import Records


@dataclass(frozen=True)
class PastDate:
    """One past date: the list that was made on it, and what visits after it found."""

    records: Records
    recipe: Recipe
    listed: List
    rules: Offices
    length: Period
    on: dt.date

    def replayed(self, explore: float, seed: int, say: Say) -> tuple[Then | None, list[str]]:
        """Return the date with every way's choice; none where no visit could have been made elsewhere."""
        origin, members = self.listed.as_of, self._members
        frame = places(
            self.listed.frame, self.records, members, self.recipe, replace(self.rules, cool_down=Period())
        ).frame
        may, office = (frame["out"] == "").to_numpy(dtype=bool), office_of(frame["region"], self.rules)
        visits = self._visits
        made = may & visits.within & ~np.isnan(visits.y)
        capacity = {o.name: int((made & (office == o.name)).sum()) for o in self.rules.offices}
        notes = [self._left_out(made, visits)]
        if not made.any():
            return None, notes
        seats = Seats(office, capacity, may)
        scores = {LIST: -np.arange(len(frame), dtype=np.float64)} | self._baselines(members)
        say(f"{origin}: the plan")
        last = as_date(int(self.length.after(members.as_of[:1])[0]) - 1)
        plan, besides = planned(frame, self.rules, seats, origin, last, explore=explore, seed=seed, say=say)
        if besides:
            notes.append(f"{origin}: {besides} visits of the plan are filled up by value alone: the teams of the "
                         "offices file have no hours for more, or no other place was left")  # fmt: skip
        choices = {MADE: made, PLAN: plan} | {n: seats.first(s, frame["entity"]) for n, s in scores.items()}
        value = frame["value"].to_numpy(dtype=np.float64)
        orders = {MADE: -visits.day, PLAN: value + plan * (1 + value.max())} | scores
        day_made = np.where(made, visits.day, np.nan)
        known, refused = self._nuisances(visits.y)
        say(f"{origin}: kilometres")
        return Then(
            str(origin), frame.assign(from_own_visits=self.listed.frame["from_own_visits"].to_numpy()), seats, choices,
            {name: finds_earlier(seats, np.nan_to_num(s), visits.y, day_made) for name, s in orders.items()},
            {name: tour_km(self.rules, frame, office, rows) for name, rows in choices.items()},
            visits.y, visits.reported, visits.workers, groups_of(self.records, members), known,
        ), notes + refused  # fmt: skip

    @property
    def _members(self) -> Cohort:
        return self.listed.cohort.pick(self.listed.ranking.rows)

    @property
    def _visits(self) -> _Visits:
        """Return what visits within the horizon found, as known before the last day."""
        members, events = self._members, inspections(self.records)
        found = label(self.records, self.recipe, members, self.on)
        target = np.where(found.frame["visited"], found.target(self.recipe.rank_by), np.nan)
        own = visit_of_rows(events, self.recipe, members, day(self.on), unprompted(events))
        some = visit_of_rows(events, self.recipe, members, day(self.on))
        view, end = events.view, self.length.after(members.as_of)
        people = np.full(own.shape, np.nan)
        if view.has("uncontracted_workers"):
            people = np.where(own >= 0, view.values("uncontracted_workers").data[own], np.nan)
        return _Visits(
            np.where(own >= 0, target, np.nan), np.where((own < 0) & (some >= 0), target, np.nan),
            np.where(own >= 0, days_between(members.as_of, view.date[own]), np.nan), people,
            (some >= 0) & (view.date[np.where(own >= 0, own, some)] < end),
        )  # fmt: skip

    def _left_out(self, made: Flags, visits: _Visits) -> str:
        """Say how many visits the comparison is of, and which are not in it."""
        origin, members = self.listed.as_of, self._members
        reported = int((visits.within & ~np.isnan(visits.reported)).sum())
        barred = int((visits.within & ~np.isnan(visits.y) & ~made).sum())
        view = inspections(self.records).view
        first, last = day(origin), int(self.length.after(members.as_of[:1])[0])
        after = (view.date >= first) & (view.date < last) & (view.start < day(self.on))
        went = set(view.frame[f"{members.kind}_id"].to_numpy(dtype=object)[after]) - {None}
        unlisted = len({str(one) for one in went if not pd.isna(one)} - set(members.entity.astype(str)))
        return (
            f"{origin}: each way chooses {int(made.sum()):,} places, as many as were visited of the offices' own "
            f"accord. Not compared: {reported:,} places visited only after a later report, {barred:,} that could not "
            f"be chosen on the day (a rule, no office, no position), {unlisted:,} that were not on the list of the day"
        )

    def _baselines(self, members: Cohort) -> dict[str, Floats]:
        """Return the scores of the ways that need no model, learned from the same rows as the model."""
        model, origin = self.listed.model, self.listed.as_of
        found = outcomes(self.records, self.recipe, origin)
        learned, _, _ = final_split(found, self.recipe, origin).masks(found.cohort.as_of)
        used = found.pick(learned & ~np.isnan(found.target))
        both = Cohort(
            members.kind, np.concatenate([used.cohort.entity, members.entity]),
            np.concatenate([used.cohort.as_of, members.as_of]),
        )  # fmt: skip
        train = np.arange(both.as_of.size) < used.target.size
        target = np.concatenate([used.target, np.full(members.as_of.shape, np.nan)])
        matrix = build(self.records, model.families, both)
        past = past_of(self.records, self.recipe, both)
        return dict(baseline_scores(matrix, target, past, train, ~train, model.columns))

    def _nuisances(self, y: Floats) -> tuple[Nuisances | None, list[str]]:
        """Return the chances that estimates rest on, or why there are none."""
        members, rows = self._members, self.listed.ranking.rows
        how = circumstances(self.records, members)
        margin = self.listed.frame["margin"].to_numpy(dtype=np.float64)
        try:
            return nuisances(self.listed.matrix.frame.iloc[rows], how.frame, y, how.closed,
                             groups_of(self.records, members), margin), []  # fmt: skip
        except FitError as error:
            return None, [f"{self.listed.as_of}: nothing is estimated: {error.what} {error.next}"]


@dataclass(frozen=True)
class _Visits:
    """Of each place: fields as `Then`; ``day`` of the visit, and whether it fell ``within`` the period."""

    y: Floats
    reported: Floats
    day: Floats
    workers: Floats
    within: Flags

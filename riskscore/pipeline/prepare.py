"""From names to data: records, recipe, families, cohort and outcomes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.build import Progress, build
from riskscore.asof.engine import Engine
from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort, cohort_of
from riskscore.dates import as_date, day, to_days
from riskscore.definitions.catalog import Catalog, load_catalog, select
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.recipe import Recipe
from riskscore.errors import FitError
from riskscore.labels import Labels, label
from riskscore.learn.backtest import Past
from riskscore.pipeline.work import HERE, Work
from riskscore.records.model import Records


@dataclass(frozen=True)
class Chosen:
    """A recipe with its families, and the catalog they come from."""

    catalog: Catalog
    recipe: Recipe
    families: tuple[Family, ...]


def choose(recipe: str | Recipe, definitions: str | Path | None = None) -> Chosen:
    """Return a recipe by name with the families that it selects."""
    catalog = load_catalog(Path(definitions) if definitions is not None else None)
    found = recipe if isinstance(recipe, Recipe) else catalog.recipe(recipe)
    return Chosen(catalog, found, select(found, catalog))


def cohort(records: Records, recipe: str | Recipe, as_of: Sequence[str | dt.date] | None = None) -> Cohort:
    """Return (entity, as_of) pairs: the recipe's own dates, or the register on the dates given.

    Examples
    --------
    >>> import riskscore as rs
    >>> found = rs.cohort(rs.sample_records(), recipe="site_risk", as_of=["2024-01-01"])
    >>> found.entity.size > 1000
    True
    """
    found = recipe if isinstance(recipe, Recipe) else choose(recipe).recipe
    dates = None if as_of is None else [as_date(day(d)) for d in as_of]
    return cohort_of(records, found, dates)


def build_features(
    records: Records,
    recipe: str | Recipe,
    cohort: Cohort | None = None,
    definitions: str | Path | None = None,
    progress: Progress | None = None,
    work: Work = HERE,
) -> FeatureMatrix:
    """Return what was known of every entity on every date of a cohort.

    Examples
    --------
    >>> import riskscore as rs
    >>> records = rs.sample_records()
    >>> cohort = rs.cohort(records, recipe="site_risk", as_of=["2024-01-01"])
    >>> rs.build_features(records, recipe="site_risk", cohort=cohort).frame.index.names
    FrozenList(['entity', 'as_of'])
    """
    chosen = choose(recipe, definitions)
    asked = cohort or cohort_of(records, chosen.recipe)
    return work.build(records, chosen.families, asked, progress or (lambda text: None))


@dataclass(frozen=True)
class Outcomes:
    """A cohort up to a day with what came out, as known on that day."""

    cohort: Cohort
    labels: Labels
    target: NDArray[np.float64]

    def pick(self, rows: NDArray[Any]) -> Outcomes:
        """Return some of the rows."""
        picked = Labels(self.labels.frame[rows], self.labels.counts)
        return Outcomes(self.cohort.pick(rows), picked, self.target[rows])


def outcomes(records: Records, recipe: Recipe, as_of: dt.date) -> Outcomes:
    """Return the recipe's cohort before a day, with the outcomes known by then.

    Raises
    ------
    FitError
        If nobody on any date has a known outcome.
    """
    members = cohort_of(records, recipe)
    members = members.pick(members.as_of < day(as_of))
    labels = label(records, recipe, members, as_of)
    # A case that the police found without a visit is known, but it is nothing that a visit found or missed.
    target = np.where(labels.frame["visited"], labels.target(recipe.rank_by), np.nan)
    if np.isnan(target).all():
        raise FitError(
            f"no outcome of '{recipe.rung(recipe.rank_by).name}' is known before {as_of}.",
            where=f"recipe '{recipe.name}'",
            next="Give a later --as-of, or records that reach further back.",
        )
    return Outcomes(members, labels, target)


def past_of(records: Records, recipe: Recipe, members: Cohort) -> Past:
    """Return what the baselines know of each row."""
    missing, by = np.full(members.as_of.shape, np.nan), (recipe.entity,)
    found, rule = [missing] * 3, recipe.baseline
    if rule is not None and records.has(rule.table):
        features = [
            Feature("last", "latest_of", rule.table, value=rule.value, where=rule.where, by=by),
            Feature("total", "sum", rule.table, value=rule.value, where=rule.where, by=by, none=0.0),
            Feature("visits", "count", rule.table, where=rule.where, by=by, none=0.0),
        ]
        found = _columns(records, rule.table, features, members)
    age = [missing]
    if records.has("complaints"):
        age = _columns(records, "complaints", [Feature("age", "days_since", "complaints", by=by)], members)
    return Past(found[0], found[1], found[2], age[0])


def _columns(records: Records, table: str, features: Sequence[Feature], members: Cohort) -> list[NDArray[np.float64]]:
    frame = build(records, [Family("past", "Past", table, "", "", tuple(features))], members).frame
    return [frame[name].to_numpy(dtype=np.float64) for name in frame]


def groups_of(records: Records, members: Cohort) -> NDArray[np.object_]:
    """Return the employer of each row, so that its rows are resampled together; the entity where it is not known."""
    if members.kind == "employer" or "employer_id" not in records["inspections"].present:
        return members.entity
    held = Engine(records, members).holder("employer_id")
    names = np.array([*held.words, None], dtype=object)[held.data]
    return np.where(held.data < 0, members.entity, names)


def default_day(records: Records) -> dt.date:
    """Return the day after the newest visit that the records know of: the day up to which they tell."""
    return as_date(int(to_days(records["inspections"].frame["known_on"]).max()) + 1)

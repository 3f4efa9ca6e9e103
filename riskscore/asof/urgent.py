"""Urgent reports: who is named by one, and which name nobody on the list. They head every list, whatever the score."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.dates import FOREVER
from riskscore.definitions.grammar import matches
from riskscore.definitions.recipe import Recipe
from riskscore.records.model import Records


@dataclass(frozen=True)
class Urgent:
    """``named``: rows of the cohort with an urgent report; ``unplaced``: how many reports name nobody in it."""

    named: NDArray[np.bool_]
    unplaced: int


def urgent(records: Records, recipe: Recipe, cohort: Cohort) -> Urgent:
    """Return which rows of a list (a cohort of one date) an urgent report names, made and known shortly before.

    A report that names an employer and no site is held against each of the employer's sites.
    """
    rule, named = recipe.urgent, np.zeros(cohort.as_of.shape, dtype=bool)
    if rule is None or not records.has(rule.table) or not named.size:
        return Urgent(named, 0)
    if rule.where is not None and not rule.where.columns <= records[rule.table].present:
        return Urgent(named, 0)
    engine = Engine(records, cohort)
    events = engine.table(rule.table)
    # The nearest key first: an employer is asked for only where the report names no site of the list.
    keys = [key for key in ("site", "employer")[cohort.kind == "employer" :] if events.paths(key)]
    versions = events.reading([rule.where] if rule.where else [], keys)
    as_of, date = cohort.as_of[:1], events.dates(versions)
    until = np.full(date.shape, FOREVER) if versions.until is None else versions.until
    open_ = (versions.start < as_of) & (as_of <= until) & (date < as_of) & (date >= recipe.urgent_within.before(as_of))
    if rule.where is not None:
        open_ &= matches(rule.where, lambda p, c: events.cell(versions, p, c), date.size)
    for key in keys:
        ids, of_row = engine.key(key)
        code = events.reference(versions, key, ids)
        hit = open_ & (code >= 0)
        named |= np.isin(of_row, code[hit])
        open_ &= ~hit
    return Urgent(named, int(open_.sum()))

"""What a model report holds, as plain data: it is written as a page for supervisors, or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from riskscore.audit.audit import Audit
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe

Row = dict[str, Any]


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of a frame as plain data."""
    return [{str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]


@dataclass(frozen=True)
class Moving:
    """One family of features: how much of the scores of a whole list it makes."""

    title: str
    why: str
    basis: str
    features: int
    weight: float  # mean size of its part in the score, log-odds
    raises: float  # share of the list whose score it raises


@dataclass(frozen=True)
class ModelReport:
    """A stored run, measured on past dates.

    Parameters
    ----------
    manifest : mapping
        What was noted when the run was made.
    origins : DataFrame
        A row per past date: origin, places, visited, positives, new_visited (at employers unseen in training).
    metrics : DataFrame
        Over the past dates: metric, model, mean, min, max.
    rolling : DataFrame
        AUC by past date: origin, model, value, low, high.
    capacity : DataFrame
        Of the first share of each past list, the finds among the places that somebody visited: model, share, value,
        low, high, visited (at how many of those places), behind, behind_low, behind_high (how far it lies behind the
        model, paired).
    parts : DataFrame
        AUC among all employers and among those unseen in training: part, visited, positives, value, low, high.
    calibration : DataFrame
        A row per tenth of the visited places by probability: visited, found, said, seen, low, high, left_low, left_high
        (what Venn-Abers leaves open); empty where no percentages are shown.
    audit : Audit
    moving : tuple of Moving
        Families, the weightiest first.
    picture : str
        What moves the list (SVG).
    listed : mapping
        Counts of the list of the run's day: places, never_visited, and why others are left out.
    altered : tuple of str
        Tables that are not as they were when the run was made.
    tables : mapping of table to rows
    as_of_now : tuple of str
        Registers that hold one row each, as of now.
    overlap : mapping, optional
        How far visited places can speak for the others, as `riskscore.learn.selection.overlap` tells it.
    corrected, leads, coverage : DataFrame
        As a backtest has them: the same metrics corrected for who was visited, and bounded; up to which Gamma the model
        leads; shares of register, visits and list by region and sector. Empty where they could not be made.
    notes : tuple of str
        Why they could not.
    """

    run: str
    recipe: Recipe
    families: tuple[Family, ...]
    manifest: Mapping[str, Any]
    origins: pd.DataFrame
    metrics: pd.DataFrame
    rolling: pd.DataFrame
    capacity: pd.DataFrame
    parts: pd.DataFrame
    calibration: pd.DataFrame
    audit: Audit
    moving: tuple[Moving, ...]
    picture: str
    listed: Mapping[str, int]
    altered: tuple[str, ...]
    tables: Mapping[str, int]
    as_of_now: tuple[str, ...]
    overlap: Mapping[str, Any] | None
    corrected: pd.DataFrame
    leads: pd.DataFrame
    coverage: pd.DataFrame
    notes: tuple[str, ...]

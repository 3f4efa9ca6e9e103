"""What a list says of visiting: the chance of a visit of each row, and how far visits speak for it."""

from __future__ import annotations

import pandas as pd

from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort
from riskscore.learn.selection.circumstances import circumstances
from riskscore.learn.selection.overlap import is_extrapolation
from riskscore.learn.selection.propensity import Propensity
from riskscore.records.model import Records


def visiting(visits: Propensity, records: Records, cohort: Cohort, matrix: FeatureMatrix) -> pd.DataFrame:
    """Return for each row of a cohort how likely a visit is in the horizon, and how far visits speak for it.

    Returns
    -------
    DataFrame, shape (n, 3)
        visit_probability (0 where the rule in force allows no visit); similarity_to_visited, the share of visited
        training rows whose chance was no higher; extrapolation, true below a stated similarity or where closed.
    """
    how = circumstances(records, cohort)
    chance = visits.probability(how.beside(matrix.frame), how.closed)
    similar = visits.similarity(chance, how.closed)
    return pd.DataFrame({
        "visit_probability": chance.round(4), "similarity_to_visited": similar.round(4),
        "extrapolation": is_extrapolation(similar, how.closed),
    }, index=matrix.frame.index)  # fmt: skip

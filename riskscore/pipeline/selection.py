"""Who was visited on the dates of a fit, learned beside the risk from the same features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureMatrix
from riskscore.learn.selection.circumstances import circumstances
from riskscore.learn.selection.propensity import Propensity, fit_visited
from riskscore.learn.thinned import thinned
from riskscore.pipeline.prepare import Outcomes
from riskscore.records.model import Records
from riskscore.splits import Split


@dataclass(frozen=True)
class Sample:
    """Rows of a cohort, visited or not, from which the chance of a visit is learned.

    ``weight``, shape (n,), says how many rows each stands for: 0 for those that are not in the sample.
    """

    weight: NDArray[np.float64]

    @property
    def rows(self) -> NDArray[np.bool_]:
        """The rows of the sample, as a mask."""
        return self.weight > 0


def sample(found: Outcomes, split: Split) -> Sample | None:
    """Return the sample on the dates of training and calibration; None where everybody, or nobody, was visited."""
    train, later, _ = split.masks(found.cohort.as_of)
    on, visited = np.flatnonzero(train | later), found.labels.frame["visited"].to_numpy(dtype=bool)
    if found.cohort.visit is not None or visited[on].all() or not visited[on].any():
        return None
    rows, stands = thinned(visited[on])
    weight = np.zeros(visited.shape)
    weight[on[rows]] = stands
    return Sample(weight)


def learn_visits(
    records: Records, used: Outcomes, matrix: FeatureMatrix, groups: NDArray[Any], weight: NDArray[np.float64]
) -> Propensity | None:
    """Return the chance of a visit, learned from the rows that have a weight; None where rules leave one kind alone.

    Parameters
    ----------
    used : Outcomes of n rows
    matrix : FeatureMatrix of n rows
    groups : array, shape (n,)
    weight : float array, shape (n,)
    """
    rows = np.flatnonzero(weight)
    visited = used.labels.frame["visited"].to_numpy(dtype=bool)[rows]
    how = circumstances(records, used.cohort.pick(rows))
    went = visited[~how.closed]
    if went.all() or not went.any():
        return None
    return fit_visited(how.beside(matrix.frame.iloc[rows]), visited, groups[rows], how.closed, weight=weight[rows])

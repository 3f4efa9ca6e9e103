"""Places that a plan drew and nobody visited: for whom the visits that were made have to speak.

A visit drawn with the chance ``p`` speaks for ``1 / p`` places. Where only some of the drawn places were visited, each
visit also speaks for its share of the others of its stratum: its weight is ``1 / (p * r)``, with ``r`` the share of
the stratum's weight that was visited (weighting classes: Oh and Scheuren 1983). That is right if, within a stratum,
places were missed at random. Entry that is refused where there is something to hide is not: the figures then tell
too little, and by how much nothing here can say.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.recipe import Recipe
from riskscore.learn.selection.visits import events_of, visit_of_rows
from riskscore.records.model import Records

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Draws:
    """The first draw of each row's horizon that a plan logged, visited or not; shape (n,) each.

    Parameters
    ----------
    probability : float array
        NaN where no plan drew the row.
    stratum : array of str
    """

    probability: Floats
    stratum: NDArray[Any]

    @property
    def drawn(self) -> Flags:
        """Rows that a plan drew."""
        return ~np.isnan(self.probability)

    def answered(self, visited: Flags) -> Floats:
        """Return the share of its stratum's drawn weight that was visited, for each row; 1 where no plan drew it.

        Parameters
        ----------
        visited : bool array, shape (n,)
            Rows with the outcome of a visit that was drawn.

        Examples
        --------
        >>> draws = Draws(np.array([0.5, 0.25, 0.25, np.nan]), np.array(["N", "N", "S", ""], dtype=object))
        >>> draws.answered(np.array([True, False, True, True])).round(3).tolist()
        [0.333, 0.333, 1.0, 1.0]
        """
        weight = np.where(self.drawn, 1 / np.where(self.drawn, self.probability, 1.0), 0.0)
        rows = pd.DataFrame({"all": weight, "visited": np.where(visited, weight, 0.0)})
        sums = rows.groupby(self.stratum).transform("sum").to_numpy()
        return np.where(self.drawn, sums[:, 1] / np.where(self.drawn, sums[:, 0], 1.0), 1.0)

    def says(self, visited: Flags) -> str:
        """Return what a reader of the figures must know of the places that were drawn and not visited, or nothing."""
        missed = self.drawn & ~visited
        if not missed.any():
            return ""
        alone = self.drawn & (self.answered(visited) == 0)
        nobody = f" For {int(alone.sum())} of them no visit in their stratum speaks at all." if alone.any() else ""
        return (f"{int(missed.sum())} of {int(self.drawn.sum())} places that plans drew have no outcome of a visit. "
                "Those visited speak for them too, stratum by stratum, as if they had been missed at random; if entry "
                f"was refused where there was something to hide, finds are underrated.{nobody}")  # fmt: skip


def draws_of(records: Records, recipe: Recipe, cohort: Cohort, known_by: dt.date) -> Draws:
    """Return which rows plans drew for a visit in ``[as_of, as_of + horizon)``, as known before a day."""
    nothing = Draws(np.full(cohort.as_of.shape, np.nan), np.full(cohort.as_of.shape, "", dtype=object))
    if cohort.visit is not None or not records.has("planned_visits"):
        return nothing
    events = events_of(records, "planned_visits")
    view = events.view
    if not view.has("selection_probability"):
        return nothing
    logged = np.append(view.values("selection_probability").data, np.nan)
    row = visit_of_rows(events, recipe, cohort, day(known_by), logged[:-1] > 0)
    if not view.has("stratum"):
        return Draws(logged[row], nothing.stratum)
    stratum = view.values("stratum")
    words = np.append(np.asarray(stratum.words, dtype=object), "")
    return Draws(logged[row], words[np.append(stratum.data, -1)[row]])

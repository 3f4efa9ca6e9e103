"""The world's estimates beside the list: how far a place would move if they counted as a few visits to it.

They are never part of the margin or of its SHAP values; the list shows the rank with them beside the rank without.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.definitions.world_prior import WorldPrior
from riskscore.history.tables import take
from riskscore.records.model import Records

MOST = float(np.log(2))  # log-odds; whatever the estimates, they at most double or halve the odds


def prior_shift(prior: WorldPrior, records: Records, cohort: Cohort) -> NDArray[np.float64]:
    """Return what the estimates would add to each margin, in log-odds; shape (n,).

    It is the log of the sector's rate per employed person over the rate of all estimated sectors together, cut at
    ±`MOST`, times ``pseudo_visits / (pseudo_visits + visits)``, with the visits to the place known before its day: what
    inspectors saw there outweighs an estimate for the world. A sector without an estimate, or a place whose
    employer is not known, is not moved.

    Parameters
    ----------
    prior : WorldPrior
    records : Records
    cohort : Cohort of n rows
    """
    engine = Engine(records, cohort)
    strength = np.zeros(cohort.as_of.shape)
    if "employer" not in engine.index or not engine.index["employer"].view.has("sector"):
        return strength
    values = take(engine.index["employer"].view.values("sector"), engine.newest("employer"))
    by_sector = {name: np.log(e.rate / prior.rate) for e in prior.estimates for name in e.sectors}
    ratio = np.array([*(by_sector.get(str(word), 0.0) for word in values.words), 0.0])[values.data]
    visits = engine.visible("inspections", cohort.kind)
    return np.asarray(np.clip(ratio, -MOST, MOST) * prior.pseudo_visits / (prior.pseudo_visits + visits))

"""What visits to a choice of places would have found, held against the visits that were made.

The estimate is doubly robust (`expected_outcome`) and of the chosen places with overlap alone. The visits made need no
estimate: what they found is counted. So their finds enter every comparison as they are, and Gamma as well: it stretches
only what nobody saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.bootstrap import interval, resampled
from riskscore.learn.curve import Floats
from riskscore.learn.selection.bounds import LARGEST, lost_at, outcome_at
from riskscore.learn.selection.evaluation import GAMMAS, Flags, Nuisances

DRAWS = 300
FEWEST_PLACES = 20  # chosen places with overlap
FEWEST_VISITS = 10  # visits among these: below, the figure would be the model's word alone


def choice_estimates(
    known: Nuisances, choices: Mapping[str, Flags], made: Flags, groups: NDArray[Any],
    *, gammas: tuple[float, ...] = GAMMAS, draws: int = DRAWS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """Return finds per visit of each choice, estimated, and how far it is ahead of the visits made.

    Parameters
    ----------
    known : Nuisances of n rows
    choices : mapping of name to bool array, shape (n,)
    made : bool array, shape (n,)
        Rows that were visited: what they found is in ``known.y``.
    groups : array, shape (n,)
        Rows of one group (an employer) are resampled together.

    Returns
    -------
    DataFrame
        One row per choice: policy, chosen, places (of these with overlap), visited (of these), value with low and high,
        made (finds per visit made, counted at places with overlap), ahead with ahead_low and ahead_high (value less
        made, resampled together), for each Gamma low_G and high_G (outer ends of the 95 % intervals of both bounds),
        gamma (from which the choice need not find more than the visits made; 20: not even there), refused (why there is
        no figure; empty otherwise).

    Examples
    --------
    >>> row = np.arange(400)
    >>> y = np.where(row % 2 == 0, (row % 8 == 0) * 1.0, np.nan)
    >>> known = Nuisances(y, np.full(400, 0.5), np.full(400, 0.25), np.ones(400, dtype=bool))
    >>> found = choice_estimates(known, {"first": row < 200}, row % 2 == 0, row)
    >>> round(float(found.value[0]), 2), round(float(found.ahead[0]), 2), found.refused[0]
    (0.25, 0.0, '')
    """
    inside = known.inside
    part, own = known.pick(inside), groups[inside]
    there, seen = made[inside], ~np.isnan(part.y)
    finds = np.where(there, np.nan_to_num(part.y), 0.0)
    outcome = {g: outcome_at(part.find, part.visit, part.y, g) for g in (1.0, *gammas, *(1 / g for g in gammas))}
    weights = list(resampled(own, int(inside.sum()), draws, seed)) if inside.any() else []

    def mean(values: Floats, among: Flags) -> tuple[float, Floats]:
        """Return the mean over some rows, and that of every draw."""
        counted = among.astype(np.float64)
        drawn = [_divided(w @ (values * counted), w @ counted) for w in weights]
        return float(values[among].mean()), np.concatenate(drawn)

    rows = []
    for name, whole in choices.items():
        chosen = whole[inside]
        said: dict[str, Any] = {
            "policy": name, "chosen": int(whole.sum()), "places": int(chosen.sum()),
            "visited": int((chosen & seen).sum()),
        }  # fmt: skip
        said["refused"] = _refused(said["places"], said["visited"], int(there.sum()))
        if said["refused"]:
            rows.append(said)
            continue
        usual, usual_drawn = mean(finds, there)
        value, drawn = mean(outcome[1.0], chosen)
        found = interval(value, drawn, 0.95)
        lead = interval(value - usual, drawn - usual_drawn, 0.95)
        said |= {
            "value": found.value, "low": max(found.low, 0.0), "high": min(found.high, 1.0), "made": usual,
            "ahead": lead.value, "ahead_low": lead.low, "ahead_high": lead.high,
        }  # fmt: skip
        for g in gammas:
            least, most = (interval(*mean(outcome[end], chosen), 0.95) for end in (1 / g, g))
            said[f"low_{g:g}"], said[f"high_{g:g}"] = max(least.low, 0.0), min(most.high, 1.0)

        def lead_at(gamma: float, chosen: Flags = chosen, usual: float = usual) -> float:
            return float(outcome_at(part.find, part.visit, part.y, 1 / gamma)[chosen].mean()) - usual

        said["gamma"] = min(lost_at(lead_at), LARGEST)
        rows.append(said)
    figures = ["value", "low", "high", "made", "ahead", "ahead_low", "ahead_high",
               *(f"{end}_{g:g}" for g in gammas for end in ("low", "high")), "gamma"]  # fmt: skip
    return pd.DataFrame(rows, columns=["policy", "chosen", "places", "visited", *figures, "refused"])


def _refused(places: int, visited: int, made: int) -> str:
    if made < FEWEST_VISITS:
        return f"only {made} visits were made where visits can speak for others; at least {FEWEST_VISITS} are needed"
    if places < FEWEST_PLACES:
        return f"visits can speak for only {places} of its places; at least {FEWEST_PLACES} are needed"
    if visited < FEWEST_VISITS:
        return f"only {visited} of its places were visited; at least {FEWEST_VISITS} are needed"
    return ""


def _divided(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0))

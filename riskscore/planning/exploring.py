"""What a share of visits drawn at random costs in findings, and what it buys."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.planning.draw import TINY, Floats, draw, effective_size, inclusion_probabilities
from riskscore.planning.rooms import Room

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3)
UNLIKE = 1.0  # a place unlike any that was visited is drawn up to so much likelier than one just like them


def chances(frame: pd.DataFrame, eligible: NDArray[np.bool_], draws: int, given: Sequence[Room] = ()) -> Floats:
    """Return the probability of each place to be drawn; 0 where it is not eligible.

    A place weighs ``1 + (1 - similarity)``: the less visits have spoken for places like it, the likelier it is drawn.
    Where that asks for more than a room holds, the room is filled and the others share the rest.
    """
    found, left = np.zeros(len(frame)), eligible.copy()
    similarity = frame["similarity"].to_numpy(dtype=np.float64)
    size = 1 + UNLIKE * (1 - np.nan_to_num(similarity, nan=1.0))
    while left.any():
        found[left] = inclusion_probabilities(size[left], min(draws, int(left.sum())))
        over = [r for r in given if (left & r.places).any() and found[left & r.places].sum() > r.most + TINY]
        if not over:
            break
        for room in over:
            own = left & room.places
            found[own] = inclusion_probabilities(size[own], room.most)
            left, draws = left & ~own, max(0, draws - room.most)
    return found


def drawn(
    frame: pd.DataFrame, probability: Floats, seed: int, given: Sequence[Room] = ()
) -> NDArray[np.bool_]:  # fmt: skip
    """Return the places drawn, spread over regions, places seen and never seen, and the map, none beyond its room.

    The order of the list does not matter: places are drawn in the order of their ids.
    """
    order = np.argsort(frame["entity"].to_numpy(dtype=object).astype(str), kind="stable")
    order = order[probability[order] > 0]
    some = frame.iloc[order]
    latitude = some["latitude"].to_numpy(dtype=np.float64)
    east = some["longitude"].to_numpy(dtype=np.float64) * np.cos(np.radians(latitude.mean() if latitude.size else 0.0))
    found = np.zeros(len(frame), dtype=bool)
    groups = [room.places[order] for room in given]
    found[order] = draw(probability[order], np.column_stack([latitude, east]), strata(some), seed, groups)
    return found


def strata(frame: pd.DataFrame) -> list[str]:
    """Return for each place the places among which it is drawn: those of its region, seen and never seen apart."""
    return [f"{region}, {'seen' if seen else 'never seen'}"
            for region, seen in zip(frame["region"], frame["visited"], strict=True)]  # fmt: skip


def price_list(
    frame: pd.DataFrame, eligible: NDArray[np.bool_], visits: int, asked: float, given: Sequence[Room] = ()
) -> pd.DataFrame:
    """Return for each share what it costs and buys; travel is left out of it.

    Parameters
    ----------
    frame : DataFrame
        Of the places.
    eligible : bool array
        Places that can be drawn or chosen.
    visits : int
        How many visits the teams make, those that must be made not counted.
    asked : float
        The share of the plan; it is among the rows.
    given : sequence of Room
        How many may be drawn where.

    Returns
    -------
    DataFrame
        share, drawn, expected_findings (visits that find what the list ranks by; by value where percentages are
        refused), findings_given_up, chance_never_visited (mean chance of a random visit of a place never visited),
        never_visited (how many these are), effective_size (so many equal draws would be as exact).
    """
    finding = frame["finding"].to_numpy(dtype=np.float64)
    gain = np.where(np.isnan(finding), frame["value"].to_numpy(dtype=np.float64), finding)
    never = eligible & ~frame["visited"].to_numpy(dtype=bool)
    best = np.flatnonzero(eligible)[np.argsort(-gain[eligible], kind="stable")]
    rows: list[dict[str, float | int | None]] = []
    for share in sorted({*SHARES, asked}):
        draws = min(round(share * visits), int(eligible.sum()))
        chance = chances(frame, eligible, draws, given)
        expected = float((chance * gain).sum()) + _of_the_best(gain[best], 1 - chance[best], visits - draws)
        rows.append({
            "share": share, "drawn": draws, "expected_findings": round(expected, 1),
            "findings_given_up": round(float(rows[0]["expected_findings"] or 0) - expected, 1) if rows else 0.0,
            "chance_never_visited": round(float(chance[never].mean()), 4) if never.any() else None,
            "never_visited": int(never.sum()), "effective_size": round(effective_size(chance), 1),
        })  # fmt: skip
    return pd.DataFrame(rows)


def strata_of(frame: pd.DataFrame, probability: Floats, taken: NDArray[np.bool_]) -> pd.DataFrame:
    """Return for each region, seen and never seen: places that can be drawn, their mean chance, how many were drawn."""
    can = probability > 0
    rows = frame.loc[can, ["region", "visited"]].assign(chance=probability[can], drawn=taken[can].astype(int))
    found = rows.groupby(["region", "visited"], sort=True).agg(
        places=("chance", "size"), chance=("chance", "mean"), expected=("chance", "sum"), drawn=("drawn", "sum")
    )
    return found.round(4).reset_index()


def _of_the_best(gain: Sequence[float] | Floats, free: Floats, visits: int) -> float:
    """Return what the best places give that were not drawn; each is free with its probability."""
    room, total = float(visits), 0.0
    for each, part in zip(gain, free, strict=True):
        if room <= 0:
            break
        taken = min(float(part), room)
        total, room = total + taken * float(each), room - taken
    return total

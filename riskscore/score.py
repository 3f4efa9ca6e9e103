"""The list: who may stand on it, in what order, in which band, and with what probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.asof.urgent import Urgent
from riskscore.cohorts import Cohort
from riskscore.history.tables import take
from riskscore.learn.fit import Model
from riskscore.learn.ladder import falling
from riskscore.learn.ranges import rank_ranges, tie_marks
from riskscore.records.model import Records

HOUSEHOLD, SOLE_TRADER = "household", "sole trader"
BEYOND = "no percentage: it would be of visited places, and hardly any is like this one"


@dataclass(frozen=True)
class Ranking:
    """A list on one day, best-first; position i of ``frame`` is row ``rows[i]`` of the matrix.

    Columns: rank, urgent, entity, band, margin, probability (NaN where refused) with probability_low and
    probability_high (between what the calibration leaves it), employer, employer_rank, of; for each rung above the one
    that ranks rung_NAME, its probability, and rung_NAME_refused, why there is none; where the model has refits rank_low
    and rank_high, between which the middle nine tenths of them put the row, and tie, a mark that rows share whose ranks
    cannot be told apart (see `tie_marks`); where the model knows the chance of a visit visit_probability,
    similarity_to_visited and extrapolation (see `visiting`); where the recipe has estimates for the world
    rank_with_prior, the place if they counted.
    Urgent reports come first, whatever the score; ``rank`` is the place by margin alone.
    """

    frame: pd.DataFrame
    rows: NDArray[np.int64]
    left_out: Mapping[str, int]  # reason -> entities
    notes: tuple[str, ...]


def eligible(records: Records, cohort: Cohort) -> tuple[NDArray[np.bool_], dict[str, int], NDArray[np.bool_]]:
    """Say who may be ranked, why others may not, and who is a sole trader.

    Private homes are never ranked. A sole trader is ranked only through a place with a visit or a report, never from
    attributes alone.
    """
    n = cohort.as_of.size
    keep, sole, reasons = np.ones(n, dtype=bool), np.zeros(n, dtype=bool), {}
    if records.has("employers") and "employer_kind" in records["employers"].present:
        engine = Engine(records, cohort)
        index = engine.index["employer"]
        rows = engine.newest("employer")
        kind = take(index.view.values("employer_kind"), rows)
        words = np.append(np.asarray(kind.words, dtype=object), "")[kind.data]
        home, sole = words == HOUSEHOLD, words == SOLE_TRADER
        seen = np.zeros(n, dtype=bool)
        for table in ("inspections", "complaints"):
            if records.has(table):
                seen |= engine.visible(table, cohort.kind) > 0
        reasons = {"private home": int(home.sum()),
                   "sole trader without a visit or report": int((sole & ~seen & ~home).sum())}  # fmt: skip
        keep = ~home & (~sole | seen)
    return keep, {reason: count for reason, count in reasons.items() if count}, sole


def rank(
    model: Model, margin: NDArray[np.float64], records: Records, cohort: Cohort, urgent: Urgent,
    above: Sequence[NDArray[np.float64]] = (), refitted: NDArray[np.float64] | None = None,
    visited: pd.DataFrame | None = None, shift: NDArray[np.float64] | None = None,
) -> Ranking:  # fmt: skip
    """Return the list: urgent reports first, then by margin; equal margins in the order of their ids.

    Bands are shares of the list by rank, so they hold even where percentages are refused.

    Parameters
    ----------
    margin : array, shape (n,)
        Of every row of the cohort.
    above : sequence of arrays, shape (n,) each
        Margins of the model's upper rungs.
    refitted : array, shape (B, n), optional
        Margins by each of the model's refits.
    visited : DataFrame, shape (n, 3), optional
        Of every row of the cohort, as `visiting` gives it.
    shift : array, shape (n,), optional
        What the recipe's estimates for the world would add to each margin (see `prior_shift`).
    """
    keep, left_out, sole = eligible(records, cohort)
    keep |= urgent.named  # an urgent report goes to a person whatever else holds
    rows = np.flatnonzero(keep)
    margin = margin[rows]
    ids = cohort.entity[rows].astype(str)
    order = np.lexsort((ids, -margin))
    rows, margin = rows[order], margin[order]
    place = np.arange(1, rows.size + 1)
    refused = np.full(rows.size, np.nan)
    probability = refused if model.refusal else model.calibrator.probability(margin)
    low, high = (refused, refused) if model.refusal else model.calibrator.interval(margin)
    frame = pd.DataFrame({
        "rank": place, "of": rows.size, "urgent": urgent.named[rows], "entity": cohort.entity[rows],
        "band": bands(place, rows.size, model.recipe.bands), "margin": margin, "probability": probability,
        "probability_low": np.round(low, 4), "probability_high": np.round(high, 4),
        "sole_trader": sole[rows],
    })  # fmt: skip
    if cohort.kind == "site" and records.has("sites"):
        frame["employer"] = _employers(records, cohort)[rows]
        best = frame.groupby("employer", observed=True)["margin"].max()
        frame["employer_rank"] = frame["employer"].map(best.rank(method="min", ascending=False)).astype("Int64")
    lowered = _add_rungs(frame, model, [m[rows] for m in above])
    if refitted is not None and len(refitted):
        ranges = rank_ranges(refitted[:, rows])
        marks = tie_marks(ranges)
        frame["rank_low"], frame["rank_high"] = ranges.low, ranges.high
        frame["tie"] = pd.Series(marks, dtype="Int64").where(marks > 0)
    if visited is not None:
        for name, column in visited.items():
            frame[str(name)] = column.to_numpy()[rows]
    beyond = frame["extrapolation"] if "extrapolation" in frame else np.zeros(rows.size, dtype=bool)
    frame["percentage_refused"] = model.refusal or np.where(beyond, BEYOND, "").astype(object)
    if shift is not None:
        frame["rank_with_prior"] = np.empty(rows.size, dtype=np.int64)
        moved = np.lexsort((frame["entity"].to_numpy().astype(str), -(margin + shift[rows])))
        frame.loc[moved, "rank_with_prior"] = place
    first = np.lexsort((place, ~frame["urgent"].to_numpy(dtype=bool)))
    notes = [model.refusal] if model.refusal else []
    if lowered:
        notes.append(f"{lowered} places: the chance of a rarer outcome was lowered to that of a more common one")
    notes += _extrapolated(frame) + _with_prior(frame, model)
    if urgent.unplaced:
        notes.append(f"{urgent.unplaced} urgent report(s) name no place of the register: read them at once")
    return Ranking(frame.iloc[first].reset_index(drop=True), rows[first], left_out, tuple(notes))


def _add_rungs(frame: pd.DataFrame, model: Model, margins: Sequence[NDArray[np.float64]]) -> int:
    """Add a column for each rung above, and return how many rows had a rarer outcome likelier than a common one."""
    given: list[NDArray[np.float64]] = [frame["probability"].to_numpy(dtype=np.float64)]
    for rung, margin in zip(model.rungs, margins, strict=True):
        refused = np.full(margin.shape, np.nan)
        given.append(refused if rung.refusal else rung.calibrator.probability(margin))
    found, lowered = falling(given)
    for rung, probability in zip(model.rungs, found[1:], strict=True):
        frame[f"rung_{rung.name}"] = np.round(probability, 4)
        frame[f"rung_{rung.name}_refused"] = rung.refusal
    return lowered


def _extrapolated(frame: pd.DataFrame) -> list[str]:
    """Return how much of the first band lies where visits cannot speak for it."""
    if "extrapolation" not in frame or frame.empty:
        return []
    top = frame[frame["band"] == frame["band"].iloc[0]]
    n, shut = int(top["extrapolation"].sum()), int((top["visit_probability"] == 0).sum())
    if not n:
        return []
    why = [f"at {shut} the rule in force allows no visit"] if shut else []
    why += [f"{n - shut} were so unlikely to be visited that hardly any visited place is like them"] if n > shut else []
    return [
        f"{n} of {len(top)} places of band {top['band'].iloc[0]} lie beyond what visits can speak for: "
        f"{' and '.join(why)}. Their rank is a guess from places that look alike; those that may be visited belong to "
        "the exploring share of a plan."
    ]


def _with_prior(frame: pd.DataFrame, model: Model) -> list[str]:
    """Return what the estimates for the world are and how much of the first band they would exchange."""
    prior = model.recipe.world_prior if "rank_with_prior" in frame else None
    if prior is None or frame.empty:
        return []
    first = int((frame["band"] == frame["band"].iloc[0]).sum())
    new = int((frame["rank_with_prior"].iloc[first:] <= first).sum())
    return [
        f"rank_with_prior: estimates by sector ({prior.source}; employed: {prior.employment_source}) counted as "
        f"{prior.pseudo_visits:g} visits to each place; they would bring {new} other places into the first {first}. "
        "The score, its reasons and the bands know nothing of them."
    ]


def bands(place: NDArray[Any], n: int, shares: Mapping[str, float]) -> NDArray[Any]:
    """Return the band of each place: the first whose share of the list reaches it.

    Examples
    --------
    >>> bands(np.array([1, 2, 10]), 10, {"A": 0.1, "B": 0.5, "C": 1.0}).tolist()
    ['A', 'B', 'C']
    """
    names, limits = np.array(list(shares), dtype=object), np.array(list(shares.values()))
    # ceil: a band that a short list leaves less than one place still holds one
    ends = np.ceil(limits * n - 1e-9)
    return names[np.minimum(np.searchsorted(ends, place), names.size - 1)]


def _employers(records: Records, cohort: Cohort) -> NDArray[Any]:
    held = Engine(records, cohort).holder("employer_id")
    names: NDArray[Any] = np.array([*held.words, None], dtype=object)[held.data]
    return names

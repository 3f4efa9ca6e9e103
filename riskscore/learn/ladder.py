"""The rungs above the one that ranks: each starts from the margin of the rung below and adds a correction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.learn.booster import Booster
from riskscore.learn.calibrate import FEWEST, Calibrator, fit_calibrator, support
from riskscore.learn.correction import Correction, Rows, fit_correction
from riskscore.learn.folds import folds_of
from riskscore.learn.metrics import exact

if TYPE_CHECKING:
    from riskscore.learn.estimator import RiskClassifier

Floats = NDArray[np.float64]
FOLDS = 5
MANY = 50_000  # rows of which a half teaches as much as four fifths: two folds do


@dataclass(frozen=True)
class UpperRung:
    """A fitted rung above the one that ranks.

    ``positives`` counts known cases: entities, since one visit falls into the horizons of several dates. ``refusal`` is
    why no percentage is shown. ``cases`` holds, where there are fewer than ten, the share of the learned rows that
    stand above each of them in the order of a model that did not see its entity.
    """

    level: int
    name: str
    correction: Correction
    calibrator: Calibrator
    refusal: str
    positives: int
    cases: tuple[float, ...] = ()

    def to_state(self) -> tuple[dict[str, Any], bytes | None]:
        """Return what JSON can hold of it, and the bytes of its trees."""
        c = self.correction
        state = {
            "level": self.level, "name": self.name, "form": c.form, "slope": c.slope, "shift": c.shift,
            "losses": dict(c.losses), "calibrator": self.calibrator.to_state(), "refusal": self.refusal,
            "positives": self.positives, "cases": list(self.cases),
        }  # fmt: skip
        return state, None if c.trees is None else c.trees.to_bytes()

    @classmethod
    def from_state(cls, state: Mapping[str, Any], trees: bytes | None) -> UpperRung:
        """Return the rung that ``to_state`` described."""
        grown = None if trees is None else Booster.from_bytes(trees)
        return cls(
            state["level"], state["name"],
            Correction(state["form"], state["slope"], state["shift"], grown, state["losses"]),
            Calibrator.from_state(state["calibrator"]), state["refusal"], state["positives"], tuple(state["cases"]),
        )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """Rows of one part of the split, training or calibration; arrays of n.

    ``lower`` is the margin of the rung that ranks: on the training rows, of models that did not see the row's entity.
    """

    lower: Floats
    table: NDArray[np.float32]
    as_of: NDArray[np.int32]
    entity: NDArray[Any]

    def raised(self, correction: Correction) -> Part:
        """Return the same rows with the margin of the rung above."""
        return replace(self, lower=correction.margin(self.lower, self.table))


@dataclass(frozen=True)
class Sought:
    """A rung's outcomes (1, 0, NaN) on the rows of training, with the day each is known, and of calibration."""

    level: int
    name: str
    train: Floats
    known_on: NDArray[np.int32]
    later: Floats


def fit_rungs(
    sought: Sequence[Sought], train: Part, later: Part, *, before: int, method: str, minimum: int,
    feature_types: Sequence[str], monotone: Sequence[int] | None,
) -> tuple[UpperRung, ...]:  # fmt: skip
    """Return the rungs above the ranking one, from common to rare.

    Parameters
    ----------
    sought : sequence of Sought
        By rising level.
    train, later : Part
        Training and calibration rows.
    before : int
        Day by which training outcomes must be known, the first of calibration: a rung whose outcomes take longer has
        fewer dates to learn from.
    method : str
        How margins become probabilities.
    minimum : int
        Known cases needed, in training and in calibration, for a percentage.
    """
    made: list[UpperRung] = []
    for rung in sought:
        kept = ~np.isnan(rung.train) & (rung.known_on <= before)
        rows = Rows(train.lower, rung.train, train.table, train.as_of, rung.known_on).pick(kept)
        who = train.entity[kept]
        positives = _entities(who, rows.y)
        correction = fit_correction(rows, positives, feature_types=feature_types, monotone=monotone)
        cases = cases_above(rows.lower, rows.y, who) if 0 < positives < FEWEST else ()
        train, later = train.raised(correction), later.raised(correction)
        known = bool((~np.isnan(rung.later)).any())
        calibrator = fit_calibrator(later.lower, rung.later, method=method if known else "none")
        refusal = support(positives, _entities(later.entity, rung.later), minimum)
        if method == "none":
            refusal = "no percentage: the recipe does not calibrate"
        made.append(UpperRung(rung.level, rung.name, correction, calibrator, refusal, positives, cases))
    return tuple(made)


def rung_margins(rungs: Sequence[UpperRung], margin: Floats, table: NDArray[np.float32]) -> list[Floats]:
    """Return the margin of each rung, given that of the rung that ranks."""
    found = []
    for rung in rungs:
        margin = rung.correction.margin(margin, table)
        found.append(margin)
    return found


def falling(probabilities: Sequence[Floats]) -> tuple[list[Floats], int]:
    """Return probabilities that never rise from rung to rung, and in how many rows that changed something.

    The more common outcome has more cases behind it, so the rarer one is lowered to it.

    Examples
    --------
    >>> found, changed = falling([np.array([0.3, 0.2]), np.array([0.1, 0.4])])
    >>> found[1].tolist(), changed
    ([0.1, 0.2], 1)
    """
    given = np.array(probabilities)
    found = np.fmin.accumulate(given, axis=0)
    found[np.isnan(given)] = np.nan
    return list(found), int((found < given).any(axis=0).sum())


def out_of_fold(
    estimator: RiskClassifier, frame: pd.DataFrame, y: Floats, groups: NDArray[Any], folds: int | None = None
) -> Floats:
    """Return the margin of each row by a model, of the first seed alone, that saw no row of its group; shape (n,).

    A model is too sure of the rows it learned from, and a rung above would learn from that.
    """
    from sklearn.base import clone

    folds = folds or (FOLDS if y.size < MANY else 2)
    margin = np.empty(y.size)
    for own in folds_of(groups, folds):
        if not 0 < y[~own].sum() < (~own).sum():  # nothing to learn from without them: the cases are all in one group
            return estimator.decision_function(frame)
        blind = clone(estimator).set_params(seeds=estimator.seeds[:1])
        margin[own] = blind.fit(frame[~own], y[~own].astype(np.int64)).decision_function(frame[own])
    return margin


def _entities(entity: NDArray[Any], y: Floats) -> int:
    """Return how many entities have a positive outcome."""
    return len(set(entity[y == 1].tolist()))


def cases_above(margin: Floats, y: Floats, entity: NDArray[Any]) -> tuple[float, ...]:
    """Return for each entity with a case the share of the other entities' rows above its own, the best one first.

    Ties count by half; of an entity's rows with a case the middle one is taken.

    Examples
    --------
    >>> cases_above(np.array([3.0, 2.0, 1.0, 0.0, 2.0]), np.array([0, 1, 0, 0, 1]), np.array(["a", "b", "c", "d", "e"]))
    (0.375, 0.375)
    """
    found = []
    for case in sorted(set(entity[y == 1].tolist())):
        others = margin[entity != case]
        own = margin[(entity == case) & (y == 1)]
        above = [((others > m).sum() + (others == m).sum() / 2) / max(1, others.size) for m in own]
        found.append(float(np.median(above)))
    return tuple(sorted(found))


def told_of_cases(name: str, cases: Sequence[float], share: float) -> str:
    """Return what a handful of cases says, in a sentence with an exact binomial interval.

    Examples
    --------
    >>> told_of_cases("opened", [0.02, 0.31], 0.1)
    'opened: 2 known cases, scored by models that did not see them: top 2 %, 31 %; 1 of 2 in the top 10 % (1 to 99 %)'
    """
    inside = sum(case <= share for case in cases)
    interval = exact(inside, len(cases))
    places = ", ".join(f"{100 * case:.0f} %" for case in cases)
    noun, them = ("case", "it") if len(cases) == 1 else ("cases", "them")
    return (
        f"{name}: {len(cases)} known {noun}, scored by models that did not see {them}: top {places}; "
        f"{inside} of {len(cases)} in the top {100 * share:.0f} % ({100 * interval.low:.0f} to "
        f"{100 * interval.high:.0f} %)"
    )

"""How firmly the reasons stand: what the refits of a model say of the same entity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureMatrix
from riskscore.explanation.dossier import FamilyStability
from riskscore.learn.fit import Model


def stability(
    model: Model, matrix: FeatureMatrix, row: int, parts: NDArray[np.float64], families: Sequence[str]
) -> tuple[FamilyStability, ...] | None:
    """Return for each family that moves the score how many refits agree, the largest first; None without refits.

    Parameters
    ----------
    parts : array, shape (p,)
        What each column adds by the model itself.
    families : sequence of p str
        The family of each column.
    """
    if not model.refits:
        return None
    names, of = np.unique(np.array(families), return_inverse=True)
    table = model.estimator.encode(model.features(FeatureMatrix(matrix.frame.iloc[[row]], matrix.columns)))
    own = np.bincount(of, weights=parts, minlength=names.size)
    others = [
        np.bincount(of, weights=booster.contributions(table)[0, :-1].astype(np.float64), minlength=names.size)
        for booster in model.refits
    ]
    first = np.argsort(-np.abs(own), kind="stable")
    places = [np.argsort(np.argsort(-np.abs(other), kind="stable")) for other in others]
    return tuple(
        FamilyStability(
            family=str(names[f]),
            refits=len(others),
            sign=sum(bool(np.sign(other[f]) == np.sign(own[f])) for other in others),
            place=sum(bool(place[f] == at) for place in places),
        )
        for at, f in enumerate(first)
        if own[f] != 0
    )

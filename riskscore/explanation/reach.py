"""How far visits can speak for a place, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from riskscore.languages import Translator


def reach(place: Mapping[str, Any], _: Translator) -> tuple[str, ...]:
    """Return what a dossier says of it among what is not known; nothing where the model does not know who is visited.

    Parameters
    ----------
    place : mapping
        The row of the ranking: visit_probability, similarity_to_visited, extrapolation.
    _ : Translator

    Examples
    --------
    >>> from riskscore.languages import translator
    >>> row = {"visit_probability": 0.2, "similarity_to_visited": 0.4, "extrapolation": False}
    >>> reach(row, translator("en"))[0][:52]
    'How like the visited places it is: its chance of a v'
    """
    if "extrapolation" not in place:
        return ()
    chance, share = float(place["visit_probability"]), float(place["similarity_to_visited"])
    how = {"chance": _.percent(chance), "share": _.percent(share)}
    if chance == 0:
        said = _(
            "What places like it are like now: no visit is allowed there, and what visits found elsewhere, or before, "
            "need not hold for it."
        )
    elif place["extrapolation"]:
        said = _(
            "What a visit would find at places like it: its chance of a visit was put at {chance}, and {share} of the "
            "visited places had no higher one. Hardly any visited place is like it; its rank is a guess.",
            **how,
        )
    else:
        said = _(
            "How like the visited places it is: its chance of a visit was put at {chance}, and {share} of the visited "
            "places had no higher one.",
            **how,
        )
    return (said,)

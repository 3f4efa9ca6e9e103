"""Numbers that are printed so that what a reader adds up by hand comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from riskscore.errors import ExplanationError
from riskscore.explanation.dossier import Dossier

PLACES = 3  # digits after the point of every log-odds value in a report
TOLERANCE = 1e-5  # of the scale of what is summed; boosters sum in single precision


def assert_adds_up(dossier: Dossier) -> None:
    """Raise unless base and contributions, by value and by family, give the margin.

    Raises
    ------
    ExplanationError
        Naming the entity, the sum and the margin; a dossier is not written then.
    """
    where = f"dossier of {dossier.entity_kind} '{dossier.entity}'"
    numbers = [dossier.base, dossier.margin, *dossier.contributions.values(), *dossier.families.values()]
    numbers += [*dossier.indicators.values(), *(r.contribution for r in dossier.reasons_for + dossier.reasons_against)]
    numbers += [] if dossier.probability is None else [dossier.probability]
    if not all(math.isfinite(n) for n in numbers):
        raise ExplanationError("a value is not a finite number.", where=where, next="Score the entity again.")
    for by, parts in (("values", dossier.contributions), ("families", dossier.families)):
        total = math.fsum([dossier.base, *parts.values()])
        scale = 1 + math.fsum(abs(p) for p in (dossier.base, *parts.values()))
        if abs(total - dossier.margin) > TOLERANCE * scale:
            raise ExplanationError(
                f"base and {by} sum to {total!r}, the margin is {dossier.margin!r}.",
                where=where,
                next="Explain it with the run that scored it: riskscore runs show RUN.",
            )


def rounded_to_sum(parts: Sequence[float], places: int = PLACES) -> tuple[list[float], float]:
    """Return parts rounded so that they sum exactly to their rounded total, and that total.

    Each part goes up or down by less than one unit of the last place; those nearest to the next unit go up first.

    Parameters
    ----------
    parts : sequence of float
    places : int
        Digits after the point.

    Examples
    --------
    >>> rounded_to_sum([0.333, 0.333, 0.334], places=1)
    ([0.3, 0.3, 0.4], 1.0)
    """
    unit = 10**places
    total = round(math.fsum(parts) * unit)
    floors = [math.floor(p * unit) for p in parts]
    order = sorted(range(len(parts)), key=lambda i: (floors[i] - parts[i] * unit, i))
    for i in order[: total - sum(floors)]:
        floors[i] += 1
    return [f / unit for f in floors], total / unit


def signed(value: float, places: int = PLACES) -> str:
    """Return a number with its sign, a true minus, and a fixed number of digits.

    Examples
    --------
    >>> signed(0.5), signed(-0.25, 2), signed(-0.0001)
    ('+0.500', '\N{MINUS SIGN}0.25', '0.000')
    """
    text = f"{abs(value):.{places}f}"
    if float(text) == 0:
        return text
    return ("\N{MINUS SIGN}" if value < 0 else "+") + text


def by_size(parts: Mapping[str, float]) -> list[tuple[str, float]]:
    """Return names and values, the largest in size first, equal ones by name.

    Examples
    --------
    >>> by_size({"b": -1.0, "a": 1.0, "c": 2.0})
    [('c', 2.0), ('a', 1.0), ('b', -1.0)]
    """
    return sorted(parts.items(), key=lambda part: (-abs(part[1]), part[0]))

"""One tree of errors. Each says where, what was seen and expected, and what to do next."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 20  # problems printed in one message; the rest is counted


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong: where it stands, what was seen, why it is wrong, what to do.

    Parameters
    ----------
    weight : int
        0 is the most important; problems are shown in this order.
    where : str
        File, table, row and column, or file and key, as the reader can find them.
    what : str
        What was seen and what was expected.
    next : str
        What to type or to change.
    """

    weight: int
    where: str
    what: str
    next: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" {self.next}" if self.next else "")


class RiskscoreError(Exception):
    """The root of every error that the package raises on purpose.

    Examples
    --------
    >>> str(RiskscoreError("no recipe 'site_rsk'.", where="models/", next="Did you mean 'site_risk'?"))
    "models/: no recipe 'site_rsk'. Did you mean 'site_risk'?"
    """

    def __init__(self, what: str, *, where: str = "", next: str = "") -> None:
        self.where, self.what, self.next = where, what, next
        super().__init__((f"{where}: " if where else "") + what + (f" {next}" if next else ""))


class RecordsError(RiskscoreError):
    """The records cannot be read or lack what the work needs."""


class MappingError(RecordsError):
    """A mapping file does not fit its source or the canonical tables."""


class DefinitionError(RiskscoreError):
    """A feature family, a recipe or a phrase is wrong."""


class FitError(RiskscoreError):
    """There is too little to learn from, or a model does not fit its data."""


class StoreError(RiskscoreError):
    """A run is missing, incomplete or altered."""


class LedgerError(RiskscoreError):
    """The ledger of decisions is missing, or an entry is not allowed."""


class ExplanationError(RiskscoreError):
    """Explanation values do not add up to the margin; nothing is printed then."""


class MissingExtra(RiskscoreError):
    """A feature of the package needs an optional dependency that is not installed."""


def raise_gathered(problems: Iterable[Problem], error: type[RiskscoreError], headline: str) -> None:
    """Raise one error that shows up to 20 problems, the most important first; nothing if there are none.

    Examples
    --------
    >>> raise_gathered([], DefinitionError, "definitions")
    """
    found = sorted(problems)
    if not found:
        return
    lines = [f"  {p}" for p in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"  ... and {len(found) - SHOWN} more")
    raise error(f"{headline}: {len(found)} problem{'s' if len(found) > 1 else ''}\n" + "\n".join(lines))


def nearest(name: str, names: Sequence[str]) -> str:
    """Return ``Did you mean 'x'?`` for the closest valid name, or the list of valid names.

    Examples
    --------
    >>> nearest("sectr", ["sector", "region"])
    "Did you mean 'sector'?"
    """
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return "Valid: " + ", ".join(sorted(names)[:30]) + "." if names else ""

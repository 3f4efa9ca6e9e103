"""One tree of errors. Each says where, what was seen and expected, and what to do next."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SHOWN = 20  # problems printed in one message; the rest is counted

# The hints of messages spell an address with these words; they are nobody's.
_EXAMPLE = "user:password@"
# A password may hold '@', '/', ':' or a space that nobody spelt out: all is hidden up to the last '@' of the line. One
# slash is enough, since that is what a file's path makes of an address. A letter and a colon begin a path of Windows.
_SIGNED_IN = re.compile(
    rf"(?<![A-Za-z0-9+.-])([A-Za-z0-9+.-]{{2,}}+:/{{1,3}}+)(?!{_EXAMPLE})(?:[^\s:@/'\"]*:[^\n]*@|\S*@)"
)
_SECRET = re.compile(
    r"(?i)\b((?:ssl)?passw(?:or)?d|pwd|passphrase|secret|token|api_?key)(\s?=\s?|%3D)('[^'\n]*'|\"[^\"\n]*\"|[^\s&;,'\"]+)"
)


def redacted(text: str) -> str:
    """Return a text without user, password and secret options of the addresses in it.

    The one place that hides credentials: every error, and everything said on a terminal, goes through it.

    Examples
    --------
    >>> redacted("postgresql+psycopg://anna:p@ss word@host/records?sslmode=require&password=x refused")
    'postgresql+psycopg://***@host/records?sslmode=require&password=*** refused'
    """
    return _SECRET.sub(r"\1\2***", _SIGNED_IN.sub(r"\1***@", text))


def is_address(text: str) -> bool:
    """Tell whether a text is an address of a database or the like, and no path.

    Examples
    --------
    >>> [is_address(t) for t in ("postgresql://host/db", "postgresql:/host/db", "C:/records", "records")]
    [True, True, False, False]
    """
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", text) is not None


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
        return redacted(f"{self.where}: {self.what}" + (f" {self.next}" if self.next else ""))


class RiskscoreError(Exception):
    """The root of every error that the package raises on purpose.

    Examples
    --------
    >>> str(RiskscoreError("no recipe 'site_rsk'.", where="models/", next="Did you mean 'site_risk'?"))
    "models/: no recipe 'site_rsk'. Did you mean 'site_risk'?"
    """

    def __init__(self, what: str, *, where: str = "", next: str = "") -> None:
        self.where, self.what, self.next = redacted(where), redacted(what), redacted(next)
        whole = (f"{where}: " if where else "") + what + (f" {next}" if next else "")
        super().__init__(redacted(whole))


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

"""The ledger beside commands that make lists, plans and dossiers: what they write into it, and what they take of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from riskscore.cli.words import say

if TYPE_CHECKING:
    import datetime as dt

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from riskscore.ledger.database import Ledger

F = TypeVar("F", bound=Callable[..., Any])
LEDGER = "ledger.db"


def _ledger(default: Callable[[], str | None], words: str) -> Callable[[F], F]:
    return click.option("--ledger", "place", envvar="RISKSCORE_LEDGER", callback=lambda _, __, name: name or default(),
                        help=f"File of the ledger, or a PostgreSQL URL. Default: {LEDGER}{words}. "
                        "Or set RISKSCORE_LEDGER.")  # fmt: skip


ledger = _ledger(lambda: LEDGER, "")
ledger_in_use = _ledger(lambda: LEDGER if os.path.exists(LEDGER) else None, ", if it is there")


def recorded(f: F) -> F:
    """Add the ledger, and who decided in which role and why; without these nothing is written."""
    f = click.option("--why", help="The reason, in a sentence. Name nobody in it.")(f)
    f = click.option("--who", metavar="PSEUDONYM", help="Who decided: a pseudonym, never a name.")(f)
    f = click.option("--role", help="Write it to the ledger, as decided by data staff, an inspector or a supervisor; "
                     "wants --who and --why.")(f)  # fmt: skip
    return ledger_in_use(f)


@dataclass(frozen=True)
class Decision:
    """Who decided and why, checked, for an entry once the paper is there."""

    ledger: Ledger
    role: str
    who: str
    why: str

    def write(self, event: str, run: str, paper: Path) -> None:
        """Write the entry, with the hash of the file that it is about."""
        from riskscore.ledger.add import add

        entry = add(self.ledger, event, role=self.role, who=self.who, why=self.why, at=now(), run=run,
                    dossier=hash_of(paper))  # fmt: skip
        say(f"ledger entry {entry.seq}: {event}, SHA-256 of {paper}")


def decision(
    place: str | None, role: str | None, who: str | None, why: str | None, paper: Path | None, wanted: str
) -> Decision | None:
    """Return what is to be written down, or None where nobody says who decided.

    Parameters
    ----------
    paper : Path or None
        Where the list or plan will be kept.
    wanted : str
        The option that says so: a decision on nothing that stays proves nothing.
    """
    if role is None and who is None and why is None:
        if place is not None:
            say("Not written to the ledger: that wants --role, --who and --why.")
        return None
    if role is None or who is None or why is None:
        raise click.UsageError("An entry of the ledger wants all of --role, --who and --why.")
    if paper is None:
        raise click.UsageError(f"What stands in the ledger must stay: give {wanted} too.")
    from riskscore.errors import LedgerError, raise_gathered
    from riskscore.ledger.add import misshapen
    from riskscore.ledger.database import open_ledger

    raise_gathered(misshapen(role, {"who": who, "why": why.strip()}, now()), LedgerError, "the entry is not written")
    return Decision(open_ledger(place or LEDGER, make=True), role, who, why)


def head(place: str | None, key: Ed25519PrivateKey | None) -> Mapping[str, str]:
    """Return what a dossier says of the ledger in use, signed where there is a key."""
    if place is None:
        return {}
    from riskscore.ledger.anchor import make_anchor
    from riskscore.ledger.database import open_ledger
    from riskscore.ledger.rows import entries
    from riskscore.report.signature import signature_of

    ledger = open_ledger(place)
    if not entries(ledger):
        say("The ledger has no entry yet, so the dossiers hold no head of it.")
        return {}
    anchor = make_anchor(ledger)
    say(f"with the head of the ledger: {anchor.entries:,} entries, {anchor.head}")
    return anchor.in_dossier("" if key is None else signature_of(anchor.to_text().encode(), key))


def hash_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def now() -> dt.datetime:
    """Return the present."""
    import datetime as dt

    return dt.datetime.now(dt.UTC)

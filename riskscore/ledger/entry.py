"""One entry of the ledger: what is chained, what is sealed, and how both are hashed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ROLES = ("data staff", "inspector", "supervisor")
PARTS = ("who", "why", "entity")  # sealed apart, each with a salt of its own
START = "0" * 64  # what the first entry follows

# What an entry must name besides role, who and why; erasures are written by erasing alone.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "ranked": ("run",),
    "planned": ("run",),
    "visited": ("entity",),
    "rated": ("entity", "dossier"),
    "referred": ("entity", "dossier"),
    "confirmed": ("about", "dossier"),
    "dismissed": ("entity",),
    "objected": ("entity",),
    "corrected": ("entity",),
    "outcome": ("entity",),
}
ERASED = "erased"

# The columns that the hash covers. A later version may add some: one without a value is left out of the hash, so that
# older entries keep theirs.
CHAINED = (
    "seq", "at", "event", "role", "run", "dossier", "about", "erased", "who_seal", "why_seal", "entity_seal",
    "previous",
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One decision as it stands in the ledger.

    Parameters
    ----------
    seq : int
        1, 2, 3, ... without a gap.
    at : str
        When it was written, UTC, ``2024-01-31T09:30:00+00:00``.
    event, role : str
        One of ``EVENTS`` or ``erased``; one of ``ROLES``.
    run, dossier : str or None
        Id of the run; SHA-256 of the dossier's file.
    about : int or None
        The earlier entry that this one speaks of.
    erased : str or None
        Of an erasure: the parts that were erased, with commas.
    seals : mapping
        Part to its seal, the salted hash that is chained.
    previous, hash : str
        SHA-256 of the entry before, and of this one.
    who, why, entity : str or None
        The sealed parts; None where never given, or erased.
    """

    seq: int
    at: str
    event: str
    role: str
    run: str | None
    dossier: str | None
    about: int | None
    erased: str | None
    seals: Mapping[str, str]
    previous: str
    hash: str
    who: str | None
    why: str | None
    entity: str | None


def hash_of(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a row's chained columns as canonical JSON: keys sorted, no spaces, ASCII, nothing missing.

    Examples
    --------
    >>> hash_of({"seq": 1, "event": "visited"}) == hash_of({"event": "visited", "seq": 1, "run": None})
    True
    """
    said = {name: row[name] for name in CHAINED if row.get(name) is not None}
    # repr: somebody who altered the file may have left bytes where text belongs, and that is to be told, not to stop us
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def seal_of(part: str, salt: str, text: str) -> str:
    """Return the seal of a part: HMAC-SHA256 under its salt. Without the salt it tells nothing, however short the text.

    Examples
    --------
    >>> seal_of("who", "00" * 32, "p-17") == seal_of("why", "00" * 32, "p-17")
    False
    """
    return hmac.new(salt.encode(), f"{part}:{text}".encode("utf-8", "backslashreplace"), hashlib.sha256).hexdigest()

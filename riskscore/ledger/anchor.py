"""Anchors: the head of the chain, kept where the ledger's keepers cannot reach it."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from riskscore.errors import LedgerError
from riskscore.ledger.database import Ledger

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Anchor:
    """How the ledger stood at a moment.

    Parameters
    ----------
    ledger : str
        Hash of the first entry: it tells one ledger from another.
    entries : int
        How many there were.
    head : str
        Hash of the last of them; through the chain it stands for all.
    at : str
        When the anchor was made, UTC.
    """

    ledger: str
    entries: int
    head: str
    at: str

    def to_text(self) -> str:
        """Return the anchor as JSON, as an anchor file holds it."""
        return json.dumps({"riskscore ledger anchor": 1, **asdict(self)}, indent=1, sort_keys=True) + "\n"


def make_anchor(ledger: Ledger, at: dt.datetime) -> Anchor:
    """Return the anchor of a ledger as it stands.

    Raises
    ------
    LedgerError
        The ledger has no entry yet.
    """
    import sqlalchemy

    with ledger.reading() as connection:
        rows = connection.execute(sqlalchemy.text("SELECT seq, hash FROM ledger_entries ORDER BY seq")).all()
    if not rows:
        raise LedgerError("the ledger has no entry to anchor.", where=ledger.name)
    return Anchor(rows[0].hash, rows[-1].seq, rows[-1].hash, at.astimezone(dt.UTC).isoformat(timespec="seconds"))


def read_anchor(path: str | Path) -> Anchor:
    """Read an anchor file.

    Raises
    ------
    LedgerError
        The file cannot be read or is no anchor.
    """
    try:
        said: Any = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as why:
        raise LedgerError(f"cannot be read: {why.strerror}.", where=str(path)) from None
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict) and said.pop("riskscore ledger anchor", None) == 1 and set(said) == set(_TYPES):
        hashes = all(isinstance(said[k], str) and _HASH.fullmatch(said[k]) for k in ("ledger", "head"))
        if hashes and isinstance(said["entries"], int) and said["entries"] > 0 and isinstance(said["at"], str):
            return Anchor(**said)
    raise LedgerError("is no anchor of a ledger.", where=str(path), next="Make one: riskscore ledger anchor --out FILE")


_TYPES = tuple(Anchor.__dataclass_fields__)

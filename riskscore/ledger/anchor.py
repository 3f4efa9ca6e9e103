"""Anchors: the head of the chain, kept where the ledger's keepers cannot reach it."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from riskscore.errors import LedgerError
from riskscore.ledger.database import Ledger

IN_DOSSIER = {"ledger": "ledger", "ledger entries": "entries", "ledger head": "head", "ledger at": "at",
              "ledger signature": "signature"}  # fmt: skip
"""What the parts of an anchor are called among the provenance of a dossier."""
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
        When the anchor was made, UTC; in a dossier when the last entry was written.
    signature : str
        Of `to_text`, where the anchor came in a dossier that holds one.
    """

    ledger: str
    entries: int
    head: str
    at: str
    signature: str = ""

    def to_text(self) -> str:
        """Return the anchor as JSON, as an anchor file holds it."""
        said = {name: part for name, part in asdict(self).items() if name != "signature"}
        return json.dumps({"riskscore ledger anchor": 1, **said}, indent=1, sort_keys=True) + "\n"

    def in_dossier(self, signature: str) -> dict[str, str]:
        """Return the anchor as a dossier holds it."""
        parts = {**asdict(self), "signature": signature}
        return {name: str(parts[part]) for name, part in IN_DOSSIER.items() if parts[part]}


def make_anchor(ledger: Ledger, at: dt.datetime | None = None) -> Anchor:
    """Return the anchor of a ledger as it stands; without a time, as of its last entry.

    Raises
    ------
    LedgerError
        The ledger has no entry yet.
    """
    import sqlalchemy

    with ledger.reading() as connection:
        rows = connection.execute(sqlalchemy.text("SELECT seq, hash, at FROM ledger_entries ORDER BY seq")).all()
    if not rows:
        raise LedgerError("the ledger has no entry to anchor.", where=ledger.name)
    when = rows[-1].at if at is None else at.astimezone(dt.UTC).isoformat(timespec="seconds")
    return Anchor(rows[0].hash, rows[-1].seq, rows[-1].hash, when)


def read_anchor(path: str | Path) -> Anchor:
    """Read an anchor file, or the anchor in a JSON dossier.

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
    if isinstance(said, dict) and isinstance(said.get("provenance"), dict):
        said = _of_dossier(said["provenance"])
    if isinstance(said, dict) and said.pop("riskscore ledger anchor", None) == 1 and _PARTS <= set(said) <= _ALL:
        hashes = all(isinstance(said[k], str) and _HASH.fullmatch(said[k]) for k in ("ledger", "head"))
        texts = all(isinstance(said.get(k, ""), str) for k in ("at", "signature"))
        if hashes and texts and isinstance(said["entries"], int) and said["entries"] > 0:
            return Anchor(**said)
    raise LedgerError("is no anchor of a ledger.", where=str(path), next="Make one: riskscore ledger anchor --out FILE")


def _of_dossier(provenance: Mapping[str, Any]) -> dict[str, Any]:
    said = {part: provenance[name] for name, part in IN_DOSSIER.items() if name in provenance}
    entries = str(said.get("entries"))
    whole = int(entries) if re.fullmatch("[1-9][0-9]{0,14}", entries) else 0
    return {"riskscore ledger anchor": 1, **said, "entries": whole}


_ALL = set(Anchor.__dataclass_fields__)
_PARTS = _ALL - {"signature"}

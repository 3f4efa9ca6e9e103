"""Entries as they lie in the tables, opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from riskscore.ledger.database import Ledger
from riskscore.ledger.entry import PARTS, Entry

if TYPE_CHECKING:
    from sqlalchemy import Connection


def entries(ledger: Ledger, entity: str | None = None) -> tuple[Entry, ...]:
    """Return the entries in their order; with ``entity`` those about one place or employer."""
    with ledger.reading() as connection:
        found = entries_in(connection)
    return tuple(e for e in found if entity in (None, e.entity))


def entries_in(connection: Connection) -> list[Entry]:
    """Return all entries that a connection sees, in order of their numbers."""
    import sqlalchemy

    opened = {(s.seq, s.part): s.text for s in connection.execute(sqlalchemy.text("SELECT * FROM ledger_sealed"))}
    found = []
    for row in connection.execute(sqlalchemy.text("SELECT * FROM ledger_entries ORDER BY seq")).mappings():
        said = dict(row)
        seals = {part: said.pop(f"{part}_seal") for part in PARTS}
        texts: dict[str, Any] = {part: opened.get((said["seq"], part)) for part in PARTS}
        found.append(Entry(**said, seals={p: s for p, s in seals.items() if s}, **texts))
    return found

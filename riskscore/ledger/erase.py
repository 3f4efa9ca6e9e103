"""Erasing what is personal: the sealed text goes, its seal stays, and the erasure itself is an entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from riskscore.errors import LedgerError, nearest, raise_gathered
from riskscore.ledger.add import append, misshapen
from riskscore.ledger.database import Ledger
from riskscore.ledger.entry import ERASED, PARTS, Entry
from riskscore.ledger.rows import entries_in


def erase(
    ledger: Ledger,
    numbers: Iterable[int],
    parts: Sequence[str],
    *,
    role: str,
    who: str,
    why: str,
    at: dt.datetime,
) -> tuple[Entry, ...]:
    """Erase parts of entries, and return the entries that record it, one per entry touched.

    The salt goes with the text, so that nobody can find the text by trying; the chain still verifies. Copies of the
    database file, and what a PostgreSQL server keeps until it cleans up, are the keeper's to erase.

    Parameters
    ----------
    ledger : Ledger
    numbers : iterable of int
        Entries; one that has none of the parts any more is passed over.
    parts : sequence of str
        Of ``who``, ``why``, ``entity``.
    role, who, why, at
        As for `add`: of the person who erases. These must not repeat what is erased.

    Raises
    ------
    LedgerError
        There is no such entry or part; nothing is erased then.
    """
    import sqlalchemy

    for part in parts:
        if part not in PARTS:
            raise LedgerError(f"'{part[:40]}' is no part of an entry.", next=nearest(part, PARTS))
    sealed = {"who": who, "why": why.strip()}
    raise_gathered(misshapen(role, sealed, at), LedgerError, "nothing is erased")
    wanted, written = sorted(set(numbers)), []
    with ledger.writing() as connection:
        earlier = {entry.seq: entry for entry in entries_in(connection)}
        absent = [n for n in wanted if n not in earlier]
        if absent:
            raise LedgerError(f"there is no entry {absent[0]}.", where=ledger.name, next="riskscore ledger show")
        for number in wanted:
            gone = [part for part in PARTS if part in parts and getattr(earlier[number], part) is not None]
            if not gone:
                continue
            for part in gone:
                connection.execute(
                    sqlalchemy.text("DELETE FROM ledger_sealed WHERE seq = :seq AND part = :part"),
                    {"seq": number, "part": part},
                )
            said = {"event": ERASED, "role": role, "about": number, "erased": ",".join(gone)}
            written.append(append(connection, said, sealed, at))
    return tuple(written)


def written_before(entries: Iterable[Entry], day: str) -> list[int]:
    """Return the numbers of the entries written before a day (``2024-01-31``, UTC): those whose retention is over."""
    return [e.seq for e in entries if e.at < day]

"""Adding an entry: what it must name, who may confirm a referral, and its place at the end of the chain."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from riskscore.errors import LedgerError, Problem, nearest, raise_gathered
from riskscore.ledger.database import Ledger
from riskscore.ledger.entry import CHAINED, ERASED, EVENTS, PARTS, ROLES, START, Entry, hash_of, seal_of
from riskscore.ledger.rows import entries_in
from riskscore.ledger.rules import why_not_confirmed

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SHAPES = {
    "who": (r"[a-z0-9][a-z0-9._-]{1,39}", "is no pseudonym: 2 to 40 small letters, digits, '.', '-' or '_'."),
    "entity": (r"[^\x00-\x1f\x7f\ud800-\udfff]{1,100}", "is empty, too long, or holds control characters."),
    "run": (r"[\w.-]{1,150}", "is no id of a run."),
    "dossier": (r"[0-9a-f]{64}", "is no SHA-256: 64 digits and small letters a to f."),
    "why": (r"[^\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]{3,4000}", "is no reason: 3 to 4,000 characters are wanted."),
}


def add(
    ledger: Ledger,
    event: str,
    *,
    role: str,
    who: str,
    why: str,
    at: dt.datetime,
    entity: str | None = None,
    run: str | None = None,
    dossier: str | None = None,
    about: int | None = None,
) -> Entry:
    """Write an entry at the end of the ledger, and return it.

    A referral counts once it is ``confirmed``: by a supervisor, not the one who referred, who names the hash of the
    same dossier.

    Parameters
    ----------
    ledger : Ledger
    event, role : str
        See ``riskscore.ledger.entry``: ``EVENTS``, ``ROLES``.
    who : str
        A pseudonym of the person who decided; never a name.
    why : str
        The reason, 3 to 4,000 characters.
    at : datetime
        The present, with its time zone.
    entity, run, dossier, about
        Place or employer, id of the run, SHA-256 of the dossier's file, number of an earlier entry.

    Raises
    ------
    LedgerError
        Something is missing or not allowed; nothing is written then. What was typed as ``who`` is not repeated.

    Examples
    --------
    >>> import tempfile
    >>> from riskscore.ledger.database import open_ledger
    >>> noon = dt.datetime(2025, 1, 2, 12, tzinfo=dt.UTC)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = open_ledger(f"{folder}/ledger.db", make=True)
    ...     entry = add(ledger, "visited", role="inspector", who="p-17", why="on the list", at=noon, entity="S-1")
    >>> entry.seq, entry.at, entry.entity
    (1, '2025-01-02T12:00:00+00:00', 'S-1')
    """
    given = {"who": who, "why": why.strip(), "entity": entity, "run": run, "dossier": dossier}
    wrong = [*_missing(event, given, about), *misshapen(role, given, at)]
    raise_gathered(wrong, LedgerError, "the entry is not written")
    with ledger.writing() as connection:
        said = {"event": event, "role": role, "run": run, "dossier": dossier, "about": about}
        if about is not None:
            earlier = {entry.seq: entry for entry in entries_in(connection)}
            if about not in earlier:
                raise LedgerError(f"there is no entry {about}.", where=ledger.name, next="riskscore ledger show")
            if event == "confirmed":
                reason = why_not_confirmed(earlier, about, role, who, dossier)
                if reason:
                    raise LedgerError(reason, where=f"entry {about}")
                given["entity"] = earlier[about].entity
        return append(connection, said, given, at)


def append(connection: Connection, said: Mapping[str, Any], sealed: Mapping[str, str | None], at: dt.datetime) -> Entry:
    """Chain a checked entry to the last one; the connection must be one that writes."""
    import sqlalchemy

    last = connection.execute(
        sqlalchemy.text("SELECT seq, hash FROM ledger_entries ORDER BY seq DESC LIMIT 1")
    ).one_or_none()
    row: dict[str, Any] = dict.fromkeys(CHAINED)
    row |= {"seq": last.seq + 1 if last else 1, "previous": last.hash if last else START, **said}
    row["at"] = at.astimezone(dt.UTC).isoformat(timespec="seconds")
    salts = {part: secrets.token_hex(32) for part in PARTS if sealed.get(part)}
    texts = {part: str(sealed[part]) for part in salts}
    row |= {f"{part}_seal": seal_of(part, salt, texts[part]) for part, salt in salts.items()}
    row["hash"] = hash_of(row)
    names = (*CHAINED, "hash")
    slots = ", ".join(f":{name}" for name in names)
    connection.execute(sqlalchemy.text(f"INSERT INTO ledger_entries ({', '.join(names)}) VALUES ({slots})"), row)
    for part, salt in salts.items():
        connection.execute(
            sqlalchemy.text("INSERT INTO ledger_sealed (seq, part, salt, text) VALUES (:seq, :part, :salt, :text)"),
            {"seq": row["seq"], "part": part, "salt": salt, "text": texts[part]},
        )
    seals = {part: row.pop(f"{part}_seal") for part in PARTS}
    opened: dict[str, Any] = {part: texts.get(part) for part in PARTS}
    return Entry(**row, seals={p: s for p, s in seals.items() if s}, **opened)


def misshapen(role: str, given: Mapping[str, str | None], at: dt.datetime) -> Iterator[Problem]:
    """Say what of an entry is not as it must be; what was typed is not repeated, since it may be a name."""
    if role not in ROLES:
        yield Problem(0, "role", f"'{role[:40]}' is none.", nearest(role, ROLES))
    for name, text in given.items():
        shape, words = _SHAPES[name]
        if text is not None and not re.fullmatch(shape, text):
            yield Problem(2, name, words)
    if at.tzinfo is None:
        yield Problem(2, "at", "has no time zone.")


def _missing(event: str, given: Mapping[str, str | None], about: int | None) -> Iterator[Problem]:
    if event not in EVENTS:
        told = "Erasures are written by riskscore ledger erase." if event == ERASED else nearest(event, list(EVENTS))
        yield Problem(0, "event", f"'{event[:40]}' is none.", told)
    for name in EVENTS.get(event, ()):
        if (about if name == "about" else given[name]) is None:
            yield Problem(1, name, f"'{event}' needs it.")

"""Whether a ledger is as it was written, and how far that can be proved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from riskscore.ledger.anchor import Anchor
from riskscore.ledger.database import Ledger
from riskscore.ledger.entry import CHAINED, ERASED, PARTS, START, Entry, hash_of, seal_of
from riskscore.ledger.rows import entries_in
from riskscore.ledger.rules import why_not_confirmed

Sealed = Mapping[tuple[int, str], tuple[str, str]]


@dataclass(frozen=True)
class Verdict:
    """What verifying a ledger came to.

    Parameters
    ----------
    entries : int
        How many entries there are.
    findings : tuple of str
        What is wrong, a sentence each; empty where nothing is.
    notes : tuple of str
        What could not be proved, and why.
    """

    entries: int
    findings: tuple[str, ...]
    notes: tuple[str, ...]


def verify(ledger: Ledger, anchors: Sequence[Anchor] = ()) -> Verdict:
    """Check every entry, the chain, every sealed text, the two-person rule, and the anchors given.

    Up to the newest anchor, any entry altered, removed or put elsewhere is found, even if every hash was made anew.

    Parameters
    ----------
    ledger : Ledger
    anchors : sequence of Anchor
        Kept outside the ledger. Several of them narrow down where a chain was made anew.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> import datetime as dt, tempfile
    >>> from riskscore.ledger.add import add
    >>> from riskscore.ledger.database import open_ledger
    >>> noon = dt.datetime(2025, 1, 2, 12, tzinfo=dt.UTC)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     ledger = open_ledger(f"{folder}/ledger.db", make=True)
    ...     _ = add(ledger, "visited", role="inspector", who="p-17", why="on the list", at=noon, entity="S-1")
    ...     verify(ledger).findings
    ()
    """
    import sqlalchemy

    with ledger.reading() as connection:
        found = entries_in(connection)
        rows = connection.execute(sqlalchemy.text("SELECT seq, part, salt, text FROM ledger_sealed")).all()
    sealed = {(r.seq, r.part): (r.salt, r.text) for r in rows}
    findings = [*_chain(found), *_seals(found, sealed), *_rules(found), *_anchored(found, anchors)]
    return Verdict(len(found), tuple(findings), tuple(_notes(found, anchors)))


def _chain(found: Sequence[Entry]) -> Iterator[str]:
    before, previous = 0, START
    for entry in found:
        row = {**{name: getattr(entry, name, None) for name in CHAINED},
               **{f"{part}_seal": seal for part, seal in entry.seals.items()}}  # fmt: skip
        if entry.seq != before + 1:
            yield f"{_numbers(before + 1, entry.seq - 1)} missing."
        if hash_of(row) != entry.hash:
            yield f"entry {entry.seq} is not what was written: its hash does not fit what it says."
        if entry.seq == before + 1 and entry.previous != previous:
            yield (f"entry {entry.seq} does not follow entry {before}: one of the two was exchanged, moved, or "
                   "made anew.") if before else f"entry {entry.seq} is not the first that was written."  # fmt: skip
        before, previous = entry.seq, entry.hash


def _seals(found: Sequence[Entry], sealed: Sealed) -> Iterator[str]:
    erased = {(e.about, part): e.seq for e in found if e.event == ERASED for part in str(e.erased).split(",")}
    known = set()
    for entry in found:
        for part in PARTS:
            key = (entry.seq, part)
            if part not in entry.seals:
                continue
            known.add(key)
            if key not in sealed and key not in erased:
                yield f"the {part} of entry {entry.seq} is gone, and no erasure is on record."
            if key in sealed and key in erased:
                yield f"the {part} of entry {entry.seq} was erased by entry {erased[key]} and is back."
            if key in sealed and seal_of(part, *sealed[key]) != entry.seals[part]:
                yield f"the {part} of entry {entry.seq} is not what was written: it does not fit its seal."
    for number, part in sorted(set(sealed) - known, key=repr):
        yield f"there is a text '{part}' for entry {number}, and no entry has it."


def _rules(found: Sequence[Entry]) -> Iterator[str]:
    earlier: dict[int, Entry] = {}
    gone = {e.about for e in found if e.event == ERASED and "who" in str(e.erased)}
    for entry in found:
        if entry.event == "confirmed":
            if entry.about not in earlier:
                yield f"entry {entry.seq} confirms an entry that is not there."
            # whose author was lawfully erased was another person when it was written; the chain holds that much
            elif not gone & {entry.seq, entry.about}:
                reason = why_not_confirmed(earlier, entry.about, entry.role, entry.who, entry.dossier)
                if reason:
                    yield f"entry {entry.seq} confirms entry {entry.about} and may not: {reason}"
        earlier[entry.seq] = entry


def _anchored(found: Sequence[Entry], anchors: Sequence[Anchor]) -> Iterator[str]:
    hashes = {entry.seq: entry.hash for entry in found}
    last, good = max(hashes, default=0), 0
    for anchor in sorted(anchors, key=lambda a: a.entries):
        when = f"the anchor of {anchor.at} ({anchor.entries:,} entries)"
        if hashes and hashes.get(1) != anchor.ledger:
            yield f"{when} is of another ledger, or this one was made anew from its first entry on."
        elif anchor.entries > last:
            yield f"{_numbers(last + 1, anchor.entries)} missing at the end: {when} knows them."
        elif hashes.get(anchor.entries) != anchor.head:
            where = _numbers(good + 1, anchor.entries).rpartition(" ")[0]
            yield f"{when} has another head: the chain was made anew somewhere in {where}."
        else:
            good = anchor.entries


def _notes(found: Sequence[Entry], anchors: Sequence[Anchor]) -> Iterator[str]:
    last = found[-1].seq if found else 0
    reach = max((a.entries for a in anchors), default=0)
    if reach < last:
        younger = f"{_numbers(reach + 1, last)} younger than the newest anchor".capitalize()
        yield (
            (younger if reach else "No anchor was given")
            + ". A chain alone proves that it agrees with itself: who may write to the database could have made these "
            "entries anew, hashes and all, or cut off the last ones, and nothing here would show it."
        )
    for earlier, later in itertools.pairwise(found):
        if later.at < earlier.at:
            yield f"Entry {later.seq} bears an earlier time than entry {earlier.seq}: a clock was wrong, or set back."
    yield "That an entry tells the truth, and that two pseudonyms are two persons, no chain can prove."


def _numbers(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"

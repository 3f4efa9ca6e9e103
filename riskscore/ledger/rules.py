"""The two-person rule, asked before a confirmation is written and again when the ledger is verified."""

from __future__ import annotations

from collections.abc import Mapping

from riskscore.ledger.entry import Entry


def why_not_confirmed(
    earlier: Mapping[int, Entry], about: int, role: str, who: str | None, dossier: str | None
) -> str | None:
    """Return why a person may not confirm an entry, or None.

    Parameters
    ----------
    earlier : mapping of int to Entry
        All entries before the confirmation, by number, in their order.
    about : int
        Number of the entry to confirm; one of ``earlier``.
    role, who, dossier
        Of the person who confirms; hash of the dossier that was read.
    """
    referral = earlier[about]
    if referral.event != "referred":
        return f"it is no referral but '{referral.event}'; only referrals are confirmed."
    if role != "supervisor":
        return "a referral is confirmed by a supervisor."
    if referral.who is None or who is None:
        return "who referred was erased, so nobody can tell two persons apart; refer anew."
    if referral.who == who:
        return "a second, different person confirms a referral."
    if referral.dossier != dossier:
        return "the dossier is not the one that was referred: the hashes differ."
    for entry in earlier.values():
        if entry.about == about and entry.event in ("confirmed", "dismissed"):
            return f"it was {entry.event} by entry {entry.seq}."
    return None

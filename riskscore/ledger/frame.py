"""The ledger as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from riskscore.ledger.entry import ERASED, Entry

if TYPE_CHECKING:
    import pandas as pd

GONE = "(erased)"
COLUMNS = ("entry", "at", "event", "role", "who", "entity", "about", "dossier", "run", "standing", "why", "hash")


def as_frame(entries: Sequence[Entry], *, brief: bool = False) -> pd.DataFrame:
    """Return a row per entry, with how a referral stands.

    Parameters
    ----------
    entries : sequence of Entry
        All that matter for each other: a referral stands by its later entries.
    brief : bool
        For a terminal: the day alone, the dossier by its first digits, no hash.

    Returns
    -------
    pandas.DataFrame
        The columns are ``COLUMNS``.
    """
    import pandas as pd

    later = {
        e.about: f"{e.event} by {e.seq}" for e in entries if e.about and e.event in ("confirmed", "dismissed")
    }  # a later one holds
    rows = []
    for e in entries:
        standing = later.get(e.seq, "waits for a second person") if e.event == "referred" else None
        if e.event == ERASED:
            standing = f"erased: {e.erased}"
        rows.append(
            {
                "entry": e.seq,
                "at": e.at[:10] if brief else e.at,
                "event": e.event,
                "role": e.role,
                **{p: GONE if p in e.seals and getattr(e, p) is None else getattr(e, p) for p in ("who", "entity")},
                "about": e.about,
                "dossier": e.dossier[:8] if brief and e.dossier else e.dossier,
                "run": e.run,
                "standing": standing,
                "why": GONE if e.why is None else e.why,
                **({} if brief else {"hash": e.hash}),
            }
        )
    names = [*COLUMNS[:-1]] if brief else [*COLUMNS]
    frame = pd.DataFrame(rows, columns=names)
    frame["about"] = frame["about"].astype("Int64")
    return frame

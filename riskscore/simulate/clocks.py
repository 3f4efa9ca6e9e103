"""When the office could know a row: some days after it happened, and one row in twenty much later."""

from __future__ import annotations

import numpy as np

from riskscore.simulate.draws import Draws, Ints

LATE_SHARE = 50_000_000  # parts per billion
LATE_DAYS = (60, 330)  # less than a year, so that a year's rows are all known one year after its end


def known(draws: Draws, stream: str, date: Ints, key: Ints, usual: int = 12) -> Ints:
    """Return the day from which each row could be known; ``usual`` is the longest ordinary delay in days."""
    late = draws.happens(f"{stream} late", LATE_SHARE, key)
    days = np.where(
        late, draws.between(f"{stream} very late", *LATE_DAYS, key), draws.between(f"{stream} delay", 1, usual, key)
    )
    return np.asarray(date + days, dtype=np.int64)

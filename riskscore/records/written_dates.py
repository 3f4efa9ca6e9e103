"""Dates written as text: the format is found out from the whole column and then held to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from riskscore.dates import MISSING, Days

# in the order in which they are preferred where several read a column equally well
FORMATS = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d.%m.%y",
    "%d/%m/%y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y",
)  # fmt: skip
_CLOCK = r"[T ]+\d{1,2}:\d{2}.*$"
_FIRST, _LAST = -25567, 84006  # 1900-01-01 to 2199-12-31: other years are typing errors


@dataclass(frozen=True)
class Found:
    """Days of written dates (``MISSING`` where they are none) and the format that reads them."""

    days: Days
    format: str
    ambiguous: bool  # the column could as well be written month first


def parse_dates(words: pd.Series[str], format: str | None = None) -> Found:
    """Read written dates; a time of day is cut off.

    Parameters
    ----------
    words : Series of str, shape (n,)
        Different texts of one column.
    format : str, optional
        How they are written; found out where it is not said.

    Examples
    --------
    >>> found = parse_dates(pd.Series(["31.01.2024", "01.02.2024 09:30", "30.02.2024"], dtype="str"))
    >>> found.format, found.days.tolist() == [19753, 19754, int(MISSING)]
    ('%d.%m.%Y', True)
    """
    if not len(words):
        return Found(np.array([], dtype=np.int32), format or FORMATS[0], False)
    plain = words.str.replace(_CLOCK, "", regex=True) if not format or "%H" not in format else words
    if format:
        return Found(_read(plain, format), format, False)
    best, chosen, ambiguous = -1, FORMATS[0], False
    sample = plain.iloc[:5000]
    counts: dict[str, int] = {}
    for tried in FORMATS:
        counts[tried] = int((_read(sample, tried) != MISSING).sum())
        if counts[tried] > best:
            best, chosen = counts[tried], tried
        if best == len(sample):
            break
    if chosen == "%d/%m/%Y":
        other = int((_read(sample, "%m/%d/%Y") != MISSING).sum())
        ambiguous = other == best
    return Found(_read(plain, chosen), chosen, ambiguous)


def _read(words: pd.Series[str], format: str) -> Days:
    parsed = pd.to_datetime(words, format=format, errors="coerce", exact=True)
    days = parsed.to_numpy(dtype="datetime64[D]").view(np.int64)
    missing = parsed.isna().to_numpy() | (days < _FIRST) | (days >= _LAST)
    if format == "%Y%m%d":
        missing |= ~words.str.fullmatch(r"\d{8}").to_numpy(dtype=bool)
    return np.where(missing, np.int64(MISSING), days).astype(np.int32)

"""Names and ids as keyed hashes, for copies that leave the office: who holds the key can tell who is meant."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskscore.errors import RiskscoreError
from riskscore.records.model import RecordTable

SHORTEST = 16  # bytes of a key
_DIGITS = 16  # of a pseudonym: 64 bits, so that among a million ids two alike are one chance in thirty million


@dataclass(frozen=True)
class Pseudonyms:
    """One key's pseudonyms: the same id of the same table always gets the same one.

    The key is in no output, log or error, nor in ``repr``.

    Examples
    --------
    >>> known = Pseudonyms(b"sixteen bytes or more")
    >>> known.of("sites", "S0001") == known.of("sites", "S0001") != known.of("employers", "S0001")
    True
    >>> known
    Pseudonyms()
    """

    key: bytes = field(repr=False)

    def of(self, kind: str, text: str) -> str:
        """Return the pseudonym of an id or a name; ``kind`` is the table, or the column where it is no id."""
        message = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
        return "P-" + hmac.new(self.key, message, hashlib.sha256).hexdigest()[:_DIGITS].upper()

    def table(self, table: RecordTable) -> RecordTable:
        """Return a table, rows in their order, with a pseudonym in place of every id and every free text.

        Numbers, dates, flags and categories (sector, region, kind of place, authority) stay: a reader who knows the
        places of a district may still guess one from them.
        """
        schema = table.schema
        changed = {}
        for column in schema.columns:
            kind = column.refers or (schema.name if column.name in (schema.id, "replaces") else "")
            if kind or column.type in ("id", "text"):
                changed[column.name] = self._column(table.frame[column.name], kind or column.name)
        return replace(table, frame=table.frame.assign(**changed), file="", origin=None)

    def _column(self, cells: pd.Series[Any], kind: str) -> pd.Series[Any]:
        column = cells if isinstance(cells.dtype, pd.CategoricalDtype) else cells.astype("category")
        names = [self.of(kind, str(word)) for word in column.cat.categories]
        found = np.array([*names, None], dtype=object)[column.cat.codes.to_numpy()]
        if column is cells:
            return pd.Series(pd.Categorical(found, pd.Index(sorted(set(names)), dtype="str")), index=cells.index)
        return pd.Series(found, index=cells.index, dtype=cells.dtype)


def read_key(path: str | Path) -> Pseudonyms:
    """Return the pseudonyms of a key file: any bytes, spaces and line ends around them left out.

    Raises
    ------
    RiskscoreError
        The file cannot be read, or the key is so short that it could be guessed; the key is not quoted.
    """
    try:
        key = Path(path).read_bytes().strip()
    except OSError as why:
        raise RiskscoreError(f"the key cannot be read: {why.strerror}.", where=str(path)) from None
    if len(key) < SHORTEST:
        raise RiskscoreError(f"the key has {len(key)} bytes, fewer than {SHORTEST}: it could be guessed.",
                             where=str(path), next="Make one: head -c 32 /dev/urandom | base64 > KEYFILE")  # fmt: skip
    return Pseudonyms(key)

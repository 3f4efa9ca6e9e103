"""What reading sets aside: whole rows, and cells that were emptied; counted, kept, never dropped silently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.records.model import REJECT_COLUMNS, Records, no_rejects
from riskscore.records.schema import Column
from riskscore.records.source_table import SourceTable

HIDDEN = "(not shown)"
_LONGEST = 60
# text that is an id or a number is shown; other text may name a person
_SHOWN_TEXT = ("tax_number", "replaces")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass
class Rejects:
    """Gathers rejected rows and cells while a source is read."""

    counts: dict[str, int] = field(default_factory=dict)
    frames: list[pd.DataFrame] = field(default_factory=list)

    def add(
        self, source: SourceTable, positions: NDArray[np.int64], table: str, column: str, values: Sequence[str],
        why: str, *, row: bool,
    ) -> None:  # fmt: skip
        """Take note of rows (``row``) or cells of one column that were set aside for one reason."""
        if not len(positions):
            return
        files, lines = source.places(positions)
        reason = why if row else f"{why}; the cell was emptied"
        self._count(f"{table}{'.' + column if column else ''}: {reason}", len(positions))
        shown = list(values) if values else [""] * len(positions)
        self.frames.append(
            pd.DataFrame(
                {"file": files, "row": lines, "table": table, "column": column, "value": shown, "reason": reason}
            )
        )

    def add_lines(self, frame: pd.DataFrame, table: str) -> None:
        """Take note of lines of a file that are no rows."""
        if len(frame):
            for reason, count in frame["reason"].value_counts().items():
                self._count(f"{table}: {reason}", int(count))
            self.frames.append(frame.assign(table=table))

    def frame(self) -> pd.DataFrame:
        """Return everything set aside, by file and row."""
        if not self.frames:
            return no_rejects()
        found = pd.concat(self.frames, ignore_index=True)[list(REJECT_COLUMNS)].astype(no_rejects().dtypes.to_dict())
        return found.sort_values(["file", "row", "table", "column", "reason"], kind="stable", ignore_index=True)

    def _count(self, reason: str, rows: int) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + rows


def shown(values: Iterable[Any], column: Column) -> list[str]:
    r"""Return values fit for a message: free text hidden, control characters escaped, cut at 60 characters.

    Examples
    --------
    >>> shown(["-3", "a\x1bb"], Column("workers", "integer", "people"))
    ['-3', 'a\\x1bb']
    >>> shown(["Anna"], Column("note", "text", "words"))
    ['(not shown)']
    """
    if column.type == "text" and column.name not in _SHOWN_TEXT:
        return [HIDDEN for _ in values]
    return [plain(v) for v in values]


def plain(value: Any) -> str:
    """Return any value as one short printable line."""
    text = re.sub(r"[^ -~\u00a1-\uffff]|[\u200b-\u200f\u2028-\u202e\u2066-\u2069]", _escaped, str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def write_rejected(records: Records, path: str | Path) -> Path:
    """Write what was set aside as a CSV file that no spreadsheet takes for formulas.

    Parameters
    ----------
    records : Records
    path : str or Path
        One row per rejected row or emptied cell: file, row, table, column, value, reason. Rows themselves are not
        repeated: the file and row lead to them.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(write_rejected(Records({}), folder + "/rejected.csv").read_text().strip())
    file,row,table,column,value,reason
    """
    frame = records.rejected_rows.copy()
    for name in REJECT_COLUMNS:
        if name != "row":
            risky = frame[name].str.startswith(_FORMULA)
            frame[name] = frame[name].mask(risky, "'" + frame[name])
    frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    return Path(path)


def _escaped(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")

"""One source as it was read, before anything is made of it."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from riskscore.records.model import no_rejects


@dataclass(frozen=True)
class SourceTable:
    """The columns of a source in its own names.

    Parameters
    ----------
    data : pyarrow.Table
        Text as text; nothing is converted but what the file itself types (Parquet, Excel, databases).
    pieces : tuple of (file, first position, line of that position)
        A source of several files is one table; this leads a row back to its file and line.
    decimal : str
        Sign that begins the fraction in numbers written as text.
    private : tuple of str
        Columns that were there and were not read.
    rejects : DataFrame
        Lines that are no rows (a wrong number of cells).
    """

    data: Any
    pieces: tuple[tuple[str, int, int], ...]
    decimal: str = "."
    private: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    excel_epoch: int = -25569  # day number of Excel's day 0
    rejects: pd.DataFrame | None = None
    encoding: str = ""  # of a text file, as found or said
    delimiter: str = ""

    @property
    def names(self) -> list[str]:
        """The source's column names."""
        return list(self.data.column_names)

    @property
    def file(self) -> str:
        """The files that the rows come from."""
        return ", ".join(dict.fromkeys(name for name, _, _ in self.pieces))

    def place(self, position: int) -> tuple[str, int]:
        """Return the file and the line of a row."""
        at = bisect.bisect_right([start for _, start, _ in self.pieces], position) - 1
        name, start, line = self.pieces[max(at, 0)]
        return name, line + position - start

    def places(self, positions: np.ndarray[Any, Any]) -> tuple[list[str], np.ndarray[Any, Any]]:
        """Return files and lines of many rows."""
        at = np.searchsorted([start for _, start, _ in self.pieces], positions, side="right") - 1
        names = [self.pieces[k][0] for k in at]
        starts = np.array([start for _, start, _ in self.pieces], dtype=np.int64)
        lines = np.array([line for _, _, line in self.pieces], dtype=np.int64)
        return names, lines[at] + positions - starts[at]


def stack(parts: list[SourceTable]) -> SourceTable:
    """Return several files of one layout as one source."""
    if len(parts) == 1:
        return parts[0]
    import pyarrow as pa

    pieces: list[tuple[str, int, int]] = []
    rows = 0
    for part in parts:
        pieces += [(name, start + rows, line) for name, start, line in part.pieces]
        rows += part.data.num_rows
    tables = [part.data for part in parts]
    try:
        data = pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        # one file types a column that another leaves as text: text is what they share
        data = pa.concat_tables([_as_text(t) for t in tables], promote_options="default")
    rejects = pd.concat([p.rejects if p.rejects is not None else no_rejects() for p in parts], ignore_index=True)
    return replace(
        parts[0],
        data=data,
        pieces=tuple(pieces),
        private=tuple(dict.fromkeys(c for p in parts for c in p.private)),
        notes=tuple(dict.fromkeys(n for p in parts for n in p.notes)),
        rejects=rejects,
    )


def _as_text(table: Any) -> Any:
    import pyarrow as pa

    return table.cast(pa.schema([pa.field(name, pa.string()) for name in table.column_names]))

"""What a mapping says: which source fills which table, column by column. ``mapping_file`` reads it from TOML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from riskscore.records.schema import ColumnType


@dataclass(frozen=True)
class ColumnRule:
    """How one column of a table comes from its source; exactly one of ``take``, ``join``, ``constant`` is said.

    Parameters
    ----------
    take : str
        The source's column; in the file it is written alone or as ``from``.
    join : tuple of str
        Source columns whose texts are joined with ``separator``: a composed id.
    number : bool
        Tells equal joined ids apart: the second gets ``-2``, and so on in the order of the source.
    values, otherwise : mapping, str
        Value in the source to value wanted; ``otherwise`` is for those not listed (without it they stay as they are).
    times : float
        Factor that turns the source's unit into ours.
    format : str
        How the source writes dates: ``"%d.%m.%Y"``, or ``"excel"`` for serial numbers.
    type, clock : str
        Of a further column: its type (else inferred) and the date column from which its cells are known.
    """

    take: str | None = None
    join: tuple[str, ...] = ()
    separator: str = "-"
    number: bool = False
    constant: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None
    times: float | None = None
    format: str | None = None
    type: ColumnType | None = None
    clock: str | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """The source columns that the rule reads."""
        return self.join or ((self.take,) if self.take is not None else ())


@dataclass(frozen=True)
class SourceRule:
    """Where one source lies and how it is written; what is not said is found out from the data."""

    name: str
    file: tuple[str, ...] = ()  # names or patterns within the folder; empty: the file named like the source
    sheet: str | None = None
    table: str | None = None  # of a database
    encoding: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    dates: str | None = None
    null: tuple[str, ...] = ()
    skip_rows: int = 0
    private: tuple[str, ...] = ()  # columns that are never read


@dataclass(frozen=True)
class TableRule:
    """How one canonical table, or one part of it, comes from one source."""

    table: str
    source: str
    columns: Mapping[str, ColumnRule] = field(default_factory=dict)
    further: Mapping[str, ColumnRule] = field(default_factory=dict)
    keep: bool | None = None  # the source's other columns; None: kept, except where rows are deduplicated
    drop: tuple[str, ...] = ()
    where: str | None = None
    known_on: str | None = None
    covers_from: dt.date | None = None
    as_of_now: bool = False
    deduplicate: bool = False

    @property
    def keeps_others(self) -> bool:
        """Say whether source columns that no rule names become further columns."""
        return not self.deduplicate if self.keep is None else self.keep


@dataclass(frozen=True)
class SourceMapping:
    """A whole mapping file; the empty one reads canonical tables as they are."""

    path: str = ""
    sources: Mapping[str, SourceRule] = field(default_factory=dict)
    tables: tuple[TableRule, ...] = ()

    def source(self, name: str) -> SourceRule:
        """Return what is said of a source; without a word about it, the defaults."""
        return self.sources.get(name, SourceRule(name))

"""The columns that features read, and how they cross as Arrow."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from riskscore.asof.columns import expressions
from riskscore.definitions.feature import Family
from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import TableSchema

if TYPE_CHECKING:
    import pyarrow as pa

_CLOCKS = ("date", "valid_from", "known_on", "replaces")


def read_by(families: Iterable[Family]) -> set[str]:
    """Return the names of all columns that the families read, whatever the table."""
    read: set[str] = set()
    for feature in (f for family in families for f in family.features):
        read |= {name for level in feature.peers for name in level}
        for expression in expressions(feature).values():
            read |= {*expression.columns, *(column for _, column in expression.parents)}
    return read


def kept(schema: TableSchema, read: Collection[str]) -> tuple[str, ...]:
    """Return the columns of a table that are among those read, and what they cannot be read without."""
    wanted = _wanted(schema, read)
    clocks = {c.clock for c in schema.columns if c.name in wanted and c.clock}
    return tuple(name for name in schema.names if name in wanted | clocks | {schema.id, *_CLOCKS})


def _wanted(schema: TableSchema, read: Collection[str]) -> set[str]:
    return {c.name for c in schema.columns if c.name in read or c.refers}


def lean(records: Records, read: Collection[str]) -> Records:
    """Return the records with the columns that are read, and texts among them as categories.

    A category keeps its words in every partition, so that codes of groups and categories of columns are those of all
    records. Names and other texts that no feature reads travel nowhere.
    """
    tables = {}
    for name, table in records.tables.items():
        frame = table.frame[list(kept(table.schema, read))]
        wanted = _wanted(table.schema, read)
        texts = {c.name: "category" for c in table.schema.columns if c.type == "text" and c.name in wanted}
        tables[name] = replace(table, frame=frame.astype(texts), origin=None)
    return Records(tables, records.source)


def without_rows(records: Records) -> Records:
    """Return the same tables, empty: what a partition must know of them beforehand."""
    return Records({name: replace(t, frame=t.frame.iloc[:0]) for name, t in records.tables.items()}, records.source)


def as_arrow(table: RecordTable) -> pa.Table:
    """Return the frame as Arrow; a reference as plain text, because a partition needs few of its words."""
    import pyarrow as pa

    frame = table.frame
    plain = {c.name: frame[c.name].astype("str") for c in table.schema.columns if c.refers and c.name in frame}
    return pa.Table.from_pandas(frame.assign(**plain), preserve_index=False)


def filled(table: RecordTable, rows: pa.Table | None) -> RecordTable:
    """Return the table with rows that crossed as Arrow."""
    if rows is None:
        return table
    frame = rows.to_pandas()
    references = {c.name: "category" for c in table.schema.columns if c.refers and c.name in frame}
    return replace(table, frame=frame.astype(references))

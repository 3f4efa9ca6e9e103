"""Parquet files and folders, read a piece at a time, so that what unpacks to more than the limits is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from riskscore.errors import RecordsError
from riskscore.limits import CELLS, COLUMNS, PARQUET, within
from riskscore.records.mapping import SourceRule
from riskscore.records.private import split_private
from riskscore.records.source_table import SourceTable

_ROWS = 1 << 16  # read at a time


def read_parquet_file(path: Path, rule: SourceRule) -> SourceTable:
    """Read a Parquet file, or a folder of them cut by ``key=value``.

    Raises
    ------
    RecordsError
        It cannot be read, or holds more than `riskscore.limits` allows.
    """
    import pyarrow as pa
    from pyarrow import dataset

    try:
        found: Any = dataset.dataset(path, format="parquet", partitioning="hive")
        within(len(found.schema.names), COLUMNS, "columns", where=path.name, error=RecordsError)
        wanted, private = split_private(found.schema.names, rule.private)
        _declared(found, len(wanted), path.name)
        data = _rows(found, wanted, path.name)
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError):
        raise RecordsError("is no Parquet file that can be read.", where=path.name, next="Write it again.") from None
    return SourceTable(data, ((path.name, 0, 1),), rule.decimal or ".", private)


def _declared(found: Any, columns: int, name: str) -> None:
    """Refuse by what the files say of themselves, and by what their repeated words would take when written out."""
    import pyarrow.parquet as pq

    rows = size = 0
    for fragment in found.get_fragments():
        footer = fragment.metadata
        rows += footer.num_rows
        within(rows * columns, CELLS, "cells", where=name, error=RecordsError)
        size += sum(footer.row_group(i).total_byte_size for i in range(footer.num_row_groups))
        within(size, PARQUET, "bytes when unpacked", where=name, error=RecordsError)
    spelt = 0
    for fragment in found.get_fragments():
        with pq.ParquetFile(fragment.path) as plain:
            texts = [field.name for field in plain.schema_arrow if _is_text(field.type)]
        with pq.ParquetFile(fragment.path, read_dictionary=texts) as file:
            for batch in file.iter_batches(_ROWS, columns=texts) if texts else ():
                spelt += sum(_spelt(column) for column in batch.columns)
                within(spelt, PARQUET, "bytes when unpacked", where=name, error=RecordsError)


def _spelt(column: Any) -> int:
    """Return how long the texts of a column are when each row has its own; a word may be long and stand in many."""
    import pyarrow.compute as pc

    lengths = pc.binary_length(column.dictionary)
    return pc.sum(pc.take(lengths, column.indices).cast("int64")).as_py() or 0


def _is_text(type: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(type) or pa.types.is_binary(type))


def _rows(found: Any, wanted: list[str], name: str) -> Any:
    import pyarrow as pa

    size, batches = 0, []
    for batch in found.to_batches(columns=wanted, batch_size=_ROWS, batch_readahead=2, fragment_readahead=1):
        size += batch.nbytes
        within(size, PARQUET, "bytes when unpacked", where=name, error=RecordsError)
        batches.append(batch)
    schema = pa.schema([found.schema.field(n) for n in wanted])
    return pa.Table.from_batches(batches, schema)

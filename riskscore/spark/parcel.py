"""What travels to a partition: its rows of every table, its rows of the cohort, as Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from riskscore.cohorts import Cohort
from riskscore.history.windows import Ints
from riskscore.parcels.lean import as_arrow, filled
from riskscore.records.model import Records
from riskscore.spark.route import Routes

if TYPE_CHECKING:
    import pyarrow as pa

COHORT = ""  # stands where a table's name would
CHUNK = 16 << 20  # bytes: Spark holds a cell whole, so a table travels in cells of this size


def parcels(
    records: Records, cohort: Cohort, marks: NDArray[np.int8], found: Routes, partitions: int
) -> Iterator[pa.RecordBatch]:
    """Yield one batch a partition and table: partition, table, chunk, data."""
    import pyarrow as pa

    tables = {name: as_arrow(table) for name, table in records.tables.items()}
    tables[COHORT] = pa.table({
        "row": np.arange(cohort.as_of.size), "entity": pa.array(cohort.entity, pa.large_string()),
        "as_of": cohort.as_of, "mark": marks,
    })  # fmt: skip
    whose = {name: (pairs.thing, pairs.partition) for name, pairs in found.rows.items()}
    whose[COHORT] = (np.arange(cohort.as_of.size), found.home)
    for name in sorted(tables):
        rows, partition = whose[name]
        order = np.argsort(partition, kind="stable")  # a partition's rows stay in the order of the records
        bounds = np.searchsorted(partition[order], np.arange(partitions + 1))
        for p in range(partitions):
            mine = rows[order[bounds[p] : bounds[p + 1]]]
            if mine.size:
                yield _batch(p, name, tables[name].take(pa.array(mine)))


@dataclass(frozen=True)
class Parcel:
    """One partition, unpacked: its records, its cohort, the rows of the whole cohort that these are, their marks."""

    records: Records
    cohort: Cohort
    rows: Ints
    marks: NDArray[np.int8]


def unpack(batches: Iterable[pa.RecordBatch], empty: Records, kind: str) -> Iterator[Parcel]:
    """Yield the partitions that some batches hold, in the order of their numbers; chunks may come in any order."""
    import pyarrow as pa

    cells: dict[int, dict[str, dict[int, bytes]]] = {}
    for batch in batches:
        for cell in batch.to_pylist():
            cells.setdefault(cell["partition"], {}).setdefault(cell["table"], {})[cell["chunk"]] = cell["data"]
    for partition in sorted(cells):
        held = {}
        for name, chunks in cells.pop(partition).items():
            held[name] = pa.ipc.open_stream(b"".join(chunks[i] for i in sorted(chunks))).read_all()
        if COHORT not in held:
            continue
        asked = held.pop(COHORT)
        entity = asked["entity"].to_numpy(zero_copy_only=False)
        cohort = Cohort(kind, entity.astype(object), asked["as_of"].to_numpy())
        tables = {name: filled(table, held.get(name)) for name, table in empty.tables.items()}
        yield Parcel(Records(tables, empty.source), cohort, asked["row"].to_numpy(), asked["mark"].to_numpy())


def _batch(partition: int, name: str, rows: pa.Table) -> pa.RecordBatch:
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as out:
        out.write_table(rows.combine_chunks())
    data = sink.getvalue().to_pybytes()
    pieces = [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)]
    return pa.RecordBatch.from_pydict({
        "partition": pa.array([partition] * len(pieces), pa.int32()), "table": [name] * len(pieces),
        "chunk": pa.array(range(len(pieces)), pa.int32()), "data": pa.array(pieces, pa.binary()),
    })  # fmt: skip

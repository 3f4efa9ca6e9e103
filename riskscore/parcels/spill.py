"""Rows of one table on disk, by partition: written in the order in which they come, read a partition at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from riskscore.parcels.pairs import Pairs

if TYPE_CHECKING:
    import pyarrow as pa

BUFFER = 32 << 20  # bytes of rows that are gathered before they are written
COUNTED = ""  # the column that says in which partition a row is counted: its first, if it is in several


class Spill:
    """Files of one table, each with one batch of rows for each partition."""

    def __init__(self, folder: Path, partitions: int) -> None:
        folder.mkdir()
        self.folder, self.partitions = folder, partitions
        self.rows = 0
        self._files: list[Path] = []
        self._held: list[tuple[pa.Table, np.ndarray[tuple[int], np.dtype[np.int64]]]] = []
        self._bytes = 0

    def add(self, rows: pa.Table, where: Pairs) -> None:
        """Take the pairs (row, partition) of some rows."""
        import pyarrow as pa

        row = where.thing
        if not row.size:
            return
        counted = np.append(True, row[1:] != row[:-1])
        sent = rows.take(pa.array(row)).append_column(COUNTED, pa.array(counted))
        self._held.append((sent, where.partition))
        self._bytes += sent.nbytes
        self.rows += row.size
        if self._bytes > BUFFER:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        import pyarrow as pa

        if not self._held:
            return
        rows = pa.concat_tables([table for table, _ in self._held])
        partition = np.concatenate([p for _, p in self._held])
        self._held, self._bytes = [], 0
        order = np.argsort(partition, kind="stable")
        bounds = np.searchsorted(partition[order], np.arange(self.partitions + 1))
        path = self.folder / f"{len(self._files)}.arrow"
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, rows.schema, options=options) as out:
            for p in range(self.partitions):
                mine = rows.take(pa.array(order[bounds[p] : bounds[p + 1]])).combine_chunks().to_batches()
                out.write_batch(mine[0] if mine else pa.RecordBatch.from_pylist([], rows.schema))
        self._files.append(path)

    def read(self, partition: int) -> pa.Table | None:
        """Return the rows of a partition, None where the table has none anywhere."""
        import pyarrow as pa

        found = []
        for path in self._files:
            with pa.OSFile(str(path)) as file:
                found.append(pa.ipc.open_file(file).get_batch(partition))
        return pa.Table.from_batches(found) if found else None

"""A hash of each table's content that does not depend on the order of rows, the platform or the Python version."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import to_days
from riskscore.records.model import Records, RecordTable
from riskscore.side_by_side import side_by_side

_BLOCK = 1 << 19  # rows whose texts are hashed at a time: their bytes need 24 times their size
_BASE = np.uint64(0x9E3779B97F4A7C15)


def fingerprint(records: Records) -> dict[str, str]:
    """Return the SHA-256 of each table's content.

    Rows are put in an order that follows from their content alone, then the bytes of all columns are hashed, column
    names, types, clocks, ``covers_from`` and ``as_of_now`` included. Columns that the source does not have count as
    missing, so a column that is all missing and one that is absent are the same.

    Examples
    --------
    >>> fingerprint(Records({}))
    {}
    """
    names = sorted(records.tables)
    return dict(zip(names, side_by_side(lambda name: _table(records[name]), names), strict=True))


def _table(table: RecordTable) -> str:
    digest = hashlib.sha256(f"{table.schema.name}|{table.covers_from}|{table.as_of_now}|{len(table.frame)}".encode())
    columns = {c.name: _encoded(table.frame[c.name], c.type) for c in table.schema.columns}
    key = np.zeros(len(table.frame), dtype=np.uint64)
    for name in sorted(columns):
        codes, words = columns[name]
        values = codes.view(np.uint64) if words is None else np.append(text_hashes(words), np.uint64(0))[codes]
        key = _mixed(key * np.uint64(31) + values)
    order = np.argsort(key, kind="stable")
    for column in sorted(table.schema.columns, key=lambda c: c.name):
        codes, words = columns[column.name]
        digest.update(f"|{column.name}|{column.type}|{column.clock}|".encode())
        if words is not None:
            lengths, data = _bytes_of(words)
            digest.update(lengths.astype("<i8", copy=False).tobytes())
            digest.update(data.tobytes())
        digest.update(codes[order].astype("<i8", copy=False).tobytes())
    return digest.hexdigest()


def _encoded(column: pd.Series[Any], type: str) -> tuple[NDArray[np.int64], Any]:
    """Return a column as 64-bit integers; texts as codes into their sorted list (an Arrow array)."""
    if type == "date":
        return np.asarray(to_days(column), dtype=np.int64), None
    if type in ("integer", "flag"):
        return np.asarray(column.astype("Int64").fillna(np.iinfo(np.int64).min), dtype=np.int64), None
    if type in ("number", "money"):
        values = column.to_numpy(dtype=np.float64) + 0.0  # -0.0 and 0.0 are one number, and so are all NaN
        return np.asarray(np.where(np.isnan(values), np.nan, values), dtype=np.float64).view(np.int64), None
    import pyarrow as pa
    import pyarrow.compute as pc

    if str(column.dtype) == "category":
        kept = column.cat.remove_unused_categories().cat
        words, codes = pa.array(kept.categories.to_numpy(dtype=object), type=pa.large_string()), kept.codes.to_numpy()
    else:
        found = pa.array(column, type=pa.large_string(), from_pandas=True)
        found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
        coded = found.dictionary_encode()
        words, codes = coded.dictionary, coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    order = pc.sort_indices(words).to_numpy().astype(np.int64)  # by the bytes of UTF-8
    rank = np.empty(len(order) + 1, dtype=np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = -1
    return rank[codes], words.take(pa.array(order))


def _bytes_of(words: Any) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Return the length of each text in bytes, and the bytes of all."""
    _, ends, data = words.buffers()
    at = np.frombuffer(ends, dtype=np.int64)[words.offset : words.offset + len(words) + 1]
    if not len(words) or data is None:
        return np.zeros(len(words), dtype=np.int64), np.array([], dtype=np.uint8)
    return np.diff(at), np.frombuffer(data, dtype=np.uint8)[at[0] : at[-1]]


def text_hashes(words: Any) -> NDArray[np.uint64]:
    """Return a 64-bit polynomial hash of each text, a block at a time; it orders rows, SHA-256 vouches for them."""
    found = [_block_hashes(words.slice(k, _BLOCK)) for k in range(0, len(words), _BLOCK)]
    return np.concatenate(found) if found else np.array([], dtype=np.uint64)


def _block_hashes(words: Any) -> NDArray[np.uint64]:
    lengths, data = _bytes_of(words)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    # a power of an odd number has an inverse modulo 2**64, so that the place of a text in the block falls away
    powers = np.cumprod(np.full(len(data), _BASE), dtype=np.uint64)
    inverse = np.cumprod(np.full(len(data), np.uint64(pow(int(_BASE), -1, 2**64))), dtype=np.uint64)
    sums = np.r_[np.uint64(0), np.cumsum((data.astype(np.uint64) + np.uint64(1)) * powers, dtype=np.uint64)]
    shift = np.r_[np.uint64(1), inverse][starts]
    return _mixed((sums[ends] - sums[starts]) * shift + lengths.astype(np.uint64))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return splitmix64 of each value."""
    z = values + _BASE
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))

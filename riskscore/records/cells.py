"""The cells of one source column turned into one canonical type; what does not fit is marked, never guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import MISSING, Days, to_dates
from riskscore.records.schema import ColumnType
from riskscore.records.written_dates import parse_dates

NULLS = ("", "NULL", "null", "None", "NaN", "nan", "N/A", "n/a", "#N/A", "NaT", "<NA>")
_TRUE = ("true", "yes", "y", "t", "1", "bəli", "hə", "да", "evet")
_FALSE = ("false", "no", "n", "f", "0", "xeyr", "yox", "нет", "hayır")

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Words:
    """A column as codes into its different texts: what repeats is converted once.

    Parameters
    ----------
    codes : int array, shape (n,)
        -1 is missing.
    words : pyarrow string array
        Different texts, trimmed, none of them empty.
    """

    codes: NDArray[np.int64]
    words: Any

    def at(self, positions: NDArray[np.int64]) -> list[str]:
        """Return the texts at some rows."""
        return ["" if k < 0 else self.words[int(k)].as_py() for k in self.codes[positions]]

    def whole(self) -> Any:
        """Return one text per row, as an Arrow array."""
        import pyarrow as pa

        return self.words.take(pa.array(self.codes, mask=self.codes < 0))

    def spread(self, per_word: NDArray[Any], missing: Any) -> NDArray[Any]:
        """Return one value per row from one value per word."""
        found: NDArray[Any] = np.append(per_word, np.array([missing], dtype=per_word.dtype))[self.codes]
        return found

    def changed(self, change: Callable[[str], str]) -> Words:
        """Return the column with every different text changed (two may become one)."""
        codes, words = pd.factorize(np.array([change(w) for w in self.words.to_pylist()], dtype=object))
        return _words_of(self.spread(codes.astype(np.int64), -1), words)


@dataclass(frozen=True)
class Cells:
    """A converted column, and where a value was seen that does not fit (the cell is missing there)."""

    values: Any  # Series or extension array
    bad: Mask
    why: str = ""
    ambiguous: bool = False  # dates that could as well be month first


def as_words(column: Any, nulls: Sequence[str] = ()) -> Words:
    """Return any Arrow column as texts: numbers without a needless ``.0``, dates as ``2024-01-31``."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_null(kind):
        return Words(np.full(len(column), -1, dtype=np.int64), pa.array([], type=pa.string()))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        column = pc.round(column.cast(pa.float64()), 12)
        try:
            column = column.cast(pa.int64())
        except pa.ArrowInvalid:
            column = column.cast(pa.string())
    elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        column = _local(column).cast(pa.date32())
    elif pa.types.is_binary(kind) or pa.types.is_nested(kind):
        return Words(np.full(len(column), -1, dtype=np.int64), pa.array([], type=pa.string()))
    encoded = pc.dictionary_encode(column)
    encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
    if isinstance(encoded, pa.ChunkedArray):  # no chunk at all
        encoded = pa.array([], type=pa.string()).dictionary_encode()
    words = pc.utf8_trim_whitespace(encoded.dictionary.cast(pa.string()))
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    missing = pc.is_in(words, pa.array([*NULLS, *nulls], type=pa.string())).to_numpy(zero_copy_only=False)
    again = words.dictionary_encode()  # trimming may have made two words one
    renumber = again.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    renumber[missing] = -1
    kept, packed = np.unique(renumber[renumber >= 0], return_inverse=True)
    renumber[renumber >= 0] = packed
    return Words(np.append(renumber, -1)[codes], again.dictionary.take(pa.array(kept)))


def constant(value: str, rows: int) -> Words:
    """Return one text for every row."""
    return _words_of(np.zeros(rows, dtype=np.int64), [value])


def joined(columns: Sequence[Words], separator: str, number: bool) -> Words:
    """Return composed ids; missing where any part is. ``number`` tells equal ones apart by ``-2``, ``-3``, ..."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = [c.whole() for c in columns]
    ids = as_words(pc.binary_join_element_wise(*parts, separator) if len(parts) > 1 else parts[0])
    if not number:
        return ids
    order = np.argsort(ids.codes, kind="stable")
    ordered = ids.codes[order]
    first = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.array([], dtype=np.int64)
    turn = np.empty(len(ordered), dtype=np.int64)
    turn[order] = np.arange(len(ordered)) - np.repeat(first, np.diff(np.r_[first, len(ordered)]))
    plain = ids.whole()
    told = pc.binary_join_element_wise(plain, pa.array(turn + 1).cast(pa.string()), "-")
    return as_words(pc.if_else(pa.array(turn > 0), told, plain))


def texts(words: Words) -> pd.Series[Any]:
    """Return a ``str`` column."""
    found: pd.Series[Any] = words.whole().to_pandas()
    return found.astype("str")


def categories(words: Words) -> pd.Categorical:
    """Return a categorical column; its categories are sorted and each is used."""
    import pyarrow.compute as pc

    order = pc.sort_indices(words.words).to_numpy()
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    names = pd.Index(words.words.take(pc.sort_indices(words.words)).to_pandas().astype("str"))
    return pd.Categorical.from_codes(words.spread(rank, -1), categories=names)


def numbers(column: Any, words: Words | None, decimal: str) -> tuple[NDArray[np.float64], Mask]:
    """Return numbers (NaN where missing) and where a text is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if words is None:
        values = column.cast(pa.float64()).to_numpy().astype(np.float64)
        return values, np.isinf(values)
    clean = pc.replace_substring_regex(words.words, r"[\s\x{00a0}\x{202f}']", "")
    other = "." if decimal == "," else ","
    mark, cut = re.escape(decimal), re.escape(other)
    good = pc.match_substring_regex(
        clean, rf"^[+-]?(\d+|\d{{1,3}}({cut}\d{{3}})+|)({mark}\d*)?([eE][+-]?\d+)?$"
    ).to_numpy(zero_copy_only=False) & pc.match_substring_regex(clean, r"\d").to_numpy(zero_copy_only=False)
    clean = pc.replace_substring(pc.replace_substring(clean, other, ""), decimal, ".")
    clean = pc.replace_substring_regex(clean, r"^\+", "")
    parsed = pc.if_else(pa.array(good, type=pa.bool_()), clean, pa.scalar(None, type=pa.string())).cast(pa.float64())
    per_word = parsed.to_numpy(zero_copy_only=False).astype(np.float64)
    good &= np.isfinite(per_word)
    per_word[~good] = np.nan
    return words.spread(per_word, np.nan), words.spread(~good, False)


def converted(
    column: Any, words: Words | None, type: ColumnType, *, decimal: str, format: str | None, times: float | None,
    epoch: int, reference: bool,
) -> Cells:  # fmt: skip
    """Convert one column.

    Parameters
    ----------
    column : pyarrow ChunkedArray
        Used where it is typed and no value map changed it.
    words : Words or None
        Its texts, or None where ``column`` is typed and serves as it is.
    type : str
        The canonical type.
    reference : bool
        An id of another table: becomes a category.
    """
    n = len(column) if words is None else len(words.codes)
    fine = np.zeros(n, dtype=bool)
    if type in ("integer", "number", "money"):
        values, bad = numbers(column, words, decimal)
        if times is not None:
            values = values * times
        if type == "money":
            values = np.round(values, 2)
        if type != "integer":
            return Cells(values, bad, "is no number" if words is not None else "is no finite number")
        with np.errstate(invalid="ignore"):
            broken = ~np.isnan(values) & ((values != np.floor(values)) | (np.abs(values) > 2**53))
        values = np.where(broken, np.nan, values)
        whole = pd.array(np.nan_to_num(values).astype(np.int64), dtype="Int64")
        whole[np.isnan(values)] = pd.NA
        return Cells(whole, bad | broken, "is no whole number")
    if type == "date":
        days, bad, ambiguous = _dates(column, words, format, epoch)
        return Cells(to_dates(days), bad, "is no date", ambiguous)
    assert words is not None
    if type == "flag":
        folded = [w.casefold() for w in words.words.to_pylist()]
        per_word = np.array([1 if w in _TRUE else 0 if w in _FALSE else -1 for w in folded], dtype=np.int8)
        truth = words.spread(per_word, -1)
        return Cells(
            pd.arrays.BooleanArray(truth == 1, truth < 0), (truth < 0) & (words.codes >= 0), "is neither yes nor no"
        )
    return Cells(categories(words) if reference or type == "category" else texts(words), fine)


def _dates(column: Any, words: Words | None, format: str | None, epoch: int) -> tuple[Days, Mask, bool]:
    import pyarrow as pa
    import pyarrow.compute as pc

    if words is None and (pa.types.is_date(column.type) or pa.types.is_timestamp(column.type)):
        whole = _local(column).cast(pa.date32()).cast(pa.int32())
        days = pc.fill_null(whole, int(MISSING)).to_numpy().astype(np.int32)
    elif words is None:
        days, seen = serial_days(column.cast(pa.float64()).to_numpy(), epoch)
        bad = seen & (days == MISSING)
        return days, bad, False
    elif format == "excel":
        per_word = pc.cast(
            pc.if_else(
                pc.match_substring_regex(words.words, r"^\d+(\.\d+)?$"), words.words, pa.scalar(None, pa.string())
            ),
            pa.float64(),
        ).to_numpy(zero_copy_only=False)
        days = words.spread(serial_days(per_word, epoch)[0], MISSING)
        return days, (words.codes >= 0) & (days == MISSING), False
    else:
        found = parse_dates(words.words.to_pandas().astype("str"), format)
        days = words.spread(found.days, MISSING)
        return days, (words.codes >= 0) & (days == MISSING), found.ambiguous
    bad = (days != MISSING) & ((days < -25567) | (days >= 84006))  # before 1900 or from 2200 on
    return np.where(bad, MISSING, days).astype(np.int32), bad, False


def serial_days(values: NDArray[Any], epoch: int) -> tuple[Days, Mask]:
    """Return the days of Excel's serial numbers, and where there is a number; ``MISSING`` where it is no plausible day.

    Examples
    --------
    >>> serial_days(np.array([45292.0, np.nan, 12.0]), -25569)[0].tolist() == [19723, int(MISSING), int(MISSING)]
    True
    """
    values = np.asarray(values, dtype=np.float64)
    seen = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        plausible = seen & (values >= 3653) & (values < 109575)  # 1910 to 2199: small numbers are counts, not days
    return np.where(plausible, np.floor(np.where(plausible, values, 0)) + epoch, MISSING).astype(np.int32), seen


def is_typed(column: Any, type: ColumnType) -> bool:
    """Say whether a column's own type serves the canonical one without going through text."""
    import pyarrow as pa

    kind = column.type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if type in ("integer", "number", "money"):
        return bool(numeric)
    if type == "date":
        return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_floating(kind))
    return False


def _local(column: Any) -> Any:
    """Return timestamps by the clock on the wall where they were written."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.local_timestamp(column) if pa.types.is_timestamp(column.type) and column.type.tz else column


def _words_of(codes: NDArray[np.int64], words: Any) -> Words:
    import pyarrow as pa

    return Words(codes, pa.array(list(words), type=pa.string()))

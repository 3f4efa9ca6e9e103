"""A table as the engine sees it: day numbers, columns as values, and from when to when each row holds."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import FOREVER, MISSING, Days, to_days
from riskscore.definitions.grammar import Values
from riskscore.history.windows import Ints, Positions
from riskscore.records.model import RecordTable

ALWAYS = np.int32(MISSING + 1)  # known, or valid, since before any date


class TableView:
    """One table with its clocks as numbers; columns are converted when first asked for."""

    def __init__(self, table: RecordTable) -> None:
        self.table, self.schema, self.frame = table, table.schema, table.frame
        self.n = len(table.frame)
        self._values: dict[str, Values] = {}

    def has(self, column: str) -> bool:
        """Say whether the source really has the column."""
        return column in self.table.present

    @cached_property
    def date(self) -> Days:
        """Day of the event, or the day from which the version of an entity holds."""
        days = to_days(self.frame["date" if self.schema.kind == "event" else "valid_from"])
        return days if self.schema.kind == "event" else np.where(days == MISSING, ALWAYS, days)

    @cached_property
    def start(self) -> Days:
        """Day on which the row became known; a register as of now counts as always known."""
        if self.table.as_of_now:
            return np.full(self.n, ALWAYS, dtype=np.int32)
        known = to_days(self.frame["known_on"])
        return np.where(known == MISSING, FOREVER, known).astype(np.int32)

    @cached_property
    def ids(self) -> NDArray[Any]:
        """The row's own id, as text."""
        return self.frame[self.schema.id].to_numpy(dtype=object)

    @cached_property
    def _replaced(self) -> tuple[Ints, Ints]:
        """Rows that correct another, and the rows they correct."""
        wanted = self.frame["replaces"]
        rows = np.flatnonzero(wanted.notna().to_numpy())
        if not rows.size:
            return rows, rows
        # The few corrected ids are looked up, and the many rows only asked: the first row of an id is the one meant.
        names, target = np.unique(wanted.iloc[rows].to_numpy(dtype=object).astype(str), return_inverse=True)
        asked = places(self.frame[self.schema.id].astype("str"), names)
        named = np.flatnonzero(asked >= 0)
        first = np.full(names.size, -1)
        first[asked[named][::-1]] = named[::-1]
        there = first[target] >= 0
        return rows[there], first[target][there]

    @cached_property
    def until(self) -> Days | None:
        """Last day on which the row is seen: the day its correction became known; None if nothing is corrected."""
        rows, targets = self._replaced
        if not rows.size:
            return None
        until = np.full(self.n, FOREVER, dtype=np.int32)
        np.minimum.at(until, targets, self.start[rows])
        return until

    @cached_property
    def root(self) -> Ints:
        """The first row of the chain of corrections that each row belongs to."""
        root = np.arange(self.n)
        rows, targets = self._replaced
        root[rows] = targets
        for _ in range(64):
            further = root[root]
            if np.array_equal(further, root):
                break
            root = further
        return root

    def values(self, column: str) -> Values:
        """Return a column as values of the definitions' language."""
        if column not in self._values:
            self._values[column] = _as_values(self.frame[column], self.schema.column(column).type)
        return self._values[column]

    def tie(self, rows: Positions) -> Ints:
        """Return integers that order rows of one day by their id."""
        _, rank = np.unique(self.ids[rows].astype(str), return_inverse=True)
        return rank


def _as_values(column: pd.Series[Any], type: str) -> Values:
    if type == "date":
        return Values("day", to_days(column))
    if type == "flag":
        return Values("truth", column.astype("boolean").astype("Int8").fillna(-1).to_numpy(dtype=np.int8))
    if type in ("integer", "number", "money"):
        return Values("number", column.to_numpy(dtype=np.float64, na_value=np.nan))
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("category")
    words = column.cat.categories.to_numpy(dtype=object)
    return Values("text", column.cat.codes.to_numpy().astype(np.int32), tuple(words))


def take(values: Values, at: Ints) -> Values:
    """Return the values at the positions; null where a position is -1."""
    if not values.data.size:
        return Values(values.kind, np.full(at.shape, null_of(values), dtype=values.data.dtype), values.words)
    data = values.data[at]
    gone = at < 0
    if gone.any():
        data[gone] = null_of(values)
    return Values(values.kind, data, values.words)


def positions(values: Values, ids: pd.Index[str]) -> NDArray[np.int32]:
    """Return the position of each reference among the ids, -1 where it is not there."""
    found: NDArray[np.int32] = np.append(places(values.words, ids), -1).astype(np.int32)
    return np.asarray(found[values.data], dtype=np.int32)


def places(words: Any, ids: Any) -> NDArray[np.int32]:
    """Return the position of each text among different texts, -1 where it is not there."""
    import pyarrow.compute as pc

    found = pc.index_in(_texts(words), value_set=_texts(ids))
    return np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False), dtype=np.int32)


def _texts(words: Any) -> Any:
    """Return texts as Arrow's: of these it finds a million in a third of the time that pandas takes."""
    import pyarrow as pa

    return words if isinstance(words, pa.Array) else pa.array(words, pa.large_string())


class Ids:
    """Different ids that references are coded into; each set of words, of which tables share many, is sought once.

    Parameters
    ----------
    index : Index of n different texts
    within : Ids, optional
        Those of the register, of which these are some: they may know the words already.
    """

    def __init__(self, index: pd.Index[str], within: Ids | None = None) -> None:
        self.index, self._within = index, within
        self._found: dict[int, tuple[object, NDArray[np.int32]]] = {}

    @cached_property
    def _told(self) -> Any:
        return _texts(self.index)

    @cached_property
    def among(self) -> NDArray[np.int32]:
        """The place of each id among those of the register, -1 where it is not there."""
        assert self._within is not None
        return self._within.places(self.index)

    @cached_property
    def _by_register(self) -> NDArray[np.int32] | None:
        """The position of each id of the register among these, -1 last; None where the register lacks one of these."""
        if self._within is None or (self.among < 0).any():
            return None
        found = np.full(len(self._within.index) + 1, -1, dtype=np.int32)
        found[self.among] = np.arange(len(self.index), dtype=np.int32)
        return found

    def places(self, words: Any) -> NDArray[np.int32]:
        """Return the position of each text among the ids, -1 where it is not there."""
        return places(words, self._told)

    def codes(self, values: Values) -> NDArray[np.int32]:
        """Return the position of each reference among the ids, -1 where it is not there."""
        return np.asarray(self._of_words(values)[values.data], dtype=np.int32)

    def _of_words(self, values: Values) -> NDArray[np.int32]:
        """Return the position of each word, and -1 for none."""
        key = id(values.words)
        if key not in self._found:  # the words are kept with what was found, so that their number stays theirs
            if self._within is None or self._by_register is None:
                found = np.append(self.places(values.words), -1).astype(np.int32)
            else:
                found = self._by_register[self._within._of_words(values)]
            self._found[key] = values.words, found
        return self._found[key][1]


def null_of(values: Values) -> float | int:
    """Return what stands for null in this kind of values."""
    return np.nan if values.kind == "number" else int(MISSING) if values.kind == "day" else -1

"""Features per partition: the same kernel on the rows that a partition needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.columns import columns_of
from riskscore.asof.engine import Engine, blocks
from riskscore.asof.matrix import FeatureMatrix
from riskscore.asof.peers import GroupTotals, group_totals
from riskscore.cohorts import Cohort
from riskscore.definitions.feature import Family
from riskscore.explanation.reasons import explained
from riskscore.learn.fit import Model
from riskscore.parcels.lean import lean, read_by, without_rows
from riskscore.records.model import Records
from riskscore.spark.parcel import Parcel, parcels, unpack
from riskscore.spark.route import routes
from riskscore.spark.session import quiet

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame, SparkSession

ROWS = 250_000  # rows of the cohort in a partition, where Spark has no more tasks than that asks for
PIECE = 32 << 20  # bytes: what the driver hands over at once; a task may not exceed Spark's 128 MiB
BATCH = 10_000  # rows that a worker hands back at once
NO_OUTCOME = -1


@dataclass(frozen=True)
class Kernel:
    """What every partition must know beside its own rows.

    ``empty`` holds the tables without rows (schemas, coverage, words of the categories), ``totals`` the groups' totals
    of all records, ``model`` whatever is to score the rows.
    """

    empty: Records
    families: tuple[Family, ...]
    kind: str
    totals: GroupTotals
    model: Model | None = None

    def template(self) -> FeatureMatrix:
        """Return the matrix of nobody: the columns with their types and categories."""
        nobody = Cohort(self.kind, np.array([], dtype=object), np.array([], dtype=np.int32))
        return build(self.empty, self.families, nobody, totals=self.totals)

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """Yield the features, and with a model the margins and SHAP values, of the partitions that were sent."""
        for parcel in unpack(batches, self.empty, self.kind):
            yield from self._rows(parcel)

    def _rows(self, parcel: Parcel) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        matrix = build(parcel.records, self.families, parcel.cohort, totals=self.totals)
        columns: dict[str, Any] = {"row": pa.array(parcel.rows), "mark": pa.array(parcel.marks)}
        for i, (_, column) in enumerate(matrix.frame.items()):
            columns[f"c{i}"] = _cells(column)
        if self.model is not None:
            margin, values = explained(self.model, matrix)
            columns["margin"] = pa.array(margin)
            offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
            columns["parts"] = pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()))
        table = pa.table(columns)
        for rows in blocks(table.num_rows, BATCH):
            yield from table.slice(rows.start, rows.stop - rows.start).combine_chunks().to_batches()


@dataclass(frozen=True)
class FeatureTable:
    """Features on Spark: ``frame`` has row (place in the cohort), mark, c0, c1, ... in the order of the template.

    With a model it has margin and parts (SHAP values, the base value last) too.
    """

    frame: DataFrame
    template: FeatureMatrix
    cohort: Cohort

    def matrix(self, found: pa.Table) -> FeatureMatrix:
        """Return collected rows, sorted by ``row``, as the matrix that one machine would have made."""
        rows = found["row"].to_numpy()
        columns = {
            name: _column(found[f"c{i}"], self.template.frame[name]) for i, name in enumerate(self.template.frame)
        }
        frame = pd.DataFrame(columns, index=self.cohort.pick(rows).index, copy=False)
        return FeatureMatrix(frame, self.template.columns)


def feature_table(
    session: SparkSession,
    records: Records,
    families: Iterable[Family],
    cohort: Cohort,
    *,
    model: Model | None = None,
    marks: NDArray[np.int8] | None = None,
    partitions: int | None = None,
) -> FeatureTable:
    """Return the features of a cohort as a table on Spark; nothing is computed before the table is used.

    Parameters
    ----------
    session : SparkSession
    records : Records
        Held by the driver, which sends each partition the rows that it needs.
    families : families of features
    cohort : Cohort
    model : Model, optional
        Scores and explains every row where it is.
    marks : int8 array, shape (n,), optional
        A number that travels with each row of the cohort (0 or 1: its outcome in training).
    partitions : int, optional
        Changes no value. Default: Spark's parallelism, more where a partition would exceed 250,000 rows.
    """
    families = tuple(families)
    parts = partitions or max(session.sparkContext.defaultParallelism, ceil(cohort.as_of.size / ROWS), 1)
    needed = lean(records, read_by(families))
    columns = columns_of(families, cohort.kind, needed).values()
    totals = group_totals(Engine(needed, cohort), columns, np.unique(cohort.as_of))
    kernel = Kernel(without_rows(needed), families, cohort.kind, totals, model)
    template = kernel.template()
    found = routes(needed, cohort, parts, any(c.key == "network" and not c.absent for c in columns))
    marks = np.full(cohort.as_of.shape, NO_OUTCOME, dtype=np.int8) if marks is None else marks
    sent = _sent(session, parcels(needed, cohort, marks, found, parts))
    kinds = ["string" if isinstance(t, pd.CategoricalDtype) else "double" for t in template.frame.dtypes]
    fields = ["row long", "mark byte", *(f"c{i} {kind}" for i, kind in enumerate(kinds))]
    if model is not None:
        fields += ["margin double", "parts array<double>"]
    run: Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]] = lambda batches: kernel(batches)  # noqa: E731
    with quiet():
        frame = sent.repartitionById(parts, "partition").mapInArrow(run, ", ".join(fields))
    return FeatureTable(frame, template, cohort)


def collected(frame: DataFrame) -> pa.Table:
    """Return a table of Spark's on the driver, by ``row``."""
    with quiet():
        return frame.toArrow().sort_by("row")


def _sent(session: SparkSession, batches: Iterable[pa.RecordBatch]) -> DataFrame:
    """Return the batches as one table on Spark, handed over in pieces that a task can carry."""
    import pyarrow as pa

    frame, piece, size = None, list[Any](), 0
    for batch in [*batches, None]:
        if piece and (batch is None or size + batch.nbytes > PIECE):
            with quiet():
                handed = session.createDataFrame(pa.Table.from_batches(piece))
            frame = handed if frame is None else frame.union(handed)
            piece, size = [], 0
        if batch is not None:
            piece.append(batch)
            size += batch.nbytes
    assert frame is not None  # a cohort has rows
    return frame


def _cells(column: pd.Series[Any]) -> pa.Array:
    import pyarrow as pa

    if isinstance(column.dtype, pd.CategoricalDtype):
        return pa.array(column.astype(object), pa.string(), from_pandas=True)
    return pa.array(column.to_numpy(dtype=np.float64))


def _column(cells: pa.ChunkedArray, like: pd.Series[Any]) -> Any:
    if isinstance(like.dtype, pd.CategoricalDtype):
        return pd.Categorical(cells.to_pandas().astype(object), dtype=like.dtype)
    return cells.to_numpy()

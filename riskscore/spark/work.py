"""The pipeline's heavy work on Spark."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from riskscore.asof.matrix import FeatureMatrix
from riskscore.cohorts import Cohort
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe
from riskscore.learn.fit import Model, calibrated, calibrating, estimator_of, rows_of
from riskscore.learn.selection.visits import visits_of
from riskscore.pipeline.work import Say, Scored
from riskscore.records.model import Records
from riskscore.spark.build import NO_OUTCOME, collected, feature_table
from riskscore.spark.session import open_session
from riskscore.spark.train import grown, observed
from riskscore.splits import Split

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class OnSpark:
    """An engine: ``rs.rank(model, records, as_of=..., work=OnSpark.at("local[4]"))``.

    Parameters
    ----------
    session : SparkSession
    partitions : int, optional
        Changes no value. Default: Spark's parallelism, more where a partition would exceed 250,000 rows.
    """

    def __init__(self, session: SparkSession, partitions: int | None = None) -> None:
        self.session, self.partitions = session, partitions

    @classmethod
    def at(cls, engine: str) -> OnSpark:
        """Return the work on an engine by its name, such as ``local[4]`` or ``spark://host:7077``."""
        return cls(open_session(engine))

    def build(self, records: Records, families: Sequence[Family], cohort: Cohort, say: Say) -> FeatureMatrix:
        """Return the features of a cohort, brought to the driver."""
        say("features on Spark")
        table = feature_table(self.session, records, families, cohort, partitions=self.partitions)
        return table.matrix(collected(table.frame))

    def score(self, model: Model, records: Records, cohort: Cohort) -> Scored:
        """Return a cohort's features, scored and explained where they were built."""
        table = feature_table(
            self.session, records, model.families, cohort, model=model, partitions=self.partitions
        )  # fmt: skip
        found = collected(table.frame)
        values = found["parts"].combine_chunks().values.to_numpy().reshape(found.num_rows, -1)
        return Scored(table.matrix(found), found["margin"].to_numpy(), values)

    def train(
        self,
        records: Records,
        families: Sequence[Family],
        cohort: Cohort,
        target: NDArray[np.float64],
        groups: NDArray[Any],
        split: Split,
        recipe: Recipe,
        say: Say,
    ) -> tuple[Model, FeatureMatrix]:
        """Return a model trained by `xgboost.spark`, and the features of the cohort, brought to the driver."""
        train, later = rows_of(target, split, cohort.as_of, recipe)
        drawn = ~np.isnan(visits_of(records, recipe, cohort, split.origin).drawn)
        later = calibrating(later, drawn, target, recipe)
        marks = np.where(train, np.nan_to_num(target), NO_OUTCOME).astype(np.int8)
        say("features on Spark")
        table = feature_table(self.session, records, families, cohort, marks=marks, partitions=self.partitions)
        table.frame.persist()
        try:
            kept = observed(table)
            empty = estimator_of(recipe, {name: table.template.columns[name] for name in kept})
            estimator = grown(table, empty, kept, say)
            matrix = table.matrix(collected(table.frame))
        finally:
            table.frame.unpersist()
        margin = estimator.decision_function(matrix.frame.loc[later, list(kept)]) if later.any() else np.array([])
        width = matrix.frame.shape[1]
        model = calibrated(
            recipe, families, estimator, target[train], margin, target[later], width, drawn=int(drawn[later].sum())
        )
        return model, matrix

"""Training by `xgboost.spark`: rows and features stay where they were built."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from riskscore.learn.booster import CATEGORIES, Booster
from riskscore.learn.encode import encode
from riskscore.spark.build import FeatureTable
from riskscore.spark.session import quiet

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from riskscore.learn.estimator import RiskClassifier

Told = Callable[[str], None]


def observed(table: FeatureTable) -> dict[str, list[str] | None]:
    """Return the columns that have any value in training, with the categories that occur; None for a number."""
    from pyspark.sql import functions as f

    asked = []
    for i, dtype in enumerate(table.template.frame.dtypes):
        cell = f.col(f"c{i}")
        text = isinstance(dtype, pd.CategoricalDtype)
        asked.append(f.collect_set(cell) if text else f.count(f.when(~f.isnan(cell), cell)))
    found = table.frame.where("mark >= 0").agg(*asked).first()
    assert found is not None
    kept: dict[str, list[str] | None] = {}
    for (name, like), seen in zip(table.template.frame.items(), found, strict=True):
        if isinstance(like.dtype, pd.CategoricalDtype):
            if seen:
                kept[str(name)] = [c for c in like.cat.categories if c in set(seen)]
        elif seen:
            kept[str(name)] = None
    return kept


def grown(table: FeatureTable, estimator: RiskClassifier, kept: Mapping[str, list[str] | None], say: Told) -> Any:
    """Return the estimator fitted by `xgboost.spark` on the rows whose mark is their outcome, 0 or 1.

    Rows reach a worker in no stated order, so that with ``subsample`` two runs may grow slightly different trees.
    """
    from xgboost.spark import SparkXGBClassifier

    from riskscore.learn.estimator import RiskClassifier

    codes = {name: words for name, words in kept.items() if words is not None}
    workers = _workers(table.frame)
    rows = _encoded(table, list(kept), codes).repartition(workers)
    given = estimator.get_params(deep=False)
    settings = {_NAMES.get(n, n): v for n, v in given.items() if n not in _NOT_XGBOOST and v is not None}
    signs = estimator.monotone if isinstance(estimator.monotone, Mapping) else {}
    settings["monotone_constraints"] = "(" + ",".join(str(signs.get(name, 0)) for name in kept) + ")"
    logging.getLogger("XGBoost-PySpark").setLevel(logging.WARNING)
    boosters = []
    for k, seed in enumerate(estimator.seeds):
        say(f"growing trees on {workers} workers: seed {k + 1} of {len(estimator.seeds)}")
        with quiet():
            model = SparkXGBClassifier(
                features_col="features", label_col="outcome", num_workers=workers, n_estimators=estimator.rounds,
                seed=int(seed), tree_method="hist", missing=float("nan"), verbosity=0, verbose=False,
                feature_types=["q" if words is None else "c" for words in kept.values()], **settings,
            ).fit(rows)  # fmt: skip
        booster = model.get_booster()
        booster.set_attr(**{CATEGORIES: json.dumps([len(words or ()) for words in kept.values()])})
        boosters.append(Booster(bytes(booster.save_raw("ubj"))))
    described = {
        "params": {**estimator.get_params(deep=False), "seeds": list(estimator.seeds)},
        "classes": [0, 1], "columns": list(kept), "n_columns": len(kept), "categories": codes,
    }  # fmt: skip
    return RiskClassifier.from_state(described, [b.to_bytes() for b in boosters])


_NAMES = {"eta": "learning_rate"}  # scikit-learn's name, which is the one that xgboost.spark reads
_NOT_XGBOOST = ("rounds", "seeds", "monotone", "interaction", "nthread")


def _workers(frame: DataFrame) -> int:
    """Return how many tasks run side by side: training needs all its workers at once."""
    return max(1, int(frame.sparkSession.sparkContext.defaultParallelism))


def _encoded(table: FeatureTable, names: list[str], codes: Mapping[str, list[str]]) -> DataFrame:
    place = {str(name): f"c{i}" for i, name in enumerate(table.template.frame)}
    columns = {name: place[name] for name in names}

    def run(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in batches:
            cells = {name: batch.column(at).to_pandas() for name, at in columns.items()}
            values = encode(pd.DataFrame(cells), codes)
            offsets = np.arange(len(values) + 1, dtype=np.int32) * values.shape[1]
            features = pa.ListArray.from_arrays(pa.array(offsets), pa.array(values.ravel()))
            yield pa.RecordBatch.from_arrays(
                [features, batch.column("mark").cast(pa.float64())], ["features", "outcome"]
            )

    with quiet():
        return table.frame.where("mark >= 0").mapInArrow(run, "features array<float>, outcome double")

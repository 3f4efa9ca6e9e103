"""The same work on two executors: equal features, margins and SHAP values, also when one of them dies."""

from __future__ import annotations

import datetime as dt
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import riskscore as rs
from riskscore.cli import commands
from riskscore.dates import day
from riskscore.definitions.recipe import Recipe
from riskscore.pipeline.prepare import choose, outcomes
from riskscore.spark.build import collected, feature_table
from riskscore.spark.work import OnSpark

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def records() -> Any:
    return rs.sample_records()


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    """Return a smaller model, for speed."""
    found = choose("site_risk").recipe
    return replace(found, model=replace(found.model, rounds=100, seeds=(1,)))


@pytest.fixture(scope="module")
def model(records: Any, recipe: Recipe) -> Any:
    return rs.fit(records, recipe, "2023-01-01")


@pytest.mark.parametrize("name", ["site_risk", "employer_risk"])
def test_features_equal_those_of_one_machine(spark: Any, records: Any, name: str) -> None:
    cohort = rs.cohort(records, name)
    there = rs.build_features(records, name, cohort, work=OnSpark(spark, partitions=3))
    pd.testing.assert_frame_equal(there.frame, rs.build_features(records, name, cohort).frame, check_exact=True)
    assert {"linked_employers", "peers"} <= {column.split(".")[0] for column in there.frame}


def test_a_stored_model_gives_the_same_list_margins_and_shap_values(spark: Any, records: Any, model: Any) -> None:
    there = rs.rank(model, records, "2024-01-01", since="2023-07-01", work=OnSpark(spark))
    here = rs.rank(model, records, "2024-01-01", since="2023-07-01")
    pd.testing.assert_frame_equal(there.frame, here.frame, check_exact=True)
    pd.testing.assert_frame_equal(there.matrix.frame, here.matrix.frame, check_exact=True)
    assert np.array_equal(there.values, here.values)


def test_a_model_trained_on_spark_ranks_as_well(spark: Any, records: Any, recipe: Recipe, model: Any) -> None:
    """The stated band: held-out AUC within .02, margins correlated above .97."""
    from sklearn.metrics import roc_auc_score

    there = rs.fit(records, recipe, "2023-01-01", work=OnSpark(spark))
    assert there.counts == model.counts
    assert there.columns == model.columns
    assert there.estimator.categories_ == model.estimator.categories_
    found = outcomes(records, recipe, dt.date(2025, 6, 1))
    found = found.pick(~np.isnan(found.target) & (found.cohort.as_of >= day("2023-01-01")))
    matrix = rs.build_features(records, "site_risk", found.cohort)
    one, other = model.margin(matrix), there.margin(matrix)
    assert abs(roc_auc_score(found.target, one) - roc_auc_score(found.target, other)) < 0.02
    assert np.corrcoef(one, other)[0, 1] > 0.97


def test_a_job_whose_executor_is_killed_still_gives_the_right_features(
    spark: Any, records: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort, chosen = rs.cohort(records, "site_risk"), choose("site_risk")
    table = feature_table(spark, records, chosen.families, cohort, partitions=12)
    before = executors()
    found: list[Any] = []
    job = threading.Thread(target=lambda: found.append(collected(table.frame)))
    job.start()
    tracker = spark.sparkContext.statusTracker()
    done = 0
    while job.is_alive() and not done:  # in the middle: some partitions are done, others are not
        stages = [tracker.getStageInfo(i) for i in tracker.getActiveStageIds()]
        done = max((s.numCompletedTasks for s in stages if s is not None and s.numTasks == 12), default=0)
        time.sleep(0.02)
    assert 0 < done < 12
    killed = before[0]
    os.kill(killed, signal.SIGKILL)
    job.join(timeout=120)
    assert found
    assert killed not in executors()
    here = rs.build_features(records, "site_risk", cohort)
    pd.testing.assert_frame_equal(table.matrix(found[0]).frame, here.frame, check_exact=True)


def test_the_command_writes_the_same_file(spark: Any, tmp_path: Path) -> None:
    """An open session is used as it is, so the engine's name is not reached here."""
    from riskscore.pipeline.demo import sample_folder

    asked = ["features", "build", str(sample_folder()), "--as-of", "2024-01-01", "--quiet", "--out"]
    for more in ([str(tmp_path / "here.parquet")], [str(tmp_path / "there.parquet"), "--engine", "local[2]"]):
        result = CliRunner().invoke(commands, asked + more)
        assert result.exit_code == 0, result.output
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()


def executors() -> list[int]:
    """Return the process ids of this process's own executors."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words and descends(int(folder.name)):
                found.append(int(folder.name))
    return sorted(found)


def descends(pid: int) -> bool:
    while pid > 1 and pid != os.getpid():
        try:
            pid = int((Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return False
    return pid == os.getpid()

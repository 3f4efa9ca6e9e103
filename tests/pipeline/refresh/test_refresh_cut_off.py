"""Killed at any moment and called again, a refresh ends where one that was never cut off ends, byte for byte."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="wants fork and SIGKILL")

# One process imports everything, then a fork of it does each refresh: so a trial costs a refresh and no start.
NURSERY = """
import datetime as dt, os, signal, sys
from pathlib import Path
import riskscore.report.beeswarm, riskscore.learn.estimator, sklearn.linear_model, scipy.stats, shap, xgboost
from riskscore.pipeline.refresh.refresh import refresh
from riskscore.pipeline.refresh.settings import read_settings

now = dt.datetime(2020, 7, 5, tzinfo=dt.UTC)

def dying(move):
    def moved(source, target):
        was_there = Path(target).is_file() and Path(target).read_bytes() == Path(source).read_bytes()
        move(source, target)
        if not was_there:
            os.kill(os.getpid(), signal.SIGKILL)
    return moved

for line in sys.stdin:
    folder, after = line.rstrip("\\n").split("\\t")
    child = os.fork()
    if not child:
        if after == "move":  # as soon as the next file or folder that is new is in its place
            os.replace, os.rename = dying(os.replace), dying(os.rename)
        elif after:
            signal.setitimer(signal.ITIMER_REAL, float(after))  # nobody listens, so the system ends it, as by kill -9
        done = refresh(read_settings(Path(folder) / "refresh.toml"), now=now)
        os._exit(3 if done.refused else 0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Trial = Callable[..., int]


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    """Return what refreshes a folder in a process of its own, killed after some seconds or its next move of a file."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    nursery = subprocess.Popen([sys.executable, "-c", NURSERY], text=True, env=environment, **pipes)
    assert nursery.stdin is not None
    assert nursery.stdout is not None

    def run(folder: Path, after: str = "") -> int:
        nursery.stdin.write(f"{folder}\t{after}\n")
        nursery.stdin.flush()
        return int(nursery.stdout.readline())

    yield run
    nursery.stdin.close()
    nursery.wait()
    nursery.stdout.close()


@pytest.fixture
def whole(office, late_rows, trial, left, tmp_path) -> tuple[Path, dict[str, bytes], float]:
    """Return an untouched copy of the office, what a refresh that nobody cuts off leaves, and how long it took."""
    copy = Path(shutil.copytree(office, tmp_path / "copy"))
    started = time.monotonic()
    assert trial(office) == 0
    return copy, left(), time.monotonic() - started


def swapped(office: Path, copy: Path) -> None:
    """Let another refresh be made in the same place, since messages and marks name it."""
    shutil.rmtree(office)
    shutil.copytree(copy, office)


@pytest.mark.slow
def test_killed_after_each_file_that_it_moves_into_place(office, whole, trial, left) -> None:
    copy, expected, _ = whole
    swapped(office, copy)
    kills = 0
    while (code := trial(office, "move")) == -signal.SIGKILL:
        kills += 1
        assert kills < 30
    assert code == 0
    assert kills > 10
    assert left() == expected


@pytest.mark.slow
def test_killed_at_random_moments(office, whole, trial, left) -> None:
    copy, expected, seconds = whole
    chance = random.Random(7)
    for _ in range(3):
        swapped(office, copy)
        kills = 0
        while kills < 8 and trial(office, f"{chance.uniform(0.01, 0.7 * seconds):.2f}") == -signal.SIGALRM:
            kills += 1
        assert trial(office) == 0
        assert left() == expected

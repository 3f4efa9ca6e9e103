"""Killed at any moment, or two at once: the old state or the new one stands, whole, and the next operation works."""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from riskscore.champion import changes, promote, prune
from riskscore.errors import RecordsError
from riskscore.folders import open_folder, write_folder
from riskscore.ledger.add import add
from riskscore.ledger.database import open_ledger
from riskscore.ledger.rows import entries
from riskscore.ledger.verify import verify
from riskscore.records.imports.append import import_records
from riskscore.records.imports.steps import steps
from riskscore.records.read import read_records
from riskscore.store import load_run, runs, save_run

pytest.importorskip("alembic", reason="the extra 'ledger' is not installed")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="wants SIGKILL")

TRIALS = 15
NOON = dt.datetime(2025, 3, 4, 12, tzinfo=dt.UTC)
NOTED = {"as_of": "2025-01-01", "created": "2025-01-02T00:00:00+00:00", "card": {}, "records": {}, "versions": {}}
RUNS: list[dict[str, Any]] = [{"run": f"r-{i}", "recipe": "r"} for i in range(8)]

# Imports once and forks for each trial. A child kills itself (SIGKILL) at the call with the number asked for, of the
# calls into the system that the code which touches files makes; or is killed by its parent after some seconds.
NURSERY = """
import datetime as dt, json, os, signal, sys, time, traceback
from pathlib import Path
import alembic.command, sqlalchemy
from riskscore.champion import promote, prune
from riskscore.errors import RecordsError
from riskscore.ledger.add import add
from riskscore.ledger.database import open_ledger
from riskscore.records.imports.append import import_records
from riskscore.records.imports.steps import undo
from riskscore.records.model import Records
from riskscore.records.read import read_records
from riskscore.store import load_run, save_run
from dataclasses import replace

given = json.loads(sys.argv[1])
run, found = load_run(given["store"], given["run"]), read_records(given["source"])
day, noon = dt.date(2024, 3, 1), dt.datetime(2025, 3, 4, 12, tzinfo=dt.timezone.utc)
noted, manifests = given["noted"], given["runs"]

def extract(name):
    table = found["inspections"]
    return Records({"inspections": replace(table, frame=table.frame.assign(inspection_id=name))}, "source")

TOUCHING = ("folders.py", "champion.py", "steps.py", "shutil.py", "tempfile.py")

def child(work, folder, number, at, told):
    pid = os.fork()
    if pid:
        return pid
    seen = 0
    def watch(frame, event, _):
        nonlocal seen
        if event == "c_call" and frame.f_code.co_filename.endswith(TOUCHING):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    try:
        if at is not None:
            sys.setprofile(watch)
        exec(work, {**globals(), "folder": folder, "number": number})
        sys.setprofile(None)
        os.write(told, f"{seen} ".encode())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)

print("ready", flush=True)
for line in sys.stdin:
    work, folder, numbers, at, seconds = json.loads(line)
    hear, told = os.pipe()
    started = [child(work, folder, number, at, told) for number in numbers]
    if seconds is not None:
        time.sleep(seconds)
        os.kill(started[0], signal.SIGKILL)
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in started]
    os.close(told)
    print(json.dumps([codes, os.read(hear, 100).decode()]), flush=True)
    os.close(hear)
"""
KILLED = [-9]


@dataclass
class Nursery:
    """A process that forks others, which work in a folder until they end or are killed."""

    process: subprocess.Popen[str]

    def work(
        self,
        work: str,
        folder: Path,
        numbers: Sequence[int] = (0,),
        at: int | None = None,
        seconds: float | None = None,
    ) -> tuple[list[int], str]:
        """Return how those ended that worked, and at how many calls."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([work, str(folder), numbers, at, seconds]) + "\n")
        self.process.stdin.flush()
        codes, calls = json.loads(self.process.stdout.readline())
        return codes, calls

    def both(self, work: str, folder: Path) -> None:
        """Let two work at once, to their end."""
        assert self.work(work, folder, (1, 2))[0] == [0, 0]

    def kill(self, work: str, place: Callable[[str], Path], check: Callable[[Path], bool]) -> None:
        """Kill at many random calls; ``check`` the folder after each, and say if it was in the middle of writing."""
        codes, calls = self.work(work, place("whole"), at=0)
        assert codes == [0]
        chance, midway = random.Random(11), 0
        for trial in range(TRIALS):
            folder = place(str(trial))
            assert self.work(work, folder, at=chance.randint(1, int(calls)))[0] == KILLED
            midway += check(folder)
        assert midway >= 3, "the others hit before or after the writing"


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("source")
    (folder / "inspections.csv").write_text("inspection_id,site_id,date\nV,S,2024-01-01\n")
    return folder


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> tuple[Path, str]:
    from dataclasses import replace

    import riskscore as rs
    from riskscore.pipeline.prepare import choose

    recipe = choose("site_risk").recipe
    quick = replace(recipe, families=("place",), model=replace(recipe.model, rounds=3, seeds=(1,)))
    store = tmp_path_factory.mktemp("saved")
    return store, rs.fit(rs.sample_records(), quick, "2024-01-01", store=store).id


@pytest.fixture(scope="module")
def nursery(stored, source) -> Iterator[Nursery]:
    given = {"store": str(stored[0]), "run": stored[1], "source": str(source), "noted": NOTED, "runs": RUNS}
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY, json.dumps(given)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield Nursery(process)


@pytest.fixture
def place(tmp_path) -> Callable[[str], Path]:
    return lambda name: tmp_path / name


def left(folder: Path, what: str) -> bool:
    return any(folder.glob(what))


# --- runs

SAVE = """
for i in range(2):
    save_run(Path(folder), run.model, run.phrases, {**noted, "as_of": f"{2000 + i}-01-01"})
"""


def test_a_run_whose_saving_is_killed_is_there_whole_or_not_at_all(nursery, stored, place) -> None:
    run = load_run(*stored)

    def check(folder: Path) -> bool:
        found = [str(noted["run"]) for noted in runs(folder)]
        assert [load_run(folder, name).id for name in found] == found
        assert save_run(folder, run.model, run.phrases, NOTED).model.columns == run.model.columns
        assert len(runs(folder)) == len(found) + 1
        return left(folder, ".making-*")

    nursery.kill(SAVE, place, check)


def test_two_that_save_one_run_at_once_make_one(nursery, place) -> None:
    for attempt in "abc":
        nursery.both(SAVE, place(attempt))
        found = [str(noted["run"]) for noted in runs(place(attempt))]
        assert len(found) == 2
        assert [load_run(place(attempt), name).id for name in found] == found
        assert not left(place(attempt), ".making-*")


# --- the champion

PROMOTE = """
for i in range({n}):
    promote(folder, f"{{number}}-{{i}}", "r", "2025-01-01", "why")
"""


@pytest.fixture
def empty(place) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        place(name).mkdir()
        return place(name)

    return make


def test_a_champion_whose_promotion_is_killed_is_the_old_or_the_new(nursery, empty) -> None:
    def check(folder: Path) -> bool:
        midway = left(folder, ".champions-*")
        named = [c["run"] for c in changes(folder)]  # whole, or this raises
        assert named == [f"0-{i}" for i in range(len(named))]
        promote(folder, "last", "r", "2025-01-01", "the lock of the killed is free")
        assert [c["run"] for c in changes(folder)] == [*named, "last"]
        assert not left(folder, ".champions-*"), "what was left is swept up"
        return midway

    nursery.kill(PROMOTE.format(n=4), empty, check)


def test_two_that_promote_at_once_lose_nothing(nursery, empty) -> None:
    folder = empty("both")
    nursery.both(PROMOTE.format(n=25), folder)
    named = [c["run"] for c in changes(folder)]
    assert sorted(named) == sorted(f"{number}-{i}" for number in (1, 2) for i in range(25))


PRUNE = "prune(folder, manifests, 2)"


@pytest.fixture
def many(place) -> Callable[[str], Path]:
    """Return a function that makes a store of many runs."""

    def make(name: str) -> Path:
        for noted in RUNS:
            write_folder(place(name) / noted["run"], noted, {"1.bin": b"x", "2.bin": b"x"})
        return place(name)

    return make


def whole(folder: Path) -> set[str]:
    """Return the names of the runs, each of which must be whole."""
    names = {p.name for p in folder.glob("r-*")}
    for name in names:
        found = open_folder(folder / name, RecordsError, "")
        assert [found.read(file) for file in found.noted["files"]] == [b"x", b"x"]
    return names


def test_pruning_that_is_killed_leaves_each_run_whole_or_none_of_it(nursery, many) -> None:
    def check(folder: Path) -> bool:
        midway = left(folder, ".gone-*/*/*")
        assert whole(folder) >= {"r-0", "r-1"}
        prune(folder, RUNS, 2)
        assert whole(folder) == {"r-0", "r-1"}
        assert not left(folder, ".gone-*")
        return midway

    nursery.kill(PRUNE, many, check)


def test_two_that_prune_at_once_do_not_trip_over_each_other(nursery, many) -> None:
    for attempt in "abc":
        folder = many(attempt)
        nursery.both(PRUNE, folder)
        assert whole(folder) == {"r-0", "r-1"}


# --- the record store

STREAM = """
for i in range(2):
    import_records(extract(f"V-{i}"), folder, day)
    undo(folder, day, "a mistake")
"""
KINDS = ["import", "undo", "import", "undo"]
AT_ONCE = """
for i in range(3):
    while True:
        try:
            import_records(extract(f"V-{number}-{i}"), folder, day)
            break
        except RecordsError as told:
            assert "another import came first" in str(told), told
"""


def test_an_import_or_undoing_that_is_killed_is_a_whole_step_or_none(nursery, source, place) -> None:
    def check(folder: Path) -> bool:
        kinds = [s.noted["kind"] for s in steps(folder)] if folder.exists() else []
        assert kinds == KINDS[: len(kinds)]
        import_records(read_records(source), folder, dt.date(2024, 3, 1))
        held = [f"V-{i}" for i in range(2) if kinds == KINDS[: 2 * i + 1]]
        assert read_records(folder)["inspections"].frame["inspection_id"].tolist() == [*held, "V"]
        return left(folder, ".making-*")

    nursery.kill(STREAM, place, check)


def test_of_two_that_import_at_once_none_loses_a_row(nursery, place) -> None:
    for attempt in "abc":
        nursery.both(AT_ONCE, place(attempt))
        found = read_records(place(attempt))["inspections"].frame["inspection_id"].tolist()
        assert sorted(found) == sorted(f"V-{number}-{i}" for number in (1, 2) for i in range(3))


# --- the ledger; two at once are in tests/ledger/test_many_writers.py

WRITE = """
ledger = open_ledger(folder, make=True)
for i in range(10_000):
    add(ledger, "outcome", role="inspector", who="p-17", why=f"result {i}", at=noon, entity="S-1")
"""


def test_a_ledger_whose_writer_is_killed_has_the_entry_or_has_it_not(nursery, place) -> None:
    chance, midway = random.Random(11), 0
    for trial in range(TRIALS):  # SQLite writes in C, so these are killed at moments, not at calls
        at = place(f"{trial}.db")
        assert nursery.work(WRITE, at, seconds=chance.uniform(0, 0.25))[0] == KILLED
        midway += Path(f"{at}-journal").exists()
        ledger = open_ledger(at, make=True)
        found = entries(ledger)
        assert [e.why for e in found] == [f"result {i}" for i in range(len(found))]
        add(ledger, "outcome", role="inspector", who="p-17", why="after", at=NOON, entity="S-1")
        assert verify(ledger).findings == ()
    assert midway >= 3, "the others hit before or after the writing"

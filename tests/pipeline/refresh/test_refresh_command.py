"""The command as a scheduler types it: exit codes, silence, and nothing around it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import riskscore
from riskscore.cli import commands
from riskscore.lock import locked


@pytest.fixture
def typed(office):
    def run(code: int, *more: str) -> Result:
        found = CliRunner().invoke(commands, ["refresh", str(office / "refresh.toml"), *more])
        assert found.exit_code == code, (found.stderr, found.exception)
        return found

    return run


def test_nothing_new_is_code_0_and_quiet_is_silent(office, typed) -> None:
    report = next((office / "refreshes").glob("2020-*"))
    assert typed(0).stderr.splitlines()[-2:] == [
        "nothing new:", f"records, recipe and day are those of {report.name}: promoted."
    ]  # fmt: skip
    found = typed(0, "--quiet")
    assert (found.stdout, found.stderr) == (f"{report}\n", "")


def test_a_refusal_is_code_3_and_told_also_when_quiet(office, typed) -> None:
    (office / "extracts" / "2020-07").mkdir()
    (office / "extracts" / "2020-07" / "inspections.csv").write_text("site_id,date\nS1,2020-01-01\n", encoding="utf-8")
    found = typed(3, "--quiet")
    assert "refused by the check" in found.stderr
    assert "inspection_id" in found.stderr
    page = (Path(found.stdout.strip()) / "refresh.html").read_text(encoding="utf-8")
    assert "inspection_id" in page


def test_a_lock_is_code_4_and_names_its_holder(office, typed) -> None:
    with locked(office / "runs" / ".refresh"):
        assert f"process {os.getpid()} on " in typed(4, "--quiet").stderr
    typed(0)


def test_an_error_is_code_1_and_leaves_a_report(office, typed) -> None:
    (office / "models" / "small.toml").write_text("title = 3", encoding="utf-8")
    assert "small.toml" in typed(1, "--quiet").stderr
    report = max((office / "refreshes").glob("*/manifest.json"), key=lambda path: path.stat().st_mtime_ns)
    assert json.loads(report.read_text(encoding="utf-8"))["outcome"] == "failed"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="has no umask")
def test_it_runs_where_there_is_no_terminal_no_path_and_no_home(office, write_extract) -> None:
    write_extract("2020-07")
    call = [sys.executable, "-m", "riskscore", "refresh", str(office / "refresh.toml"), "--quiet"]
    around = {"PYTHONPATH": str(Path(riskscore.__file__).resolve().parents[1]), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        call, cwd="/", env=around, umask=0o027, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode in (0, 3), done.stderr
    assert done.returncode == 3 or done.stderr == ""
    report = Path(done.stdout.strip())
    assert sorted(p.name for p in report.iterdir()) == [
        "drift.html", "drift.json", "manifest.json", "model.html", "refresh.html"
    ]  # fmt: skip
    assert all(path.stat().st_mode & 0o777 == 0o640 for path in report.iterdir())
    assert report.stat().st_mode == (office / "refreshes").stat().st_mode

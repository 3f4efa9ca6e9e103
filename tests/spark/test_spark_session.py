from __future__ import annotations

import subprocess
import sys

import pytest
from click.testing import CliRunner

import riskscore.spark.session as session
from riskscore.cli import commands
from riskscore.errors import MissingExtra


def test_without_pyspark_the_error_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"pip install 'riskscore\[spark\]'"):
        session.open_session("local[2]")


def test_without_java_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: object())
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingExtra, match="openjdk-17"):
        session.open_session("local[2]")


@pytest.mark.parametrize("command", [["rank"], ["fit"], ["features", "build", "--out", "x.parquet"]])
def test_a_wrong_engine_is_refused_before_the_records_are_read(command: list[str]) -> None:
    result = CliRunner().invoke(commands, [*command, "no_such_folder", "--engine", "lokal[2]"])
    assert result.exit_code == 1
    assert "'lokal[2]' is no engine" in result.output


def test_nothing_of_spark_is_imported_without_an_engine() -> None:
    code = (
        "import sys; from riskscore.cli import options; options.work_on(None);"
        "sys.exit(any(m.split('.')[0] == 'pyspark' or m.startswith('riskscore.spark') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0

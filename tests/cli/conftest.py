"""A fitted store on the sample records, made once, and a way to type commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import riskscore as rs
from riskscore.cli import commands
from riskscore.pipeline.demo import sample_folder

QUICK = """
title    = "Places, quickly"
why      = "A small model for tests."
entity   = "site"
rank_by  = "uncontracted"
horizon  = "12 months"
families = ["fines", "place", "reports", "uncontracted"]

[cohort]
kind  = "register"
first = 2018-01-01
every = "12 months"
where = "site_type is missing or site_type != 'private home'"

[[ladder]]
level = 1
name  = "uncontracted"
title = "uncontracted work found"
delay = "30 days"
any   = [{ table = "inspections", where = "uncontracted_workers > 0" }]

[model]
rounds = 25
seeds  = [1]

[model.params]
max_depth        = 3
min_child_weight = 20

[calibration]
method            = "sigmoid"
minimum_positives = 20

[splits]
every       = "12 months"
origins     = 1
calibration = "12 months"

[urgent]
table  = "complaints"
where  = "urgent"
within = "30 days"

[baseline]
table     = "inspections"
value     = "uncontracted_workers > 0"
where     = "uncontracted_workers is not missing"
smoothing = 5
"""


@dataclass(frozen=True)
class Office:
    """The sample records with a fitted run of the recipe ``quick``."""

    records: str
    definitions: Path
    store: Path
    run: str

    def asked(self, *more: str) -> list[str]:
        """Return the arguments that name records, store and day."""
        return [self.records, "--store", str(self.store), "--as-of", "2025-01-01", *more]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")
    (folder / "models").mkdir()
    (folder / "models" / "quick.toml").write_text(QUICK, encoding="utf-8")
    store = folder / "runs"
    run = rs.fit(rs.sample_records(), "quick", "2025-01-01", definitions=folder, store=store)
    return Office(str(sample_folder()), folder, store, run.id)


Typed = Callable[..., Result]


@pytest.fixture(scope="session")
def typed() -> Typed:
    """Return a function that runs a command line and checks its exit code."""

    def run(*arguments: str, code: int = 0) -> Result:
        found = CliRunner().invoke(commands, list(arguments))
        assert found.exit_code == code, (found.stdout, found.stderr, found.exception)
        assert "Traceback" not in found.output
        return found

    return run

"""An office of a small invented country in which two extracts arrive, and its first refresh, made once."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from riskscore.pipeline.refresh.refresh import Refreshed, refresh
from riskscore.pipeline.refresh.settings import read_settings
from riskscore.records.model import Records
from riskscore.records.write import write_records
from riskscore.simulate import simulate

SETTINGS = """
extracts    = "extracts/*"
records     = "record_store"
definitions = "."
recipe      = "small"
as_of       = "newest visit"
"""

RECIPE = """
title    = "Places, in small"
why      = "A small model for tests."
entity   = "site"
rank_by  = "uncontracted"
horizon  = "12 months"
families = ["uncontracted"]
capacity = [0.2]

[cohort]
kind  = "register"
first = 2014-07-01
every = "12 months"

[[ladder]]
level = 1
name  = "uncontracted"
title = "uncontracted work found"
delay = "30 days"
any   = [{ table = "inspections", where = "uncontracted_workers > 0" }]

[model]
rounds = 20
seeds  = [1]

[model.params]
max_depth        = 2
min_child_weight = 1
eta              = 0.1

[calibration]
method            = "sigmoid"
minimum_positives = 10

[splits]
every       = "12 months"
origins     = 1
calibration = "12 months"

[baseline]
table     = "inspections"
value     = "uncontracted_workers > 0"
where     = "uncontracted_workers is not missing"
smoothing = 5

[audit]
difference_limit  = 1
minimum_rows      = 2
minimum_positives = 2

[gate]
margin            = 0.5
corrected_margin  = 0.5
minimum_positives = 10
same_places       = 0.01
"""
FIRST, SECOND = dt.datetime(2020, 1, 5, tzinfo=dt.UTC), dt.datetime(2020, 7, 5, tzinfo=dt.UTC)
TABLES = ("employers", "sites", "inspections", "penalties")


def known(records: Records, day: str) -> Records:
    """Return what was known before a day, of some tables."""
    tables = {}
    for name in TABLES:
        frame = records[name].frame
        some = frame[frame["known_on"] < pd.Timestamp(day)].reset_index(drop=True)
        tables[name] = replace(records[name], frame=some, origin=None)
    return Records(tables)


@pytest.fixture(scope="session")
def country() -> Records:
    return simulate(sites=900, years=(2014, 2020), seed=3, suspended_from=2100).records


@pytest.fixture(scope="session")
def refreshed_once(country, tmp_path_factory) -> Path:
    """Return a folder in which the first extract was imported and the first run promoted."""
    folder = tmp_path_factory.mktemp("office")
    (folder / "models").mkdir()
    (folder / "models" / "small.toml").write_text(RECIPE, encoding="utf-8")
    (folder / "refresh.toml").write_text(SETTINGS, encoding="utf-8")
    write_records(known(country, "2020-01-01"), folder / "extracts" / "2020-01", "parquet")
    refresh(read_settings(folder / "refresh.toml"), now=FIRST)
    return folder


@pytest.fixture
def office(refreshed_once, tmp_path) -> Path:
    """Return a copy of it."""
    return Path(shutil.copytree(refreshed_once, tmp_path / "office"))


@pytest.fixture
def write_extract(country, office) -> Callable[[str], Path]:
    """Return what lets an extract of a month arrive: what was known before it."""

    def write(month: str) -> Path:
        folder = office / "extracts" / month
        write_records(known(country, f"{month}-01"), folder, "parquet")
        return folder

    return write


@pytest.fixture
def late_rows(write_extract) -> Path:
    """Let a second extract arrive, in which one visit says something else than before; return its folder."""
    folder = write_extract("2020-07")
    visits = pd.read_parquet(folder / "inspections.parquet")
    first = visits.index == 0
    visits.assign(workers_present=visits["workers_present"] + first).to_parquet(
        folder / "inspections.parquet", index=False
    )
    return folder


Refresh = Callable[..., Refreshed]


@pytest.fixture
def again(office) -> Refresh:
    """Return what refreshes the office, at the second moment."""
    return lambda **more: refresh(read_settings(office / "refresh.toml"), now=SECOND, **more)


@pytest.fixture
def left(office) -> Callable[[], dict[str, bytes]]:
    """Return what reads every file that refreshes of the office left, but for the log and what is hidden."""

    def read() -> dict[str, bytes]:
        found = [p for room in ("record_store", "runs", "refreshes") for p in sorted((office / room).rglob("*"))]
        names = {p.relative_to(office): p for p in found if p.is_file() and p.name != "refresh.log"}
        return {str(n): p.read_bytes() for n, p in names.items() if not any(x.startswith(".") for x in n.parts)}

    return read

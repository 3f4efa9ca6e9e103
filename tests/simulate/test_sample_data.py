"""The sample is what its command makes, small enough to ship, and rich enough to learn from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from riskscore.records.read import read_records
from riskscore.simulate import SAMPLE_SITES, simulate, write_sample, write_simulation

SAMPLE = Path(__file__).parents[2] / "sample_data"


def test_the_sample_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    made = write_sample(tmp_path / "again")
    names = sorted(f.name for f in made.iterdir())
    assert names == sorted(f.name for f in SAMPLE.iterdir() if f.name not in ("README.md", "offices.toml"))
    for name in names:
        assert (made / name).read_bytes() == (SAMPLE / name).read_bytes(), name


def test_the_sample_is_smaller_than_three_megabytes() -> None:
    assert sum(f.stat().st_size for f in SAMPLE.rglob("*") if f.is_file()) < 3_000_000


def test_the_reader_gets_back_what_was_simulated() -> None:
    read, made = read_records(SAMPLE), simulate(sites=SAMPLE_SITES).records
    assert not any(read.rejected.values())
    for name, table in made.tables.items():
        assert_frame_equal(read[name].frame[list(table.frame.columns)], table.frame, obj=name)
    assert str(read["inspections"].covers_from) == "2016-01-01"


def test_the_sample_holds_enough_finds_to_learn_from_in_every_period() -> None:
    visits = pd.read_csv(SAMPLE / "inspections.csv", parse_dates=["date"])
    finds = visits[visits["uncontracted_workers"] > 0].groupby(visits["date"].dt.year).size()
    assert finds.sum() >= 500
    assert finds.min() >= 40


def test_seeds_differ_and_repeat() -> None:
    first, again, other = (simulate(sites=500, seed=s) for s in (3, 3, 4))
    assert_frame_equal(first.truth, again.truth)
    for name, table in first.records.tables.items():
        assert_frame_equal(table.frame, again.records[name].frame)
    assert not first.records["inspections"].frame.equals(other.records["inspections"].frame)


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_written_simulation_reads_back_with_the_truth_apart(tmp_path: Path, format: str) -> None:
    made = simulate(sites=300, years=(2021, 2022))
    folder = write_simulation(made, tmp_path / "a b.c", first=2021, format=format)  # type: ignore[arg-type]
    read = read_records(folder)
    assert_frame_equal(read["inspections"].frame, made.records["inspections"].frame)
    assert (folder / "truth" / f"truth.{format}").is_file()
    assert set(read.tables) <= set(made.records.tables)

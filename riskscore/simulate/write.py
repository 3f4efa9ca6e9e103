"""Writing a simulation: one file per table, a mapping that says since when each is complete, the truth apart."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pandas as pd

from riskscore.simulate.simulation import Simulation, simulate

SAMPLE_SITES = 4_000
SAMPLE_SEED = 1
COVERED = ("inspections", "findings", "penalties", "complaints", "permits", "contracts", "cases")


def write_simulation(
    simulation: Simulation, folder: str | Path, first: int = 2016, format: Literal["csv", "parquet"] = "csv"
) -> Path:
    """Write the tables and ``mapping.toml`` into ``folder``, and the truth into ``truth/`` below it.

    Parameters
    ----------
    simulation : Simulation
    folder : str or Path
        Made if it is not there; files of the same names are overwritten.
    first : int
        The first simulated year; ``covers_from`` of the tables of events.
    format : "csv" or "parquet"

    Returns
    -------
    Path
        The folder.

    Examples
    --------
    >>> import tempfile
    >>> from riskscore.simulate.simulation import simulate
    >>> made = simulate(sites=100, years=(2023, 2023))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sorted(f.name for f in write_simulation(made, folder, first=2023).iterdir())[:3]
    ['cases.csv', 'complaints.csv', 'contracts.csv']
    """
    target = _write_records(simulation, Path(folder), first, format)
    (target / "truth").mkdir(exist_ok=True)
    _write(simulation.truth, target / "truth" / f"truth.{format}")
    return target


def _write_records(simulation: Simulation, target: Path, first: int, format: str) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    for name, table in simulation.records.tables.items():
        filled = [c for c in table.frame.columns if c in table.present or table.schema.column(c).required]
        _write(table.frame[filled], target / f"{name}.{format}")
    sections = [f"[tables.{name}]\ncovers_from = {first}-01-01\n" for name in COVERED]
    head = "# Since when each table is complete; what is older was not written down.\n\n"
    (target / "mapping.toml").write_text(head + "\n".join(sections), encoding="utf-8", newline="\n")
    return target


def _write(frame: pd.DataFrame, path: Path) -> None:
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False, lineterminator="\n", encoding="utf-8", date_format="%Y-%m-%d")


def write_sample(folder: str | Path) -> Path:
    """Write the sample that the demo runs on: a fifth of national size, seed 1.

    The truth is left out: whoever wants it simulates with the same numbers. The README in the folder is kept.
    """
    return _write_records(simulate(sites=SAMPLE_SITES, seed=SAMPLE_SEED), Path(folder), 2016, "csv")

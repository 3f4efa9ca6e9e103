"""The sample records that come with the package."""

from __future__ import annotations

from pathlib import Path

from riskscore.errors import RecordsError
from riskscore.records.model import Records
from riskscore.records.read import read_records

_PACKAGE = Path(__file__).resolve().parents[1]
DEMO_DAY = "2025-01-01"


def sample_folder() -> Path:
    """Return the folder of sample records: in the installed package, else in the checkout."""
    for folder in (_PACKAGE / "_catalog" / "sample_data", _PACKAGE.parent / "sample_data"):
        if (folder / "inspections.csv").is_file():
            return folder
    raise RecordsError("the sample records are gone.", where=str(_PACKAGE), next="Install riskscore again.")


def sample_records() -> Records:
    """Return the sample records: synthetic, a fraction of a simulated register.

    Examples
    --------
    >>> sample_records().has("inspections")
    True
    """
    return read_records(sample_folder())

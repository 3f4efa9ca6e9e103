"""The sample records that come with the package, and the whole way on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riskscore.errors import RecordsError
from riskscore.pipeline.dossiers import write_dossiers, write_picture
from riskscore.pipeline.learn import fit
from riskscore.pipeline.listing import List, rank_list, shown
from riskscore.records.check import check_records
from riskscore.records.model import Records
from riskscore.records.read import read_records
from riskscore.report.write import write
from riskscore.store import Run

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


@dataclass(frozen=True)
class Demo:
    """What the demo made; ``files`` says what lies where."""

    run: Run
    listed: List
    files: dict[str, Path]


def run_demo(out: Path, say: Callable[[str], None] = lambda text: None) -> Demo:
    """Check, fit, rank and explain the sample records, and write everything below a folder."""
    records = sample_records()
    found = check_records(records)
    if found.errors:
        raise RecordsError(
            "the sample records are damaged.", where=str(sample_folder()), next="Install riskscore again."
        )
    run = fit(records, "site_risk", DEMO_DAY, store=out / "runs", say=say)
    assert isinstance(run, Run)
    say("ranking")
    listed = rank_list(run, records, DEMO_DAY, since="2024-07-01")
    frame = shown(listed)
    for name in ("ranking.csv", "ranking.xlsx"):
        write(frame, out / name)
    say("writing dossiers")
    written = write_dossiers(listed, [str(e) for e in listed.frame["entity"].head(10)], out / "dossiers", "html")
    picture = write_picture(listed, out / "what_moves_the_list.svg")
    files = {"ranking": out / "ranking.csv", "workbook": out / "ranking.xlsx", "dossiers": written[-1],
             "picture": picture, "model": out / "runs" / run.id}  # fmt: skip
    return Demo(run, listed, files)

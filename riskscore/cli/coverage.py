"""``riskscore coverage``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say


@click.command()
@options.records
@options.as_of
@options.run
@options.store
@options.mapping
@options.format
@options.out
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML page with a map as well.")
@options.spoken
def coverage(
    records: str, as_of: str | None, run_id: str | None, store: Path, mapping: Path | None, format_: str,
    out: Path | None, page: Path | None,
) -> None:  # fmt: skip
    """Say where nobody looks: places of RECORDS by the time since any visit, by sector, region and kind of place.

    Places at which the rule in force allows no visit are counted apart. How much of the estimated risk lies at places
    without a visit in three years (the column '3+ years', among them 'never') is given with bounds, or not at all where
    the run refuses percentages.

      riskscore coverage sample_data --as-of 2025-01-01 --page coverage.html
    """
    from riskscore.pipeline.watching import coverage as look
    from riskscore.records.read import read_records
    from riskscore.report.atomic import write_text
    from riskscore.report.watch.coverage import coverage_html, coverage_table
    from riskscore.store import load_run

    run = load_run(store, run_id)
    found = look(run, read_records(records, mapping), as_of)
    put(coverage_table(found) if format_ == "table" else found.frame, format_, out,
        title=f"Where nobody looks, {found.as_of}")  # fmt: skip
    if page is not None:
        say(f"written: {write_text(page, coverage_html(found, run.id))}")
    if found.refusal:
        say(f"how much of the risk lies there is not told: {found.refusal}")

"""``riskscore check``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import printable, say


@click.command()
@options.records
@options.mapping
@click.option("--today", type=options.Day(), help="Dates after this day are wrong. Default: the newest recorded_on.")
@click.option("--rejected", type=click.Path(path_type=Path, dir_okay=False), help="CSV file for rows kept aside.")
@options.format
@options.out
@options.spoken
def check(
    records: str, mapping: Path | None, today: str | None, rejected: Path | None, format_: str, out: Path | None
) -> None:  # fmt: skip
    """List everything that is wrong with RECORDS: file, row, column, value, why, and what to do.

    Nothing is changed. Exit code 0: nothing wrong; 3: something was found.

      riskscore check sample_data
    """
    import datetime as dt

    from riskscore.records.check import check_records
    from riskscore.records.read import read_tolerantly
    from riskscore.records.rejects import write_rejected

    found = check_records(records, mapping, today=dt.date.fromisoformat(today) if today else None)
    if rejected is not None:
        say(f"written: {write_rejected(read_tolerantly(records, mapping).records, rejected)}")
    if format_ == "table" and out is None:
        click.echo(printable(found.text()))
    else:
        put(found.frame(), format_, out)
    if found.problems:
        raise click.exceptions.Exit(3)

"""``riskscore import``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say


@click.command("import")
@options.records
@click.option("--into", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder of the store.")
@options.mapping
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@options.format
@options.out
@options.spoken
def import_(records: str, into: Path, mapping: Path | None, dry_run: bool, format_: str, out: Path | None) -> None:
    """Add RECORDS to a record store, which remembers on which day it learned what.

    New rows are added; a row that changed becomes a correction of the one before; nothing is overwritten. Every
    command takes the store as RECORDS, and `rank --as-known-at` ranks with what it held on an earlier day.

      riskscore import sample_data --into records
    """
    import datetime as dt

    from riskscore.records.imports.append import import_records
    from riskscore.records.imports.compare import as_frame
    from riskscore.records.read import read_records

    found = read_records(records, mapping)
    told = import_records(found, into, dt.date.today(), dry_run=dry_run)
    put(as_frame(told), format_, out, title="Would be imported" if dry_run else "Imported")
    if found.rejected:
        say(f"kept aside or emptied: {sum(found.rejected.values()):,} (riskscore check tells which)")
    say("nothing was written" if dry_run else f"written: {into}")

"""``riskscore imports``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say

folder = click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path, file_okay=False, exists=True))


@click.group()
def imports() -> None:
    """Look at what was imported into a record store, compare extracts, undo an import."""


@imports.command("list")
@folder
@options.format
@options.out
@options.spoken
def list_(folder: Path, format_: str, out: Path | None) -> None:
    """List every import into the record store FOLDER, and what was undone.

    riskscore imports list records
    """
    from riskscore.records.imports.steps import as_frame

    put(as_frame(folder), format_, out, title=f"Imports into {folder}")


@imports.command()
@folder
@click.option("--why", required=True, help="The reason, in a sentence.")
@options.spoken
def undo(folder: Path, why: str) -> None:
    """Undo the newest import into FOLDER, by a step that is recorded like an import.

    What was known before the undoing can still be asked for with --as-known-at.

      riskscore imports undo records --why "the wrong file"
    """
    import datetime as dt

    from riskscore.records.imports.steps import undo as take_back

    step = take_back(folder, dt.date.today(), why)
    say(f"import {step.noted['undoes']} no longer counts, from {step.recorded_on} on.")


@imports.command()
@click.argument("earlier", metavar="EARLIER")
@click.argument("later", metavar="LATER")
@options.mapping
@click.option("--rows", is_flag=True, help="One line for each row that differs.")
@options.format
@options.out
@options.spoken
def diff(earlier: str, later: str, mapping: Path | None, rows: bool, format_: str, out: Path | None) -> None:
    """Say how the extract LATER differs from EARLIER; both are RECORDS. Exits with 3 if they do.

    riskscore imports diff extract-2024 extract-2025
    """
    from riskscore.records.imports.compare import as_frame, difference, rows_frame
    from riskscore.records.read import read_records

    found = difference(read_records(earlier, mapping), read_records(later, mapping))
    put(rows_frame(found) if rows else as_frame(found), format_, out, title="Rows that differ")
    if any(d.new or d.revised or d.gone for d in found):
        raise click.exceptions.Exit(3)

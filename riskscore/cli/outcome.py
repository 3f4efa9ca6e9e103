"""``riskscore outcome``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say, say_notes


@click.group()
def outcome() -> None:
    """Take back what became of a plan: visits made and not made, letters and meetings."""


@outcome.command("import")
@click.argument("store", metavar="STORE", type=click.Path(path_type=Path, file_okay=False))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--plan", type=click.Path(path_type=Path, exists=True, file_okay=False),
              help="Folder of the plan. Default: the folder of FILE.")  # fmt: skip
@click.option("--known-on", type=options.Day(), help="The day on which FILE was handed in. Default: today.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")
@options.format
@options.out
@options.spoken
def import_(
    store: Path, file: Path, plan: Path | None, known_on: str | None, dry_run: bool, format_: str, out: Path | None
) -> None:
    """Add the results in FILE, a form that `riskscore plan` wrote, to the record store STORE.

    Everything in FILE is added, or nothing: a line that does not fit the plan is told with its row and column. The same
    form read twice changes nothing, a corrected one becomes corrections, and `riskscore imports undo` takes it back.

      riskscore outcome import records plan/results.xlsx
    """
    import datetime as dt

    from riskscore.pipeline.outcome import import_outcome
    from riskscore.records.imports.compare import as_frame

    found = import_outcome(store, file, dt.date.today(), plan=plan, known_on=known_on, dry_run=dry_run)
    put(
        as_frame(found.added)[["table", "new", "revised"]], format_, out, title="Would be added" if dry_run else "Added"
    )
    say(f"{found.plan}: {', '.join(f'{n} {what}' for what, n in found.lines.items())}")
    say_notes(found.notes)
    if not found.added:
        say("nothing new: the store knew all of it")
    say("nothing was written" if dry_run or not found.added else f"written: {store}")


@outcome.command()
@options.records
@options.format
@options.out
@options.spoken
def visits(records: str, format_: str, out: Path | None) -> None:
    """Say of each plan in RECORDS how many visits were made, and why others were not.

    riskscore outcome visits records
    """
    from riskscore.planning.followed import visits_made
    from riskscore.records.read import read_records

    put(visits_made(read_records(records)), format_, out, title="Planned visits")


@outcome.command()
@options.records
@click.option("--rows", is_flag=True, help="One line for each employer.")
@options.format
@options.out
@options.spoken
def letters(records: str, rows: bool, format_: str, out: Path | None) -> None:
    """Say who was reached by letters and meetings, and what later visits found there and elsewhere.

    riskscore outcome letters records
    """
    from riskscore.planning.followed import NO_EFFECT, reached, what_followed
    from riskscore.records.read import read_records

    found = reached(read_records(records))
    put(found if rows else what_followed(found), format_, out, title="Letters and meetings")
    say_notes([NO_EFFECT])

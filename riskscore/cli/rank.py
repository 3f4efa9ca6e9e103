"""``riskscore rank``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.decided import decision, recorded
from riskscore.cli.printing import put
from riskscore.cli.words import say, say_notes


@click.command()
@options.records
@options.as_of
@options.as_known_at
@options.run
@options.store
@options.mapping
@click.option("--since", type=options.Day(), help="An earlier day: say how far each moved since, and why.")
@click.option("--keep", type=click.Path(path_type=Path), help="New folder: keep the list, its features and row hashes.")
@click.option("--against", type=click.Path(path_type=Path, file_okay=False),
              help="A list that was kept: name the rows that differ instead; exit 3 if any do.")  # fmt: skip
@click.option("--top", type=click.IntRange(min=1), help="Rows to show. Default: 20 in a table, else all.")
@options.language
@options.format
@options.out
@options.engine
@options.device
@options.pseudonymise
@recorded
@options.spoken
def rank(
    records: str, as_of: str | None, as_known_at: str | None, run_id: str | None, store: Path,
    mapping: Path | None, since: str | None, top: int | None, language: str, format_: str, out: Path | None,
    engine: str | None, pseudonymise: Path | None, keep: Path | None, against: Path | None, place: str | None,
    role: str | None, who: str | None, why: str | None,
) -> None:  # fmt: skip
    """Rank everybody in the register of RECORDS on a day, with the main reasons.

    Urgent reports head the list, whatever their rank by score. The band is a share of the list (A is the first 1 %
    unless the recipe says otherwise). A percentage is shown only where enough outcomes support one. With --keep,
    --role, --who and --why the list is kept, and written to the ledger as the one in use.

      riskscore rank sample_data --as-of 2025-01-01 --format xlsx --out list.xlsx
    """
    from dataclasses import replace

    from riskscore.folders import MANIFEST
    from riskscore.pipeline.kept import differing
    from riskscore.pipeline.kept import keep as write_kept
    from riskscore.pipeline.listing import rank_list, shown
    from riskscore.pipeline.prepare import default_day
    from riskscore.records.pseudonyms import read_key
    from riskscore.records.read import read_records
    from riskscore.store import load_run

    if (keep or against) and pseudonymise:
        raise click.UsageError("A list is kept and compared by its ids: leave --pseudonymise away.")
    decided = decision(place, role, who, why, keep, "--keep FOLDER")
    work = options.work_on(engine)
    pseudonyms = None if pseudonymise is None else read_key(pseudonymise)
    run, found = load_run(store, run_id), read_records(records, mapping, as_known_at=as_known_at)
    day = as_of or default_day(found)
    listed = rank_list(run, found, day, since=since, language=language, work=work)
    listed = replace(listed, pseudonyms=pseudonyms)
    if keep is not None:
        say(f"kept: {write_kept(listed, keep)}")
        if decided is not None:
            decided.write("ranked", run.id, keep / MANIFEST)
    if against is not None:
        rows = differing(listed, against)
        put(rows, format_, out, title=f"Rows that differ from {against}")
        say(f"{len(rows):,} rows differ" if len(rows) else "no row differs, bit for bit")
        raise click.exceptions.Exit(3 if len(rows) else 0)
    frame = shown(listed, brief=format_ == "table")
    put(frame.head(top or (20 if format_ == "table" and out is None else len(frame))), format_, out,
        title=f"{run.model.recipe.title}, as of {day}")  # fmt: skip
    say_notes(listed.notes)
    say("The list says where to look; it is no evidence and says nothing about guilt.")

"""``riskscore why``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import printable


@click.command()
@click.argument("entity", metavar="ID")
@options.records
@options.as_of
@options.run
@options.store
@options.mapping
@click.option("--place", "place", multiple=True, metavar="COLUMN=VALUE",
              help="ID is in no register: add it by hand, as in --place site_type=high-rise.")  # fmt: skip
@options.language
@options.spoken
def why(
    entity: str, records: str, as_of: str | None, run_id: str | None, store: Path, mapping: Path | None,
    place: tuple[str, ...], language: str,
) -> None:  # fmt: skip
    """Say why the place or employer ID is, or is not, on the list of a day.

    With --place the ID is added to the register by hand for this question alone and scored as new; nothing is written.

      riskscore why S0001 sample_data --as-of 2025-01-01
    """
    from riskscore.pipeline.prepare import default_day
    from riskscore.pipeline.why import why as ask
    from riskscore.records.read import read_records
    from riskscore.store import load_run

    run, found = load_run(store, run_id), read_records(records, mapping)
    wrong = [p for p in place if "=" not in p]
    if wrong:
        raise click.BadParameter(f"'{wrong[0]}' is not COLUMN=VALUE.", param_hint="--place")
    added = dict(p.split("=", 1) for p in place)
    for line in ask(run, found, entity, as_of or default_day(found), added, language):
        click.echo(printable(line))

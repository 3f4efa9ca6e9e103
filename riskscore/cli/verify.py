"""``riskscore verify``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import printable, say

SHOWN = 20  # differences; the rest is counted


@click.command()
@click.argument("dossier", metavar="DOSSIER", type=click.Path(path_type=Path))
@click.argument("records", metavar="[RECORDS]", required=False)
@click.option("--as-known-at", type=options.Day(), help="RECORDS is a record store: use what it held on that day. "
              "Default: the day that the dossier names.")  # fmt: skip
@options.store
@options.mapping
@options.pseudonymise
@click.option("--signed-by", type=click.Path(path_type=Path, dir_okay=False),
              help="Public key: check DOSSIER.sig, the signature beside the dossier.")  # fmt: skip
@options.spoken
def verify(
    dossier: Path, records: str | None, as_known_at: str | None, store: Path, mapping: Path | None,
    pseudonymise: Path | None, signed_by: Path | None,
) -> None:  # fmt: skip
    """Make a JSON dossier again from its run and RECORDS, and compare every number and every text.

    The run's own definitions are used, whatever has changed since, and of a record store what it held when the
    dossier was made. Says which fields and records differ, with both values, and exits with 3 if any does. Without
    RECORDS only the signature is checked; that works for pages too.

      riskscore verify dossiers/S0001.json sample_data
    """
    from riskscore.pipeline.verify import read_dossier
    from riskscore.pipeline.verify import verify as compare
    from riskscore.records.pseudonyms import read_key
    from riskscore.records.read import read_records
    from riskscore.report.signature import is_signed, public_key

    if records is None and signed_by is None:
        raise click.UsageError("Give RECORDS to make the dossier again, or --signed-by to check its signature.")
    wrong = False
    if signed_by is not None:
        wrong = not is_signed(dossier, public_key(signed_by))
        click.echo(f"{dossier}: the signature is {'NOT ' if wrong else ''}that of the key's owner over this file.")
    if records is not None:
        pseudonyms = None if pseudonymise is None else read_key(pseudonymise)
        named = read_dossier(dossier).get("as_known_at")
        day = as_known_at or (None if named is None else str(named))
        found = compare(dossier, read_records(records, mapping, as_known_at=day), store, pseudonyms)
        for difference in found.differences[:SHOWN]:
            click.echo(printable(f"  {difference}"))
        if len(found.differences) > SHOWN:
            click.echo(f"  ... and {len(found.differences) - SHOWN} more")
        for note in found.notes:
            say(note)
        n = len(found.differences)
        outcome = f"{n:,} of {found.values:,} values differ" if n else f"all {found.values:,} values are as written"
        click.echo(f"{dossier}: {found.entity} by run {found.run}: {outcome}.")
        wrong |= bool(n)
    if wrong:
        raise click.exceptions.Exit(3)

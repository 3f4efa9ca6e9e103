"""``riskscore explain``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.decided import head, ledger_in_use
from riskscore.cli.words import say


@click.command()
@options.records
@click.option("--entity", "entities", multiple=True, metavar="ID", help="Whom to explain; may be given several times.")
@click.option("--top", type=click.IntRange(min=1), help="The first N of the list instead.")
@options.as_of
@options.as_known_at
@options.run
@options.store
@options.mapping
@options.language
@click.option("--audience", type=click.Choice(["supervisor", "prosecutor", "field", "employer"]), default="supervisor",
              show_default=True, help="Whose copy it is. Reports stand in full for the prosecutor alone, by quarter "
              "for the supervisor, and not at all for the field and the employer.")  # fmt: skip
@click.option("--type", "type_", type=click.Choice(["html", "pdf", "json"]), default="html", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("dossiers"), show_default=True,
              help="Folder for the dossiers and their index.")  # fmt: skip
@ledger_in_use
@options.pseudonymise
@click.option("--sign", type=click.Path(path_type=Path, dir_okay=False), metavar="KEYFILE",
              help="Ed25519 private key (PEM): write a signature beside each dossier.")  # fmt: skip
@options.spoken
def explain(
    records: str, entities: tuple[str, ...], top: int | None, as_of: str | None, as_known_at: str | None,
    run_id: str | None, store: Path, mapping: Path | None, language: str, audience: str, type_: str, out: Path,
    pseudonymise: Path | None, sign: Path | None, place: str | None,
) -> None:  # fmt: skip
    """Write a dossier for each ID: the records first, the reasons with the records behind them, the score last.

    HTML is one file a dossier, opens offline and prints on A4; PDF has the same pages (extra pdf), JSON the same
    content. An index page lists them. A field sheet has no score; the employer's copy says how to object. Where a
    ledger is in use, each dossier holds its head, signed with the key of --sign.

      riskscore explain sample_data --as-of 2025-01-01 --top 10 --out dossiers
    """
    from dataclasses import replace

    from riskscore.pipeline.dossiers import write_dossiers, write_picture
    from riskscore.pipeline.listing import rank_list
    from riskscore.pipeline.prepare import default_day
    from riskscore.records.pseudonyms import read_key
    from riskscore.records.read import read_records
    from riskscore.report.signature import private_key
    from riskscore.report.signature import sign as put_signature
    from riskscore.store import load_run

    if bool(entities) == (top is not None):
        raise click.UsageError("Give either --entity ID or --top N.")
    if out.suffix in (".html", ".pdf", ".json"):
        raise click.UsageError(f"--out is a folder, each dossier a file in it: name one such as '{out.stem}'.")
    key = None if sign is None else private_key(sign)
    pseudonyms = None if pseudonymise is None else read_key(pseudonymise)
    ledger_head = head(place, key)
    run, found = load_run(store, run_id), read_records(records, mapping, as_known_at=as_known_at)
    listed = rank_list(run, found, as_of or default_day(found), language=language)
    listed = replace(listed, pseudonyms=pseudonyms, ledger=ledger_head)
    chosen = list(entities) or [str(e) for e in listed.frame["entity"].head(top or 0)]
    written = write_dossiers(listed, chosen, out, type_, language, audience=audience)
    if key is not None:
        for path in written[:-1]:
            put_signature(path, key)
    say(f"dossiers written: {len(written) - 1}; their index: {written[-1]}")
    if type_ == "html":
        say(f"what moves the list: {write_picture(listed, out / 'what_moves_the_list.svg')}")
    click.echo(written[-1])

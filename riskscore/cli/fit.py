"""``riskscore fit``."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import click

from riskscore.cli import options
from riskscore.cli.words import progress, say


@click.command()
@options.records
@options.recipe
@options.as_of
@options.mapping
@options.definitions
@options.store
@options.engine
@options.device
@options.spoken
def fit(
    records: str, recipe: str, as_of: str | None, mapping: Path | None, definitions: Path | None, store: Path,
    engine: str | None,
) -> None:  # fmt: skip
    """Train a recipe on RECORDS and keep the run.

    Reads a folder of tables, a workbook, one file with a mapping, or a database URL. Trains on what was known before
    --as-of (default: the day after the newest visit), calibrates on later dates, measures the newest past date beside
    the baselines, and writes a folder under --store with the model, the text of its definitions and the hashes of the
    records.

      riskscore fit sample_data --recipe site_risk --as-of 2025-01-01
    """
    from riskscore.pipeline.learn import fit as train
    from riskscore.records.read import read_records

    work, found = options.work_on(engine), read_records(records, mapping)
    run = train(found, recipe, as_of, definitions=definitions, store=store, say=progress(), work=work)
    show_card(run.manifest)  # type: ignore[union-attr]
    say(f"run: {store / run.id}")  # type: ignore[union-attr]
    click.echo(run.id)  # type: ignore[union-attr]


def show_card(manifest: Any) -> None:
    """Say what the model was made of and how it did, beside the baselines."""
    from riskscore.pipeline.card import card_lines

    for line in card_lines(manifest):
        # what follows a label is indented below it; a row of the table is never longer than a terminal
        say(textwrap.fill(line, 100, subsequent_indent=" " * 15, drop_whitespace=len(line) > 100))

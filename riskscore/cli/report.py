"""``riskscore report``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import progress, say


@click.command()
@options.records
@options.run
@options.store
@options.mapping
@click.option("--type", "type_", type=click.Choice(["html", "json"]), default="html", show_default=True)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write. Default: RUN.html or .json."
)
@options.spoken
def report(records: str, run_id: str | None, store: Path, mapping: Path | None, type_: str, out: Path | None) -> None:
    """Write the report of a stored run: how good it is, for whom, and where it ends.

    The run's recipe is tried on past dates of RECORDS, beside simpler ways, and audited: whom it burdens, whom it
    passes over, whether it gives away who the workers are. HTML is one file with its pictures, opens offline and prints
    on A4; its headings are those of a model card, and a table says which points of Annex IV of the EU AI Act it
    answers. The exit code is 3 where the audit blocks the model.

      riskscore report sample_data --out model_report.html
    """
    from riskscore.pipeline.model_report import model_report
    from riskscore.records.read import read_records
    from riskscore.report.write_model import write_model
    from riskscore.store import load_run

    run = load_run(store, run_id)
    found = model_report(run, read_records(records, mapping), progress())
    path = write_model(found, out or Path(f"{run.id}.{type_}"), type_)
    click.echo(path)
    for reason in found.audit.reasons:
        say(f"blocks it: {reason}")
    if not found.audit.passed:
        raise click.exceptions.Exit(3)

"""``riskscore runs``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import progress, say


@click.group()
def runs() -> None:
    """List and show what was fitted, and say which run is in office."""


@runs.command("list")
@options.store
@options.format
@options.out
@options.spoken
def list_(store: Path, format_: str, out: Path | None) -> None:
    """List the runs of a store, the newest first.

    riskscore runs list
    """
    import pandas as pd

    from riskscore.champion import champion
    from riskscore.store import runs as found

    rows = [
        {"run": m["run"], "recipe": m["recipe"], "as of": m["as_of"], "created": m["created"],
         "champion": "yes" if champion(store, m["recipe"]) == m["run"] else "",
         "positives": m["counts"]["training positives"], "auc": m["card"]["metrics"]["auc"]["model"]}
        for m in found(store)
    ]  # fmt: skip
    put(pd.DataFrame(rows), format_, out, title=f"Runs in {store}")


@runs.command()
@click.argument("run_id", metavar="RUN")
@options.store
@options.spoken
def show(run_id: str, store: Path) -> None:
    """Show the manifest of RUN and what the gate said of it, after checking that no file was altered.

    riskscore runs show site_risk-2025-01-01-1a2b3c4d
    """
    import json
    from dataclasses import asdict

    from riskscore.store import load_run
    from riskscore.verdict import verdicts_of

    manifest = load_run(store, run_id).manifest
    said = [{**asdict(one), "passed": one.passed, "sha256": one.digest} for one in verdicts_of(store, run_id)]
    click.echo(json.dumps({**manifest, "verdicts": said}, indent=1, ensure_ascii=False, sort_keys=True))


@runs.command()
@click.argument("run_id", metavar="A")
@click.argument("other_id", metavar="B")
@options.records
@options.store
@options.mapping
@options.format
@options.out
@options.spoken
def compare(
    run_id: str, other_id: str, records: str, store: Path, mapping: Path | None, format_: str, out: Path | None
) -> None:
    """Compare the runs A and B on the same places of past dates of RECORDS.

    Runs of one recipe are compared as they are stored, on dates whose outcomes neither has learned from; of different
    recipes both are fitted again at past dates. What was found at visited places stands apart from what is corrected
    for who was visited. Intervals of the difference are paired: linked employers are resampled together.

      riskscore runs compare site_risk-2025-01-01-1a2b3c4d site_risk-2024-01-01-5e6f7a8b sample_data
    """
    from riskscore.cli.printing import put_text
    from riskscore.pipeline.paired import compare_runs
    from riskscore.records.read import read_records
    from riskscore.report.gate_text import comparison_text
    from riskscore.store import load_run

    table, said = compare_runs(load_run(store, run_id), load_run(store, other_id), read_records(records, mapping),
                               progress())  # fmt: skip
    if format_ == "table":
        put_text(comparison_text(table, run_id, other_id, said), out)
    else:
        put(table, format_, out)


@runs.command()
@click.argument("run_id", metavar="RUN")
@click.argument("records", metavar="[RECORDS]", required=False)
@click.option("--override", "reason", default="", help="Why it comes into office all the same; kept in the store.")
@options.store
@options.mapping
@options.spoken
def promote(run_id: str, records: str | None, reason: str, store: Path, mapping: Path | None) -> None:
    """Put RUN in office, if the gate lets it pass: other commands take it where no run is named.

    The gate compares RUN with the champion on past dates of RECORDS, those that RUN was made from, and audits it. What
    it said is kept in the store; where it was asked before, RECORDS can be left out. If a part is not passed the exit
    code is 3 and nobody's office changes, unless --override says why it must: the reason is kept, and what failed.

      riskscore runs promote site_risk-2025-01-01-1a2b3c4d sample_data
    """
    import datetime as dt

    from riskscore.champion import champion, keep_verdict, known, standing_verdict
    from riskscore.champion import promote as name
    from riskscore.pipeline.gate import gate
    from riskscore.records.read import read_records
    from riskscore.report.gate_text import verdict_text
    from riskscore.store import load_run
    from riskscore.store import runs as found

    recipe = str(known(run_id, found(store), store)["recipe"])
    run = load_run(store, run_id)  # an altered run never comes into office
    if records is None:
        verdict = standing_verdict(store, run_id, recipe)
    else:
        office = champion(store, recipe)
        verdict = gate(run, load_run(store, office) if office else None, read_records(records, mapping), say=progress())
        keep_verdict(store, verdict)
    if verdict is not None:
        click.echo(verdict_text(verdict), nl=False)
    if verdict is not None and not verdict.passed and not reason.strip():
        say("nothing has changed: " + ", ".join(part.name for part in verdict.failed))
        raise click.exceptions.Exit(3)
    name(store, run_id, recipe, dt.datetime.now(dt.UTC).date().isoformat(), reason, verdict)
    say(f"champion of {recipe}: {run_id}")


@runs.command()
@options.recipe
@click.option("--reason", required=True, help="Why; kept in the store.")
@options.store
@options.spoken
def rollback(recipe: str, reason: str, store: Path) -> None:
    """Put the champion before the present one back in office.

    riskscore runs rollback --recipe site_risk --reason "the new list repeats closed sites"
    """
    import datetime as dt

    from riskscore.champion import rollback as back

    run = back(store, recipe, dt.datetime.now(dt.UTC).date().isoformat(), reason)
    say(f"champion of {recipe}: {run}")


@runs.command()
@click.option("--keep", type=click.IntRange(min=0), default=5, show_default=True, help="Newest of each recipe kept.")
@options.store
@options.spoken
def prune(keep: int, store: Path) -> None:
    """Delete old runs; one that is or was champion always stays, since a past list may have to be made again.

    riskscore runs prune --keep 3
    """
    from riskscore.champion import prune as clear
    from riskscore.store import runs as found

    gone = clear(store, found(store), keep)
    for run in gone:
        click.echo(run)
    say(f"{len(gone)} runs deleted")

"""``riskscore runs``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say


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
    """Show the manifest of RUN, after checking that none of its files was altered.

    riskscore runs show site_risk-2025-01-01-1a2b3c4d
    """
    import json

    from riskscore.store import load_run

    click.echo(json.dumps(load_run(store, run_id).manifest, indent=1, ensure_ascii=False, sort_keys=True))


@runs.command()
@click.argument("run_id", metavar="RUN")
@click.option("--override", "reason", required=True, help="Why it is promoted without a gate; kept in the store.")
@options.store
@options.spoken
def promote(run_id: str, reason: str, store: Path) -> None:
    """Put RUN in office: other commands take it where no run is named.

    Nothing measures yet whether RUN is better than the champion, so every promotion overrides the gate: it needs a
    reason, and the reason is kept. Compare both by riskscore backtest first.

      riskscore runs promote site_risk-2025-01-01-1a2b3c4d --override "first run; backtest read by both supervisors"
    """
    import datetime as dt

    from riskscore.champion import known
    from riskscore.champion import promote as name
    from riskscore.store import load_run
    from riskscore.store import runs as found

    manifest = known(run_id, found(store), store)
    load_run(store, run_id)  # an altered run never comes into office
    name(store, run_id, str(manifest["recipe"]), dt.datetime.now(dt.UTC).date().isoformat(), reason)
    say(f"champion of {manifest['recipe']}: {run_id}")


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

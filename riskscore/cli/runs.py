"""``riskscore runs``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put


@click.group()
def runs() -> None:
    """List and show what was fitted."""


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

    from riskscore.store import runs as found

    rows = [
        {"run": m["run"], "recipe": m["recipe"], "as of": m["as_of"], "created": m["created"],
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

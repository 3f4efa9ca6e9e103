"""Tables to standard output or to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from riskscore.cli.words import say

if TYPE_CHECKING:
    import pandas as pd


def put(frame: pd.DataFrame, format_: str, out: Path | None, title: str = "") -> None:
    """Print a table, or write it and say where."""
    from riskscore.report.tables import write_table

    text = write_table(frame, format_, out, title=title)
    if text is not None:
        click.echo(text, nl=not text.endswith("\n"))
    if out is not None:
        say(f"written: {out} ({len(frame):,} rows)")


def put_text(text: str, out: Path | None) -> None:
    """Print a text, or write it and say where."""
    from riskscore.report.atomic import write_text

    if out is None:
        click.echo(text, nl=not text.endswith("\n"))
        return
    write_text(out, text)
    say(f"written: {out}")

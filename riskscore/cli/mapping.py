"""``riskscore mapping``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import say


@click.group()
def mapping() -> None:
    """Name the columns of a foreign export."""


@mapping.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write. Default: standard output.")
@options.spoken
def suggest(files: tuple[Path, ...], out: Path | None) -> None:
    """Draft a mapping for FILES from their headers and values.

    Comments say how sure each line is and which columns found no place. Read it, mend it, then check:

      riskscore mapping suggest export.csv --out mapping.toml
    """
    from riskscore.records.suggest import suggest_mapping
    from riskscore.report.atomic import write_text

    text = suggest_mapping(list(files))
    if out is None:
        click.echo(text, nl=False)
        return
    if out.exists():
        raise click.UsageError(f"'{out}' is there already; name another file.")
    write_text(out, text)
    say(f"written: {out}; read it before you use it")

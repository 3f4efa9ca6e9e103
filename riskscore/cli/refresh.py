"""``riskscore refresh``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import printable, say


class Locked(click.ClickException):
    """Another refresh is at work."""

    exit_code = 4


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@options.spoken
def refresh(file: Path) -> None:
    """Retrain as FILE says: import what is new, check, fit, measure, ask the gate, report; promote what passes.

    FILE is TOML; `riskscore init` writes one to change. Prints the folder of the report. Whatever fails or is refused
    leaves the run in office. A refresh that was cut off goes on where it was when the command is typed again. The exit
    code is 0 where a run was promoted or nothing was new, 1 for an error, 3 where the check or the gate refused, 4
    where another refresh of the same store is at work. All that is said stands in refresh.log too.

      riskscore refresh refresh.toml --quiet
    """
    from riskscore.lock import Held
    from riskscore.pipeline.refresh.refresh import refresh as retrain
    from riskscore.pipeline.refresh.settings import read_settings

    try:
        done = retrain(read_settings(file), say=say)
    except Held as held:
        raise Locked(str(held)) from held
    click.echo(done.folder)
    for text in (f"{done.outcome}:", *done.why):
        click.echo(printable(text), err=True) if done.refused else say(text)  # --quiet does not hide a refusal
    if done.refused:
        raise click.exceptions.Exit(3)

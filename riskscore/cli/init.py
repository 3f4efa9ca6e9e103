"""``riskscore init``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import say


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@options.spoken
def init(folder: Path) -> None:
    """Make FOLDER for an office of your own: records/, features/, models/ and a page of next steps.

    riskscore init our_office
    """
    from riskscore.pipeline.project import make_project

    for path in make_project(folder):
        say(f"written: {path}")

"""``riskscore demo``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import progress, say, say_notes


@click.command()
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), show_default=True,
              help="Folder for everything that is made.")  # fmt: skip
@options.spoken
def demo(out: Path) -> None:
    """Go the whole way on sample data: check, fit, rank, explain.

    The records are synthetic. Prints the first places of the list and where the ranking and the reports lie.

      riskscore demo
    """
    from riskscore.cli.fit import show_card
    from riskscore.cli.printing import put
    from riskscore.pipeline.demo import DEMO_DAY, run_demo
    from riskscore.pipeline.listing import shown

    made = run_demo(out, progress())
    show_card(made.run.manifest)
    say("")
    put(shown(made.listed, brief=True).head(8), "table", None, title=f"{made.run.model.recipe.title}, as of {DEMO_DAY}")
    say_notes(made.listed.notes)
    click.echo("The list says where to look; it is no evidence and says nothing about guilt.\n")
    for what, path in made.files.items():
        click.echo(f"{what:12}{path}")

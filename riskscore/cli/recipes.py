"""``riskscore recipes``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say


@click.group()
def recipes() -> None:
    """List, show and add recipes: what is sought."""


@recipes.command("list")
@options.definitions
@options.format
@options.out
@options.spoken
def list_(definitions: Path | None, format_: str, out: Path | None) -> None:
    """List every recipe.

    riskscore recipes list
    """
    import pandas as pd

    from riskscore.definitions.catalog import load_catalog

    rows = [
        {"recipe": r.name, "entity": r.entity, "ranks by": r.rung(r.rank_by).title, "horizon": r.horizon.name,
         "families": " ".join(r.families), "title": r.title}
        for r in load_catalog(definitions).recipes.values()
    ]  # fmt: skip
    put(pd.DataFrame(rows), format_, out, title="Recipes")


@recipes.command()
@click.argument("name")
@options.definitions
@options.spoken
def show(name: str, definitions: Path | None) -> None:
    """Show recipe NAME as it stands.

    riskscore recipes show site_risk
    """
    from riskscore.definitions.catalog import load_catalog

    click.echo(load_catalog(definitions).recipe(name).text, nl=False)


@recipes.command()
@click.argument("name")
@click.option("--in", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default=True,
              help="Folder above models/ and tests/.")  # fmt: skip
@options.spoken
def new(name: str, folder: Path) -> None:
    """Write recipe NAME as a commented TOML file, and its test.

    riskscore recipes new farm_risk --in mine
    """
    from riskscore.definitions.scaffold import new_recipe

    for path in new_recipe(folder, name):
        say(f"written: {path}")

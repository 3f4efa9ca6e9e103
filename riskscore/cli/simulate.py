"""``riskscore simulate``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.words import say


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--sites", type=click.IntRange(min=100), default=4000, show_default=True)
@click.option("--first", type=click.IntRange(2000, 2100), default=2016, show_default=True, help="First year.")
@click.option("--last", type=click.IntRange(2000, 2100), default=2024, show_default=True, help="Last year.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--setting", type=click.Choice(["ignorable", "hidden"]), default="ignorable", show_default=True,
              help="hidden: visits also follow tips that no record shows.")  # fmt: skip
@click.option("--format", "format_", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@options.spoken
def simulate(folder: Path, sites: int, first: int, last: int, seed: int, setting: str, format_: str) -> None:
    """Write synthetic records with known truth to FOLDER.

    Employers, sites and every table, with selected visits, late and corrected rows, and a suspension; the latent risk
    of each site lies apart, in truth/.

      riskscore simulate made_up --sites 2000 --seed 7
    """
    from riskscore.simulate import simulate as make
    from riskscore.simulate import write_simulation

    if last < first:
        raise click.BadParameter("is before --first.", param_hint="--last")
    if folder.exists() and any(folder.iterdir()):
        raise click.UsageError(f"'{folder}' is not empty; name a new folder.")
    made = make(sites=sites, years=(first, last), seed=seed, setting=setting)  # type: ignore[arg-type]
    write_simulation(made, folder, first=first, format=format_)  # type: ignore[arg-type]
    say(f"written: {folder} ({len(made.records['inspections'].frame):,} visits)")

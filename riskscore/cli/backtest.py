"""``riskscore backtest``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import progress, say


@click.command()
@options.records
@options.recipe
@options.as_of
@options.mapping
@options.definitions
@click.option("--origins", type=click.IntRange(min=1), help="Number of past dates. Default: the recipe's.")
@click.option(
    "--by", type=click.Choice(["trigger", "era"]), help="Split the figures by why a visit was made, or by rule."
)
@options.format
@options.out
@options.device
@options.spoken
def backtest(
    records: str, recipe: str, as_of: str | None, mapping: Path | None, definitions: Path | None,
    origins: int | None, by: str | None, format_: str, out: Path | None,
) -> None:  # fmt: skip
    """Try a recipe on past dates of RECORDS, beside what an office could do without it.

    At each past date the model is trained on what was known then, and the visits that followed are ranked by it, at
    random, by the last finding, by the prior rate, by the newest report, and by a logistic regression. A table shows
    means over the dates; the other formats hold every date with its 95 % intervals (resampled by employer). All
    figures are of places that were visited. They can be split by trigger (why the visit was made) and by era (the rule
    about visiting in force on the day).

      riskscore backtest sample_data --recipe site_risk --origins 2
    """
    from riskscore.pipeline.learn import run_backtest
    from riskscore.records.read import read_records

    found = run_backtest(
        read_records(records, mapping), recipe, as_of, definitions=definitions, origins=origins, say=progress()
    )
    if by is not None:
        from riskscore.learn.by_group import by_group, means_by_group

        split = by_group(found.rows, by, list(dict.fromkeys(found.frame["model"])), found.frame["share"].max())
        if format_ == "table":
            split = means_by_group(split, by)
        put(split, format_, out, title=f"{recipe}: means over the past dates, by {by}")
        return
    if format_ != "table":
        put(found.frame, format_, out)
        return
    dates = found.frame.drop_duplicates("origin")
    for row in dates.itertuples():
        say(f"{row.origin}: {row.visited:,} places visited afterwards, {row.positives:,} positive")
    put(found.mean().reset_index(), format_, out, title=f"{recipe}: means over {len(dates)} past dates")

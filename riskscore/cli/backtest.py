"""``riskscore backtest``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put, put_text
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
@click.option("--full", is_flag=True, help="Also show employers new to the model, and coverage by region and sector.")
@options.format
@options.out
@options.device
@options.spoken
def backtest(
    records: str, recipe: str, as_of: str | None, mapping: Path | None, definitions: Path | None,
    origins: int | None, by: str | None, full: bool, format_: str, out: Path | None,
) -> None:  # fmt: skip
    """Try a recipe on past dates of RECORDS, beside what an office could do without it.

    At each past date the model is trained on what was known then, and the places on the list of that day are ranked by
    it, at random, by the last finding, by the prior rate, by the newest report, and by a logistic regression.

    The first table is of places that somebody visited, means over the dates. The second, of the newest date, is
    corrected for who was visited: 95 % intervals (resampled by employer), the best simple rule, and how far unseen
    causes could move it. The third gives each office as many places as it visited in the year before: what it would
    have found, and how many days earlier, had the same visits been made in the list's order. JSON holds all of it for
    every date; csv, parquet and xlsx hold the figures of the first table. These can be split by trigger (why the visit
    was made) and by era (the rule about visiting in force on the day).

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
    for row in found.frame.drop_duplicates("origin").itertuples():
        say(f"{row.origin}: {row.visited:,} places visited afterwards, {row.positives:,} positive")
    if format_ not in ("table", "json"):
        put(found.frame, format_, out)
        return
    from riskscore.report.backtest_text import backtest_json, backtest_text

    put_text(backtest_json(found) if format_ == "json" else backtest_text(found, recipe, full=full), out)

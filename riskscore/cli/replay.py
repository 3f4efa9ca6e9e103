"""``riskscore replay``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put, put_text
from riskscore.cli.words import progress, say


@click.command()
@options.records
@click.option("--offices", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="TOML file of offices, as for plans.")  # fmt: skip
@options.recipe
@options.as_of
@click.option("--origins", type=click.IntRange(min=1), help="Number of past dates. Default: the recipe's.")
@click.option("--period", help="How long after each date, such as '3 months'. Default: the recipe's horizon.")
@click.option("--explore", type=click.FloatRange(0, 1), default=0.1, show_default=True,
              help="Share of the plan's visits that is drawn at random.")  # fmt: skip
@options.mapping
@options.definitions
@options.format
@options.out
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML page as well.")
@options.device
@options.spoken
def replay(
    records: str, offices: Path, recipe: str, as_of: str | None, origins: int | None, period: str | None,
    explore: float, mapping: Path | None, definitions: Path | None, format_: str, out: Path | None, page: Path | None,
) -> None:  # fmt: skip
    """Replay past dates of RECORDS: what plan and list would have brought beside the visits made.

    On each date the recipe learns from what was known then. The plan, the list in order and the simple rules of
    backtests then choose as many places for each office as it visited of its own accord. What visits found at chosen
    places is counted; what the other chosen places hold is estimated, with a 95 % interval and the Gamma up to which a
    lead holds, or refused with the reason. The two stand in two tables. Kilometres, people at work, coverage and how
    much a choice follows earlier visits are shown beside them. In csv and parquet each figure's row says which it is.

      riskscore replay sample_data --recipe site_risk --offices sample_data/offices.toml --page replay.html
    """
    from riskscore.dates import Period
    from riskscore.pipeline.replay import replay as replayed
    from riskscore.records.read import read_records
    from riskscore.report.atomic import write_text
    from riskscore.report.replay_html import replay_html
    from riskscore.report.replay_text import figures, replay_json, replay_text, write_sheets

    if format_ == "xlsx" and out is None:
        raise click.UsageError("xlsx cannot be shown on a terminal: name a file by --out.")
    found = replayed(
        read_records(records, mapping), recipe, as_of, offices=offices, definitions=definitions, origins=origins,
        period=Period.parse(period) if period else None, explore=explore, say=progress(),
    )  # fmt: skip
    if format_ == "xlsx" and out is not None:
        say(f"written: {write_sheets(found, out)}")
    elif format_ in ("table", "json"):
        put_text(replay_json(found) if format_ == "json" else replay_text(found), out)
    else:
        put(figures(found), format_, out)
    if page is not None:
        say(f"written: {write_text(page, replay_html(found))}")
    say("What would have been found is no evidence about any place, and says nothing about guilt.")

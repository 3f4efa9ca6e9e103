"""``riskscore indicators``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say


@click.command()
@options.records
@click.option("--year", type=click.IntRange(1900, 2200), required=True, help="The year of the figures.")
@options.as_of
@click.option("--since", type=options.Day(), help="An earlier day: say what changed since. Default: the year's end.")
@options.mapping
@click.option("--figures", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="TOML file with definitions of your own.")  # fmt: skip
@options.language
@options.format
@options.out
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML page as well.")
@click.option("--rows", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows behind, as CSV.")
@options.spoken
def indicators(
    records: str, year: int, as_of: str | None, since: str | None, mapping: Path | None, figures: Path | None,
    language: str, format_: str, out: Path | None, page: Path | None, rows: Path | None,
) -> None:  # fmt: skip
    """Count the yearly figures of RECORDS, each with its change on the year before, as in "512 (+143)".

    Each figure comes from rows, or from the table 'counts' where nobody has rows; the table says which. CSV, Excel and
    the page split them by authority, region and sector; the page has what each figure counts and the ids of the rows.
    Only rows known before --as-of count. A row that comes in late changes a figure, and that is said.

      riskscore indicators sample_data --year 2023 --page figures.html
    """
    from riskscore.pipeline.watching import indicators as count
    from riskscore.records.read import read_records
    from riskscore.report.atomic import write_text
    from riskscore.report.tables import write_table
    from riskscore.report.watch.yearly import yearly_html, yearly_table

    found = count(read_records(records, mapping), year, as_of, since=since, figures=figures)
    put(yearly_table(found, language, brief=format_ == "table"), format_, out,
        title=f"Figures of {year}, known before {found.as_of}")  # fmt: skip
    if page is not None:
        say(f"written: {write_text(page, yearly_html(found, language))}")
    if rows is not None:
        write_table(found.rows, "csv", rows)
        say(f"written: {rows} ({len(found.rows):,} rows)")
    whole = found.frame[found.frame["by"] == "all"]
    changed = whole[whole["was"].notna() & (whole["was"] != whole["value"])]
    if len(changed):
        say(f"{len(changed)} figures changed since {found.since}, as rows came in late or were corrected: "
            + ", ".join(changed["figure"]))  # fmt: skip
    for row in whole[whole["note"] != ""].itertuples():
        say(f"{row.figure}: {row.note}")

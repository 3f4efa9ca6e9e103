"""``riskscore trial``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say, say_notes


@click.group()
def trial() -> None:
    """Try in the field whether visits by the list find more than visits chosen the present way.

    A trial is designed and registered before it begins, and analysed once after its end.
    """


@trial.command()
@options.records
@click.option("--unit", type=click.Choice(["week", "office", "place"]), default="week", show_default=True,
              help="What is drawn into an arm.")  # fmt: skip
@options.as_of
@click.option("--from", "first", type=options.Day(), help="First day of the trial. Default: the day of the list.")
@click.option("--weeks", type=click.IntRange(min=2), default=26, show_default=True, help="Length of the trial.")
@click.option("--visits", type=click.IntRange(min=2), help="Visits of the whole trial that offices choose themselves.")
@click.option("--offices", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="Instead of --visits: what the offices of a TOML file can do.")  # fmt: skip
@click.option("--share", type=click.FloatRange(0, 1, min_open=True, max_open=True),
              help="Share of visits with a find the present way. Default: that of the past three years.")  # fmt: skip
@click.option("--detect", type=click.FloatRange(0, 1, min_open=True, max_open=True),
              help="Share that the trial is to tell from it. Default: half as much again.")  # fmt: skip
@click.option("--rho", type=click.FloatRange(0, 1), metavar="RHO",
              help="Correlation of two visits of a unit. Default: estimated from all past visits.")  # fmt: skip
@click.option("--arms", nargs=2, default=("list", "present"), help="Names of the arms; the first follows the list.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the draw.")
@options.run
@options.store
@options.mapping
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write the trial to.")
@options.spoken
def design(
    records: str, unit: str, as_of: str | None, first: str | None, weeks: int, visits: int | None, offices: Path | None,
    share: float | None, detect: float | None, rho: float | None, arms: tuple[str, str], seed: int, run_id: str | None,
    store: Path, mapping: Path | None, out: Path | None,
) -> None:  # fmt: skip
    """Draw who is in which arm, and say what the trial can show and what it cannot.

    Reads RECORDS and a run of the store. Prints how many visits are needed and how many there are; with --out writes
    allocation.csv, preregistration.json and a page to sign. The same seed and records give the same arms.

      riskscore trial design sample_data --as-of 2025-01-06 --offices sample_data/offices.toml --out trial
    """
    from riskscore.pipeline.prepare import default_day
    from riskscore.pipeline.trial import trial_design
    from riskscore.records.read import read_records
    from riskscore.report.trial_files import write_trial
    from riskscore.report.trial_html import UNITS, rarer_table, size_table, warnings
    from riskscore.store import load_run

    found = read_records(records, mapping)
    made = trial_design(
        load_run(store, run_id), found, as_of or default_day(found), unit=unit, first=first, weeks=weeks, visits=visits,
        offices=offices, share=share, detect=detect, rho=rho, arms=arms, seed=seed,
    )  # fmt: skip
    put(size_table(made.registration), "table", None, title=f"A trial of {made.registration.units:,} {UNITS[unit]}")
    rarer = "What it would take to show as large a ratio of graver outcomes"
    put(rarer_table(made.registration), "table", None, title=rarer)
    say_notes(warnings(made.registration))
    if out is not None:
        for path in write_trial(made.registration, made.allocation, out):
            say(f"wrote {path}")
        say("Register these files where nobody can change them, before the trial begins.")


@trial.command()
@click.argument("registration", metavar="PREREGISTRATION", type=click.Path(path_type=Path, exists=True))
@options.records
@options.as_of
@options.mapping
@options.format
@options.out
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML page as well.")
@options.spoken
def analyse(
    registration: Path, records: str, as_of: str | None, mapping: Path | None, format_: str, out: Path | None,
    page: Path | None,
) -> None:  # fmt: skip
    """Say what a trial found, by the rules of PREREGISTRATION and by intention to treat.

    PREREGISTRATION is the file or the folder that trial design wrote; RECORDS hold the visits since. Nothing is
    analysed before the trial's end, or if a registered file was changed. Outcomes still open are left out and counted.

      riskscore trial analyse trial sample_data --page result.html
    """
    from riskscore.pipeline.trial import trial_analyse
    from riskscore.records.read import read_records
    from riskscore.report.atomic import write_text
    from riskscore.report.trial_html import difference_words, notes, result_html, result_table

    found = trial_analyse(registration, read_records(records, mapping), as_of)
    shown = result_table(found) if format_ == "table" else found.frame
    put(shown, format_, out, title=f"{found.registration.outcome}, known before {found.known_by}")
    say_notes([found.verdict, difference_words(found), *notes(found)])
    if page is not None:
        say(f"written: {write_text(page, result_html(found))}")

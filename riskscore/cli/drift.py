"""``riskscore drift``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import say


@click.command()
@options.records
@options.as_of
@click.option("--against", type=options.Day(), help="The earlier day. Default: the day of the run.")
@options.run
@options.store
@options.mapping
@click.option("--psi", type=click.FloatRange(min=0, min_open=True), default=0.2, show_default=True,
              help="A difference counts from this PSI on.")  # fmt: skip
@click.option("--false-alarms", type=click.FloatRange(0, 1, min_open=True), default=0.05, show_default=True,
              help="Expected share of false alarms among all alarms.")  # fmt: skip
@options.format
@options.out
@click.option("--page", type=click.Path(path_type=Path, dir_okay=False), help="Write an HTML page as well.")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False), help="Write everything as JSON as well.")
@options.spoken
def drift(
    records: str, as_of: str | None, against: str | None, run_id: str | None, store: Path, mapping: Path | None,
    psi: float, false_alarms: float, format_: str, out: Path | None, page: Path | None, report: Path | None,
) -> None:  # fmt: skip
    """Compare RECORDS on a day with an earlier day, as a run sees them; exit code 3 where a limit is passed.

    Compared are features, missing values, scores, who is visited and why, what visits find, and finds with what was
    predicted. An alarm needs a large difference (PSI) that chance does not explain, given how many are compared.

      riskscore drift sample_data --against 2024-01-01 --page drift.html
    """
    from riskscore.pipeline.prepare import default_day
    from riskscore.pipeline.watching import drift as compare
    from riskscore.records.read import read_records
    from riskscore.report.atomic import write_text
    from riskscore.report.watch.drift import drift_html, drift_json
    from riskscore.store import load_run
    from riskscore.watch.drift import Limits

    run, found = load_run(store, run_id), read_records(records, mapping)
    on = as_of or str(default_day(found))
    then = against or str(run.manifest["as_of"])
    drifted = compare(run, found, on, against=then, limits=Limits(psi=psi, false_alarms=false_alarms))
    frame = drifted.frame
    if format_ == "table":
        frame = frame[["kind", "name", "before", "after", "psi", "q", "over"]].head(20).round(3)
    put(frame, format_, out, title=f"Drift from {then} to {on}")
    for path, text in ((page, drift_html), (report, drift_json)):
        if path is not None:
            say(f"written: {write_text(path, text(drifted, then, on, run.id))}")
    for note in drifted.notes:
        say(note)
    say(f"{len(drifted.over)} of {len(drifted.frame)} comparisons are over the limits")
    if len(drifted.over):
        click.get_current_context().exit(3)

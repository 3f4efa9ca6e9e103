"""``riskscore plan``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.decided import decision, recorded
from riskscore.cli.printing import put
from riskscore.cli.words import say, say_notes


@click.command()
@options.records
@click.option("--offices", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="TOML file of offices, teams and rules.")  # fmt: skip
@options.as_of
@click.option("--from", "first", type=options.Day(), help="First day of the plan. Default: the day of the list.")
@click.option("--days", type=click.IntRange(min=1), default=14, show_default=True, help="Calendar days of the plan.")
@click.option("--explore", type=click.FloatRange(0, 1), default=0.1, show_default=True,
              help="Share of the visits that is drawn at random, before all others are chosen.")  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the draw and the search.")
@click.option("--work", type=click.FloatRange(min=0, min_open=True), default=4.0, show_default=True,
              help="Limit of each search, in the solver's own units.")  # fmt: skip
@options.run
@options.store
@options.mapping
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write the plan to.")
@recorded
@options.spoken
def plan(
    records: str, offices: Path, as_of: str | None, first: str | None, days: int, explore: float, seed: int,
    work: float, run_id: str | None, store: Path, mapping: Path | None, out: Path | None,
    place: str | None, role: str | None, who: str | None, why: str | None,
) -> None:  # fmt: skip
    """Plan visits: who goes where on which day, in which order, and why.

    Reads RECORDS, a run of the store and an offices file. Urgent reports come first; a share of the visits is drawn at
    random with logged chances; the rest is what is worth most within rules, days and roads. Prints what each office has
    to do; with --out writes the plan to a folder, and with --role, --who and --why to the ledger. The same seed gives
    the same plan.

      riskscore plan sample_data --offices sample_data/offices.toml --as-of 2025-01-01 --days 14 --out plan
    """
    from riskscore.pipeline.listing import rank_list
    from riskscore.pipeline.plan import plan as made_plan
    from riskscore.pipeline.plan import write_visits
    from riskscore.pipeline.prepare import default_day
    from riskscore.records.read import read_records
    from riskscore.store import load_run

    decided = decision(place, role, who, why, out, "--out FOLDER")
    run, found = load_run(store, run_id), read_records(records, mapping)
    day = as_of or default_day(found)
    listed = rank_list(run, found, day)
    made = made_plan(listed, found, day, offices=offices, first=first, days=days,
                     explore=explore, seed=seed, work=work, progress=say)  # fmt: skip
    put(made.workload, "table", None, title=f"{len(made.visits)} visits from {made.asked.first}")
    put(made.shares, "table", None, title="What drawing at random costs in findings, and buys")
    say_notes(made.notes)
    if out is not None:
        say("writing the plan, and a sheet for each visit")
        for path in write_visits(made, listed, out):
            say(f"wrote {path}")
        if decided is not None:
            decided.write("planned", run.id, out / "plan.csv")
    say("The plan says where to look; it is no evidence and says nothing about guilt.")

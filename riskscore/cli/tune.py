"""``riskscore tune``."""

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
@click.option("--trials", type=click.IntRange(min=1), default=50, show_default=True,
              help="Settings to try in all, with those that the study file holds.")  # fmt: skip
@click.option("--folds", type=click.IntRange(min=1), help="Number of past test dates. Default: the recipe's.")
@click.option("--metric", type=click.Choice(["auc", "average precision"]), default="auc", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed of the search.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True,
              help="New recipe, NAME.toml; an existing file is never overwritten.")  # fmt: skip
@click.option("--study", type=click.Path(path_type=Path, dir_okay=False),
              help="SQLite file of the trials. Default: beside --out.")  # fmt: skip
@options.device
@options.spoken
def tune(
    records: str, recipe: str, as_of: str | None, mapping: Path | None, definitions: Path | None,
    trials: int, folds: int | None, metric: str, seed: int, out: Path, study: Path | None,
) -> None:  # fmt: skip
    """Search better settings of a recipe on RECORDS, and write them as a new recipe.

    Each trial learns on past dates what was known then and is measured on the visits that followed, all before the
    recipe's calibration dates; a trial that falls behind is cut short. The new recipe is the old one with other rounds
    and parameters, and says what it was tuned on. The table shows the metric of the new settings, of those before and
    of XGBoost's defaults, over the folds and on later dates that the search did not see. A search that was cut off
    goes on where it stopped when the same command is typed again. Needs Optuna: pip install 'riskscore[tune]'.

      riskscore tune sample_data --recipe site_risk --as-of 2025-01-01 --trials 20 --out models/site_tuned.toml
    """
    from riskscore.pipeline.tune import tune as search
    from riskscore.records.read import read_records

    found = search(
        read_records(records, mapping), recipe, as_of, out=out, trials=trials, folds=folds, metric=metric, seed=seed,
        study=study, definitions=definitions, say=progress(),
    )  # fmt: skip
    put(found.frame.round(4), "table", None, title=f"{metric}: mean over the folds, and on later dates")
    say(f"written: {found.file}; read it, then: riskscore fit RECORDS --recipe {found.file.stem}")

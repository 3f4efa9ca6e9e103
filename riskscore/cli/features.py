"""``riskscore features``."""

from __future__ import annotations

from pathlib import Path

import click

from riskscore.cli import options
from riskscore.cli.printing import put
from riskscore.cli.words import progress, say


@click.group()
def features() -> None:
    """List, show, build and add features: what is measured."""


@features.command("list")
@options.definitions
@options.format
@options.out
@options.spoken
def list_(definitions: Path | None, format_: str, out: Path | None) -> None:
    """List every feature with its kind, table, keys and windows.

    riskscore features list
    """
    from riskscore.pipeline.dictionary import feature_table

    put(feature_table(definitions), format_, out, title="Features")


@features.command()
@click.argument("name")
@options.definitions
@options.spoken
def show(name: str, definitions: Path | None) -> None:
    """Show family NAME: its definition as it stands, with its reasons.

    riskscore features show uncontracted
    """
    from riskscore.definitions.catalog import load_catalog

    click.echo(load_catalog(definitions).family(name).text, nl=False)


@features.command()
@options.records
@options.recipe
@options.as_of
@options.mapping
@options.definitions
@click.option("--out", type=click.Path(path_type=Path), required=True,
              help="Parquet file to write; with --memory a new folder of Parquet files.")  # fmt: skip
@options.engine
@click.option("--memory", metavar="SIZE",
              help="Stay within so much memory, such as 2GB; RECORDS are Parquet, of any size.")  # fmt: skip
@options.spoken
def build(
    records: str, recipe: str, as_of: str | None, mapping: Path | None, definitions: Path | None, out: Path,
    engine: str | None, memory: str | None,
) -> None:  # fmt: skip
    """Build the feature matrix of RECORDS: the register on --as-of, or the recipe's own dates.

    With --memory the records are cut into partitions on disk, beside --out,
    and never held whole; values are the same.

    riskscore features build sample_data --as-of 2025-01-01 --out matrix.parquet
    """
    if memory is not None:
        _build_within(memory, engine, records, recipe, as_of, mapping, definitions, out)
        return
    from riskscore.pipeline.prepare import build_features, choose, cohort
    from riskscore.records.read import read_records

    work = options.work_on(engine)
    found, chosen = read_records(records, mapping), choose(recipe, definitions)
    members = cohort(found, chosen.recipe, [as_of] if as_of else None)
    matrix = build_features(found, chosen.recipe, members, definitions, progress(), work)
    put(matrix.frame.reset_index(), "parquet", out)
    for name, reason in matrix.absent.items():
        say(f"{name} is missing: {reason}")


def _build_within(
    memory: str, engine: str | None, records: str, recipe: str, as_of: str | None, mapping: Path | None,
    definitions: Path | None, out: Path,
) -> None:  # fmt: skip
    from riskscore.pipeline.out_of_core import write_features

    if engine is not None:
        raise click.UsageError("--memory and --engine exclude each other.")
    found = write_features(
        records, recipe, out, [as_of] if as_of else None, memory=memory, mapping=mapping, definitions=definitions,
        progress=progress(),
    )  # fmt: skip
    say(f"written: {found.folder} ({found.rows:,} rows in {found.files} files)")
    for name, reason in found.absent.items():
        say(f"{name} is missing: {reason}")


@features.command()
@click.argument("column")
@click.argument("entity", metavar="ID")
@options.records
@options.as_of
@options.recipe
@options.mapping
@options.definitions
@options.format
@options.spoken
def rows(
    column: str, entity: str, records: str, as_of: str | None, recipe: str, mapping: Path | None,
    definitions: Path | None, format_: str,
) -> None:  # fmt: skip
    """Show the rows of RECORDS behind the value of one COLUMN for one ID.

    riskscore features rows uncontracted.people.site.all S0001 sample_data --as-of 2025-01-01
    """
    from riskscore.pipeline.dictionary import rows_of_value
    from riskscore.pipeline.prepare import choose, default_day
    from riskscore.records.read import read_records

    found = read_records(records, mapping)
    value, frame = rows_of_value(found, choose(recipe, definitions), column, entity, as_of or default_day(found))
    say(f"{column} of {entity}: {value}")
    put(frame, format_, None)


@features.command()
@click.argument("name")
@click.option("--in", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path(), show_default=True,
              help="Folder above features/ and tests/.")  # fmt: skip
@options.spoken
def new(name: str, folder: Path) -> None:
    """Write family NAME as a commented TOML file, and its test.

    riskscore features new night_work --in mine
    """
    from riskscore.definitions.scaffold import new_feature

    for path in new_feature(folder, name):
        say(f"written: {path}")

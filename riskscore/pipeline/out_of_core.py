"""The feature matrix of records that do not fit into memory."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from riskscore.dates import as_date, day
from riskscore.definitions.recipe import Recipe
from riskscore.errors import RiskscoreError
from riskscore.parcels.features import columns_read, features_by_partition, tables_of
from riskscore.parcels.files import open_files
from riskscore.parcels.memory import in_bytes, plan
from riskscore.pipeline.prepare import choose


@dataclass(frozen=True)
class WrittenMatrix:
    """A feature matrix on disk: its folder, how many rows in how many files, and why columns are missing."""

    folder: Path
    rows: int
    files: int
    absent: Mapping[str, str]


def write_features(
    source: str | Path,
    recipe: str | Recipe,
    folder: str | Path,
    as_of: Sequence[str | dt.date] | None = None,
    *,
    memory: str = "2GB",
    mapping: str | Path | None = None,
    definitions: str | Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> WrittenMatrix:
    """Build the feature matrix of Parquet records within a stated memory, whatever their size.

    Values are those of `build_features`, bit for bit; rows are in the order of partitions.

    Parameters
    ----------
    source : str or Path
        A folder with a Parquet file, or a folder of Parquet files, for each table.
    recipe : str or Recipe
    folder : str or Path
        Becomes a folder of Parquet files; it must not be there. Twice what the records take is needed beside it
        meanwhile.
    as_of : sequence of date, optional
        The register on these dates instead of the recipe's own dates.
    memory : str
        What the work may take, such as ``"2GB"``.
    mapping, definitions : str or Path, optional
    progress : callable, optional
        Is told how far the work is.

    Raises
    ------
    RecordsError
        If the tables are not Parquet or cannot be read in pieces.
    RiskscoreError
        If the memory is too little even so, or the folder is there.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> import riskscore as rs
    >>> from riskscore.records.write import write_records
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = write_records(rs.sample_records(), f"{folder}/records", "parquet")
    ...     found = rs.write_features(f"{folder}/records", "site_risk", f"{folder}/matrix", ["2024-01-01"])
    ...     len(pd.read_parquet(found.folder)) == found.rows
    True
    """
    target, say = Path(folder), progress or (lambda text: None)
    if target.exists():
        raise RiskscoreError("is there already.", where=str(target), next="Name a new folder.")
    chosen = choose(recipe, definitions)
    dates = None if as_of is None else [as_date(day(d)) for d in as_of]
    files = open_files(source, mapping, tables_of(chosen.families), columns_read(chosen.families, chosen.recipe))
    columns = sum(len(f.by) * len(f.windows) for family in chosen.families for f in family.features)
    limits = plan(files, columns, in_bytes(memory))
    rows = parts = 0
    absent: Mapping[str, str] = {}
    target.parent.mkdir(parents=True, exist_ok=True)
    # beside the target, because a folder for temporary files may be small, or memory itself
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".features-") as work:
        made = Path(work) / "matrix"
        made.mkdir()
        for matrix in features_by_partition(files, chosen.families, chosen.recipe, dates, limits, Path(work), say):
            matrix.frame.reset_index().to_parquet(made / f"part-{parts:05}.parquet", index=False)
            rows, parts, absent = rows + len(matrix.frame), parts + 1, matrix.absent
        made.rename(target)
    return WrittenMatrix(target, rows, parts, absent)

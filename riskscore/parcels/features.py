"""Features of records larger than memory: the same kernel on one partition after the other.

1. Rows of the Parquet tables go to partitions on disk (`riskscore.parcels.shuffle`).
2. Each partition is read as canonical tables. What holds of all records is gathered: the words of each category, the
   days of the first and the last visit.
3. Where features compare with peers, the totals of all groups are summed over the partitions, each row once.
4. Each partition's features are built, of the entities that are its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.columns import columns_of
from riskscore.asof.engine import Engine, blocks
from riskscore.asof.matrix import FeatureMatrix
from riskscore.asof.peers import GroupTotals, group_totals
from riskscore.cohorts import Cohort, dates_of, register, visits
from riskscore.dates import Days, day
from riskscore.definitions.feature import Family
from riskscore.definitions.recipe import Recipe
from riskscore.errors import RecordsError
from riskscore.history.tables import TableView
from riskscore.history.windows import Ints
from riskscore.parcels.files import TableFiles, things
from riskscore.parcels.lean import as_arrow, filled, lean, read_by, without_rows
from riskscore.parcels.memory import Plan
from riskscore.parcels.shuffle import Shuffled, shuffle
from riskscore.parcels.spill import COUNTED
from riskscore.records.assemble import assemble
from riskscore.records.model import Records, RecordTable
from riskscore.records.rejects import Rejects
from riskscore.records.schema import PARENTS, TABLES

Say = Callable[[str], None]
_OPENED = {"opened_on", "registered_on", "closed_on"}  # what a register's cohort reads of its entities


def tables_of(families: Iterable[Family]) -> set[str]:
    """Return the tables that features can be made of."""
    features = [f for family in families for f in family.features]
    read = {f.table for f in features} | {f.opportunity for f in features}
    linked = {"links"} if any("network" in f.by for f in features) else set()
    return (read | linked | {table for _, table in PARENTS.values()}) & set(TABLES)


def columns_read(families: Iterable[Family], recipe: Recipe) -> set[str]:
    """Return the columns that features and the recipe's cohort read, whatever the table."""
    where = recipe.cohort.where
    return read_by(families) | _OPENED | (set(where.columns) if where is not None else set())


def features_by_partition(
    files: Mapping[str, TableFiles],
    families: Sequence[Family],
    recipe: Recipe,
    dates: Sequence[dt.date] | None,
    plan: Plan,
    folder: Path,
    say: Say,
) -> Iterator[FeatureMatrix]:
    """Yield the features of one partition's entities after the other's.

    Parameters
    ----------
    files : mapping of table to TableFiles
        From `riskscore.parcels.files.open_files`, for `tables_of` and `columns_read`.
    families : sequence of Family
    recipe : Recipe
    dates : sequence of date or None
        The register on these dates instead of the recipe's own dates.
    plan : Plan
        Changes no value.
    folder : Path
        Where rows are kept meanwhile: about what they take as Parquet, two times over.
    say : callable
        Is told how far the work is.

    Raises
    ------
    RecordsError
        If nobody is in the cohort.
    """
    (folder / "rows").mkdir()
    shuffled = shuffle(files, recipe.entity, plan.partitions, folder / "rows", say)
    parcels = _Parcels(files, shuffled, recipe, dates, columns_read(families, recipe), folder / "tables", say)
    totals = None
    if any("peers" in feature.by for family in families for feature in family.features):
        totals = _totals(parcels, families, say)
    for p in range(plan.partitions):
        say(f"features: partition {p + 1} of {plan.partitions}")
        records, _ = parcels.records(p)
        cohort = parcels.cohort(p, records)
        for rows in blocks(cohort.as_of.size, plan.rows):
            yield build(records, families, cohort.pick(np.r_[rows]), totals=totals)


def _totals(parcels: _Parcels, families: Sequence[Family], say: Say) -> GroupTotals:
    """Return the totals of all groups: whole numbers, so that the order of summing changes nothing."""
    grids: dict[tuple[str, int], tuple[Ints, ...]] = {}
    most = 0
    nobody = Cohort(parcels.recipe.entity, np.array([], dtype=object), np.array([], dtype=np.int32))
    for p in range(parcels.partitions):
        say(f"comparable places: partition {p + 1} of {parcels.partitions}")
        records, counted = parcels.records(p)
        columns = columns_of(families, nobody.kind, records).values()
        found = group_totals(Engine(records, nobody), columns, parcels.days, counted).grids
        most += max((int(np.abs(grid).max(initial=0)) for of_level in found.values() for grid in of_level), default=0)
        if most > 2**62:
            raise RecordsError("values are too large to be summed exactly.", next="Bring them in a larger unit.")
        for at, of_level in found.items():
            for total, grid in zip(grids.setdefault(at, of_level), of_level, strict=True):
                if total is not grid:
                    total += grid
    return GroupTotals(parcels.days, grids)


class _Parcels:
    """Canonical tables on disk, by partition."""

    def __init__(
        self, files: Mapping[str, TableFiles], shuffled: Shuffled, recipe: Recipe, dates: Sequence[dt.date] | None,
        read: set[str], folder: Path, say: Say,
    ) -> None:  # fmt: skip
        self.shuffled, self.recipe, self.folder = shuffled, recipe, folder
        self.partitions = shuffled.partitions
        self.dates = dates
        self._words: dict[tuple[str, str], set[str]] = {}
        visited: list[Days] = []
        folder.mkdir()
        for p in range(self.partitions):
            say(f"reading: partition {p + 1} of {self.partitions}")
            tables, counted = _read(files, shuffled, p)
            records = lean(Records(tables), read)
            self._keep(p, records, counted)
            visited.append(self._days(records))
        self._empty = without_rows(records)
        days = np.unique(np.concatenate(visited))
        if self.dates is None and recipe.cohort.kind != "visits":
            self.dates = dates_of(recipe, days)
        self.days: Days = days if self.dates is None else np.unique(np.array([day(d) for d in self.dates], np.int32))
        if not self.days.size:
            raise RecordsError("nobody is in the cohort of the recipe.", where="inspections",
                               next="Compare [cohort] of the recipe with the records.")  # fmt: skip

    def _days(self, records: Records) -> Days:
        """Return the dates of the cohort where it is one of visits, the first and the last visit otherwise."""
        if self.dates is None and self.recipe.cohort.kind == "visits":
            return np.unique(visits(records, self.recipe).as_of)
        found = TableView(records["inspections"]).date
        return np.array([found.min(), found.max()] if found.size else [], dtype=np.int32)

    def _keep(self, p: int, records: Records, counted: Mapping[str, NDArray[np.bool_]]) -> None:
        import pyarrow as pa

        for name, table in records.tables.items():
            for column in _worded(table):
                words = self._words.setdefault((name, column), set())
                words.update(table.frame[column].cat.categories)
            rows = as_arrow(table).append_column(COUNTED, pa.array(counted[name]))
            with pa.OSFile(str(self._path(p, name)), "wb") as file, pa.ipc.new_file(file, rows.schema) as out:
                out.write_table(rows)

    def _path(self, p: int, name: str) -> Path:
        return self.folder / f"{name}-{p}.arrow"

    def records(self, p: int) -> tuple[Records, dict[str, NDArray[np.bool_]]]:
        """Return a partition's tables, with the words of all records, and which of their rows are counted here."""
        import pyarrow as pa

        tables, counted = {}, {}
        for name, empty in self._empty.tables.items():
            with pa.OSFile(str(self._path(p, name))) as file:
                rows = pa.ipc.open_file(file).read_all()
            counted[name] = rows[COUNTED].to_numpy()
            table = filled(empty, rows.drop_columns([COUNTED]))
            frame = table.frame
            for column in _worded(table):
                words = pd.Index(sorted(self._words[name, column]), dtype="str")
                frame[column] = frame[column].cat.set_categories(words)
            tables[name] = table
        return Records(tables), counted

    def cohort(self, p: int, records: Records) -> Cohort:
        """Return the rows of the cohort whose entities are the partition's own."""
        recipe, rule = self.recipe, self.recipe.cohort
        if self.dates is None:
            found = visits(records, recipe)
        else:
            found = register(records, recipe.entity, self.dates, rule.where if rule.kind == "register" else None)
        own = self.shuffled.home(things(found.ids), recipe.entity) == p
        return found.pick(own[found.code]) if found.as_of.size else found


def _read(
    files: Mapping[str, TableFiles], shuffled: Shuffled, p: int
) -> tuple[dict[str, RecordTable], dict[str, NDArray[np.bool_]]]:
    """Return a partition's rows as reading makes canonical tables of them, and which rows are counted here."""
    tables: dict[str, RecordTable] = {}
    counted = {}
    for name in sorted(files, key=lambda n: n != "inspections"):  # the others take dates from the visits
        rows: Any = shuffled.spills[name].read(p)
        here = np.array([], dtype=bool) if rows is None else rows[COUNTED].to_numpy()
        rows = files[name].nothing() if rows is None else rows.drop_columns([COUNTED])
        table, _ = assemble([files[name].part(rows)], tables.get("inspections"), Rejects())
        assert table.origin is not None
        counted[name] = here[table.origin.positions]
        tables[name] = table
    return {name: tables[name] for name in TABLES if name in tables}, counted


def _worded(table: RecordTable) -> list[str]:
    """Return the columns whose words are those of all records: categories, but no references."""
    references = {c.name for c in table.schema.columns if c.refers}
    return [str(n) for n, t in table.frame.dtypes.items() if isinstance(t, pd.CategoricalDtype) and n not in references]

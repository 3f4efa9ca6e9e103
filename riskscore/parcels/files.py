"""Tables that lie as Parquet, read a batch of rows at a time.

What reading decides upon a whole column (how dates are written, what type an undeclared column has) cannot be decided
upon a piece of it. Parquet types its columns, so that little of this is left; where it is, the table is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscore.definitions.grammar import parse
from riskscore.errors import Problem, RecordsError, raise_gathered
from riskscore.history.windows import Ints
from riskscore.limits import COLUMNS, PARQUET, within
from riskscore.parcels.lean import kept
from riskscore.records.fingerprint import text_hashes
from riskscore.records.imports.steps import is_record_store
from riskscore.records.mapping import ColumnRule, SourceRule, TableRule
from riskscore.records.part import Part, all_rules, build_part, refuse_unknown, words_of
from riskscore.records.private import split_private
from riskscore.records.read import mapping_of, missing_columns, rules_of
from riskscore.records.schema import TABLES, Column
from riskscore.records.source_table import SourceTable
from riskscore.records.sources import Container

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1 << 16  # rows read at once
BITS = 52  # of a thing's hash: two things of one hash only travel together


@dataclass(frozen=True)
class TableFiles:
    """One table: ``rule`` names only the columns that are needed, ``columns`` those of the source that it reads."""

    rule: TableRule
    said: SourceRule
    data: Any  # a pyarrow Dataset
    columns: tuple[str, ...]
    file: str

    @property
    def rules(self) -> Mapping[str, ColumnRule]:
        """The rule of every column."""
        return {**self.rule.columns, **self.rule.further}

    @property
    def largest_group(self) -> int:
        """The number of rows in the largest row group of its files."""
        groups = (group for fragment in self.data.get_fragments() for group in fragment.row_groups)
        return max((int(group.num_rows) for group in groups), default=0)

    def batches(self, names: Collection[str] | None = None) -> Iterator[pa.Table]:
        """Yield the rows in their order, with what the named columns read; None: all that is needed."""
        import pyarrow as pa

        wanted = self.columns
        if names is not None:
            wanted = tuple({c: None for n in names if n in self.rules for c in self.rules[n].reads})
        scanner = self.data.scanner(
            columns=list(wanted), batch_size=BATCH, use_threads=False, batch_readahead=1, fragment_readahead=1
        )
        try:
            for batch in scanner.to_batches():
                within(batch.nbytes, PARQUET, "bytes in a batch of rows", where=self.file, error=RecordsError)
                if batch.num_rows:
                    yield _plain(pa.Table.from_batches([batch]))
        except (pa.ArrowException, OSError):
            raise RecordsError("cannot be read to its end.", where=self.file, next="Write it again.") from None

    def things(self, rows: pa.Table, names: Collection[str]) -> dict[str, Ints]:
        """Return the ids in some columns as numbers, shape (n,); -1 where one is missing."""
        found = {}
        for name in names:
            if name in self.rules:
                words = words_of(self.rules[name], self._source(rows), self.said)
                found[name] = words.spread(things(words.words), -1)
            else:
                found[name] = np.full(rows.num_rows, -1, dtype=np.int64)
        return found

    def nothing(self) -> pa.Table:
        """Return the columns that are needed, without rows."""
        return _plain(self.data.schema.empty_table().select(list(self.columns)))

    def part(self, rows: pa.Table) -> Part:
        """Return rows as reading makes them of the whole table."""
        return build_part(self.rule, self._source(rows), self.said)

    def _source(self, rows: pa.Table) -> SourceTable:
        return _source(self.file, rows, self.said)


def things(ids: Any) -> Ints:
    """Return a number below 2**52 for each id, the same on every machine."""
    import pyarrow as pa

    hashes = text_hashes(
        pa.array(ids, pa.large_string()) if not isinstance(ids, pa.Array) else ids.cast(pa.large_string())
    )
    return np.asarray(hashes >> np.uint64(64 - BITS), dtype=np.int64)


def open_files(
    source: str | Path, mapping: str | Path | None, tables: Collection[str], read: Collection[str]
) -> dict[str, TableFiles]:
    """Return those of the tables that are there, with the columns that are read.

    Raises
    ------
    RecordsError
        Gathering every table that is not Parquet, lacks a column, or cannot be read in pieces.
    """
    if "://" in str(source) or is_record_store(Path(source)):
        raise RecordsError("only a folder of Parquet files is read in pieces.", where=str(source),
                           next="Leave out --memory, or write the tables as Parquet.")  # fmt: skip
    container = Container(source)
    if container.is_file:
        raise RecordsError("a folder is needed, with a Parquet file or a folder of them for each table.",
                           where=container.name, next="Leave out --memory, or put it in a folder.")  # fmt: skip
    said = mapping_of(container, mapping)
    problems: list[Problem] = []
    found = {}
    for name, rules in rules_of(container, said).items():
        if name not in tables:
            continue
        try:
            if len(rules) > 1:
                raise RecordsError("has several sources.", next="Bring its rows into one folder of Parquet files.")
            found[name] = _table(container, rules[0], said.source(rules[0].source), read, problems)
        except RecordsError as error:
            problems.append(Problem(0, error.where or name, error.what, error.next))
    if "inspections" not in found and not problems:
        problems.append(Problem(0, container.name, "there is no table 'inspections', the only one that is required."))
    raise_gathered(problems, RecordsError, "the records cannot be read in pieces")
    return {name: found[name] for name in TABLES if name in found}


def _table(
    container: Container, rule: TableRule, said: SourceRule, read: Collection[str], problems: list[Problem]
) -> TableFiles:
    """Return a table with its rule cut down to what is needed; what cannot be done in pieces joins the problems."""
    data, path = _dataset(container, said)
    wanted, private = split_private(data.schema.names, said.private)
    nothing = _plain(data.schema.empty_table()).select(wanted)
    probe = replace(_source(path.name, nothing, said), private=private)
    rules = all_rules(rule, TABLES[rule.table], probe)
    refuse_unknown(rule, rules, probe)
    empty = build_part(rule, probe, said)
    problems += missing_columns(empty)
    if rule.deduplicate:
        problems.append(Problem(0, path.name, "'deduplicate' looks at the whole table.", "Write it deduplicated."))
    names = {*kept(empty.schema, read), "recorded_on", *(c.name for c in empty.schema.columns if c.required)}
    names |= parse(rule.where).columns if rule.where is not None else set()
    names |= {rule.known_on.partition("+")[0].strip()} if rule.known_on is not None else set()
    used: dict[str, ColumnRule] = {}
    own = set(TABLES[rule.table].names)
    for name in (n for n in rules if n in names):
        column, taken = empty.schema.column(name), rules[name].take
        why = _whole(column, rules[name], None if taken is None else nothing.column(taken), said, name in own)
        if why is not None:
            problems.append(Problem(1, f"{path.name}, {name}", *why))
        used[name] = rules[name] if name in own else replace(rules[name], type=column.type)
    columns = tuple(dict.fromkeys(c for r in used.values() for c in r.reads))
    cut = replace(
        rule, keep=False, drop=tuple(wanted), columns={n: r for n, r in used.items() if n in own},
        further={n: r for n, r in used.items() if n not in own},
    )  # fmt: skip
    return TableFiles(cut, said, data, columns, path.name)


def _dataset(container: Container, said: SourceRule) -> tuple[Any, Path]:
    import pyarrow as pa
    from pyarrow import dataset

    paths = container.files_of(said)
    if len(paths) > 1 or not (paths[0].is_dir() or paths[0].suffix.lower() == ".parquet"):
        raise RecordsError("is no Parquet file or folder of Parquet files.", where=", ".join(p.name for p in paths),
                           next="Write the table as Parquet, in one folder.")  # fmt: skip
    try:
        found = dataset.dataset(paths[0], format="parquet", partitioning="hive")
        within(len(found.schema.names), COLUMNS, "columns", where=paths[0].name, error=RecordsError)
        return found, paths[0]
    except (pa.ArrowException, OSError):
        raise RecordsError(
            "is no Parquet file that can be read.", where=paths[0].name, next="Write it again."
        ) from None


def _whole(column: Column, rule: ColumnRule, raw: Any, said: SourceRule, canonical: bool) -> tuple[str, str] | None:
    """Return why a column cannot be read in pieces, and what to do, or None."""
    import pyarrow as pa

    if rule.number:
        return "'number' tells ids apart over the whole table.", "Write ids of their own."
    if rule.constant is not None:
        return None
    kind = pa.null() if raw is None else raw.type
    texts = raw is None or pa.types.is_string(kind) or pa.types.is_large_string(kind) or bool(rule.values)
    if not canonical and rule.type is None and texts:
        return "its type would be found out from the whole column.", 'Say it in the mapping: type = "category", say.'
    if raw is None or pa.types.is_null(kind):
        return None
    if column.type == "date":
        through_words = bool(said.null or rule.values or rule.otherwise is not None)
        typed = pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_floating(kind)
        if (typed and not through_words) or rule.format or said.dates:
            return None
        return "how dates are written is found out from the whole column.", "Write it as Parquet's own dates."
    fraction = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    if fraction and column.type not in ("integer", "number", "money"):
        return "fractions become texts by a look at the whole column.", "Write it as text."
    return None


def _plain(rows: pa.Table) -> pa.Table:
    """Return the rows with dictionaries as their values: pieces of a table have different words."""
    import pyarrow as pa

    fields = [f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in rows.schema]
    return rows.cast(pa.schema(fields))


def _source(file: str, rows: pa.Table, said: SourceRule) -> SourceTable:
    return SourceTable(rows, ((file, 0, 1),), said.decimal or ".")

"""One source turned into rows of one canonical table, as a mapping says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import Period, to_dates, to_days
from riskscore.errors import MappingError, Problem, RiskscoreError, nearest, raise_gathered
from riskscore.records.cells import Words, as_words, categories, constant, converted, is_typed, joined, texts
from riskscore.records.filter import holds
from riskscore.records.further import infer_type
from riskscore.records.mapping import ColumnRule, SourceRule, TableRule
from riskscore.records.names import as_column_name, fold
from riskscore.records.schema import TABLES, Column, TableSchema
from riskscore.records.source_table import SourceTable
from riskscore.side_by_side import side_by_side


@dataclass(frozen=True)
class BadCell:
    """Cells of one column that were emptied: their row positions in the source, what stood there, why."""

    column: str
    positions: NDArray[np.int64]
    values: list[str]
    why: str

    def among(self, kept: NDArray[np.bool_]) -> BadCell:
        """Return the cells of the rows that are kept."""
        mine = kept[self.positions]
        values = [v for v, k in zip(self.values, mine, strict=True) if k]
        return BadCell(self.column, self.positions[mine], values, self.why)


@dataclass(frozen=True)
class Part:
    """Rows of a table from one source; ``positions`` lead back to the source's rows."""

    schema: TableSchema
    frame: pd.DataFrame
    positions: NDArray[np.int64]
    source: SourceTable
    rule: TableRule
    present: frozenset[str]
    bad: tuple[BadCell, ...]
    filtered: int
    notes: tuple[str, ...]


def build_part(rule: TableRule, source: SourceTable, said: SourceRule) -> Part:
    """Fill one table from one source.

    A column that the mapping does not name is taken from the source column of the same name; the source's remaining
    columns become further columns, unless the rule says otherwise.
    """
    schema = TABLES[rule.table]
    rules = all_rules(rule, schema, source)
    refuse_unknown(rule, rules, source)
    builder = _Builder(source, said)
    read = {n: schema.column(n) if n in schema.names else builder.further(n, r) for n, r in rules.items()}
    further = [column for name, column in read.items() if name not in schema.names]
    made = side_by_side(lambda name: builder.column(read[name], rules[name]), read)
    frame: dict[str, Any] = {name: cells for name, (cells, _, _) in zip(read, made, strict=True)}
    columns = tuple(_with_clock(c, rules.get(c.name), rule.table) for c in schema.columns) + tuple(further)
    schema = TableSchema(schema.name, schema.singular, schema.meaning, schema.kind, columns)
    _check_clocks(schema, rule)
    rows = source.data.num_rows
    index = pd.RangeIndex(rows)
    for column in schema.columns:
        if column.name not in frame:
            frame[column.name] = empty(column, rows)
    built = pd.DataFrame({n: pd.Series(frame[n], index=index) for n in schema.names}, index=index)
    present = set(rules)
    if rule.known_on is not None:
        built["known_on"] = built["known_on"].fillna(_known_on(rule, built))
        present.add("known_on")
    kept = np.ones(rows, dtype=bool) if rule.where is None else holds(rule.where, built, f"tables.{rule.table}.where")
    bad = tuple(b.among(kept) for _, b, _ in made if b is not None)
    if not kept.all():
        built = built[kept].reset_index(drop=True)
    return Part(
        schema, built, np.flatnonzero(kept), source, rule, frozenset(present),
        tuple(b for b in bad if len(b.positions)), int((~kept).sum()), tuple(note for *_, note in made if note),
    )  # fmt: skip


def empty(column: Column, rows: int) -> Any:
    """Return a column of the right type in which everything is missing."""
    nothing = Words(np.full(rows, -1, dtype=np.int64), as_words(_no_text()).words)
    if column.type == "date":
        return pd.Series(np.full(rows, "NaT", dtype="datetime64[s]"))
    if column.type in ("number", "money"):
        return np.full(rows, np.nan)
    if column.type in ("integer", "flag"):
        return pd.array(np.full(rows, None, dtype=object), dtype="Int64" if column.type == "integer" else "boolean")
    return categories(nothing) if column.refers or column.type == "category" else texts(nothing)


class _Builder:
    """Converts columns of one source; remembers their texts, because several columns may read the same one."""

    def __init__(self, source: SourceTable, said: SourceRule) -> None:
        self.source, self.said = source, said
        self._words: dict[str, Words] = {}

    def words(self, name: str) -> Words:
        if name not in self._words:
            self._words[name] = as_words(self.source.data.column(name), self.said.null)
        return self._words[name]

    def of(self, rule: ColumnRule) -> Words:
        if rule.constant is not None:
            return constant(rule.constant, self.source.data.num_rows)
        if rule.join:
            found = joined([self.words(c) for c in rule.join], rule.separator, rule.number)
        else:
            found = self.words(str(rule.take))
        if rule.values or rule.otherwise is not None:
            found = found.changed(lambda w: rule.values.get(w, w if rule.otherwise is None else rule.otherwise))
        return found

    def further(self, name: str, rule: ColumnRule) -> Column:
        """Return the declared or inferred type of a further column."""
        kind = rule.type
        if kind is None:
            typed = None if rule.take is None or rule.values else self.source.data.column(rule.take)
            kind = infer_type(typed, lambda: self.of(rule), self.source.decimal)
        meaning = f"'{rule.take}' of the source" if rule.take else "made by the mapping"
        return Column(name, kind, meaning, clock=rule.clock)

    def column(self, column: Column, rule: ColumnRule) -> tuple[Any, BadCell | None, str]:
        """Return a column's cells, those that were emptied, and what is to be noted."""
        raw = self.source.data.column(rule.take) if rule.take is not None else None
        typed = raw is not None and not rule.values and rule.otherwise is None and not self.said.null
        serves = typed and raw is not None and is_typed(raw, column.type) and rule.format is None
        if column.type == "date" and raw is not None and _is_whole(raw):
            # Excel's serial numbers come as whole numbers, and so do dates such as 20240131
            serves = typed and rule.format is None and len(self.source.pieces) > 0 and self._serial(raw)
        words = None if serves else self.of(rule)
        cells = converted(
            raw, words, column.type, decimal=self.source.decimal, times=rule.times, epoch=self.source.excel_epoch,
            format=rule.format or self.said.dates, reference=column.refers is not None,
        )  # fmt: skip
        bad = None
        if cells.bad.any():
            positions = np.flatnonzero(cells.bad)
            seen = words if words is not None else self.of(rule)
            bad = BadCell(column.name, positions, seen.at(positions), cells.why)
        note = (
            f"{self.source.file}: '{rule.take}' reads as day/month/year and as month/day/year; "
            "the day was taken first. Say 'dates' under [sources] or 'format' at the column."
        )
        return cells.values, bad, note if cells.ambiguous else ""

    def _serial(self, raw: Any) -> bool:
        import pyarrow.compute as pc

        largest = pc.max(raw).as_py()
        return largest is not None and largest < 1_000_000


def words_of(rule: ColumnRule, source: SourceTable, said: SourceRule) -> Words:
    """Return the texts that a column is made of."""
    return _Builder(source, said).of(rule)


def all_rules(rule: TableRule, schema: TableSchema, source: SourceTable) -> dict[str, ColumnRule]:
    """Return the rule of every column: those said, columns of the same name, and the source's others."""
    rules = {**rule.columns, **rule.further}
    used = {c for r in rules.values() for c in r.reads}
    taken = {r.take for r in rules.values()}  # a column that is part of a composed id may still be a column itself
    for name in source.names:
        if name in schema.names and name not in rules and name not in taken and name not in rule.drop:
            rules[name] = ColumnRule(take=name)
    free = [n for n in source.names if n not in used and n not in rule.drop]
    if rule.keeps_others:
        for name in free:
            if name in schema.names:
                continue
            plain, again = as_column_name(name), 2
            while plain in rules or plain in schema.names:
                plain, again = f"{as_column_name(name)}_{again}", again + 1
            rules[plain] = ColumnRule(take=name)
    return rules


def refuse_unknown(rule: TableRule, rules: dict[str, ColumnRule], source: SourceTable) -> None:
    """Raise MappingError, gathering every source column that a rule reads and the source lacks."""
    problems = []
    for name, column_rule in rules.items():
        for read in column_rule.reads:
            if read in source.private:
                what, advice = f"'{read}' is private and never read.", "Leave it out of the mapping."
            elif read not in source.names:
                what, advice = f"the source has no column '{read}'.", _nearest_header(read, source.names)
            else:
                continue
            problems.append(Problem(0, f"tables.{rule.table}, {name}", what, advice))
    raise_gathered(problems, MappingError, f"the mapping does not fit {source.file}")


def _nearest_header(name: str, names: list[str]) -> str:
    same = [n for n in names if fold(n) == fold(name)]
    return f"Did you mean '{same[0]}'?" if same else nearest(name, names)


def _with_clock(column: Column, rule: ColumnRule | None, table: str) -> Column:
    if rule is None or rule.clock is None:
        return column
    return Column(**{**vars(column), "clock": rule.clock})


def _check_clocks(schema: TableSchema, rule: TableRule) -> None:
    dates = [c.name for c in schema.columns if c.type == "date"]
    wrong = [
        Problem(0, f"tables.{rule.table}, {c.name}", f"clock '{c.clock}' is no date column.", nearest(c.clock, dates))
        for c in schema.columns
        if c.clock is not None and c.clock not in dates
    ]
    raise_gathered(wrong, MappingError, "the mapping cannot be used")


def _known_on(rule: TableRule, frame: pd.DataFrame) -> pd.Series[Any]:
    """Return what ``known_on = "date + 14 days"`` says, or a column alone."""
    name, plus, length = (piece.strip() for piece in str(rule.known_on).partition("+"))
    where = f"tables.{rule.table}.known_on"
    dates = [str(c) for c in frame if str(frame[c].dtype).startswith("datetime64") and c != "known_on"]
    if name not in dates:
        raise MappingError(f"'{name}' is no date column of the table.", where=where, next=nearest(name, dates))
    if not plus:
        return frame[name]
    try:
        period = Period.parse(length)
    except RiskscoreError as error:
        raise MappingError(error.what, where=where, next=error.next) from None
    days = to_days(frame[name])
    later = np.where(
        frame[name].isna().to_numpy(), days, period.after(np.where(frame[name].isna(), 0, days).astype(np.int32))
    )
    return to_dates(later.astype(np.int32))


def _is_whole(raw: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_integer(raw.type))


def _no_text() -> Any:
    import pyarrow as pa

    return pa.chunked_array([], type=pa.string())

"""What a check found: problems with examples, counted by reason."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Severity = Literal["error", "warning"]
EXAMPLES = 20  # rows shown per reason; the others are counted


@dataclass(frozen=True)
class RecordProblem:
    """One thing wrong with the records.

    Parameters
    ----------
    severity : "error" or "warning"
        error: a row is set aside, a cell is emptied, or a table is missing. warning: it is kept as it is.
    file, row, table, column : str, int, str, str
        Where; row 0 means the table or the column as a whole.
    value : str
        What stood there; free text is not shown.
    why, next : str
        What is wrong and what to do.
    """

    severity: Severity
    file: str
    row: int
    table: str
    column: str
    value: str
    why: str
    next: str

    def __str__(self) -> str:
        place = ", ".join(p for p in (self.file, f"row {self.row}" if self.row else "", self.column or self.table) if p)
        seen = f" (seen: {self.value})" if self.value else ""
        return f"{self.severity}: {place}: {self.why}{seen}. {self.next}".rstrip()


@dataclass(frozen=True)
class CheckReport:
    """Everything wrong, the errors first; up to 20 examples of each reason, and ``counts`` of all.

    Examples
    --------
    >>> CheckReport((), {}, {"inspections": 3}).ok
    True
    """

    problems: tuple[RecordProblem, ...]
    counts: dict[str, int]  # "severity table.column: why" -> how many
    rows: dict[str, int]  # usable rows per table
    notes: tuple[str, ...] = ()

    @property
    def errors(self) -> int:
        """How many rows or cells cannot be used, and tables or columns that are missing."""
        return sum(k for reason, k in self.counts.items() if reason.startswith("error"))

    @property
    def warnings(self) -> int:
        """How many things are doubtful and kept."""
        return sum(k for reason, k in self.counts.items() if reason.startswith("warning"))

    @property
    def ok(self) -> bool:
        """Say whether nothing is wrong or doubtful."""
        return not self.counts

    def frame(self) -> pd.DataFrame:
        """Return the problems as a table, one row each."""
        return pd.DataFrame([vars(p) for p in self.problems], columns=list(RecordProblem.__dataclass_fields__))

    def text(self) -> str:
        """Return the report as lines: tables, counts by reason, then the examples."""
        lines = [f"{name}: {rows:,} rows" for name, rows in self.rows.items()]
        lines += ["", "nothing is wrong" if self.ok else f"{self.errors:,} errors, {self.warnings:,} warnings"]
        lines += [f"  {count:>9,}  {reason}" for reason, count in self.counts.items()]
        lines += ["", *map(str, self.problems)] if self.problems else []
        lines += ["", *(f"note: {note}" for note in self.notes)] if self.notes else []
        return "\n".join(lines)


def reason_of(severity: Severity, table: str, column: str, why: str) -> str:
    """Return the key under which a problem is counted."""
    place = f"{table}.{column}" if column else table
    return f"{severity} {place}: {why}" if place else f"{severity}: {why}"


def report(problems: Iterable[tuple[RecordProblem, int]], rows: dict[str, int], notes: tuple[str, ...]) -> CheckReport:
    """Put together a report from examples, each with what it adds to the count of its reason."""
    found, counts = [], dict[str, int]()
    for problem, count in problems:
        found.append(problem)
        reason = reason_of(problem.severity, problem.table, problem.column, problem.why)
        counts[reason] = counts.get(reason, 0) + count
    found.sort(key=lambda p: (p.severity, p.table, p.column, p.why, p.file, p.row))
    ordered = dict(sorted(counts.items(), key=lambda item: (item[0].split()[0], -item[1], item[0])))
    return CheckReport(tuple(found), ordered, rows, notes)

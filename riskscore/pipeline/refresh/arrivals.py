"""Extracts that have arrived: checked against the limits, and imported only if they keep them."""

from __future__ import annotations

import datetime as dt
import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

from riskscore.errors import RecordsError, is_address
from riskscore.pipeline.refresh.settings import Settings
from riskscore.pipeline.work import Say
from riskscore.records.imports.append import import_records, mark_of
from riskscore.records.imports.compare import Difference
from riskscore.records.imports.steps import Step, is_record_store, steps
from riskscore.records.model import Records
from riskscore.records.read import read_tolerantly


def take_in(settings: Settings, day: dt.date, say: Say) -> list[str]:
    """Import what is new, and return why an extract was refused; nothing of that one, or after it, is imported then.

    Parameters
    ----------
    settings : Settings
    day : date
        The day of import.
    say : callable
        Told what is being done.

    Raises
    ------
    RecordsError
        No extract lies there, or the record store was altered.
    """
    for source in arrived(settings.extracts, _steps(settings.records)):
        reading = read_tolerantly(source, settings.mapping)
        name = reading.records.source
        say(f"checking {name}")
        if reading.problems:
            return [f"{name}: {problem}" for problem in reading.problems]
        found = _steps(settings.records)
        before = _imported(reading.records, found)
        if back := next((s for s in found if before is not None and s.noted.get("undoes") == before.number), None):
            return [f"{name}: its import was undone on {back.recorded_on}: {back.noted['why']}. Put another there."]
        # what was imported is not compared again: a correction made by hand since then would be taken back
        told = () if before else import_records(reading.records, settings.records, day, dry_run=True)
        if not any(one.new or one.revised for one in told):
            say(f"nothing new in {name}")
            continue
        refused = [*_rejected(reading.records, settings.rejected), *_revised(told, settings.revised)]
        if refused:
            return [f"{name}: {why}" for why in refused]
        import_records(reading.records, settings.records, day)
        new, revised = (sum(len(rows) for rows in some) for some in ([o.new for o in told], [o.revised for o in told]))
        say(f"imported {name}: {new:,} new rows, {revised:,} revised")
    return []


def arrived(extracts: str, found: Sequence[Step]) -> list[str]:
    """Return what to read, in the order of names: of a pattern, what comes after the newest that was imported.

    The newest is read again, since it may have been replaced by another of the same name.

    Raises
    ------
    RecordsError
        Nothing fits the pattern.

    Examples
    --------
    >>> arrived("extracts", [])
    ['extracts']
    """
    if "*" not in extracts or is_address(extracts):
        return [extracts]
    there = sorted(glob.glob(extracts))
    if not there:
        raise RecordsError("no extract lies there.", where=extracts, next="Put one there, or correct 'extracts'.")
    known = {str(step.noted["source"]) for step in found if step.noted["kind"] == "import"}
    newest = max((name for path in there if (name := Path(path).name) in known), default="")
    return [path for path in there if Path(path).name >= newest]


def _steps(folder: Path) -> tuple[Step, ...]:
    return steps(folder) if is_record_store(folder) else ()


def _imported(records: Records, found: Sequence[Step]) -> Step | None:
    """Return the newest import from a source of this name, if it brought this very content."""
    named = [s for s in found if s.noted["kind"] == "import" and s.noted["source"] == records.source]
    return named[-1] if named and named[-1].noted.get("extract") == mark_of(records) else None


def _rejected(records: Records, limit: float) -> Iterator[str]:
    for name, some in records.rejected_rows.groupby("table", sort=True):
        touched = len(some.drop_duplicates(["file", "row"]))
        kept = len(records[str(name)].frame) if records.has(str(name)) else 0
        share = touched / max(kept, touched)
        if share > limit:
            yield (f"{name}: {touched:,} rows were set aside or lost a cell, and {kept:,} are left ({share:.1%}); the "
                   f"limit is {limit:.1%}. 'riskscore check' tells which and why.")  # fmt: skip


def _revised(told: Sequence[Difference], limit: float) -> Iterator[str]:
    for one in told:
        known = len(one.revised) + one.same
        share = len(one.revised) / max(known, 1)
        if share > limit:
            yield (
                f"{one.table}: {len(one.revised):,} of {known:,} known rows ({share:.1%}) say something else than "
                f"before; the limit is {limit:.1%}. If that is right, import it by hand: riskscore import."
            )

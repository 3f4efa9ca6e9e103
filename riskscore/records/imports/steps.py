"""The steps of a record store on disk: a folder each, written aside and moved into place, chained by hash."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscore.errors import RecordsError
from riskscore.folders import ASIDE, MANIFEST, Folder, as_json, open_folder, write_folder

if TYPE_CHECKING:
    import pandas as pd

MARK = "record-store.json"
REJECTED = "rejected.parquet"
_FORMAT = as_json({"riskscore record store": 1})
_RESTORE = "Restore the record store from a copy."


@dataclass(frozen=True)
class Step:
    """One step: its number, its folder, and what was noted.

    ``noted`` holds kind (``import`` or ``undo``), recorded_on, source, why, undoes, tables, rejected, files (hash per
    file) and previous (hash of the manifest before).
    """

    number: int
    folder: Folder

    @property
    def noted(self) -> Mapping[str, Any]:
        """What was noted."""
        return self.folder.noted

    @property
    def recorded_on(self) -> dt.date:
        """The day of the step."""
        return dt.date.fromisoformat(self.noted["recorded_on"])


def is_record_store(folder: Path) -> bool:
    """Say whether a folder is a record store.

    Raises
    ------
    RecordsError
        It is one, and the file that marks it is gone or is not what was written.
    """
    mark = folder / MARK
    there = mark.read_bytes() if mark.is_file() else None
    if there != _FORMAT and (there is not None or (folder / _name(1) / MANIFEST).is_file()):
        what = "is missing" if there is None else "is not what was written"
        raise RecordsError(f"the file {what}.", where=str(mark), next=_RESTORE)
    return there is not None


def steps(folder: Path) -> tuple[Step, ...]:
    """Return all steps in their order, after checking that none was altered, removed or put in between.

    Raises
    ------
    RecordsError
        A step is missing or was altered; its folder is in the message.
    """
    found: list[Step] = []
    previous = ""
    places = sorted(p for p in folder.iterdir() if p.is_dir() and p.name.isdigit())
    for number, place in enumerate(places, start=1):
        try:
            step = Step(number, open_folder(place, RecordsError, _RESTORE))
            fits = place.name == _name(number) and step.noted["previous"] == previous
        except RecordsError:
            fits = False
        if not fits:
            raise RecordsError(f"step {number} of the record store is missing or was altered.",
                               where=str(place / MANIFEST), next=_RESTORE)  # fmt: skip
        previous = step.folder.hash
        found.append(step)
    return tuple(found)


def holding(found: Sequence[Step], as_known_at: dt.date | None = None) -> tuple[Step, ...]:
    """Return the imports that hold at the end of a day: recorded by then, and not undone by then."""
    then = [s for s in found if as_known_at is None or s.recorded_on <= as_known_at]
    undone = {s.noted["undoes"] for s in then if s.noted["kind"] == "undo"}
    return tuple(s for s in then if s.noted["kind"] == "import" and s.number not in undone)


def add_step(folder: Path, after: Sequence[Step], noted: Mapping[str, Any], files: Mapping[str, bytes]) -> Step:
    """Write the next step, whole or not at all.

    Raises
    ------
    RecordsError
        The day lies before that of the last step, or another process wrote a step since ``after`` was read.
    """
    if after and dt.date.fromisoformat(noted["recorded_on"]) < after[-1].recorded_on:
        raise RecordsError(f"the last step was on {after[-1].recorded_on}; none can be written for an earlier day.",
                           where=str(folder), next="Check the clock of this machine.")  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    if not is_record_store(folder):
        if any(p.name != MARK and not p.name.startswith(".") for p in folder.iterdir()):
            raise RecordsError("the folder holds other files; a record store wants a folder of its own.",
                               where=str(folder), next="Name a new folder.")  # fmt: skip
        aside = folder / f"{ASIDE}{MARK}-{os.getpid()}"
        aside.write_bytes(_FORMAT)
        aside.replace(folder / MARK)
    place = folder / _name(len(after) + 1)
    # refused where the folder is there already: the number itself is the lock
    if not write_folder(place, {**noted, "previous": after[-1].folder.hash if after else ""}, files):
        raise RecordsError("another import came first.", where=str(place), next="Import again.")
    return Step(len(after) + 1, open_folder(place, RecordsError, _RESTORE))


def undo(folder: str | Path, recorded_on: dt.date, why: str) -> Step:
    """Undo the newest import that holds, by a step of its own; what was known before can still be asked for.

    Raises
    ------
    RecordsError
        Nothing is left to undo, or no reason is given.
    """
    target = Path(folder)
    found = steps(target) if is_record_store(target) else ()
    now = holding(found)
    if not now:
        raise RecordsError("there is no import to undo.", where=str(folder))
    if not why.strip():
        raise RecordsError("undoing an import needs a reason.", where="why")
    noted = {"kind": "undo", "recorded_on": recorded_on.isoformat(), "undoes": now[-1].number, "why": why.strip()}
    return add_step(target, found, noted, {})


def _name(number: int) -> str:
    return f"{number:06d}"


def as_frame(folder: str | Path) -> pd.DataFrame:
    """Return a row per step: number, day, kind, source, rows added, whether it holds, why it was undone."""
    import pandas as pd

    found = steps(Path(folder)) if is_record_store(Path(folder)) else ()
    now = {s.number for s in holding(found)}
    rows = [
        {
            "step": s.number, "recorded_on": s.recorded_on.isoformat(), "kind": s.noted["kind"],
            "source": s.noted.get("source", f"import {s.noted.get('undoes')}"),
            "rows": sum(t["rows"] for t in s.noted.get("tables", {}).values()),
            "counts": s.number in now if s.noted["kind"] == "import" else None, "why": s.noted.get("why"),
        }
        for s in found
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["step", "recorded_on", "kind", "source", "rows", "counts", "why"])

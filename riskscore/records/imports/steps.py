"""The steps of a record store on disk: a folder each, written aside and moved into place, chained by hash."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscore.errors import RecordsError

if TYPE_CHECKING:
    import pandas as pd

MARK = "record-store.json"
MANIFEST = "manifest.json"
_FORMAT = {"riskscore record store": 1}


@dataclass(frozen=True)
class Step:
    """One step: its number, its folder, and what was noted.

    ``noted`` holds kind (``import`` or ``undo``), recorded_on, source, why, undoes, tables, rejected, files (hash per
    file) and previous (hash of the manifest before).
    """

    number: int
    folder: Path
    noted: Mapping[str, Any]
    hash: str

    @property
    def recorded_on(self) -> dt.date:
        """The day of the step."""
        return dt.date.fromisoformat(self.noted["recorded_on"])

    def read(self, name: str) -> bytes:
        """Return a file of the step, or say that it is not what was written."""
        path = self.folder / name
        data = path.read_bytes() if path.is_file() else None
        if data is None or hashlib.sha256(data).hexdigest() != self.noted["files"][name]:
            what = "is missing" if data is None else "is not what was written"
            raise RecordsError(f"the file {what}.", where=str(path), next="Restore the record store from a copy.")
        return data


def is_record_store(folder: Path) -> bool:
    """Say whether a folder is a record store."""
    return (folder / MARK).is_file()


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
        path = place / MANIFEST
        try:
            data = path.read_bytes()
            noted = json.loads(data)
            fits = place.name == _name(number) and noted["previous"] == previous
            dt.date.fromisoformat(noted["recorded_on"])
        except (OSError, ValueError, KeyError, TypeError):
            fits = False
        if not fits:
            raise RecordsError(f"step {number} of the record store is missing or was altered.", where=str(path),
                               next="Restore the record store from a copy.")  # fmt: skip
        previous = hashlib.sha256(data).hexdigest()
        found.append(Step(number, place, noted, previous))
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
        if any(folder.iterdir()):
            raise RecordsError("the folder holds other files; a record store wants a folder of its own.",
                               where=str(folder), next="Name a new folder.")  # fmt: skip
        (folder / MARK).write_bytes(_json(_FORMAT))
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    manifest = _json({**noted, "files": hashes, "previous": after[-1].hash if after else ""})
    place = folder / _name(len(after) + 1)
    made = Path(tempfile.mkdtemp(prefix=".making-", dir=folder))
    try:
        for name, data in {**files, MANIFEST: manifest}.items():
            with (made / name).open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        made.rename(place)  # refused where the folder is there already: the number itself is the lock
    except OSError:
        if not place.exists():
            raise
        raise RecordsError("another import came first.", where=str(place), next="Import again.") from None
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return Step(len(after) + 1, place, json.loads(manifest), hashlib.sha256(manifest).hexdigest())


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


def _json(data: Any) -> bytes:
    return (json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


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

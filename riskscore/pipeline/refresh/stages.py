"""What one refresh has finished, and what earlier ones told: on disk, known by what went in, never by a clock."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from riskscore.errors import StoreError
from riskscore.folders import folders, open_folder, write_folder
from riskscore.report.atomic import write_text

UNDER_WAY = ".under-way"


class Stages:
    """The folder of one refresh under way; each stage leaves a file in it, whole or not at all.

    Parameters
    ----------
    out : Path
        Where the reports of refreshes lie.
    key : str
        The hash of what went in.
    """

    def __init__(self, out: Path, key: str) -> None:
        self.folder = out / UNDER_WAY / key[:16]

    def once(self, name: str, make: Callable[[], str]) -> Path:
        """Return the file that a stage leaves; its text is made only where it is not there."""
        path = self.folder / name
        if not path.exists():
            write_text(path, make())
        return path

    def forget(self, *names: str) -> None:
        """Let stages be done again."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)


def tell(out: Path, day: str, said: Mapping[str, Any], files: Mapping[str, bytes]) -> Path:
    """Write a report, its data as the manifest beside its files, and return its folder.

    It is called by the day and a hash of what it tells; what was told before is not told twice.
    """
    mark = mark_of(said)[:8]
    there = [path for path in folders(out) if path.name.endswith(f"-{mark}")] or [out / f"{day}-{mark}"]
    write_folder(there[0], said, files)
    there[0].chmod(out.stat().st_mode)  # who may read where reports lie may read this one
    return there[0]


def clear(out: Path) -> None:
    """Delete what refreshes that were cut off left, once nothing goes on from it."""
    shutil.rmtree(out / UNDER_WAY, ignore_errors=True)


def reports(out: Path) -> list[Mapping[str, Any]]:
    """Return what earlier refreshes told, each with the name of its folder.

    Raises
    ------
    StoreError
        A report is not what was written.
    """
    found = [open_folder(path, StoreError, "Restore it, or move its folder away.") for path in folders(out)]
    return [{**one.noted, "folder": one.path.name} for one in found]


def mark_of(said: Mapping[str, Any]) -> str:
    """Return the SHA-256 of JSON data, whatever the order of keys."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=True).encode()).hexdigest()

"""A folder of files with a manifest: there whole or not at all, and every byte of it accounted for.

Runs, kept lists and the steps of a record store are such folders. One is written aside under a name that begins with
a dot, which nothing ever reads, and moved into place; what a killed process left aside is swept up a day later.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskscore.errors import RiskscoreError

MANIFEST = "manifest.json"
ASIDE = ".making-"  # how the name begins of what is being written
_A_DAY = 24 * 60 * 60  # seconds; no folder takes that long to write


@dataclass(frozen=True)
class Folder:
    """A folder with what its manifest notes, which is as it was written.

    ``noted`` holds what was handed over, files (SHA-256 per file) and sha256 (of the manifest's own content).
    """

    path: Path
    noted: Mapping[str, Any]
    hash: str  # SHA-256 of the manifest's file
    error: type[RiskscoreError]
    next: str

    def read(self, name: str) -> bytes:
        """Return a file, or say that it is missing or not what was written."""
        path = self.path / name
        inside = path.is_file() and self.path.resolve() in path.resolve().parents
        data = path.read_bytes() if inside else None
        if data is None or hashlib.sha256(data).hexdigest() != self.noted["files"].get(name):
            what = "is missing" if data is None else "is not what was written"
            raise self.error(f"the file {what}.", where=str(path), next=self.next)
        return data


def write_folder(target: Path, noted: Mapping[str, Any], files: Mapping[str, bytes]) -> bool:
    """Write files and a manifest into a new folder, whole or not at all; say whether it was not there before.

    Parameters
    ----------
    target : Path
        Left as it is where it exists, also where another process was first.
    noted : mapping
        JSON data for the manifest.
    files : mapping of str to bytes
        By path inside the folder, with ``/``.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target.parent)
    said = json.loads(as_json({**noted, "files": hashes(files)}))  # as it is read again
    manifest = as_json({**said, "sha256": _mark(said)})
    made = Path(tempfile.mkdtemp(prefix=ASIDE, dir=target.parent))
    try:
        for name, data in {**files, MANIFEST: manifest}.items():
            path = made / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        if target.exists():
            return False
        try:
            made.rename(target)
        except OSError:
            if not target.exists():
                raise
            return False
        return True
    finally:
        shutil.rmtree(made, ignore_errors=True)


def open_folder(path: Path, error: type[RiskscoreError], next: str) -> Folder:
    """Return a folder after checking its manifest; its files are checked as they are read.

    Raises
    ------
    RiskscoreError
        Of the kind given: the manifest is missing, cannot be read, is not what was written, or lies elsewhere.
    """
    where = path / MANIFEST
    if path.is_symlink() or where.is_symlink():
        raise error("it lies elsewhere, behind a link.", where=str(path), next="Copy the folder itself here.")
    try:
        data = where.read_bytes()
        noted = json.loads(data)
        said = {key: value for key, value in noted.items() if key != "sha256"}
        whole = data == as_json(noted) and noted["sha256"] == _mark(said)
    except FileNotFoundError:
        raise error("the file is missing.", where=str(where), next=next) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise error("the file is not what was written.", where=str(where), next=next)
    return Folder(path, noted, hashlib.sha256(data).hexdigest(), error, next)


def folders(parent: Path) -> list[Path]:
    """Return the folders with a manifest inside another, by name; none that is still being written, or never was."""
    return sorted(p.parent for p in parent.glob(f"*/{MANIFEST}") if not p.parent.name.startswith("."))


def hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the SHA-256 of each file, by name.

    Examples
    --------
    >>> hashes({"a": b""})["a"][:8]
    'e3b0c442'
    """
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}


def as_json(data: Any) -> bytes:
    """Return data as JSON with sorted keys, UTF-8; a number that is not finite is an error."""
    return (json.dumps(data, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _mark(noted: Any) -> str:
    return hashlib.sha256(as_json(noted)).hexdigest()


def _sweep(parent: Path) -> None:
    for left in parent.glob(f"{ASIDE}*"):
        with suppress(OSError):  # another process may sweep as well
            if time.time() - left.stat().st_mtime > _A_DAY:
                shutil.rmtree(left) if left.is_dir() else left.unlink()

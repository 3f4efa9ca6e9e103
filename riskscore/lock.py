"""One process at a time: a lock on a file, which the system lets go of when its holder ends, however it ends."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from riskscore.errors import RiskscoreError


class Held(RiskscoreError):
    """Another process holds the lock."""


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock for as long as a block runs.

    Parameters
    ----------
    path : Path
        A file for nothing else, made where it is missing. It says which process holds it, or held it last.
    wait : bool
        Wait for the holder to end; else say who it is.

    Raises
    ------
    Held
        Another process holds it, and ``wait`` is off.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / ".lock"
    >>> with locked(path), locked(path, wait=False):  # doctest: +ELLIPSIS
    ...     pass
    Traceback (most recent call last):
        ...
    riskscore.lock.Held: ...
    """
    with path.open("a+", encoding="utf-8") as file:
        if not _taken(file, wait):
            file.seek(0)
            raise Held(f"another process is at work: {file.read().strip()}.", where=str(path),
                       next="Wait for it to end, or end it.")  # fmt: skip
        file.truncate(0)
        file.write(f"process {os.getpid()} on {platform.node()}\n")
        file.flush()
        yield


def _taken(file: IO[str], wait: bool) -> bool:
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(1 << 30)  # a byte that nobody reads: what is locked cannot be read there
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        return False
    return True

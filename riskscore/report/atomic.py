"""Writing a file whole or not at all, so that a cut-off run leaves no half report."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

READABLE = 0o666  # what open() asks for; a temporary file is made for its owner alone


def write_bytes(path: str | Path, data: bytes) -> Path:
    """Write a file by way of a temporary one beside it; folders on the way are made.

    Parameters
    ----------
    path : str or Path
        A file there is replaced, and stays as it was if writing fails.
    data : bytes

    Returns
    -------
    Path
        The file written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_bytes(Path(folder) / "new" / "a.bin", b"12").read_bytes()
    b'12'
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(READABLE & ~_umask())
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return target


def write_text(path: str | Path, text: str) -> Path:
    r"""Write text as UTF-8 with its line ends as they are; half a surrogate pair is written as ``\udc80``.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_text(Path(folder) / "a.txt", "Bakı\n").read_bytes()
    b'Bak\xc4\xb1\n'
    """
    return write_bytes(path, text.encode("utf-8", "backslashreplace"))


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask

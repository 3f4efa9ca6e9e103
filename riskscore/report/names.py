"""File names for entities, whose ids come from elsewhere and may hold anything."""

from __future__ import annotations

import hashlib
import re

KEPT = re.compile(r"(?!.*X[0-9A-F]{12}$)[A-Z0-9][A-Z0-9_-]{0,79}")  # not what a made name looks like
# Names that Windows keeps for devices, whatever follows them.
DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{d}{n}" for d in ("COM", "LPT") for n in range(10))})
MOST = 60


def safe_name(entity: str) -> str:
    """Return a file name (without suffix) for an id; two ids never share one, on any system.

    An id of capitals, digits, ``-`` and ``_`` is its own name. Any other is spelt with what is safe in it and ends
    in a part of its SHA-256, because some systems take ``s-1`` and ``S-1`` for one file.

    Examples
    --------
    >>> safe_name("S-00123")
    'S-00123'
    >>> safe_name("../S-1")
    'S-1-xfbfa8f7262ad'
    """
    if KEPT.fullmatch(entity) and entity not in DEVICES:
        return entity
    spelt = re.sub(r"[^A-Za-z0-9_-]+", "-", entity).strip("-")[:MOST]
    digest = hashlib.sha256(entity.encode("utf-8", "backslashreplace")).hexdigest()[:12]
    return f"{spelt}-x{digest}" if spelt else f"x{digest}"

"""Names of columns: told apart, and folded for comparison across languages and spellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

# letters that no decomposition leads to ASCII; Cyrillic stays as it is, its words are listed in Cyrillic
_FOLD = str.maketrans({"ə": "e", "Ə": "e", "ı": "i", "İ": "i", "ё": "е", "Ё": "е"})
_SIGNS = re.compile(r"[\W_]+")


def fold(name: str) -> str:
    """Return a name without case, marks and signs, its words separated by one space.

    Examples
    --------
    >>> fold("  Müəssisənin VÖEN-i "), fold("Дата_Проверки"), fold("employerId")
    ('muessisenin voen i', 'дата проверки', 'employer id')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.translate(_FOLD))
    plain = "".join(c for c in unicodedata.normalize("NFKD", spaced.casefold()) if not unicodedata.combining(c))
    return _SIGNS.sub(" ", plain).strip()


def as_column_name(header: str) -> str:
    """Return a header as a name that expressions can use.

    Examples
    --------
    >>> as_column_name("Zərərçəkən sayı (nəfər)"), as_column_name("2019 il"), as_column_name("n_violations")
    ('zererceken_sayi_nefer', 'c_2019_il', 'n_violations')
    """
    if re.fullmatch(r"[a-z_][a-z0-9_]*", header):
        return header
    name = fold(header).replace(" ", "_") or "column"
    return name if not name[0].isdigit() else f"c_{name}"


def unique_names(headers: Iterable[str]) -> list[str]:
    """Return headers trimmed, the empty ones numbered and repeated ones told apart.

    Examples
    --------
    >>> unique_names(["id", " id", ""])
    ['id', 'id_2', 'column_3']
    """
    found: list[str] = []
    for k, header in enumerate(headers, start=1):
        name = header.strip().lstrip("\ufeff") or f"column_{k}"
        again = 2
        while name in found:
            name, again = f"{header.strip() or 'column'}_{again}", again + 1
        found.append(name)
    return found

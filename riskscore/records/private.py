"""Columns that hold names of persons: they are never read."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from importlib.resources import files

from riskscore.records.names import fold


@functools.cache
def _words() -> tuple[frozenset[str], tuple[str, ...]]:
    said = tomllib.loads(files("riskscore.records").joinpath("synonyms.toml").read_text("utf-8"))["private"]
    return frozenset(map(fold, said["exact"])), tuple(map(fold, said["contains"]))


def is_private(header: str) -> bool:
    """Say whether a header names a person's identity (caller, worker or inspector by name, phone, document).

    Examples
    --------
    >>> is_private("Caller name"), is_private("Müraciət edənin adı"), is_private("ФИО заявителя")
    (True, True, True)
    >>> is_private("Telefon"), is_private("inspector_id"), is_private("name")
    (True, False, False)
    """
    exact, contains = _words()
    name = fold(header)
    return name in exact or any(part in name for part in contains)


def split_private(names: Sequence[str], also: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Return the columns to read and those that are private, by their header or because the mapping says so."""
    private = tuple(n for n in names if n in also or is_private(n))
    return [n for n in names if n not in private], private

"""Which canonical column a header means, in English, Azerbaijani, Russian or Turkish, and whether its values agree."""

from __future__ import annotations

import difflib
import functools
import tomllib
from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from riskscore.dates import MISSING
from riskscore.records.cells import Words, numbers
from riskscore.records.names import fold
from riskscore.records.schema import TABLES, Column
from riskscore.records.written_dates import parse_dates

_SURE, _LIKELY, _PERHAPS = 1.0, 0.8, 0.5


@dataclass(frozen=True)
class Match:
    """A source column taken for a canonical one: how sure (0 to 1), and why."""

    header: str
    column: str
    sure: float
    why: str


@functools.cache
def synonyms(section: str) -> dict[str, tuple[str, ...]]:
    """Return the folded words of a section (``tables``, ``columns`` or ``values``), the canonical name among them."""
    said = tomllib.loads(files("riskscore.records").joinpath("synonyms.toml").read_text("utf-8"))[section]
    return {name: tuple(dict.fromkeys(map(fold, [name, *words]))) for name, words in said.items()}


@functools.cache
def resemblance(header: str, name: str) -> tuple[float, str]:
    """Return how much a header resembles the words for a column, and the word.

    Examples
    --------
    >>> [resemblance(header, "date")[0] for header in ("Дата проверки", "Yoxlama tarixi", "Rəng")]
    [1.0, 1.0, 0.0]
    """
    folded = fold(header)
    words = synonyms("columns").get(name, (fold(name),))
    if folded in words:
        return _SURE, folded
    near = difflib.get_close_matches(folded, words, n=1, cutoff=0.86)
    if near:
        return _LIKELY, near[0]
    tokens = set(folded.split())
    inside = [w for w in words if len(w) > 5 and " " in w and set(w.split()) <= tokens]
    return (0.7, max(inside, key=len)) if inside else (0.0, "")


def match_columns(columns: dict[str, Words], table: str, decimal: str) -> list[Match]:
    """Return the best one-to-one matches of source columns and the columns of a table."""
    schema = TABLES[table]
    found = []
    for header, words in columns.items():
        for column in schema.columns:
            sure, word = resemblance(header, column.name)
            if sure and agrees(column, words, decimal):
                found.append(Match(header, column.name, sure, f"the header reads '{word}'"))
    found += [m for header, words in columns.items() for m in _by_shape(header, words, schema.names, decimal)]
    chosen: dict[str, Match] = {}
    taken: set[str] = set()
    for match in sorted(found, key=lambda m: -m.sure):  # stable: the order of the source decides between equals
        if match.column not in chosen and match.header not in taken:
            chosen[match.column] = match
            taken.add(match.header)
    return list(chosen.values())


def agrees(column: Column, words: Words, decimal: str) -> bool:
    """Say whether most values have the type of the column (an empty column agrees with all)."""
    if not len(words.words):
        return True
    if column.type == "date":
        return float((parse_dates(words.words.slice(0, 500).to_pandas().astype("str")).days != MISSING).mean()) > 0.8
    if column.type in ("integer", "number", "money"):
        _, bad = numbers(None, words, decimal)
        return float(bad.mean()) < 0.2
    return True


def _by_shape(header: str, words: Words, names: tuple[str, ...], decimal: str) -> list[Match]:
    """Return matches by the look of the values alone: tax numbers, dates, coordinates."""
    sample = words.words.slice(0, 500).to_pandas().astype("str")
    if not len(sample):
        return []
    if "tax_number" in names and sample.str.fullmatch(r"\d{10}").mean() > 0.9:
        return [Match(header, "tax_number", _PERHAPS, "the values have 10 digits")]
    if sample.str.contains(r"\D").mean() > 0.9 and (parse_dates(sample).days != MISSING).mean() > 0.9:
        return [Match(header, "date", 0.3, "the values are dates")] if "date" in names else []
    fraction = sample.str.contains(r"\d[.,]\d{3,}$", regex=True).mean() > 0.9
    if fraction and "latitude" in names:
        values, bad = numbers(None, words, decimal)
        if not bad.any():
            low, high = float(np.nanmin(values)), float(np.nanmax(values))
            if low >= 38 and high <= 42.5:
                return [Match(header, "latitude", _PERHAPS, "the values lie between 38 and 42.5")]
            if low >= 44 and high <= 51.5:
                return [Match(header, "longitude", _PERHAPS, "the values lie between 44 and 51.5")]
    return []

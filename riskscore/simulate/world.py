"""The simulated country and the published figures, read from the two TOML files beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FULL_SITES = 20_000
"""Places in the register at national size; a simulation of fewer takes its share of every figure."""


@dataclass(frozen=True)
class Place:
    """One type of place of work (see world.toml for the units)."""

    sector: str
    site_type: str
    weight: int
    risk: int
    voice: int
    size: tuple[int, int]
    days: tuple[int, ...]
    plan: int
    foreign: int


@dataclass(frozen=True)
class Region:
    """One region with its centre, its reach in degrees and the office that serves it."""

    name: str
    at: tuple[float, float]
    reach: float
    weight: int
    risk: int
    office: str
    districts: tuple[str, ...]


@dataclass(frozen=True)
class World:
    """Everything in world.toml."""

    places: tuple[Place, ...]
    regions: tuple[Region, ...]
    closed: frozenset[str]  # sectors nobody may visit in the suspension
    open: frozenset[str]  # sectors it leaves alone
    first_names: tuple[str, ...]
    trades: Mapping[str, tuple[str, ...]]

    @property
    def sectors(self) -> tuple[str, ...]:
        """The sectors in the order of the file."""
        return tuple(dict.fromkeys(p.sector for p in self.places))

    @property
    def offices(self) -> tuple[str, ...]:
        """The offices in the order of the file."""
        return tuple(dict.fromkeys(r.office for r in self.regions))


@dataclass(frozen=True)
class PoliceCase:
    """A forced-labour case that police search found, without a visit."""

    year: int
    sector: str
    facts: int
    victims: int
    abroad: bool


@dataclass(frozen=True)
class Published:
    """Yearly figures at national size: published where there is one, assumed elsewhere."""

    series: Mapping[str, Mapping[int, int]]
    counts: Mapping[str, Mapping[int, int]]
    police_cases: tuple[PoliceCase, ...]

    def national(self, name: str, year: int) -> int:
        """Return the figure of a year, or of the nearest year in the table."""
        values = self.series[name] if name in self.series else self.counts[name]
        return values[min(max(year, min(values)), max(values))]

    def share(self, name: str, first: int, year: int, sites: int) -> int:
        """Return the part of a year's figure that belongs to ``sites`` places.

        What rounding cuts off in one year is carried to the next, so that rare figures are not lost in a small
        simulation: of two children a year, a fifth of the country has two in five years.

        Examples
        --------
        >>> [published().share("alerts_underage", 2021, y, 4000) for y in (2021, 2022, 2023)]
        [0, 1, 0]
        """
        before = sum(self.national(name, y) for y in range(first, year))
        return part(before + self.national(name, year), sites) - part(before, sites)


def part(figure: int, sites: int) -> int:
    """Return ``figure * sites / FULL_SITES``, rounded."""
    return (figure * sites + FULL_SITES // 2) // FULL_SITES


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(files("riskscore.simulate").joinpath(name).read_text(encoding="utf-8"))


def _years(entry: Mapping[str, Mapping[str, int]]) -> dict[int, int]:
    return {int(y): v for kind in ("assumed", "published") for y, v in entry[kind].items()}


@cache
def published() -> Published:
    """Return the figures of published.toml."""
    text = _read("published.toml")
    counts = {name: _years(entry) for name, entry in text.pop("count").items()}
    cases = tuple(PoliceCase(**entry) for entry in text.pop("police_case"))
    return Published({name: _years(entry) for name, entry in text.items()}, counts, cases)


@cache
def world() -> World:
    """Return the country of world.toml."""
    text = _read("world.toml")
    places = tuple(Place(**{**p, "size": tuple(p["size"]), "days": tuple(p["days"])}) for p in text["place"])
    regions = tuple(Region(**{**r, "at": tuple(r["at"]), "districts": tuple(r["districts"])}) for r in text["region"])
    trades = {sector: tuple(words) for sector, words in text["names"]["trade"].items()}
    rules = text["suspension"]
    return World(
        places, regions, frozenset(rules["closed"]), frozenset(rules["open"]), tuple(text["names"]["first"]), trades
    )

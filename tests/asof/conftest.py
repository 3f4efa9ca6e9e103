"""Random records small enough to read, in which every shipped feature has values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from riskscore.dates import day
from riskscore.definitions.indicators import INDICATORS

_PLACE = ("employer_id", "site_id", "inspection_id")
_FINDINGS = (*INDICATORS, "uncontracted", "underage", "unrelated_work", "permit")
_TOPICS = ("no contract", "unpaid wages", "documents kept", "locked in", "child at work", "other")
_STAGES = ("referred", "opened", "convicted", "dropped")

Row = dict[str, object]
World = dict[str, list[Row]]


class Draws:
    """Random cells of every table; small numbers of everything, so that all features have values."""

    def __init__(self, seed: int, employers: int = 12, sites: int = 18) -> None:
        self.random = np.random.default_rng(seed)
        self.employers = [f"E{i:02d}" for i in range(employers)]
        self.sites = [f"S{i:02d}" for i in range(sites)]

    def one(self, *options: object) -> object:
        return options[int(self.random.integers(len(options)))]

    def number(self, most: int) -> int | None:
        return None if self.random.random() < 0.1 else int(self.random.integers(0, most + 1))

    def day(self, first: str, last: str) -> str:
        return _date(int(self.random.integers(day(first), day(last))))

    def cells(self, table: str) -> Row:
        """Return the cells of a row that tell what was found, not of whom or when."""
        return {
            "employers": lambda: {
                "sector": self.one("F", "G", "I"), "region": self.one("Bakı", "Quba"),
                "employer_kind": self.one("company", "sole trader", None),
                "registered_on": self.day("2005-01-01", "2015-01-01"), "closed_on": None,
            },
            "sites": lambda: {
                "site_type": self.one("farm", "shop", "high-rise"), "region": self.one("Bakı", "Quba", "Gəncə"),
                "opened_on": self.day("2010-01-01", "2016-01-01"), "closed_on": None,
                "principal_contractor_id": self.one(None, *self.employers[:2]),
            },
            "inspections": lambda: {
                "trigger": self.one("planned", "raid", "complaint"), "workers_present": self.number(30),
                "uncontracted_workers": self.number(3), "minors_found": self.number(1),
                "workers_without_permit": self.number(2),
            },
            "findings": lambda: {"indicator": self.one(*_FINDINGS), "workers_affected": self.number(4)},
            "penalties": lambda: {"amount_azn": float(self.random.integers(1, 9)) * 500.25},
            "complaints": lambda: {
                "channel": self.one("appeal", "alert", None), "topic": self.one(*_TOPICS),
                "urgent": self.one(True, False),
            },
            "permits": lambda: {
                "workers": self.number(9), "kind": self.one("issued", "extended"),
                "expires_on": self.day("2018-06-01", "2020-12-01"),
            },
            "contracts": lambda: {"registered_workers": self.number(30), "concluded": self.number(20)},
            "cases": lambda: {
                "stage": self.one(*_STAGES), "facts": 0, "victims": 0, "abroad": self.one(False, True, None),
            },
            "links": lambda: {"kind": self.one("director", "address"), "confidence": 0.9},
        }[table]()  # fmt: skip


@pytest.fixture
def world_of() -> Callable[[int], World]:
    """Return a factory of records as lists of rows: ``world_of(seed)[table]``."""
    return world


@pytest.fixture
def draws_of() -> type[Draws]:
    """Return a factory of random cells: ``draws_of(seed).cells(table)``."""
    return Draws


def _date(number: int) -> str:
    return str(np.datetime64(number, "D"))


def world(seed: int) -> World:
    """Return records in which rows come late, are corrected, change versions, and reach their keys by parents.

    Events of one table lie on different days: of two visits on one day the newer is the one with the larger id, and
    then a renaming may say otherwise.
    """
    draws = Draws(seed)
    random, tables = draws.random, World()
    owner = {site: draws.employers[int(random.integers(len(draws.employers)))] for site in draws.sites}
    tables["employers"] = [_version("employer_id", e, "2012-01-01", draws.cells("employers")) for e in draws.employers]
    tables["sites"] = [
        _version("site_id", s, "2012-01-01", {"employer_id": owner[s]} | draws.cells("sites")) for s in draws.sites
    ]
    for e in draws.employers[::3]:
        tables["employers"].append(
            _version("employer_id", e, draws.day("2018-01-01", "2019-09-15"), draws.cells("employers"), 200)
        )
    for s in draws.sites[::3]:
        new = {"employer_id": draws.one(*draws.employers)} | draws.cells("sites")
        tables["sites"].append(_version("site_id", s, draws.day("2018-01-01", "2019-09-15"), new, 150))
    visits: list[Row] = []
    for name, letter, n in (
        ("inspections", "V", 170), ("findings", "F", 400), ("penalties", "P", 80), ("complaints", "C", 120),
        ("permits", "W", 60), ("contracts", "K", 120), ("cases", "R", 60), ("links", "L", 16),
    ):  # fmt: skip
        days = day("2016-06-01") + random.permutation(1600)[:n]
        tables[name] = rows = []
        for i, when in enumerate(days):
            late = int(random.integers(20, 400)) if random.random() < 0.2 else 10
            row: Row = {f"{_singular(name)}_id": f"{letter}{i:03d}", "date": _date(int(when)),
                        "known_on": _date(int(when) + late), "replaces": None}  # fmt: skip
            row |= _of(draws, name, row, visits, owner) | draws.cells(name)
            if name == "penalties":
                paid = random.random() < 0.6
                row["paid_azn"] = row["amount_azn"] if paid else None
                row["paid_on"] = _date(int(when) + int(random.integers(10, 700))) if paid else None
            rows.append(row)
        corrected = [
            r | draws.cells(name) | {f"{_singular(name)}_id": f"X{r[f'{_singular(name)}_id']}",
                                     "replaces": r[f"{_singular(name)}_id"],
                                     "known_on": _date(day(str(r["known_on"])) + int(random.integers(5, 300)))}
            for r in rows if random.random() < 0.1
        ]  # fmt: skip
        rows.extend(corrected)
        if name == "inspections":
            visits = rows[:n]
    return tables


def _singular(table: str) -> str:
    return {"penalties": "penalty"}.get(table, table[:-1])


def _version(key: str, id: str, valid: str, cells: Row, late: int = 10) -> Row:
    return {key: id, "valid_from": valid, "known_on": _date(day(valid) + late)} | cells


def _of(draws: Draws, table: str, row: Row, visits: list[Row], owner: dict[str, str]) -> Row:
    """Return whose row it is; some rows name their visit alone, some their place alone."""
    if table == "links":
        a, b = draws.random.choice(len(draws.employers), 2, replace=False)
        return {"employer_a": draws.employers[a], "employer_b": draws.employers[b]}
    if table == "permits":
        return {"employer_id": draws.one(*draws.employers)}
    if table in ("findings", "penalties", "cases"):
        visit = visits[int(draws.random.integers(len(visits)))]
        found: Row = {"inspection_id": visit["inspection_id"]}
        alone = draws.random.random() < 0.3
        if table != "findings":
            found |= {"site_id": None, "employer_id": None} if alone else {k: visit[k] for k in _PLACE[:2]}
        return found
    site = str(draws.one(*draws.sites))
    return {"site_id": site, "employer_id": None if draws.random.random() < 0.2 else owner[site]}

"""Versions of employers and places, links, and the rules about visiting, as rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from riskscore.dates import day
from riskscore.simulate.draws import Draws, Ints
from riskscore.simulate.frames import Rows
from riskscore.simulate.register import (
    COMPANY,
    HOUSEHOLD,
    KINDS,
    LINK_KINDS,
    NONE,
    PUBLIC,
    SOLE_TRADER,
    Employers,
    Sites,
)
from riskscore.simulate.results import Table
from riskscore.simulate.world import World


def employer_rows(draws: Draws, world: World, employers: Employers) -> Rows:
    """Return one row per employer, and a second where it moved to another region."""
    count = len(employers.kind)
    moved = np.flatnonzero(employers.moved_on >= 0)
    at = np.concatenate([np.arange(count), moved])
    second = np.arange(len(at)) >= count
    valid = np.where(second, employers.moved_on[at], employers.registered_on[at])
    columns = {
        "id": at, "employer_kind": employers.kind[at], "sector": employers.sector[at],
        "region": np.where(second, employers.moved_to[at], employers.region[at]),
        "registered_on": employers.registered_on[at], "closed_on": employers.closed_on[at], "valid_from": valid,
        "known_on": valid + draws.between("employer known", 1, 20, at, second), "replaces": np.full(len(at), NONE),
    }  # fmt: skip
    labels = {"employer_kind": KINDS, "sector": world.sectors, "region": [r.name for r in world.regions]}
    texts = {"name": _names(draws, world, employers)[at], "tax_number": _tax_numbers(employers)[at]}
    return Rows(columns, labels, texts)


def _names(draws: Draws, world: World, employers: Employers) -> Any:
    """Return invented names; a sole trader has a number, for a person's name is nobody's business here."""
    e = np.arange(len(employers.kind))
    first = draws.below("first name", len(world.first_names), e)
    trades = [world.trades[s] for s in world.sectors]
    word = draws.below("trade name", np.array([len(t) for t in trades])[employers.sector], e)
    widest = max(len(t) for t in trades)
    made = np.array([
        f"{name} {trade[i % len(trade)]}"
        for name in world.first_names for trade in trades for i in range(widest)
    ], dtype=object)  # fmt: skip
    names = made[(first * len(trades) + employers.sector) * widest + word]
    form = np.array([" MMC", "", "", ""], dtype=object)[employers.kind]
    form = np.where((employers.kind == COMPANY) & draws.happens("joint stock", 80_000_000, e), " ASC", form)
    # The same name twice gets a number, as a second firm of that name would.
    order = np.lexsort((e, names.astype(str)))
    fresh = np.concatenate([[True], names[order][1:] != names[order][:-1]])
    turn = np.zeros(len(e), dtype=np.int64)
    begins = np.maximum.accumulate(np.where(fresh, np.arange(len(e)), 0))
    turn[order] = np.arange(len(e)) - begins
    number = np.where(turn > 0, "-" + (turn + 1).astype(str).astype(object), "")
    public = np.where(turn > 0, " № " + (turn + 1).astype(str).astype(object), "")
    names = np.where(employers.kind == PUBLIC, names + public, names + number + form)
    digits = (e + 1).astype(str).astype(object)
    names = np.where(employers.kind == SOLE_TRADER, "Fərdi sahibkar " + digits + " (sole trader)", names)
    return np.where(employers.kind == HOUSEHOLD, "Ev təsərrüfatı " + digits, names)


def _tax_numbers(employers: Employers) -> Any:
    """Return ten digits, all different; the last is 1 for legal persons and 2 for the others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    e = np.arange(len(employers.kind), dtype=np.int64)
    person = np.isin(employers.kind, [SOLE_TRADER, HOUSEHOLD])
    digits = (e * 387_420_489 + 20_481_013) % 1_000_000_000 * 10 + np.where(person, 2, 1)
    return pc.utf8_lpad(pa.array(digits).cast(pa.string()), 10, "0").to_numpy(zero_copy_only=False)


def site_rows(draws: Draws, world: World, sites: Sites) -> Rows:
    """Return one row per place, and a second where another employer took it over."""
    count = len(sites.place)
    taken = np.flatnonzero(sites.taken_on >= 0)
    at = np.concatenate([np.arange(count), taken])
    second = np.arange(len(at)) >= count
    valid = np.where(second, sites.taken_on[at], sites.opened_on[at])
    types = tuple(p.site_type for p in world.places)
    districts = tuple(dict.fromkeys(d for r in world.regions for d in r.districts))
    table = np.full((len(world.regions), max(len(r.districts) for r in world.regions)), NONE)
    for i, region in enumerate(world.regions):
        table[i, : len(region.districts)] = [districts.index(d) for d in region.districts]
    columns = {
        "id": at, "employer_id": np.where(second, sites.taken_by[at], sites.employer[at]), "site_type": sites.place[at],
        "region": sites.region[at], "district": table[sites.region[at], sites.district[at]],
        "latitude": sites.latitude[at], "longitude": sites.longitude[at], "opened_on": sites.opened_on[at],
        "closed_on": sites.closed_on[at], "principal_contractor_id": sites.contractor[at], "valid_from": valid,
        "known_on": valid + draws.between("site known", 1, 20, at, second), "replaces": np.full(len(at), NONE),
    }  # fmt: skip
    return Rows(columns, {"site_type": types, "region": [r.name for r in world.regions], "district": districts})


def regime_rows(world: World, first: int, suspended_from: int, last: int) -> tuple[Table, dict[str, tuple[str, ...]]]:
    """Return the rules about visiting: everything open, then the suspension sector by sector."""
    rules = ("open", "complaint_only", "suspended")
    rows = [(NONE, day(f"{first}-01-01"), day(f"{min(suspended_from, last + 1)}-01-01"), 0)]
    if suspended_from <= last:
        for i, sector in enumerate(world.sectors):
            rule = 0 if sector in world.open else 2 if sector in world.closed else 1
            rows.append((i, day(f"{suspended_from}-01-01"), NONE, rule))
    columns = np.array([r for r in rows if r[2] < 0 or r[2] > r[1]], dtype=np.int64)
    table = {n: columns[:, i] for i, n in enumerate(("sector", "from", "to", "rule"))}
    known_on: Ints = table["from"]
    return table | {"date": table["from"], "known_on": known_on}, {"sector": world.sectors, "rule": rules}


def link_rows(links: Any) -> Rows:
    """Return the links; a link is known some weeks after it arose."""
    return Rows(
        {"employer_a": links.a, "employer_b": links.b, "kind": links.kind, "confidence": links.confidence,
         "date": links.date, "known_on": links.date + 25},
        {"kind": LINK_KINDS},
    )  # fmt: skip

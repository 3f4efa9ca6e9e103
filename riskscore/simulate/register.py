"""Employers, places and links, with the latent traits that the records never show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.dates import day
from riskscore.simulate.draws import Draws, Ints
from riskscore.simulate.world import World

NONE = -1  # in every column of whole numbers: no value
COMPANY, SOLE_TRADER, PUBLIC, HOUSEHOLD = range(4)
KINDS = ("company", "sole trader", "public body", "household")
LINK_KINDS = ("director", "address", "phone", "subcontractor", "successor")


@dataclass(frozen=True)
class Employers:
    """One element per employer; positions in the world's tables, days since 1970."""

    kind: Ints
    sector: Ints
    region: Ints
    moved_to: Ints  # region of a second version, or NONE
    moved_on: Ints
    registered_on: Ints
    closed_on: Ints
    foreign: Ints  # foreign workers in need of a permit
    trait: Ints  # latent, thousandths of log-odds


@dataclass(frozen=True)
class Sites:
    """One element per place; ``eta`` is the latent log-odds (thousandths) without the year's part."""

    employer: Ints
    taken_by: Ints  # a second version has this employer, from taken_on
    taken_on: Ints
    place: Ints
    region: Ints
    district: Ints
    latitude: Ints  # ten thousandths of a degree
    longitude: Ints
    opened_on: Ints
    closed_on: Ints
    contractor: Ints
    size: Ints  # people at work
    informal: Ints  # percent of them missing from the contract register
    eta: Ints
    severity: Ints
    unseen: Ints  # the part of eta that no record shows

    def employer_on(self, site: Ints, day_numbers: Ints) -> Ints:
        """Return the employer of each place on each day."""
        taken = (self.taken_on[site] >= 0) & (day_numbers >= self.taken_on[site])
        return np.where(taken, self.taken_by[site], self.employer[site])


@dataclass(frozen=True)
class Links:
    """One element per relation between two employers."""

    a: Ints
    b: Ints
    kind: Ints
    confidence: Ints  # hundredths
    date: Ints


@dataclass(frozen=True)
class Register:
    """The whole population."""

    employers: Employers
    sites: Sites
    links: Links


def register(draws: Draws, world: World, sites: int, first: int, last: int) -> Register:
    """Return a population of ``sites`` places for the years ``first`` to ``last``."""
    start, end = day(f"{first}-01-01"), day(f"{last}-12-31")
    count = max(1, sites * 7 // 10)
    links = _links(draws, count, start, end)
    employers = _employers(draws, world, count, links, start, end)
    return Register(employers, _sites(draws, world, sites, employers, start, end), links)


def _links(draws: Draws, count: int, start: int, end: int) -> Links:
    """Tie every eighth employer to others: groups of two to four, in a chain."""
    order = np.argsort(draws.bits("group order", np.arange(count)), kind="stable").astype(np.int64)
    grouped = order[: count // 6]
    place = np.arange(len(grouped))
    tied = draws.happens("group tie", 620_000_000, place[1:]) if len(grouped) > 1 else np.zeros(0, dtype=bool)
    a, b = grouped[:-1][tied], grouped[1:][tied]
    key = np.arange(len(a))
    return Links(
        np.minimum(a, b), np.maximum(a, b), draws.pick("link kind", [35, 25, 15, 15, 10], key),
        draws.between("link confidence", 60, 100, key), draws.between("link date", start - 900, end - 200, key),
    )  # fmt: skip


def _employers(draws: Draws, world: World, count: int, links: Links, start: int, end: int) -> Employers:
    e = np.arange(count)
    weights = [sum(p.weight for p in world.places if p.sector == s) for s in world.sectors]
    sector = draws.pick("sector", weights, e)
    names = np.array(world.sectors)[sector]
    sole = draws.happens("sole trader", 220_000_000, e)
    public = np.char.startswith(names, "O ") | (
        np.char.startswith(names, "P ") & draws.happens("public", 800_000_000, e)
    )
    kind = np.where(
        public,
        PUBLIC,
        np.where(sole & ~np.isin(names, ["O public administration", "P education"]), SOLE_TRADER, COMPANY),
    )
    kind = np.where(np.char.startswith(names, "T "), HOUSEHOLD, kind).astype(np.int64)
    region = draws.pick("employer region", [r.weight for r in world.regions], e)
    young = draws.happens("young", 300_000_000, e)
    registered = np.where(
        young, draws.between("registered", start, end - 400, e), start - draws.between("older", 30, 6000, e)
    )
    closes = draws.happens("closes", 60_000_000, e)
    closed = np.where(closes, draws.between("closed", start + 900, end, e), NONE)
    closed = np.where(closed > registered + 300, closed, NONE)
    moves = draws.happens("moves", 80_000_000, e) & ~public
    moved_on = np.where(moves, draws.between("moved on", np.maximum(start, registered + 60), end - 30, e), NONE)
    foreign_share = np.array([max(p.foreign for p in world.places if p.sector == s) for s in world.sectors])
    foreign = np.where(
        (draws.below("foreign", 100, e) < foreign_share[sector]) & (kind == COMPANY),
        draws.between("foreign workers", 1, 9, e),
        0,
    )
    trait = draws.normal("employer trait", 900, e) + 250 * (kind == SOLE_TRADER) - 400 * public
    shared = np.zeros(count, dtype=np.int64)
    shared[links.a] = draws.normal("tie trait", 800, np.arange(len(links.a)))
    shared[links.b] = shared[links.a]
    return Employers(
        kind, sector, region, np.where(moves, draws.pick("moved to", [r.weight for r in world.regions], e), NONE),
        moved_on, registered, closed, foreign, trait + shared,
    )  # fmt: skip


def _sites(draws: Draws, world: World, count: int, employers: Employers, start: int, end: int) -> Sites:
    s = np.arange(count)
    firms = len(employers.kind)
    # Every employer has one place; the others go to a seventh of the employers, so that chains arise.
    chains = np.flatnonzero(employers.kind != HOUSEHOLD)[: max(1, firms // 7)]
    shuffled = np.argsort(draws.bits("first place", np.arange(firms)), kind="stable")
    employer = np.where(s < firms, shuffled[s % firms], chains[draws.below("chain", len(chains), s)]).astype(np.int64)
    place = np.zeros(count, dtype=np.int64)
    for number, sector in enumerate(world.sectors):
        own = np.array([i for i, p in enumerate(world.places) if p.sector == sector])
        here = np.flatnonzero(employers.sector[employer] == number)
        place[here] = own[draws.pick("place", [world.places[i].weight for i in own], here)]
    near = draws.happens("near", 800_000_000, s)
    region = np.where(near, employers.region[employer], draws.pick("site region", [r.weight for r in world.regions], s))
    reach = np.array([round(r.reach * 10_000) for r in world.regions])[region]
    latitude, longitude = (
        np.array([round(r.at[axis] * 10_000) for r in world.regions])[region] + draws.between(name, -reach, reach, s)
        for axis, name in enumerate(("latitude", "longitude"))
    )
    district = draws.below("district", np.array([len(r.districts) for r in world.regions])[region], s)
    opened, closed = _lives(draws, world, place, employers, employer, start, end)

    small = np.array([p.size[0] for p in world.places])[place]
    large = np.array([p.size[1] for p in world.places])[place]
    share = draws.below("size", 1000, s) * draws.below("size again", 1000, s) // 1000  # most are near the small end
    size = small + (large - small) * share // 1000
    taken = draws.happens("taken over", 40_000_000, s) & (employers.kind[employer] == COMPANY)
    taker = chains[draws.below("taker", len(chains), s)]
    taken &= (employers.sector[taker] == employers.sector[employer]) & (taker != employer)
    taken_on = draws.between("taken on", np.maximum(start, opened) + 100, end - 100, s)
    taken &= (closed < 0) | (taken_on < closed)
    building = np.array([p.sector.startswith("F ") for p in world.places])[place]
    builders = np.flatnonzero(employers.sector == world.sectors.index("F construction"))
    has_contractor = building & draws.happens("contractor", 500_000_000, s) & bool(len(builders))
    contractor = np.full(count, NONE)
    contractor[has_contractor] = builders[draws.below("which contractor", max(1, len(builders)), s[has_contractor])]

    own = draws.normal("site trait", 700, s)
    unseen = own + employers.trait[employer]
    risk = np.array([p.risk for p in world.places])[place] + np.array([r.risk for r in world.regions])[region]
    eta = risk + unseen + np.where(size < 12, 250, np.where(size > 60, -350, 0))
    informal = np.clip(6 + (eta - 200) * 9 // 1000 + draws.normal("informal", 7, s), 0, 70)
    severity = own * 6 // 10 + employers.trait[employer] * 4 // 10 + draws.normal("severity", 800, s)
    return Sites(
        employer, np.where(taken, taker, NONE), np.where(taken, taken_on, NONE), place, region, district, latitude,
        longitude, opened, closed, contractor, size, informal, eta, severity, unseen,
    )  # fmt: skip


def _lives(
    draws: Draws, world: World, place: Ints, employers: Employers, employer: Ints, start: int, end: int
) -> tuple[Ints, Ints]:
    """Return when each place opened and closed; building sites come and go, the others mostly stay."""
    s = np.arange(len(place))
    low = np.array([p.days[0] if p.days else 0 for p in world.places])[place]
    high = np.array([p.days[1] if p.days else 0 for p in world.places])[place]
    brief = high > 0
    began = draws.between("begins", start - 700, end - 60, s)
    late = draws.happens("opens late", 200_000_000, s)
    stays = np.where(late, draws.between("opens", start, end - 200, s), start - draws.between("opened", 30, 4000, s))
    opened = np.maximum(np.where(brief, began, stays), employers.registered_on[employer])
    ends = draws.happens("ends", 90_000_000, s)
    closed = np.where(
        brief,
        opened + draws.between("lasts", low, high, s),
        np.where(ends, draws.between("ended", start + 400, end, s), NONE),
    )
    firm = employers.closed_on[employer]
    closed = np.where((firm >= 0) & ((closed < 0) | (firm < closed)), firm, closed)
    # The register of the last day does not know of closings to come.
    return opened, np.where((closed > end) | (closed <= opened), NONE, closed).astype(np.int64)

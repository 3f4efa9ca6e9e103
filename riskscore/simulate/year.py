"""One year: who is visited, what is true there, who reports it, and what the visits find."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from riskscore.dates import day
from riskscore.simulate.draws import BILLION, Draws, Flags, Ints, chance_of, offset_for, spread
from riskscore.simulate.register import HOUSEHOLD, NONE, Register
from riskscore.simulate.select import COMPLAINT, HOTLINE, Chosen, Past, Quota, choose, weights
from riskscore.simulate.world import Published, World

CHANNELS = ("appeal", "hotline 152", "alert", "NGO")
TOPICS = (
    "no contract", "unpaid wages", "overtime", "documents kept", "locked in", "child at work", "working conditions",
    "dismissal", "other",
)  # fmt: skip
TRUE_TOPICS = (50, 20, 10, 2, 0, 0, 10, 6, 2)
OTHER_TOPICS = (10, 26, 14, 1, 0, 0, 14, 22, 13)
BASE_SHARE = 140_000_000  # of places that are no high-rise, employing people without a contract in a year
TO_VISIT = 600_000_000  # reports that lead to a visit where the law allows one
INSPECTORS = 6  # per office


@dataclass(frozen=True)
class Setting:
    """What one simulation is run with."""

    draws: Draws
    world: World
    published: Published
    register: Register
    first: int
    sites: int  # asked for; the share of national figures follows from it
    suspended_from: int  # first year in which most businesses may not be visited without a report
    hidden: bool

    def share(self, name: str, year: int) -> int:
        """Return this simulation's part of a national figure."""
        return self.published.share(name, self.first, year, self.sites)

    def ratio(self, name: str, of: str, year: int) -> int:
        """Return one national figure divided by another, in parts per billion."""
        return self.published.national(name, year) * BILLION // max(1, self.published.national(of, year))


@dataclass(frozen=True)
class Reports:
    """The year's labour reports; ``visit`` says which led to one."""

    site: Ints
    date: Ints
    channel: Ints
    topic: Ints
    visit: Flags


@dataclass(frozen=True)
class Year:
    """What happened in one year."""

    year: int
    active: Ints  # places at work in the year
    chance: Ints  # for each of them, that a visit would find uncontracted work (parts per billion)
    site: Ints  # visits from here on
    date: Ints
    trigger: Ints
    probability: Ints
    centre: Flags  # by the Monitoring Centre; else by the Inspection Service
    inspector: Ints
    found: Flags
    reports: Reports
    report_of: Ints  # position of the report that led to the visit, or NONE


def live(setting: Setting, year: int, past: Past) -> Year:
    """Return one year of visits and reports."""
    draws, sites = setting.draws, setting.register.sites
    low = np.maximum(sites.opened_on, day(f"{year}-01-01"))
    last_day = day(f"{year}-12-31")
    high = np.where(sites.closed_on >= 0, np.minimum(sites.closed_on, last_day), last_day)
    at_work = high - low >= 60
    everyone = np.arange(len(low))
    # Two shocks: one of the year, one that lasts three years, so that the past tells of the future, but not all.
    shock = draws.normal("year", 500, everyone, year) + draws.normal("era", 450, everyone, (year + everyone) // 3)
    tip = sites.unseen + shock if setting.hidden else None
    centre, service = _chosen(setting, year, past, at_work, tip)

    inspector = _inspectors(setting, year, everyone)
    truth = _truth(setting, year, sites.eta + shock, at_work, centre)
    strict = draws.normal("inspector", 250, inspector)
    true = draws.happens("state", chance_of(truth + strict), everyone, year) & at_work
    seen = centre.site
    true[seen] = draws.systematic(
        f"centre found {year}", chance_of(truth[seen] + strict[seen]), setting.share("centre_found", year), seen
    )
    reports = _reports(setting, year, true, at_work, low, high, _heeded(setting, year, tip))

    came = np.flatnonzero(reports.visit)
    own = np.concatenate([centre.site, service.site])
    site = np.concatenate([own, reports.site[came]])
    answer = reports.date[came] + draws.between("answer", 4, 35, reports.site[came], year)
    date = np.concatenate([
        draws.between("visit day", low[own], high[own], own, year), np.minimum(answer, high[reports.site[came]])
    ])  # fmt: skip
    trigger = np.where(reports.channel[came] == CHANNELS.index("hotline 152"), HOTLINE, COMPLAINT)
    return Year(
        year, np.flatnonzero(at_work), chance_of(truth[at_work]), site, _weekday(date, low[site]),
        np.concatenate([centre.trigger, service.trigger, trigger]),
        np.concatenate([centre.probability, service.probability, np.full(len(came), NONE)]),
        np.arange(len(site)) < len(centre.site), inspector[site], true[site], reports,
        np.concatenate([np.full(len(own), NONE), came]),
    )  # fmt: skip


def _chosen(setting: Setting, year: int, past: Past, at_work: Flags, tip: Ints | None) -> tuple[Chosen, Chosen]:
    """Return the visits of the Centre, to high-rises, and those the Service makes unasked, elsewhere."""
    sites, new_year = setting.register.sites, day(f"{year}-01-01")
    weight = weights(setting.world, sites, past, new_year, tip)
    tall = _of_type(setting, "high-rise")
    total = setting.share("centre_visits", year)
    centre = choose(
        setting.draws, "centre", year, at_work & tall, weight, Quota(total, total // 10, total // 10, total // 8), past,
        new_year, one_per=sites.employer,
    )  # fmt: skip
    by_chance, raids = setting.share("service_random", year), setting.share("service_raids", year)
    planned = setting.share("service_planned", year)
    free = ~_homes(setting)
    if year >= setting.suspended_from:
        free &= _in_sectors(setting, setting.world.open)
    service = choose(
        setting.draws, "service", year, at_work & ~tall & free, weight,
        Quota(by_chance + raids + planned, by_chance, raids, planned // 5), past, new_year,
    )  # fmt: skip
    return centre, service


def _heeded(setting: Setting, year: int, tip: Ints | None) -> Ints:
    """Return the chance that a report leads to a visit: none at private homes and where nobody may go."""
    barred = _homes(setting)
    if year >= setting.suspended_from:
        barred |= _in_sectors(setting, setting.world.closed)
    chance = TO_VISIT if tip is None else chance_of(400 + tip * 12 // 10)
    return np.where(barred, 0, chance).astype(np.int64)


def _of_type(setting: Setting, site_type: str) -> Flags:
    return np.array([p.site_type == site_type for p in setting.world.places])[setting.register.sites.place]


def _in_sectors(setting: Setting, sectors: Collection[str]) -> Flags:
    return np.array([p.sector in sectors for p in setting.world.places])[setting.register.sites.place]


def _homes(setting: Setting) -> Flags:
    return np.asarray(setting.register.employers.kind[setting.register.sites.employer] == HOUSEHOLD, dtype=np.bool_)


def _weekday(date: Ints, low: Ints) -> Ints:
    """Move Saturdays and Sundays to the Friday before, unless the place or the year begins later."""
    weekday = (date + 3) % 7  # 1970-01-01 was a Thursday
    moved = date - np.where(weekday >= 5, weekday - 4, 0)
    return np.where(moved >= low, moved, date)


def _inspectors(setting: Setting, year: int, site: Ints) -> Ints:
    """Return the inspector who would go: one of the region's office."""
    world = setting.world
    office = np.array([world.offices.index(r.office) for r in world.regions])[setting.register.sites.region]
    return office * INSPECTORS + setting.draws.below("inspector of", INSPECTORS, site, year)


def _truth(setting: Setting, year: int, eta: Ints, at_work: Flags, centre: Chosen) -> Ints:
    """Return log-odds shifted so that what the Centre's visits find comes to the year's figure."""
    high_rise = _of_type(setting, "high-rise")
    other = offset_for(eta[at_work & ~high_rise], BASE_SHARE)
    basis = centre.site if len(centre.site) >= 30 else np.flatnonzero(at_work & high_rise)
    tall = offset_for(eta[basis], setting.ratio("centre_found", "centre_visits", year))
    return np.asarray(eta + np.where(high_rise, tall, other), dtype=np.int64)


def _reports(setting: Setting, year: int, true: Flags, at_work: Flags, low: Ints, high: Ints, heeded: Ints) -> Reports:
    """Return the year's reports: likelier where it is true, where people have a voice, and at large places."""
    draws, sites = setting.draws, setting.register.sites
    place = np.flatnonzero(at_work)
    log_odds = (
        np.array([p.voice for p in setting.world.places])[sites.place] + np.minimum(sites.size, 80) * 10 + 1500 * true
        + draws.normal("voice", 600, np.arange(len(true)))
    )[place]  # fmt: skip
    count = min(setting.share("complaints", year), len(place))
    shift = offset_for(log_odds, count * BILLION // max(1, len(place)))
    site = place[draws.systematic(f"reported {year}", chance_of(log_odds + shift), count, place)]
    twice = site[draws.happens("twice", 120_000_000, site, year)]
    first = np.arange(len(site) + len(twice)) < len(site)
    site = np.concatenate([site, twice])
    date = draws.between("report day", low[site], np.maximum(low[site], high[site] - 40), site, year, ~first)
    channel = draws.pick("channel", [46, 44, 6, 4], site, year, ~first)
    topic = np.where(
        true[site], draws.pick("true topic", TRUE_TOPICS, site, year, ~first),
        draws.pick("other topic", OTHER_TOPICS, site, year, ~first),
    )  # fmt: skip
    visit = first & draws.happens("report visited", heeded[site], site, year)
    # The year's figure of people found after appeals bounds the finds: in a random order, visits end where it is met.
    order = np.argsort(draws.bits("report order", site, year), kind="stable")
    finds = np.cumsum((true[site] & visit)[order])
    visit[order] &= finds * 100 <= setting.share("appeals_people", year) * 90
    # Children under 15 are found through alerts: some of the reports that led to a visit are such alerts.
    candidates = np.flatnonzero(visit)
    alerts = draws.systematic(
        f"alert {year}", true[site[candidates]] * 9 + np.ones(len(candidates), dtype=np.int64),
        setting.share("alerts_underage", year), site[candidates],
    )  # fmt: skip
    channel[candidates[alerts]] = CHANNELS.index("alert")
    topic[candidates[alerts]] = TOPICS.index("child at work")
    return Reports(site, date, channel, topic, visit)


def people_found(setting: Setting, lived: Year) -> Ints:
    """Return uncontracted workers per visit; the Centre's and the appeals' add up to the year's figures."""
    draws, sites = setting.draws, setting.register.sites
    found, year = lived.found, lived.year
    mean = 1 + sites.size[lived.site] * chance_of(sites.severity[lived.site]) // (12 * BILLION)
    people = np.where(found, 1 + draws.below("people", 2 * mean, lived.site, year), 0)
    appeal = (lived.report_of >= 0) & found
    for name, mine in (("centre_people", lived.centre & found), ("appeals_people", appeal)):
        total, count = setting.share(name, year), int(mine.sum())
        people[mine] = (total >= count) + spread(max(total - count, 0) if total >= count else total, people[mine] ** 2)
    return people

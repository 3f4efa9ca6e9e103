"""Rows that no visit makes: permits, registered headcounts, reports, police cases, stages of cases, yearly figures."""

from __future__ import annotations

import numpy as np

from riskscore.dates import day
from riskscore.records.schema import STAGES
from riskscore.simulate.clocks import known
from riskscore.simulate.draws import Ints, chance_of, spread
from riskscore.simulate.register import NONE, PUBLIC
from riskscore.simulate.results import OPENED_SHARE, Table
from riskscore.simulate.world import part
from riskscore.simulate.year import CHANNELS, TOPICS, Setting, Year

REFERRED, OPENED, CHARGED, CONVICTED, DROPPED = range(len(STAGES))


def complaints(setting: Setting, lived: Year) -> Table:
    """Return the year's reports as rows; some name no place, a few not even an employer."""
    draws, reports, year = setting.draws, lived.reports, lived.year
    site, date = reports.site, reports.date
    key = np.arange(len(site)) + year * 10_000_000
    vague = draws.below("vague", 100, key)
    vague = np.where(reports.visit, 100, vague)
    employer = setting.register.sites.employer_on(site, date)
    # What led to a visit was known before it; only the others come in late.
    soon = date + draws.between("report delay", 0, 2, key)
    late = reports.topic != TOPICS.index("locked in")
    seen = np.where(reports.visit, soon, np.where(late, known(draws, "report", date, key, 5), soon))
    urgent = (reports.topic == TOPICS.index("documents kept")) & draws.happens("urgent", 300_000_000, key)
    urgent &= date < day(f"{year}-12-01")
    return {
        "employer_id": np.where(vague < 3, NONE, employer), "site_id": np.where(vague < 12, NONE, site),
        "channel": reports.channel, "topic": reports.topic, "urgent": urgent.astype(np.int64), "date": date,
        "known_on": seen,
    }  # fmt: skip


def urgent_reports(setting: Setting, last: int) -> Table:
    """Return three urgent reports of the last month, to which nobody has gone yet."""
    sites, draws = setting.register.sites, setting.draws
    free = np.array([p.sector not in setting.world.closed and p.sector[:1] not in "TOP" for p in setting.world.places])
    there = (sites.closed_on < 0) & (sites.opened_on < day(f"{last}-06-01")) & free[sites.place] & (sites.size >= 8)
    order = np.flatnonzero(there)
    site = order[np.argsort(draws.bits("urgent at", order), kind="stable")][:3]
    date = day(f"{last}-12-31") - np.array([4, 11, 19])[: len(site)]
    return {
        "employer_id": sites.employer_on(site, date), "site_id": site,
        "channel": np.full(len(site), CHANNELS.index("hotline 152")),
        "topic": np.array([TOPICS.index(t) for t in ("locked in", "documents kept", "locked in")])[: len(site)],
        "urgent": np.ones(len(site), dtype=np.int64), "date": date, "known_on": date + 1,
    }  # fmt: skip


def contracts(setting: Setting, lived: Year) -> Table:
    """Return each place's registered headcount, once a year, with the contracts concluded since the year before."""
    draws, sites, year = setting.draws, setting.register.sites, lived.year
    site = lived.active
    start = np.maximum(sites.opened_on[site], day(f"{year}-01-01"))
    date = start + draws.between("register day", 0, 45, site, year)
    employer = sites.employer_on(site, date)
    drift = draws.between("informal drift", -4, 4, site, year)
    registered = sites.size[site] * (100 - np.clip(sites.informal[site] + drift, 0, 80)) // 100
    public = setting.register.employers.kind[employer] == PUBLIC
    concluded = np.zeros(len(site), dtype=np.int64)
    turnover = (registered + 1) * draws.between("turnover", 10, 60, site, year)
    for name, mine in (("contracts_private", ~public), ("contracts_public", public)):
        concluded[mine] = spread(setting.share(name, year), turnover[mine])
    key = site * 100 + year % 100
    return {
        "employer_id": employer, "site_id": site, "registered_workers": registered, "concluded": concluded,
        "date": date, "known_on": known(draws, "contract", date, key),
    }  # fmt: skip


def permits_before(setting: Setting, first: int) -> Ints:
    """Return for each employer the day in the first year on which a permit from before it expires, or NONE."""
    draws, foreign = setting.draws, setting.register.employers.foreign
    e = np.arange(len(foreign))
    there = (foreign > 0) & draws.happens("permit before", 600_000_000, e)
    there &= setting.register.employers.registered_on < day(f"{first - 1}-01-01")
    until = draws.between("permit before until", day(f"{first}-01-01"), day(f"{first}-12-31"), e)
    return np.where(there, until, NONE)


def permits(setting: Setting, lived: Year, had: Ints) -> tuple[Table, Ints]:
    """Return the year's permits, and for each employer the day on which its newest one expires.

    A permit lasts a year. Employers of a lax kind let it lapse more often while the work goes on.
    """
    draws, employers, year = setting.draws, setting.register.employers, lived.year
    new_year, last_day = day(f"{year}-01-01"), day(f"{year}-12-31")
    holder = np.flatnonzero(
        (employers.foreign > 0) & (employers.registered_on < last_day - 40)
        & ((employers.closed_on < 0) | (employers.closed_on > last_day))
    )  # fmt: skip
    keeps = draws.happens("extends", chance_of(1000 - employers.trait[holder]), holder, year)
    running = had[holder] >= new_year
    extends = holder[running & keeps]
    applies = holder[~running & draws.happens("applies", 650_000_000, holder, year)]
    floor = np.maximum(employers.registered_on[applies] + 1, new_year)
    when = {"issued": draws.between("issued on", floor, last_day, applies, year), "extended": had[extends]}
    expires = had.copy()
    parts: list[Table] = []
    for kind, (who, name) in enumerate(((applies, "issued"), (extends, "extended"))):
        date = np.minimum(when[name], last_day)
        workers = spread(setting.share(f"permits_{name}", year), employers.foreign[who] * 10)
        until = date + 365
        expires[who] = until
        parts.append({
            "employer_id": who, "workers": workers, "kind": np.full(len(who), kind), "expires_on": until, "date": date,
            "known_on": known(draws, f"permit {name}", date, who * 100 + year % 100, 8),
        })  # fmt: skip
    whole = {n: np.concatenate([p[n] for p in parts]) for n in parts[0]}
    some = whole["workers"] > 0
    return {n: v[some] for n, v in whole.items()}, expires


def police_cases(setting: Setting, first: int, last: int) -> Table:
    """Return forced-labour cases found by police search: no visit, some of them abroad."""
    draws, sites, employers = setting.draws, setting.register.sites, setting.register.employers
    rows: list[tuple[int, ...]] = []
    inside = [c for c in setting.published.police_cases if first <= c.year <= last]
    for number, case in enumerate(inside):
        copies = part(number + 1, setting.sites) - part(number, setting.sites)
        for copy in range(copies):
            key = number * 1_000 + copy
            date = int(draws.between("police day", day(f"{case.year}-01-10"), day(f"{case.year}-12-10"), key)[0])
            site = employer = NONE
            if case.sector:
                sector = setting.world.sectors.index(case.sector)
                there = np.flatnonzero(
                    (employers.sector[sites.employer] == sector) & (sites.opened_on < date)
                    & ((sites.closed_on < 0) | (sites.closed_on > date))
                )  # fmt: skip
                if len(there):
                    found = int(there[draws.below("police at", len(there), key)[0]])
                    employer = int(sites.employer_on(np.array([found]), np.array([date]))[0])
                    site = NONE if case.abroad else found
            rows.append(
                (employer, site, NONE, date, date + 20, case.facts, case.victims, int(case.abroad), -key - 2, 1)
            )
    names = (
        "employer_id",
        "site_id",
        "inspection_id",
        "date",
        "known_on",
        "facts",
        "victims",
        "abroad",
        "key",
        "police",
    )
    columns = np.array(rows, dtype=np.int64).reshape(len(rows), len(names))
    return {name: columns[:, i] for i, name in enumerate(names)}


def stages(setting: Setting, started: Table) -> Table:
    """Return every stage of every case as a row; a later stage replaces the one before and keeps its date."""
    draws, key = setting.draws, started["key"] + 1_000_000
    police = started["police"] > 0
    count = len(key)
    opened = police | draws.happens("case opened", OPENED_SHARE, key)
    charged = opened & draws.happens("case charged", 650_000_000, key)
    convicted = charged & draws.happens("case convicted", 700_000_000, key)
    dropped = ~convicted & draws.happens("case dropped", 700_000_000, key)
    first = np.where(police, OPENED, REFERRED)
    rows = [(np.arange(count), first, started["known_on"], np.full(count, NONE))]
    newest, seen = np.arange(count), started["known_on"]
    total = count
    for stage, there, low, high in (
        (OPENED, opened & ~police, 30, 150), (CHARGED, charged, 60, 240), (CONVICTED, convicted, 90, 400),
        (DROPPED, dropped, 60, 300),
    ):  # fmt: skip
        here = np.flatnonzero(there)
        seen = seen.copy()
        seen[here] += draws.between("stage", low, high, key[here], stage)
        rows.append((here, np.full(len(here), stage), seen[here], newest[here]))
        newest = newest.copy()
        newest[here] = total + np.arange(len(here))
        total += len(here)
    at = np.concatenate([r[0] for r in rows])
    kept = {n: v[at] for n, v in started.items() if n not in ("key", "police", "known_on")}
    return kept | {
        "stage": np.concatenate([r[1] for r in rows]), "known_on": np.concatenate([r[2] for r in rows]),
        "replaces": np.concatenate([r[3] for r in rows]), "id": np.arange(len(at)),
    }  # fmt: skip


def counts(setting: Setting, first: int, last: int) -> tuple[Table, tuple[str, ...]]:
    """Return the yearly figures that nobody has rows for, published on 1 March, and their names."""
    names = tuple(sorted(setting.published.counts))
    pairs = [(i, y) for i in range(len(names)) for y in range(first, last + 1)]
    value = [setting.published.share(names[i], first, y, setting.sites) for i, y in pairs]
    date = np.array([day(f"{y}-12-31") for _, y in pairs])
    return {
        "indicator": np.array([i for i, _ in pairs]), "value": np.array(value),
        "source": np.zeros(len(pairs), dtype=np.int64), "date": date, "known_on": date + 60,
    }, names  # fmt: skip

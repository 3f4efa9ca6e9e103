"""What the year's visits leave in the records: the visits themselves, findings, fines, referrals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.dates import day
from riskscore.records.schema import INDICATORS, OTHER_FINDINGS
from riskscore.simulate.clocks import known
from riskscore.simulate.draws import BILLION, Flags, Ints, chance_of, offset_for, spread
from riskscore.simulate.register import NONE, SOLE_TRADER
from riskscore.simulate.year import CHANNELS, INSPECTORS, Setting, Year, people_found

FINDINGS = INDICATORS + OTHER_FINDINGS
AUTHORITIES = ("State Labour Inspection Service", "Labour Relations Monitoring Centre")
Table = dict[str, Ints]

# Log-odds (thousandths) of each of the 11 indicators at a visit that found no uncontracted work.
_RARITY = (-5200, -5400, -6200, -6000, -7000, -6000, -5600, -2700, -6300, -3000, -2600)
FINED_SHARE = 620_000_000  # of the Inspection Service's finds of uncontracted work
OPENED_SHARE = 600_000_000  # of referrals in which a case is opened


@dataclass(frozen=True)
class Results:
    """Columns of a year's rows by table, and the truth for every active place."""

    tables: dict[str, Table]
    truth: Table


def results(setting: Setting, lived: Year, first_visit: int) -> Results:
    """Return what a year's visits leave behind; visits are numbered from ``first_visit`` on."""
    draws, sites, year, site = setting.draws, setting.register.sites, lived.year, lived.site
    employers = setting.register.employers
    visit = first_visit + np.arange(len(site))
    employer = sites.employer_on(site, lived.date)
    people = people_found(setting, lived)
    seen_on = known(draws, "visit", lived.date, visit)
    minors = np.zeros(len(site), dtype=np.int64)
    reported = lived.report_of >= 0
    alert = np.zeros(len(site), dtype=bool)
    alert[reported] = lived.reports.channel[lived.report_of[reported]] == CHANNELS.index("alert")
    child = np.zeros(len(site), dtype=bool)
    child[reported] = lived.reports.topic[lived.report_of[reported]] == 5
    minors[alert & child] = 1
    lax = employers.trait[employer] > 500
    without = np.where((employers.foreign[employer] > 0) & lax, draws.below("no permit", 4, visit), 0)
    present = sites.size[site] * draws.between("present", 65, 105, visit) // 100
    present = np.maximum(np.maximum(present, people + draws.below("others", 4, visit)), np.maximum(minors + without, 1))

    acted, referred = _acted(setting, lived)
    fined = acted & ~(referred & lived.centre)
    fined |= minors > 0
    fined &= ~(lived.centre & (minors > 0) & ~acted)
    tables: dict[str, Table] = {
        "inspections": {
            "id": visit, "site_id": site, "employer_id": employer, "authority": lived.centre.astype(np.int64),
            "trigger": lived.trigger, "selection_probability": lived.probability,
            "office": np.where(lived.centre, len(setting.world.offices), lived.inspector // INSPECTORS),
            "inspector_id": lived.inspector, "workers_present": present, "uncontracted_workers": people,
            "minors_found": minors, "workers_without_permit": without, "date": lived.date, "known_on": seen_on,
        },
        "findings": _findings(setting, lived, visit, people, minors, without, seen_on),
        "penalties": _penalties(setting, lived, visit, employer, people, fined, seen_on),
    }  # fmt: skip
    sent = np.flatnonzero(referred)
    sent_on = np.minimum(lived.date[sent] + draws.between("referred after", 8, 35, visit[sent]), day(f"{year}-12-31"))
    tables["cases"] = {
        "employer_id": employer[sent], "site_id": site[sent], "inspection_id": visit[sent], "date": sent_on,
        "known_on": np.maximum(sent_on + 3, seen_on[sent]), "facts": np.zeros(len(sent), dtype=np.int64),
        "victims": np.zeros(len(sent), dtype=np.int64), "abroad": np.zeros(len(sent), dtype=np.int64),
        "key": visit[sent], "police": np.zeros(len(sent), dtype=np.int64),
    }  # fmt: skip
    return Results(tables, _truth_rows(setting, lived))


def _rungs(setting: Setting, lived: Year, site: Ints, tall: Flags) -> tuple[Ints, Ints]:
    """Return, for each place, the chances to be acted on once found, and to be referred once acted on."""
    severity = setting.register.sites.severity
    year, national = lived.year, setting.published
    people = lived.site[lived.found]
    basis = severity[people] if len(people) >= 20 else severity[lived.active]
    fined, referred = national.national("centre_fined", year), national.national("centre_referred", year)
    to_centre = (fined + referred) * BILLION // national.national("centre_found", year)
    service_finds = max(1, int((lived.found & ~lived.centre).sum()))
    to_refer = setting.share("service_referred", year) * BILLION // max(1, service_finds * FINED_SHARE // BILLION)
    acted = chance_of(severity[site] + np.where(tall, offset_for(basis, to_centre), offset_for(basis, FINED_SHARE)))
    referred_chance = chance_of(
        severity[site] + np.where(
            tall, offset_for(basis, referred * BILLION // (fined + referred)), offset_for(basis, min(to_refer, BILLION))
        )
    )  # fmt: skip
    return acted, referred_chance


def _acted(setting: Setting, lived: Year) -> tuple[Flags, Flags]:
    """Return which visits led to a fine or a referral, and which to a referral."""
    draws, year = setting.draws, lived.year
    visits = np.arange(len(lived.site))
    to_act, to_refer = _rungs(setting, lived, lived.site, lived.centre)
    acted = lived.found & ~lived.centre & draws.happens("acted", to_act, lived.site, year, visits)
    referred = np.zeros(len(visits), dtype=bool)
    finds = np.flatnonzero(lived.found & lived.centre)
    sent = setting.share("centre_referred", year)
    acted[finds] = draws.systematic(
        f"centre acted {year}", to_act[finds], setting.share("centre_fined", year) + sent, finds
    )
    for name, count, mine in (
        ("centre", sent, acted & lived.centre),
        ("service", setting.share("service_referred", year), acted & ~lived.centre),
    ):
        here = np.flatnonzero(mine)
        referred[here] = draws.systematic(f"{name} referred {year}", to_refer[here], count, here)
    return acted, referred


def _indicator_chances(setting: Setting, site: Ints, found: Flags) -> list[Ints]:
    """Return the chance of each of the 11 indicators at a visit."""
    lean = setting.register.sites.severity[site] * 8 // 10 + 1000 * found
    return [chance_of(rarity + lean) for rarity in _RARITY]


def _findings(
    setting: Setting, lived: Year, visit: Ints, people: Ints, minors: Ints, without: Ints, seen_on: Ints
) -> Table:
    draws, year = setting.draws, lived.year
    appeals = np.flatnonzero((lived.report_of >= 0) & lived.found)
    unrelated = np.zeros(len(visit), dtype=np.int64)
    unrelated[appeals] = draws.systematic(
        f"unrelated {year}", np.ones(len(appeals), dtype=np.int64), setting.share("appeals_unrelated", year), appeals
    )
    affected = {"uncontracted": people, "underage": minors, "permit": without, "unrelated_work": unrelated}
    for number, chance in enumerate(_indicator_chances(setting, lived.site, lived.found)):
        there = draws.happens("indicator", chance, visit, number)
        affected[INDICATORS[number]] = np.where(there, 1 + draws.below("affected", 2 + people, visit, number), 0)
    rows = [(FINDINGS.index(name), np.flatnonzero(count > 0)) for name, count in sorted(affected.items())]
    at = np.concatenate([here for _, here in rows])
    return {
        "inspection_id": visit[at], "indicator": np.concatenate([np.full(len(here), i) for i, here in rows]),
        "workers_affected": np.concatenate([affected[FINDINGS[i]][here] for i, here in rows]),
        "date": lived.date[at], "known_on": seen_on[at],
    }  # fmt: skip


def _penalties(
    setting: Setting, lived: Year, visit: Ints, employer: Ints, people: Ints, fined: Flags, seen_on: Ints
) -> Table:
    draws, year = setting.draws, lived.year
    sole = setting.register.employers.kind[employer] == SOLE_TRADER
    hundreds = 20 + 15 * people - 8 * sole + draws.below("fine", 20, visit)
    for name, mine in (
        ("centre_fines", lived.centre & fined), ("appeals_fines", (lived.report_of >= 0) & fined)
    ):  # fmt: skip
        total, count = setting.share(name, year) // 100, int(mine.sum())
        hundreds[mine] = (
            5 + spread(total - 5 * count, hundreds[mine]) if total > 5 * count else spread(total, hundreds[mine])
        )
    at = np.flatnonzero(fined & (hundreds > 0))
    date = np.minimum(lived.date[at] + draws.between("fined after", 4, 30, visit[at]), day(f"{year}-12-31"))
    seen = np.maximum(known(draws, "fine", date, visit[at]), seen_on[at])
    pays = draws.happens("pays", 800_000_000, visit[at])
    return {
        "employer_id": employer[at], "site_id": lived.site[at], "inspection_id": visit[at],
        "authority": lived.centre[at].astype(np.int64), "amount_azn": hundreds[at] * 10_000,
        "paid_on": np.where(pays, date + draws.between("paid after", 10, 240, visit[at]), NONE),
        "date": date, "known_on": seen,
    }  # fmt: skip


def _truth_rows(setting: Setting, lived: Year) -> Table:
    """Return each active place's chance, if visited, to reach each rung (parts per billion)."""
    site = lived.active
    tall_places = [p.site_type == "high-rise" for p in setting.world.places]
    tall = np.array(tall_places)[setting.register.sites.place[site]]
    to_act, to_refer = _rungs(setting, lived, site, tall)
    nothing = np.full(len(site), BILLION)
    for chance in _indicator_chances(setting, site, np.zeros(len(site), dtype=bool)):
        nothing = nothing * (BILLION - chance) // BILLION
    level = {2: lived.chance}
    level[1] = BILLION - (BILLION - level[2]) * nothing // BILLION
    level[3] = level[2] * to_act // BILLION
    level[4] = level[3] * to_refer // BILLION
    level[5] = level[4] * OPENED_SHARE // BILLION
    return {"site_id": site, "year": np.full(len(site), lived.year)} | {f"level_{k}": level[k] for k in range(1, 6)}

"""Who is visited in a year by plan, raid, follow-up or at random: chosen by what the records show at its start.

In the setting ``hidden`` a tip that no record holds also weighs: it follows the latent risk.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from riskscore.records.schema import TRIGGERS
from riskscore.simulate.draws import BILLION, Draws, Flags, Ints
from riskscore.simulate.register import NONE, Sites
from riskscore.simulate.world import World

PLANNED, COMPLAINT, HOTLINE, RAID, FOLLOW_UP, RANDOM = (TRIGGERS.index(t) for t in TRIGGERS[:6])


@dataclass(frozen=True)
class Past:
    """What an office remembers of each place at the start of a year."""

    found_on: Ints  # day from which the newest find of uncontracted work is known, or NONE
    reports: Ints  # times it was reported in the year before


@dataclass(frozen=True)
class Chosen:
    """Places to visit, why, and for random draws with which chance (millionths)."""

    site: Ints
    trigger: Ints
    probability: Ints


@dataclass(frozen=True)
class Quota:
    """How many visits of each kind; the rest of ``total`` is planned."""

    total: int
    random: int
    raid: int
    follow_up: int


def weights(world: World, sites: Sites, past: Past, new_year: int, tip: Ints | None) -> Ints:
    """Return how much a plan favours each place.

    Parameters
    ----------
    new_year : int
        The first day of the year; finds known by then, of the three years before, weigh.
    tip : Ints or None
        What tip-offs outside the records say (thousandths of log-odds); None in the setting ``ignorable``.
    """
    plan = np.array([p.plan for p in world.places])[sites.place]
    registered = sites.size * (100 - sites.informal) // 100  # the office does not know how many really work there
    size = 2 + (registered > 12) + (registered > 40)
    found = (past.found_on >= 0) & (past.found_on > new_year - 1096)
    weight = plan * size * (1 + 3 * found) * (1 + np.minimum(past.reports, 3))
    if tip is not None:
        weight = weight * np.clip(4 + tip * 6 // 1000, 1, 40)
    return np.asarray(weight, dtype=np.int64)


def choose(draws: Draws, stream: str, year: int, eligible: Flags, weight: Ints, quota: Quota, past: Past,
           new_year: int, one_per: Ints | None = None) -> Chosen:  # fmt: skip
    """Choose distinct places: at random first, then follow-ups, raids and plan by weight.

    ``one_per`` (an employer per place) lets at most one place of each employer into what is not random.
    """
    at_risk = np.flatnonzero(eligible)
    order = np.argsort(draws.bits(f"{stream} random", at_risk, year), kind="stable")
    by_chance = at_risk[order[: quota.random]]
    chance = len(by_chance) * 1_000_000 // max(1, len(at_risk))

    left = eligible & (weight > 0)
    left[by_chance] = False
    if one_per is not None:
        left &= ~np.isin(one_per, one_per[by_chance])
    rest = np.flatnonzero(left)
    key = (draws.bits(f"{stream} weight", rest, year) >> np.uint64(16)) // np.maximum(weight[rest], 1).astype(np.uint64)
    rest = rest[np.argsort(key, kind="stable")]
    if one_per is not None:
        rest = rest[np.sort(np.unique(one_per[rest], return_index=True)[1])]
    recent = (past.found_on[rest] > new_year - 366) & draws.happens(f"{stream} again", BILLION // 2, rest, year)
    follow = rest[recent][: quota.follow_up]
    rest = rest[~np.isin(rest, follow)][: max(0, quota.total - len(by_chance) - len(follow))]
    # A raid goes where the plan favours most among those drawn.
    raided = np.zeros(len(rest), dtype=bool)
    raided[np.argsort(-weight[rest], kind="stable")[: quota.raid]] = True
    site = np.concatenate([by_chance, follow, rest])
    trigger = np.concatenate([
        np.full(len(by_chance), RANDOM), np.full(len(follow), FOLLOW_UP), np.where(raided, RAID, PLANNED)
    ])  # fmt: skip
    return Chosen(site, trigger, np.where(trigger == RANDOM, chance, NONE))

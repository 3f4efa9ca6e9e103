"""A plan of visits: who goes where on which day in which order, why, and what was left out."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.dates import as_date, day
from riskscore.planning.areas import Frame
from riskscore.planning.assign import assign
from riskscore.planning.exploring import chances, drawn, price_list, strata, strata_of
from riskscore.planning.offices import Offices, PlanError, Travel, clock, travel
from riskscore.planning.places import CHOSEN, DRAWN, FOLLOW_UP, URGENT, Places
from riskscore.planning.rooms import rooms
from riskscore.planning.routes import Tour, routes, why_of
from riskscore.planning.solver import Effort, Say

CONSIDERED = 1_000  # places looked at besides those that must be visited, the most valuable first
TOO_FAR, NO_DAY = "too far for one day", "its office has no day of work in the plan"
NO_ROOM = "no visit was left for it"
TRIGGERS = {URGENT: "complaint", FOLLOW_UP: "follow_up", DRAWN: "random", CHOSEN: "model"}


@dataclass(frozen=True)
class Asked:
    """What a plan was asked for."""

    as_of: dt.date
    first: dt.date
    days: int  # calendar days from the first on
    explore: float = 0.1
    seed: int = 1
    work: float = 4.0  # see `Effort`


@dataclass(frozen=True)
class Plan:
    """A plan.

    ``visits`` has one row per visit, by office, team, date and order: visit (its id), office, team, date, order,
    place, employer, region, district, sector, arrives, leaves, drive_minutes, drive_km (from the stop before), why,
    because, partner, trigger, selection_probability and stratum (of drawn places), band, rank, finding, value,
    latitude, longitude, located. ``left`` has place, band, region, reason of everybody else. ``workload`` has a row per
    office, ``shares`` what exploring costs and buys, ``strata`` whom it reaches.
    """

    asked: Asked
    offices: Offices
    visits: pd.DataFrame
    left: pd.DataFrame
    workload: pd.DataFrame
    shares: pd.DataFrame
    strata: pd.DataFrame
    gap: float
    notes: tuple[str, ...]
    run: str = ""
    recipe: str = ""


def make_plan(places: Places, offices: Offices, asked: Asked, say: Say, given: pd.DataFrame | None = None) -> Plan:
    """Return the plan of some days: drawn places first, then the best that the rules and the roads allow.

    Parameters
    ----------
    places : Places
    offices : Offices
    asked : Asked
    say : callable
        Told what is being done.
    given : DataFrame, optional
        Travel times; see `travel`.

    Raises
    ------
    PlanError
        There is no day of work, or rules collide.
    """
    if not 0 <= asked.explore <= 1:
        raise PlanError(f"{asked.explore} is no share.", where="--explore", next="Give a number from 0 to 1.")
    frame = places.frame.copy()
    _out_of_reach(frame, offices, asked, given)
    eligible = np.asarray((frame["out"] == "") & (frame["demand"] == ""))
    must = np.asarray((frame["out"] == "") & (frame["demand"] != ""))
    on = {n.place: n.on for n in offices.joint if n.on}
    capacity = Frame(frame.iloc[:0], offices, travel(offices, frame.iloc[:0]), asked.first, asked.days, on).visits
    if not capacity:
        raise PlanError(f"no office works between {asked.first} and {as_date(day(asked.first) + asked.days - 1)}.",
                        where=offices.file or "offices", next="Give more --days, or look at holidays.")  # fmt: skip
    free = max(0, capacity - int(must.sum()))
    draws = min(round(asked.explore * capacity), free, int(eligible.sum()))
    room = rooms(frame, offices, asked.first, asked.days, asked.explore)
    probability = chances(frame, eligible, draws, room)
    taken = drawn(frame, probability, asked.seed, room)
    frame.loc[taken, "demand"] = DRAWN
    frame["probability"] = np.where(probability > 0, probability, np.nan)
    some = _considered(frame, offices, eligible & ~taken) | must | taken
    rows = np.flatnonzero(some)
    candidates = frame.iloc[rows].reset_index(drop=True)
    say(f"choosing among {len(candidates):,} places; at most {capacity:,} visits")
    made = Frame(candidates, offices, travel(offices, candidates, given), asked.first, asked.days, on)
    found = assign(made, asked.seed, Effort(asked.work), say)
    say("ordering each team's day")
    tours, _ = routes(made, found)
    visits = _visits(made, tours)
    worth = float(visits["value"].sum())
    gap = max(0.0, (found.limit - worth) / max(found.limit, 1e-9))
    shares = price_list(frame, eligible, free, asked.explore, room)
    notes = tuple(_notes(places, frame, candidates, visits, gap, found.finished, eligible))
    return Plan(
        asked, offices, visits, _left(frame, visits), _workload(made, tours), shares,
        strata_of(frame, probability, taken), gap, notes,
    )  # fmt: skip


def _out_of_reach(frame: pd.DataFrame, offices: Offices, asked: Asked, given: pd.DataFrame | None) -> None:
    """Say of places that no office can reach on any day that they are left out."""
    n, out = len(offices.offices), frame["out"].to_numpy(dtype=object).copy()
    works = [next(o.days(asked.first, asked.days), None) is not None for o in offices.offices]
    open_ = np.flatnonzero(out == "")
    for begin in range(0, open_.size, 500):
        rows = open_[begin : begin + 500]
        ways: Travel = travel(offices, frame.iloc[rows], given)
        both = ways.minutes[:n, n:] + ways.minutes[n:, :n].T + offices.visit_minutes
        serves = np.array([frame["region"].iloc[rows].isin(o.regions).to_numpy() for o in offices.offices])
        near = both <= np.array([o.ends - o.begins for o in offices.offices])[:, None]
        out[rows] = np.where((serves & near).any(axis=0), "", TOO_FAR)
        closed = ~(serves & near & np.array(works)[:, None]).any(axis=0)
        out[rows] = np.where(closed & (out[rows] == ""), NO_DAY, out[rows])
    frame["out"] = out


def _considered(frame: pd.DataFrame, offices: Offices, open_: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the most valuable places, and of each region and sector with a floor twice as many as it asks for."""
    value = frame["value"].to_numpy(dtype=np.float64)
    order = np.flatnonzero(open_)[np.argsort(-value[open_], kind="stable")]
    found = np.zeros(len(frame), dtype=bool)
    found[order[:CONSIDERED]] = True
    for limit in offices.limits:
        if limit.kind == "floor":
            of_it = order[(frame[limit.column].iloc[order] == limit.word).to_numpy()]
            found[of_it[: 2 * limit.visits]] = True
    return found


def _visits(made: Frame, tours: list[Tour]) -> pd.DataFrame:
    rows, n = [], len(made.offices.offices)
    p = made.places
    chance, worth, stratum = p["probability"].tolist(), p["value"].tolist(), strata(p)
    for tour in sorted(tours, key=lambda t: (t.office, t.team, t.date)):
        office, node = made.offices.offices[tour.office], tour.office
        time: float = office.begins
        for order, row in enumerate(tour.stops, start=1):
            there = n + row
            drive, km = float(made.travel.minutes[node, there]), float(made.travel.km[node, there])
            time += drive
            why = why_of(made, row)
            trigger = TRIGGERS.get(why, "planned")
            rows.append({
                "office": office.name, "team": tour.team, "date": tour.date, "order": order,
                "place": p["entity"].iat[row], "employer": p["employer"].iat[row], "region": p["region"].iat[row],
                "district": p["district"].iat[row], "sector": p["sector"].iat[row],
                "site_type": str(p["site_type"].iat[row]).replace("_", " "),
                "arrives": clock(time), "leaves": clock(time + made.offices.visit_minutes),
                "drive_minutes": round(drive), "drive_km": round(km, 1), "why": why, "because": p["because"].iat[row],
                "partner": p["partner"].iat[row], "trigger": trigger,
                "selection_probability": round(chance[row], 6) if trigger == "random" else np.nan,
                "stratum": stratum[row] if trigger == "random" else "",
                "band": p["band"].iat[row], "rank": p["rank"].iat[row], "finding": p["finding"].iat[row],
                "value": round(worth[row], 4), "latitude": p["latitude"].iat[row],
                "longitude": p["longitude"].iat[row], "located": bool(p["located"].iat[row]),
            })  # fmt: skip
            time, node = time + made.offices.visit_minutes, there
    columns = ["visit", "office", "team", "date", "order", "place", "employer", "region", "district", "sector",
               "site_type", "arrives", "leaves", "drive_minutes", "drive_km", "why", "because", "partner", "trigger",
               "selection_probability", "stratum", "band", "rank", "finding", "value", "latitude", "longitude",
               "located"]  # fmt: skip
    found = pd.DataFrame(rows, columns=columns[1:])
    found.insert(0, "visit", [f"{d}-{place}" for d, place in zip(found["date"], found["place"], strict=True)])
    return found


def _left(frame: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    rest = frame[~frame["entity"].isin(visits["place"])]
    reason = np.where(rest["out"] != "", rest["out"], NO_ROOM)
    kept = ["entity", "employer", "region", "band", "rank", "urgent"]
    found = rest[kept].rename(columns={"entity": "place"}).assign(reason=reason)
    return found.sort_values(["urgent", "rank"], ascending=[False, True], kind="stable").reset_index(drop=True)


def _workload(made: Frame, tours: list[Tour]) -> pd.DataFrame:
    """Return for each office its team-days, visits, and hours on the road and at places."""
    rows, n = [], len(made.offices.offices)
    for o, office in enumerate(made.offices.offices):
        own = [t for t in tours if t.office == o]
        used = [t for t in own if t.stops]
        nodes = [[o, *(n + r for r in t.stops), o] for t in used]
        legs = [(a, b) for path in nodes for a, b in itertools.pairwise(path)]
        visits = sum(len(t.stops) for t in used)
        hours = sum(office.ends - office.begins for _ in own) / 60
        drive = sum(float(made.travel.minutes[a, b]) for a, b in legs) / 60
        at_places = visits * made.offices.visit_minutes / 60
        rows.append({
            "office": office.name, "teams": len(office.teams), "team_days": len(own), "team_days_used": len(used),
            "visits": visits, "hours_at_places": round(at_places, 1), "hours_driving": round(drive, 1),
            "hours_free": round(hours - drive - at_places, 1),
            "km": round(sum(float(made.travel.km[a, b]) for a, b in legs), 1),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _notes(
    places: Places, frame: pd.DataFrame, candidates: pd.DataFrame, visits: pd.DataFrame, gap: float, finished: bool,
    eligible: NDArray[np.bool_],
) -> Iterator[str]:  # fmt: skip
    urgent_out = frame[(frame["demand"] == URGENT) & (frame["out"] != "")]
    for reason, rows in urgent_out.groupby("out", sort=True):
        ids = ", ".join(rows["entity"].astype(str).tolist()[:5])
        yield f"URGENT, and not in the plan: {ids} ({reason}). Bring it to a person with authority today."
    yield from places.says
    yield (f"No plan with these areas and as much driving is worth over {gap:.1%} more, as a share of its worth"
           + ("." if finished else "; the search ended at its limit (--work)."))  # fmt: skip
    skipped = int(eligible.sum()) - int((candidates["demand"].isin(["", DRAWN])).sum())
    if skipped > 0:
        yield f"{skipped:,} places of lesser value were not looked at; drawing looked at all of them."
    unknown = int((~visits["located"].astype(bool)).sum()) if len(visits) else 0
    if unknown:
        yield f"{unknown} visits go to places without coordinates; the middle of the district or region was taken."


def team_days(plan: Plan) -> Iterator[tuple[str, str, dt.date, pd.DataFrame]]:
    """Give each team's day that has visits: office, team, day, and its rows of the plan in their order."""
    keys = plan.visits[["office", "team", "date"]].drop_duplicates()
    for office, team, date in zip(keys["office"], keys["team"], keys["date"], strict=True):
        own = (plan.visits["office"] == office) & (plan.visits["team"] == team) & (plan.visits["date"] == date)
        yield office, team, date, plan.visits[own]

"""A plan as one page: an offline map, each team's days, and a printable sheet for each visit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from riskscore.planning.plan import Plan, team_days
from riskscore.planning.sheets import Sheet
from riskscore.report.page import render

WIDTH, MARGIN = 900.0, 46.0
MARKS = 6  # looks of the teams' lines, told apart by dashes as well as by colour


def plan_html(plan: Plan, sheets: Sequence[Sheet]) -> str:
    """Return the page. Nothing in it is fetched from anywhere, and nothing in it rests on a complaint."""
    days = [
        {"office": office, "team": team, "date": date, "visits": day.to_dict("records"),
         "km": round(float(day["drive_km"].sum()), 1)}
        for office, team, date, day in team_days(plan)
    ]  # fmt: skip
    return render("plan.html", plan=plan, days=days, sheets=list(sheets), map=_map(plan),
                  workload=plan.workload.to_dict("records"))  # fmt: skip


def _map(plan: Plan) -> dict[str, Any]:
    """Return what the picture shows, in its own units: north is up, and a kilometre is as long both ways."""
    offices, visits = plan.offices.offices, plan.visits
    latitude = [*(o.latitude for o in offices), *visits["latitude"]]
    longitude = [*(o.longitude for o in offices), *visits["longitude"]]
    middle = math.radians((min(latitude) + max(latitude)) / 2)
    wide = max((max(longitude) - min(longitude)) * math.cos(middle), 0.05)
    high = max(max(latitude) - min(latitude), 0.05)
    scale = (WIDTH - 2 * MARGIN) / max(wide, high * 1.1)

    def at(lat: float, lon: float) -> tuple[float, float]:
        return (round(MARGIN + (lon - min(longitude)) * math.cos(middle) * scale, 1),
                round(MARGIN + (max(latitude) - lat) * scale, 1))  # fmt: skip

    teams = {team: i for i, team in enumerate(dict.fromkeys(t for o in offices for t in o.teams))}
    home = {o.name: at(o.latitude, o.longitude) for o in offices}
    ways = []
    for office, team, _, day in team_days(plan):
        stops = [at(a, b) for a, b in zip(day["latitude"], day["longitude"], strict=True)]
        path = " ".join(f"{x},{y}" for x, y in [home[office], *stops, home[office]])
        ways.append({"path": path, "look": teams[team] % MARKS})
    bar = next(km for km in (200, 100, 50, 20, 10, 5, 2, 1) if km / 111.2 * scale < WIDTH / 4 or km == 1)
    return {
        "width": round(2 * MARGIN + wide * scale + 70), "height": round(2 * MARGIN + high * scale + 20),
        "offices": [(name, *xy) for name, xy in home.items()], "ways": ways,
        "points": [(*at(v["latitude"], v["longitude"]), v["place"], teams[v["team"]] % MARKS)
                   for v in visits.to_dict("records")],
        "bar": (bar, round(bar / 111.2 * scale, 1)),
    }  # fmt: skip

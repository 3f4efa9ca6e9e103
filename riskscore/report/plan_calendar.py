"""A plan as an iCalendar file (RFC 5545) and as GeoJSON (RFC 7946)."""

from __future__ import annotations

import datetime as dt
import json

import pandas as pd

from riskscore.planning.plan import Plan, team_days

MOST_OCTETS = 75  # of a line, before it is folded
SHOWN = ("visit", "office", "team", "order", "place", "district", "region", "arrives", "leaves")


def as_calendar(plan: Plan) -> str:
    r"""Return the visits as events. Times are local ("floating"): the offices share one clock.

    Neither the reason of a visit nor what it answers is in it, since calendars are shared widely.
    """
    made = plan.asked.as_of.strftime("%Y%m%dT000000Z")  # no clock: the same plan is the same file
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//riskscore//plan//EN", "CALSCALE:GREGORIAN"]
    for visit in plan.visits.to_dict("records"):
        where = ", ".join(str(visit[k]) for k in ("district", "region") if visit[k])
        summary = f"{visit['team']}: visit {visit['order']}, {visit['place']}"
        lines += [
            "BEGIN:VEVENT", f"UID:{_text(str(visit['visit']))}@riskscore.invalid", f"DTSTAMP:{made}",
            f"DTSTART:{_at(visit['date'], visit['arrives'])}", f"DTEND:{_at(visit['date'], visit['leaves'])}",
            f"SUMMARY:{_text(summary)}",
            f"LOCATION:{_text(where)}", f"GEO:{visit['latitude']:.6f};{visit['longitude']:.6f}",
            "END:VEVENT",
        ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(f"{folded}\r\n" for line in lines for folded in [_folded(line)])


def as_geojson(plan: Plan) -> str:
    """Return each visit as a point, and each team's day as a line from its office and back."""
    places = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [round(v["longitude"], 6), round(v["latitude"], 6)]},
            "properties": {**{k: v[k] for k in SHOWN}, "date": v["date"].isoformat()},
        }
        for v in plan.visits.to_dict("records")
    ]
    offices = {o.name: [o.longitude, o.latitude] for o in plan.offices.offices}
    ways = [
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [offices[office], *_points(day), offices[office]]},
            "properties": {"office": office, "team": team, "date": date.isoformat()},
        }
        for office, team, date, day in team_days(plan)
    ]
    return json.dumps({"type": "FeatureCollection", "features": [*places, *ways]}, ensure_ascii=False, indent=1) + "\n"


def _points(day: pd.DataFrame) -> list[list[float]]:
    return [[round(x, 6), round(y, 6)] for x, y in zip(day["longitude"], day["latitude"], strict=True)]


def _at(date: dt.date, time: str) -> str:
    return f"{date:%Y%m%d}T{time.replace(':', '')}00"


def _text(text: str) -> str:
    r"""Return a text as the format writes it.

    Examples
    --------
    >>> _text("a, b;\nc")
    'a\\, b\\;\\nc'
    """
    for character, written in (
        ("\\", "\\\\"),
        (";", "\\;"),
        (",", "\\,"),
        ("\r\n", "\\n"),
        ("\n", "\\n"),
        ("\r", "\\n"),
    ):
        text = text.replace(character, written)
    return "".join(c for c in text if c >= " ")


def _folded(line: str) -> str:
    """Return a line cut into pieces of at most 75 octets, no character cut in two."""
    pieces: list[bytes] = []
    piece = b""
    for character in line:
        octets = character.encode("utf-8", "backslashreplace")
        if len(piece) + len(octets) > MOST_OCTETS - (1 if pieces else 0):
            pieces.append(piece)
            piece = b""
        piece += octets
    return "\r\n ".join(p.decode() for p in [*pieces, piece])

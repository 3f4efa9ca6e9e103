"""A plan's files can be read by what reads such files, and tell nothing of a report."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.places import URGENT, Places
from riskscore.planning.plan import Asked, Plan, make_plan
from riskscore.planning.sheets import Sheet
from riskscore.report.plan_calendar import as_calendar, as_geojson
from riskscore.report.plan_files import write_plan
from riskscore.report.plan_html import plan_html

OFFICE = """
[[office]]
name = "Şəki"
latitude = 41.0
longitude = 47.0
regions = ["N"]
teams = ["Şəki 1", "Şəki 2"]
"""


@pytest.fixture(scope="module")
def plan() -> Plan:
    n = 20
    frame = pd.DataFrame({
        "entity": [f"P{i}" for i in range(n - 1)] + ["=1+1"], "employer": [f"E{i}" for i in range(n)], "region": "N",
        "district": "Baş, Göynük; köhnə", "sector": "F", "site_type": "shop",
        "latitude": [41 + i / 100 for i in range(n)], "longitude": 47.1, "rank": range(1, n + 1), "band": "B",
        "urgent": False, "located": True, "finding": 0.3, "value": [1 + i / 10 for i in range(n)], "workers": 5.0,
        "visited": True, "similarity": 0.5,
        "demand": [URGENT] + [""] * (n - 1), "because": "", "partner": "", "out": "",
    })  # fmt: skip
    asked = Asked(dt.date(2025, 1, 1), dt.date(2025, 1, 6), 3)
    return make_plan(Places(frame, ()), offices_from_text(OFFICE), asked, lambda text: None)


@pytest.fixture(scope="module")
def sheet(plan) -> Sheet:
    visit = {str(k): v for k, v in plan.visits.to_dict("records")[0].items()}
    return Sheet(visit, "<b>Tikinti</b>", (("Place", "P0"),), "On the list.", ("3 without a contract",),
                 (("2024-05-01", "A visit."),), (("Debt bondage", 0.25),), ("Two inspectors.",),
                 "Azerbaijani")  # fmt: skip


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def test_the_calendar_keeps_to_rfc_5545(plan) -> None:
    text = as_calendar(plan)
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    lines = unfolded(text)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert {"VERSION:2.0", "CALSCALE:GREGORIAN"} <= set(lines)
    events = "\n".join(lines).split("BEGIN:VEVENT")[1:]
    assert len(events) == len(plan.visits)
    for event, visit in zip(events, plan.visits.to_dict("records"), strict=True):
        said = dict(line.split(":", 1) for line in event.strip().splitlines())
        assert set(said) == {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "GEO", "END"}
        begin, end = (dt.datetime.strptime(said[k], "%Y%m%dT%H%M%S") for k in ("DTSTART", "DTEND"))
        assert begin.date() == visit["date"]
        assert f"{begin:%H:%M}" == visit["arrives"]
        assert end - begin == dt.timedelta(minutes=90)
        assert said["LOCATION"] == r"Baş\, Göynük\; köhnə\, N"
    uids = re.findall(r"UID:(\S+)", "\n".join(lines))
    assert len(set(uids)) == len(uids)


def test_the_geojson_has_a_point_for_each_visit_and_a_way_for_each_day(plan) -> None:
    found = json.loads(as_geojson(plan))["features"]
    points = [f for f in found if f["geometry"]["type"] == "Point"]
    ways = [f for f in found if f["geometry"]["type"] == "LineString"]
    assert len(points) == len(plan.visits)
    assert points[0]["geometry"]["coordinates"][0] == 47.1  # longitude first
    assert all(way["geometry"]["coordinates"][0] == way["geometry"]["coordinates"][-1] == [47.0, 41.0] for way in ways)
    assert sum(len(way["geometry"]["coordinates"]) - 2 for way in ways) == len(points)


def test_the_workbook_has_a_sheet_for_each_office_and_day_and_no_formula(plan, tmp_path) -> None:
    write_plan(plan, tmp_path)
    book = load_workbook(tmp_path / "days.xlsx")
    assert book.sheetnames == [f"Şəki {day}" for day in sorted(set(plan.visits["date"]))]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "=1+1" in {cell.value for cell in cells}
    rows = list(csv.DictReader((tmp_path / "plan.csv").read_text(encoding="utf-8").splitlines()))
    assert "'=1+1" in {row["place"] for row in rows}


def test_what_goes_to_the_field_does_not_tell_that_a_visit_answers_a_report(plan, sheet, tmp_path) -> None:
    written = write_plan(plan, tmp_path, [sheet])
    assert "complaint" in (tmp_path / "plan.csv").read_text(encoding="utf-8")  # stays in the office
    for name in ("visits.html", "visits.ics", "visits.geojson"):
        text = re.sub("<style>.*</style>", "", (tmp_path / name).read_text(encoding="utf-8"), flags=re.S)
        assert not re.search("complaint|urgent", text.lower()), name
    values = [str(c.value) for s in load_workbook(tmp_path / "days.xlsx") for row in s.iter_rows() for c in row]
    assert not [v for v in values if "urgent" in v or "complaint" in v]
    assert all(path.is_file() for path in written)


def test_the_page_fetches_nothing_and_escapes_names(plan, sheet) -> None:
    page = plan_html(plan, [sheet])
    assert "&lt;b&gt;Tikinti" in page
    assert "<b>Tikinti" not in page
    assert not re.findall(r"(?:src|href)=|url\(|@import|<script", page)
    assert "default-src 'none'" in page
    assert page.count("<circle") == len(plan.visits)
    assert "guilt" in page


def test_the_same_plan_gives_the_same_files(plan, sheet, tmp_path) -> None:
    one, other = (write_plan(plan, Path(tmp_path / name), [sheet]) for name in ("a", "b"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in other]

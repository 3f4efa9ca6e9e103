"""A plan as files in a folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from riskscore.planning.form import LETTERS, VISITS
from riskscore.planning.plan import Plan
from riskscore.planning.planned import FILE, planned_of
from riskscore.planning.sheets import Sheet
from riskscore.report.atomic import write_bytes, write_text
from riskscore.report.cells import plain_rows
from riskscore.report.plan_calendar import as_calendar, as_geojson
from riskscore.report.plan_form import form_frame, form_workbook
from riskscore.report.plan_html import plan_html
from riskscore.report.tables import write_table
from riskscore.report.workbook import as_sheets

FIELD = ("order", "arrives", "leaves", "place", "site_type", "district", "region", "team", "drive_minutes", "drive_km",
         "visit")  # fmt: skip


def write_plan(
    plan: Plan, folder: Path, sheets: Sequence[Sheet] = (), letters: pd.DataFrame | None = None
) -> list[Path]:
    """Write a plan for the office and for the field.

    ``plan.csv`` stays in the office: it says which visits answer a report. So do ``left_out.csv`` (everybody else with
    the reason), ``workload.csv``, ``exploring.csv`` (what drawing at random costs and buys) and ``drawn_from.csv``.
    ``days.xlsx`` has a sheet per office and day, ``visits.html`` a map and a sheet for each visit, ``visits.ics`` and
    ``visits.geojson`` the visits for calendars and maps; none of these four says why a place is visited beyond what
    visits and registers say. Nor do the forms on which results come back, ``results`` and ``letters`` (the employers
    who may be written to), each as workbook and CSV; ``planned.json`` holds what they are held against.

    Returns
    -------
    list of Path
    """
    tables = {
        "plan.csv": plan.visits, "left_out.csv": plan.left, "workload.csv": plan.workload,
        "exploring.csv": plan.shares, "drawn_from.csv": plan.strata,
    }  # fmt: skip
    for name, frame in tables.items():
        write_table(frame, "csv", folder / name)
    letters = pd.DataFrame(columns=[f.name for f in LETTERS]) if letters is None else letters
    promised = planned_of(plan, letters)
    forms = []
    for name, frame, fields in (("results", plan.visits.rename(columns={"date": "day"}), VISITS),
                                ("letters", letters, LETTERS)):  # fmt: skip
        frame = frame.assign(plan=promised["plan"])
        write_table(form_frame(frame, fields), "csv", folder / f"{name}.csv")
        forms += [write_bytes(folder / f"{name}.xlsx", form_workbook(frame, fields, name)), folder / f"{name}.csv"]
    return [
        *(folder / name for name in tables),
        write_text(folder / FILE, json.dumps(promised, ensure_ascii=False, indent=1) + "\n"),
        *forms,
        write_bytes(folder / "days.xlsx", _days(plan)),
        write_text(folder / "visits.ics", as_calendar(plan)),
        write_text(folder / "visits.geojson", as_geojson(plan)),
        write_text(folder / "visits.html", plan_html(plan, sheets)),
    ]


def _days(plan: Plan) -> bytes:
    found = []
    for (office, date), day in plan.visits.groupby(["office", "date"], sort=True):
        names, rows = plain_rows(day.sort_values(["team", "order"], kind="stable")[list(FIELD)])
        found.append((f"{office} {date}", names, rows))
    return as_sheets(found or [("no visits", list(FIELD), [])])

"""What only a browser can tell of a plan's page: a sheet a visit."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd

from riskscore.definitions.indicators import INDICATORS, TITLES
from riskscore.planning.offices import WEEKDAYS, Office, Offices
from riskscore.planning.plan import Asked, Plan
from riskscore.planning.sheets import SAFETY, Sheet
from riskscore.report.plan_html import plan_html

DAY = dt.date(2025, 1, 6)
LINE = "Visit by State Labour Inspection Service: 44 people at work, 3 without a contract, 0 minors, 0 without a permit"


def test_the_sheet_of_a_visit_with_ten_earlier_records_prints_on_one_page(chromium, tmp_path) -> None:
    office = Office("Quba", 41.36, 48.51, ("Quba",), ("Quba 1",), 3, 540, 1080, WEEKDAYS[:5])
    visit = {
        "visit": "2025-01-06-S0001", "office": "Quba", "team": "Quba 1", "date": DAY, "order": 1, "place": "S0001",
        "region": "Quba", "district": "Şəhər", "site_type": "high-rise", "arrives": "09:05", "leaves": "10:35",
        "drive_km": 3.0, "latitude": 41.4, "longitude": 48.5, "located": True,
    }  # fmt: skip
    work = {"office": "Quba", "teams": 1, "team_days": 1, "team_days_used": 1, "visits": 1, "hours_at_places": 1.5,
            "hours_driving": 0.2, "hours_free": 7.3, "km": 6.0}  # fmt: skip
    plan = Plan(Asked(DAY, DAY, 1), Offices((office,)), pd.DataFrame([visit]), pd.DataFrame(), pd.DataFrame([work]),
                pd.DataFrame(), pd.DataFrame(), 0.0, ())  # fmt: skip
    facts = tuple((f"Fact {i}", "what the register says") for i in range(8))
    sheet = Sheet(visit, "Yaşıl Vadi Servis MMC", facts, "On the list of places to visit.", ("a reason in a line",) * 5,
                  (("2024-05-01", LINE),) * 10, tuple((TITLES[i], 0.2) for i in INDICATORS), SAFETY,
                  "The office speaks: Azerbaijani. For any other language call the interpreters first.")  # fmt: skip

    def pages(sheets: list[Sheet]) -> int:
        page, paper = tmp_path / "visits.html", tmp_path / "visits.pdf"
        page.write_text(plan_html(plan, sheets), encoding="utf-8")
        chromium(page, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
        return len(re.findall(rb"/MediaBox", paper.read_bytes()))

    assert pages([sheet, sheet]) - pages([]) == 2

"""Who may be written to, and what is told of it afterwards."""

from __future__ import annotations

import datetime as dt

import pytest

from riskscore.errors import RecordsError
from riskscore.planning.followed import NOT_TOLD, reached, visits_made, what_followed
from riskscore.planning.letters import letters
from riskscore.planning.offices_file import offices_from_text
from riskscore.planning.places import NO_REPORT
from riskscore.planning.plan import Asked, Plan, make_plan

OFFICE = """
[[office]]
name = "North"
latitude = 41.0
longitude = 48.0
regions = ["N"]
teams = ["N 1"]
"""


@pytest.fixture
def plan(places_of) -> Plan:
    band = {i: "ABCDE"[i % 5] for i in range(40)}
    out = {26: "visits to places of this kind are suspended", 27: NO_REPORT, 28: "left out: in court",
           31: "visited shortly before 2025-01-01 (cool-down)"}  # fmt: skip
    same = {32: "E0028", 36: "E0031", 37: "E0027"}  # of an employer in court; of one just visited; of a harmless one
    places = places_of(40, band=band, out=out, employer=same, urgent={21: True})
    asked = Asked(dt.date(2025, 1, 1), dt.date(2025, 1, 6), 2, explore=0.0)
    return make_plan(places, offices_from_text(OFFICE), asked, lambda text: None)


def test_letters_go_to_employers_of_middling_risk_without_a_visit_a_report_or_a_reason_against(plan) -> None:
    found = letters(plan, list("ABCDE"), {"E0027": "Bulaq MMC"})
    wanted = set(plan.left.loc[plan.left["band"].isin(["B", "C"]), "employer"]) - set(plan.visits["employer"])
    assert set(found["employer"]) == wanted - {"E0021", "E0026", "E0028", "E0031"}
    assert "E0027" in set(found["employer"]), "a place that needs a report for a visit may be written to"
    one = found.set_index("employer").loc["E0027"]
    assert (one["name"], one["places"], one["letter"]) == ("Bulaq MMC", 2, "2025-01-06-E0027")
    assert found["employer"].is_unique


def test_the_list_of_letters_tells_neither_band_nor_rank_nor_report(plan) -> None:
    found = letters(plan, list("ABCDE"), {})
    assert set(found) == {"letter", "employer", "name", "region", "places", "why"}
    assert found["why"].nunique() == 1, "nobody is told why he rather than another"
    assert "report" not in found["why"].iloc[0]


def test_what_followed_is_counted_from_the_same_day_for_those_reached_and_not_reached(records_of) -> None:
    def letter(k: int, how: str | None, **more: object) -> dict[str, object]:
        return {"letter_id": f"L{k}", "employer_id": f"E{k}", "plan": "plan-1", "date": "2025-01-06", "reached": how,
                "known_on": "2025-02-01", **more}  # fmt: skip

    def visit(k: int, employer: int, date: str, people: int, **more: object) -> dict[str, object]:
        return {"inspection_id": f"V{k}", "employer_id": f"E{employer}", "date": date, "uncontracted_workers": people,
                "minors_found": None, **more}  # fmt: skip

    records = records_of(
        letters=[letter(1, "meeting", participants=9, reached_on="2025-01-20"), letter(2, "no"), letter(3, None),
                 letter(4, "no"), {**letter(4, "letter"), "letter_id": "L4~2", "replaces": "L4"}],
        inspections=[visit(1, 1, "2025-01-05", 5), visit(2, 1, "2025-01-06", 2), visit(3, 1, "2025-03-01", 0),
                     visit(4, 2, "2025-03-01", 1), {**visit(5, 2, "2025-03-01", 0), "replaces": "V4"}],
    )  # fmt: skip
    rows = reached(records).set_index("employer")
    assert rows["reached"].to_dict() == {"E1": "meeting", "E2": "no", "E3": NOT_TOLD, "E4": "letter"}
    assert rows.loc["E1", ["visits", "found"]].tolist() == [2, 1]
    assert rows.loc["E2", ["visits", "found"]].tolist() == [1, 0], "a correction stands for what it corrects"
    told = what_followed(reached(records)).set_index("reached")
    assert told.loc["meeting", ["employers", "participants", "visited", "visits", "found"]].tolist() == [1, 9, 1, 2, 1]
    with pytest.raises(RecordsError, match="no form of a plan was read yet"):
        visits_made(records)


def test_planned_visits_are_counted_by_trigger_with_the_reasons(records_of) -> None:
    rows = [("random", True, None), ("random", False, "no time"), ("random", False, "no time"), ("model", None, None)]
    planned = [{"planned_visit_id": f"{k}", "plan": "p", "date": "2025-01-06", "trigger": t, "made": m, "reason": r}
               for k, (t, m, r) in enumerate(rows)]  # fmt: skip
    found = visits_made(records_of(planned_visits=planned)).set_index("trigger")
    assert found.loc["random", ["planned", "made", "not_made", "not_told"]].tolist() == [3, 1, 2, 0]
    assert found.loc["random", "reasons"] == "2 no time"
    assert found.loc["model", "not_told"] == 1

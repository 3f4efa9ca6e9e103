"""How visits come about: rules in force, offices, and nothing from the day itself or later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.learn.selection.circumstances import MONTH, NOT_STATED, OFFICE, RULES, circumstances

PLACES = [
    {"site_id": f"S{k}", "employer_id": f"E{k}", "region": region, "site_type": kind, "known_on": "2015-01-01"}
    for k, (region, kind) in enumerate([("north", "farm"), ("south", "shop"), ("south", "yard"), ("west", "farm")])
]
EMPLOYERS = [
    {"employer_id": f"E{k}", "sector": sector, "region": "north", "known_on": "2015-01-01"}
    for k, sector in enumerate(["A agriculture", "G trade", "F construction", "A agriculture"])
]
VISITS = [
    {"inspection_id": "V1", "site_id": "S1", "office": "South office", "date": "2019-03-01", "known_on": "2019-03-05"},
    {"inspection_id": "V2", "site_id": "S2", "office": "Centre", "date": "2019-04-01", "known_on": "2019-04-05"},
    {"inspection_id": "V3", "site_id": "S2", "office": "Centre", "date": "2019-05-01", "known_on": "2019-05-05"},
]


def rule(k: int, word: str, begins: str = "2019-01-01", ends: str | None = None, **named: str) -> dict[str, object]:
    known = named.pop("known_on", begins)
    return {"regime_id": f"G{k}", "from": begins, "to": ends, "rule": word, "known_on": known, **named}


def told(records_of, rules=(), date: str = "2020-02-01", **tables):
    wanted = {"sites": PLACES, "employers": EMPLOYERS, "inspections": VISITS, **tables}
    if rules:
        wanted["regimes"] = list(rules)
    cohort = Cohort("site", np.array([p["site_id"] for p in PLACES], dtype=object), np.full(4, day(date), np.int32))
    return circumstances(records_of(**wanted), cohort)


def test_without_a_rule_nothing_is_closed(records_of) -> None:
    found = told(records_of)
    assert found.rule.tolist() == [NOT_STATED] * 4
    assert not found.closed.any()
    assert found.frame[MONTH].tolist() == [2.0] * 4


def test_a_suspension_closes_its_sector_alone(records_of) -> None:
    found = told(records_of, [rule(1, "open"), rule(2, "suspended", sector="A agriculture")])
    assert found.closed.tolist() == [True, False, False, True]
    assert found.rule.tolist() == ["suspended", "open", "open", "suspended"]


def test_the_rule_that_names_more_decides_and_of_two_alike_the_stricter(records_of) -> None:
    rules = [
        rule(1, "suspended"),
        rule(2, "open", sector="A agriculture"),
        rule(3, "suspended", sector="A agriculture", region="west"),
        rule(4, "open", sector="G trade"),
        rule(5, "complaint_only", site_type="shop"),
    ]
    for order in (rules, rules[::-1]):
        assert told(records_of, order).rule.tolist() == ["open", "complaint_only", "suspended", "suspended"]


@pytest.mark.parametrize(
    ("rules", "closed"),
    [
        ([rule(1, "suspended", ends="2020-02-01")], False),  # `to` is the first day on which it no longer holds
        ([rule(1, "suspended", ends="2020-02-02")], True),
        ([rule(1, "suspended", begins="2020-02-01", known_on="2020-01-15")], True),
        ([rule(1, "suspended", begins="2020-02-02", known_on="2020-01-15")], False),
        ([rule(1, "suspended", known_on="2020-02-01")], False),  # known on the day itself: not yet
    ],
)
def test_a_rule_holds_from_its_first_day_until_before_its_last_and_once_it_is_known(records_of, rules, closed) -> None:
    assert told(records_of, rules).closed.tolist() == [closed] * 4


def test_where_a_complaint_is_needed_one_on_file_opens_the_place(records_of) -> None:
    rules = [rule(1, "complaint_only")]
    complaints = [
        {"complaint_id": f"C{k}", "date": date, "known_on": known, **whose}
        for k, (whose, date, known) in enumerate(
            [
                ({"site_id": "S0"}, "2020-01-10", "2020-01-10"),
                ({"employer_id": "E1"}, "2020-01-10", "2020-01-10"),
                ({"site_id": "S2"}, "2018-12-01", "2018-12-01"),  # too long ago
                ({"site_id": "S3"}, "2020-01-10", "2020-02-01"),  # known too late
            ]
        )
    ]
    assert told(records_of, rules, complaints=complaints).closed.tolist() == [False, False, True, True]
    assert told(records_of, rules).closed.tolist() == [True] * 4


def test_the_office_is_the_one_that_went_to_the_region_most_before_the_day(records_of) -> None:
    assert told(records_of).frame[OFFICE].isna().tolist() == [True, False, False, True]
    assert told(records_of).frame[OFFICE].tolist()[1:3] == ["Centre", "Centre"]
    assert told(records_of, date="2019-04-05").frame[OFFICE].tolist()[1:3] == ["South office", "South office"]


def test_records_without_registers_rules_or_offices_do(records_of) -> None:
    visits = [{"inspection_id": "V1", "site_id": "S1", "date": "2019-03-01"}]
    cohort = Cohort("site", np.array(["S1"], dtype=object), np.array([day("2020-01-01")], dtype=np.int32))
    found = circumstances(records_of(inspections=visits), cohort)
    assert found.rule.tolist() == [NOT_STATED]
    assert found.frame[OFFICE].isna().all()
    assert not found.closed.any()


def test_the_columns_stand_beside_features_row_by_row(records_of) -> None:
    found = told(records_of)
    features = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}, index=found.frame.index)
    both = found.beside(features)
    assert list(both.columns) == ["a", MONTH, OFFICE, "selection.rule"]
    assert len(both) == 4
    assert list(both["selection.rule"].cat.categories) == list(RULES)

"""What came out, and when it may be told: horizons, delays, the unseen, and what a visit led to."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from riskscore.cohorts import Cohort, cohort_of
from riskscore.dates import day
from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import RecordsError
from riskscore.labels import days_to_first, label

AS_OF, END = "2020-01-01", "2021-01-01"
SITE_RISK = load_catalog().recipe("site_risk")
LONG_AFTER = dt.date(2025, 1, 1)


def visit(date: str, known_on: str = "", site: str = "S1", **cells: object) -> dict[str, object]:
    plain = {"inspection_id": "V1", "site_id": site, "employer_id": "E1", "date": date, "known_on": known_on or date,
             "uncontracted_workers": 0, "minors_found": 0, "workers_without_permit": 0, "replaces": None}  # fmt: skip
    return plain | cells


def later(table: str, date: str, known_on: str = "", **cells: object) -> dict[str, object]:
    own = "penalty_id" if table == "penalties" else f"{table[:-1]}_id"
    plain = {own: "X1", "inspection_id": "V1", "site_id": None, "employer_id": None, "date": date,
             "known_on": known_on or date, "replaces": None}  # fmt: skip
    return plain | cells


def levels(records, known_by: dt.date = LONG_AFTER, recipe=SITE_RISK, as_of: str = AS_OF, entity: str = "S1"):
    """Return visited, level and the five targets of one entity."""
    cohort = Cohort(recipe.entity, np.array([entity], object), np.array([day(as_of)], np.int32))
    row = label(records, recipe, cohort, known_by).frame.iloc[0]
    return [bool(row["visited"]), float(row["level"]), *(float(row[f"target_{k}"]) for k in range(1, 6))]


nan = np.nan
UNSEEN = [False, nan, nan, nan, nan, nan, nan]
CLEAN = [True, 0, 0, 0, 0, 0, 0]


def test_a_place_that_nobody_visited_is_unseen_and_not_clean(records_of) -> None:
    np.testing.assert_equal(levels(records_of(inspections=[visit("2020-05-01", site="S2")])), UNSEEN)
    assert levels(records_of(inspections=[visit("2020-05-01")])) == CLEAN


@pytest.mark.parametrize(("date", "inside"), [("2019-12-31", False), (AS_OF, True), ("2020-12-31", True), (END, False)])
def test_the_horizon_holds_its_first_day_and_not_its_last(records_of, date, inside) -> None:
    np.testing.assert_equal(levels(records_of(inspections=[visit(date)])), CLEAN if inside else UNSEEN)


def test_a_level_holds_every_rung_below_it(records_of) -> None:
    found = levels(records_of(inspections=[visit("2020-05-01", uncontracted_workers=2)]))
    assert found == [True, 2, 1, 1, 0, 0, 0]
    referred = [later("cases", "2020-07-01", stage="referred", abroad=False)]
    assert levels(records_of(inspections=[visit("2020-05-01")], cases=referred)) == [True, 4, 1, 1, 1, 1, 0]


def test_a_fine_after_the_horizon_counts_at_the_visit_that_it_followed(records_of) -> None:
    fine = later("penalties", "2021-01-20", amount_azn=500.0)
    assert levels(records_of(inspections=[visit("2020-12-20")], penalties=[fine]))[1] == 3
    assert levels(records_of(inspections=[visit("2020-12-20")], penalties=[fine]), as_of="2021-01-01")[0] is False


def test_a_fine_of_an_earlier_visit_is_no_outcome(records_of) -> None:
    fine = later("penalties", "2020-01-05", amount_azn=500.0)
    np.testing.assert_equal(levels(records_of(inspections=[visit("2019-12-20")], penalties=[fine])), UNSEEN)


def test_a_dropped_case_falls_back_to_what_the_visit_found(records_of) -> None:
    seen = [visit("2020-05-01", uncontracted_workers=1)]
    referred = later("cases", "2020-06-01", stage="referred", abroad=False)
    opened = referred | {"case_id": "X2", "replaces": "X1", "known_on": "2020-09-01", "stage": "opened"}
    dropped = referred | {"case_id": "X3", "replaces": "X2", "known_on": "2021-06-01", "stage": "dropped"}
    records = records_of(inspections=seen, cases=[dropped, referred, opened])
    days = ("2020-06-01", "2020-06-02", "2020-09-01", "2020-09-02", "2021-06-01", "2021-06-02")
    assert [levels(records, dt.date.fromisoformat(d))[1] for d in days] == [2, 4, 4, 5, 5, 2]


def test_a_case_abroad_is_no_outcome(records_of) -> None:
    case = later("cases", "2020-06-01", stage="convicted", abroad=True)
    assert levels(records_of(inspections=[visit("2020-05-01")], cases=[case])) == CLEAN


def test_a_case_of_which_nothing_is_said_about_abroad_is_an_outcome(records_of) -> None:
    case = later("cases", "2020-06-01", stage="convicted", abroad=None)
    assert levels(records_of(inspections=[visit("2020-05-01")], cases=[case]))[1] == 5


def test_a_case_without_a_visit_is_a_positive_that_nobody_visited(records_of) -> None:
    case = later("cases", "2020-06-01", inspection_id=None, site_id="S1", stage="charged", abroad=False)
    found = levels(records_of(inspections=[visit("2020-05-01", site="S2")], cases=[case]))
    assert found == [False, 5, 1, 1, 1, 1, 1]


def test_an_outcome_is_open_until_horizon_and_delay_have_passed(records_of) -> None:
    records = records_of(inspections=[visit("2020-02-01", uncontracted_workers=1)])
    open_until = {1: "2021-01-31", 2: "2021-01-31", 3: "2021-04-01", 4: "2021-04-01", 5: "2022-01-01"}
    for level, ready in open_until.items():
        on = dt.date.fromisoformat(ready)
        assert np.isnan(levels(records, on - dt.timedelta(days=1))[1 + level])
        assert levels(records, on)[1 + level] == (1 if level <= 2 else 0)


def test_what_is_open_is_counted(records_of) -> None:
    records = records_of(inspections=[visit("2020-02-01", uncontracted_workers=1)])
    cohort = Cohort("site", np.array(["S1", "S2"], object), np.full(2, day(AS_OF), np.int32))
    counts = label(records, SITE_RISK, cohort, dt.date(2021, 2, 15)).counts
    assert (counts["rows"], counts["visited"]) == (2, 1)
    assert (counts["open at uncontracted"], counts["uncontracted"]) == (0, 1)
    assert (counts["open at fined"], counts["fined"]) == (1, 0)


def test_a_row_known_on_the_day_of_labelling_is_not_yet_seen(records_of) -> None:
    records = records_of(inspections=[visit("2020-05-01", "2021-06-01")])
    np.testing.assert_equal(levels(records, dt.date(2021, 6, 1)), UNSEEN)
    assert levels(records, dt.date(2021, 6, 2))[0] is True


def test_the_correction_of_a_visit_corrects_its_outcome_once_it_is_known(records_of) -> None:
    first = visit("2020-05-01", uncontracted_workers=3)
    second = first | {"inspection_id": "V2", "replaces": "V1", "known_on": "2021-06-01", "uncontracted_workers": 0}
    records = records_of(inspections=[first, second])
    assert [levels(records, dt.date(2021, 6, d))[1] for d in (1, 2)] == [2, 0]


def test_a_visit_corrected_to_another_place_leaves_the_first_unseen(records_of) -> None:
    first = visit("2020-05-01", uncontracted_workers=3)
    second = first | {"inspection_id": "V2", "replaces": "V1", "known_on": "2021-06-01", "site_id": "S2"}
    records = records_of(inspections=[first, second])
    np.testing.assert_equal(levels(records), UNSEEN)
    assert levels(records, entity="S2")[1] == 2


def test_a_corrected_date_of_the_visit_moves_what_it_led_to(records_of) -> None:
    first = visit("2019-05-01")
    second = first | {"inspection_id": "V2", "replaces": "V1", "known_on": "2020-06-01", "date": "2020-05-01"}
    fine = later("penalties", "2019-06-01", amount_azn=500.0)
    records = records_of(inspections=[first, second], penalties=[fine])
    np.testing.assert_equal(levels(records, dt.date(2020, 6, 1))[:2], [False, nan])
    assert levels(records)[1] == 3


def test_an_employer_is_seen_at_any_of_its_places(records_of) -> None:
    recipe = load_catalog().recipe("employer_risk")
    records = records_of(inspections=[visit("2020-05-01", site="S9", workers_without_permit=1)])
    assert levels(records, recipe=recipe, entity="E1")[1] == 1
    np.testing.assert_equal(levels(records, recipe=recipe, entity="E2"), UNSEEN)


VISITS = recipe_from_text(
    SITE_RISK.text.split("[cohort]")[0] + '[cohort]\nkind = "visits"\nlead = "7 days"\n\n[[ladder]]'
    + SITE_RISK.text.split("[[ladder]]", 1)[1], "visits_risk",
)  # fmt: skip


def test_in_a_cohort_of_visits_each_has_its_own_outcome(records_of) -> None:
    first = visit("2020-05-01", uncontracted_workers=1)
    second = visit("2020-05-03", inspection_id="V2")
    fine = later("penalties", "2020-06-01", amount_azn=500.0)
    records = records_of(inspections=[second, first], penalties=[fine | {"inspection_id": "V2"}])
    cohort = cohort_of(records, VISITS)
    assert cohort.visit is not None
    frame = label(records, VISITS, cohort, LONG_AFTER).frame
    assert dict(zip(cohort.visit, frame["level"], strict=True)) == {"V1": 2, "V2": 3}


def test_without_visits_there_are_no_outcomes(records_of) -> None:
    with pytest.raises(RecordsError, match="inspections"):
        levels(records_of(cases=[later("cases", "2020-06-01", site_id="S1", stage="opened", abroad=False)]))


def test_two_different_indicators_reach_the_third_rung_and_the_same_one_twice_does_not(records_of) -> None:
    def found(*indicators: str) -> float:
        rows = [later("findings", "2020-05-01", finding_id=f"F{i}", indicator=n) for i, n in enumerate(indicators)]
        return float(levels(records_of(inspections=[visit("2020-05-01")], findings=rows))[1])

    assert found("isolation", "debt_bondage") == 3
    assert found("isolation", "isolation") == 1
    assert found("isolation", "permit") == 1
    assert found("isolation", "uncontracted") == 2


def first_find(records, known_by: dt.date = LONG_AFTER) -> float:
    cohort = Cohort("site", np.array(["S1"], object), np.array([day(AS_OF)], np.int32))
    return float(days_to_first(records, SITE_RISK, cohort, known_by)[0])


def test_the_first_find_is_the_earliest_of_the_rung_that_ranks_or_a_graver_one(records_of) -> None:
    rows = [visit("2020-01-11", workers_without_permit=2), visit("2020-02-01", inspection_id="V2", minors_found=1),
            visit("2020-04-01", inspection_id="V3", uncontracted_workers=3)]  # fmt: skip
    assert first_find(records_of(inspections=rows)) == 31, "a breach is below the rung that ranks"
    assert first_find(records_of(inspections=rows[2:])) == 91
    assert np.isnan(first_find(records_of(inspections=rows[:1])))
    assert np.isnan(first_find(records_of(inspections=rows), dt.date(2020, 2, 1)))


def test_two_indicators_are_found_on_the_day_of_the_second(records_of) -> None:
    visits = [visit("2020-02-01"), visit("2020-03-01", inspection_id="V2"), visit("2020-05-01", inspection_id="V3")]
    found = [("V1", "intimidation_and_threats"), ("V2", "intimidation_and_threats"), ("V3", "withholding_of_wages")]
    rows = [{"finding_id": f"F{i}", "inspection_id": v, "indicator": name, "date": "2020-06-01"}
            for i, (v, name) in enumerate(found)]  # fmt: skip
    assert first_find(records_of(inspections=visits, findings=rows)) == 121
    assert np.isnan(first_find(records_of(inspections=visits, findings=rows[:2])))

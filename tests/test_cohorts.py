"""Who is scored, and when: the register at dates, or each visit less a lead."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskscore.cohorts import Cohort, cohort_of, register
from riskscore.dates import as_date, day, to_dates
from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.grammar import parse
from riskscore.definitions.recipe import CohortRule
from riskscore.errors import RecordsError

SITE_RISK = load_catalog().recipe("site_risk")
SITE = {"site_id": "S1", "employer_id": "E1", "site_type": "farm", "opened_on": "2015-02-01", "closed_on": None,
        "valid_from": "2015-02-01", "known_on": "2015-03-01"}  # fmt: skip
VISIT = {"inspection_id": "V1", "site_id": "S1", "employer_id": "E1", "trigger": "planned", "date": "2020-05-10",
         "known_on": "2020-06-01", "replaces": None}  # fmt: skip


def pairs(cohort) -> list[tuple[str, str]]:
    return [(str(e), str(as_date(int(d)))) for e, d in zip(cohort.entity, cohort.as_of, strict=True)]


def on(records, *dates: str, kind: str = "site", where: str = ""):
    found = register(records, kind, [dt.date.fromisoformat(d) for d in dates], parse(where) if where else None)
    return pairs(found)


def test_a_place_is_in_the_cohort_from_the_day_after_it_is_known(records_of) -> None:
    records = records_of(inspections=[VISIT], sites=[SITE])
    assert on(records, "2015-03-01", "2015-03-02") == [("S1", "2015-03-02")]


def test_a_place_known_before_it_opens_waits_for_its_opening(records_of) -> None:
    records = records_of(inspections=[VISIT], sites=[SITE | {"opened_on": "2016-01-01"}])
    assert on(records, "2016-01-01", "2016-01-02") == [("S1", "2016-01-02")]


def test_a_place_whose_opening_nobody_wrote_down_is_in_the_cohort(records_of) -> None:
    assert on(records_of(inspections=[VISIT], sites=[SITE | {"opened_on": None}]), "2016-01-01") == [
        ("S1", "2016-01-01")
    ]


def test_a_place_leaves_the_cohort_the_day_after_it_closed(records_of) -> None:
    records = records_of(inspections=[VISIT], sites=[SITE | {"closed_on": "2018-07-01"}])
    assert on(records, "2018-07-01", "2018-07-02") == [("S1", "2018-07-01")]


def test_the_newest_version_known_on_the_day_says_whether_a_place_is_open(records_of) -> None:
    closed = SITE | {"valid_from": "2018-01-01", "known_on": "2018-06-01", "closed_on": "2017-12-01"}
    records = records_of(inspections=[VISIT], sites=[closed, SITE])
    assert on(records, "2018-06-01", "2018-06-02") == [("S1", "2018-06-01")]


def test_a_register_as_of_now_counts_as_always_known(records_of) -> None:
    now = SITE | {"known_on": "2024-01-01", "valid_from": None, "opened_on": "2015-02-01"}
    records = records_of(inspections=[VISIT], sites=[now], as_of_now=["sites"])
    assert on(records, "2015-02-01", "2015-02-02") == [("S1", "2015-02-02")]


def test_private_homes_are_out_and_places_of_unknown_kind_are_in(records_of) -> None:
    sites = [SITE, SITE | {"site_id": "S2", "site_type": "private home"}, SITE | {"site_id": "S3", "site_type": None}]
    found = cohort_of(records_of(inspections=[VISIT], sites=sites), SITE_RISK, [dt.date(2020, 1, 1)])
    assert list(found.entity) == ["S1", "S3"]


def test_households_are_out_of_the_employers(records_of) -> None:
    plain = {"registered_on": "2010-01-01", "valid_from": "2010-01-01", "known_on": "2010-01-01", "closed_on": None}
    kinds = {"E1": "company", "E2": "household", "E3": None}
    employers = [plain | {"employer_id": e, "employer_kind": kind} for e, kind in kinds.items()]
    records = records_of(inspections=[VISIT], employers=employers)
    found = cohort_of(records, load_catalog().recipe("employer_risk"), [dt.date(2020, 1, 1)])
    assert list(found.entity) == ["E1", "E3"]


def test_the_dates_run_from_the_recipes_first_to_the_newest_visit(records_of) -> None:
    found = cohort_of(records_of(inspections=[VISIT], sites=[SITE]), SITE_RISK)
    assert [d for _, d in pairs(found)][:2] == ["2017-01-01", "2017-07-01"]
    assert [d for _, d in pairs(found)][-1] == "2020-01-01"


def test_without_a_register_whoever_was_visited_is_known(records_of) -> None:
    records = records_of(inspections=[VISIT, VISIT | {"inspection_id": "V2", "site_id": None, "employer_id": "E2"}])
    assert on(records, "2020-06-01", "2020-06-02") == [("S1", "2020-06-02")]
    assert on(records, "2020-06-02", kind="employer") == [("E1", "2020-06-02"), ("E2", "2020-06-02")]


def visits(records, **rule: object):
    recipe = replace(SITE_RISK, cohort=CohortRule(**{"kind": "visits"} | rule))
    return cohort_of(records, recipe)


def test_each_visit_is_scored_some_days_before_it(records_of) -> None:
    second = VISIT | {"inspection_id": "V2", "site_id": "S2", "date": "2020-03-01"}
    found = visits(records_of(inspections=[VISIT, second]))
    assert pairs(found) == [("S2", "2020-02-23"), ("S1", "2020-05-03")]
    assert found.visit is not None
    assert list(found.visit) == ["V2", "V1"]


def test_of_a_corrected_visit_the_correction_is_in_the_cohort(records_of) -> None:
    corrected = VISIT | {"inspection_id": "V2", "replaces": "V1", "date": "2020-05-12", "known_on": "2020-09-01"}
    found = visits(records_of(inspections=[VISIT, corrected]))
    assert pairs(found) == [("S1", "2020-05-05")]


def test_first_and_last_visit_are_both_in_and_others_are_out(records_of) -> None:
    dates = ["2020-03-01", "2020-03-02", "2020-03-05", "2020-03-06"]
    records = records_of(inspections=[VISIT | {"inspection_id": f"V{i}", "date": d} for i, d in enumerate(dates)])
    found = visits(records, first=dt.date(2020, 3, 2), last=dt.date(2020, 3, 5))
    assert list(found.visit) == ["V1", "V2"]


def test_a_recipe_chooses_visits_by_what_they_were(records_of) -> None:
    records = records_of(inspections=[VISIT, VISIT | {"inspection_id": "V2", "trigger": "raid"}])
    assert list(visits(records, where=parse("trigger = 'raid'")).visit) == ["V2"]
    with pytest.raises(RecordsError, match="no visit matches"):
        visits(records, where=parse("trigger = 'random'"))


def test_a_pick_keeps_rows_together(records_of) -> None:
    found = visits(records_of(inspections=[VISIT, VISIT | {"inspection_id": "V2", "site_id": "S2"}]))
    one = found.pick(np.array([False, True]))
    assert (list(one.entity), list(one.visit), one.as_of.tolist()) == (["S2"], ["V2"], [day("2020-05-03")])


def test_a_cohort_made_of_codes_is_the_one_made_of_ids(records_of) -> None:
    sites = [SITE | {"site_id": f"S{k}", "opened_on": f"20{15 + k}-02-01"} for k in (3, 1, 4, 5, 2)]
    dates = [dt.date(2017, 1, 1), dt.date(2019, 1, 1), dt.date(2018, 1, 1)]
    found = register(records_of(sites=sites), "site", dates)
    plain = Cohort("site", np.array(list(found.entity), dtype=object), found.as_of.copy())
    rows = np.array([0, 3, 5])
    for one, other in ((found, plain), (found.pick(rows), plain.pick(rows))):
        assert list(one.ids) == list(other.ids)
        np.testing.assert_array_equal(one.code, other.code)
        pd.testing.assert_index_equal(one.index, other.index)
        by_pandas = pd.MultiIndex.from_arrays([other.entity, to_dates(other.as_of)], names=["entity", "as_of"])
        pd.testing.assert_index_equal(one.index, by_pandas)
        assert [level.dtype for level in one.index.levels] == [level.dtype for level in by_pandas.levels]

"""Corrections, parents known late, versions of registers, and cells with a clock of their own."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.family_file import family_from_text
from riskscore.errors import DefinitionError

VISIT = {"inspection_id": "V1", "site_id": "S1", "employer_id": "E1", "date": "2020-03-01", "known_on": "2020-03-15"}


def family(*features: str, table: str = "inspections"):
    head = f'title = "T"\ntable = "{table}"\nwhy = "w"\nbasis = "assumption"\n'
    body = "".join(f'[[feature]]\nname = "f{i}"\n{feature}\n' for i, feature in enumerate(features))
    return family_from_text(head + body, "t")


def value(records, feature: str, as_of: str, entity: str = "S1", table: str = "inspections", kind: str = "site"):
    """Return the one value of one feature for one entity on one day."""
    cohort = Cohort(kind, np.array([entity], object), np.array([day(as_of)], np.int32))
    frame = build(records, [family(feature, table=table)], cohort).frame
    assert frame.shape == (1, 1)
    return frame.iloc[0, 0]


def sequence(records, feature: str, *dates: str, **more: str):
    return [value(records, feature, date, **more) for date in dates]


PEOPLE = 'kind = "sum"\nvalue = "uncontracted_workers"\nnone = 0'


def test_a_row_is_seen_from_the_day_after_it_became_known(records_of) -> None:
    records = records_of(inspections=[VISIT | {"uncontracted_workers": 4}])
    assert sequence(records, PEOPLE, "2020-03-02", "2020-03-15", "2020-03-16") == [0, 0, 4]


def test_a_window_holds_its_first_day_and_not_its_last(records_of) -> None:
    records = records_of(inspections=[VISIT | {"known_on": "2020-03-01", "uncontracted_workers": 4}])
    feature = PEOPLE + '\nwindows = ["10 days"]'
    assert sequence(records, feature, "2020-03-01", "2020-03-02", "2020-03-11", "2020-03-12") == [0, 4, 4, 0]


def test_a_correction_takes_the_place_of_its_row_from_the_day_it_is_known(records_of) -> None:
    first = VISIT | {"uncontracted_workers": 4, "replaces": None}
    second = first | {"inspection_id": "V2", "replaces": "V1", "known_on": "2020-06-01", "uncontracted_workers": 1}
    third = second | {"inspection_id": "V3", "replaces": "V2", "known_on": "2020-09-01", "uncontracted_workers": 0}
    records = records_of(inspections=[third, first, second])
    count = 'kind = "count"\nnone = 0'
    dates = ("2020-06-01", "2020-06-02", "2020-09-01", "2020-09-02")
    assert sequence(records, PEOPLE, *dates) == [4, 1, 1, 0]
    assert sequence(records, count, *dates) == [1, 1, 1, 1]


def test_a_correction_moves_a_visit_to_another_place(records_of) -> None:
    first = VISIT | {"uncontracted_workers": 4, "replaces": None}
    second = first | {"inspection_id": "V2", "replaces": "V1", "known_on": "2020-06-01", "site_id": "S2"}
    records = records_of(inspections=[first, second])
    assert [value(records, PEOPLE, "2020-06-01", e) for e in ("S1", "S2")] == [4, 0]
    assert [value(records, PEOPLE, "2020-06-02", e) for e in ("S1", "S2")] == [0, 4]


def test_what_a_visit_led_to_follows_the_correction_of_the_visit(records_of) -> None:
    first = VISIT | {"trigger": "planned", "replaces": None}
    second = first | {"inspection_id": "V2", "replaces": "V1", "known_on": "2020-06-01", "trigger": "raid"}
    finding = {"finding_id": "F1", "inspection_id": "V1", "indicator": "deception", "date": "2020-03-01",
               "known_on": "2020-03-20"}  # fmt: skip
    records = records_of(inspections=[first, second], findings=[finding])
    feature = 'kind = "count"\nwhere = "inspection.trigger = \'raid\'"\nnone = 0'
    assert sequence(records, feature, "2020-06-01", "2020-06-02", table="findings") == [0, 1]


def test_a_correction_known_before_the_visit_itself_is_what_a_finding_asks(records_of) -> None:
    first = VISIT | {"trigger": "planned", "replaces": None, "known_on": "2020-06-01"}
    second = first | {"inspection_id": "V2", "replaces": "V1", "known_on": "2020-04-01", "trigger": "raid"}
    finding = {"finding_id": "F1", "inspection_id": "V1", "indicator": "deception", "date": "2020-03-01",
               "known_on": "2020-03-20"}  # fmt: skip
    records = records_of(inspections=[first, second], findings=[finding])
    feature = 'kind = "count"\nwhere = "inspection.trigger = \'raid\'"\nnone = 0'
    assert sequence(records, feature, "2020-04-01", "2020-04-02", "2020-06-02", "2021-01-01", table="findings") == [
        0, 1, 1, 1,
    ]  # fmt: skip
    assert sequence(records, 'kind = "count"\nnone = 0', "2020-04-01", "2020-04-02", "2021-01-01") == [0, 1, 1]


def test_a_row_whose_visit_is_not_yet_known_waits_for_it(records_of) -> None:
    finding = {"finding_id": "F1", "inspection_id": "V1", "indicator": "deception", "date": "2020-03-01",
               "known_on": "2020-03-02"}  # fmt: skip
    records = records_of(inspections=[VISIT], findings=[finding])
    count = 'kind = "count"\nnone = 0'
    assert sequence(records, count, "2020-03-15", "2020-03-16", table="findings") == [0, 1]


def test_a_late_visit_stays_unseen_when_another_feature_reads_more_of_it(records_of) -> None:
    # The same table read twice, once with more parents: the second reading must not inherit whose row it will be.
    case = {"case_id": "R1", "inspection_id": "V1", "stage": "opened", "date": "2020-01-01", "known_on": "2020-01-02"}
    site = {
        "site_id": "S1",
        "employer_id": "E1",
        "region": "Quba",
        "valid_from": "2015-01-01",
        "known_on": "2015-01-05",
    }
    records = records_of(inspections=[VISIT], cases=[case], sites=[site])
    features = (
        'kind = "count"\nby = ["site", "employer"]\nnone = 0',
        'kind = "count"\nby = ["site", "employer"]\nnone = 0\nwhere = "site.region = \'Quba\'"',
    )
    cohort = Cohort("site", np.array(["S1", "S1"], object), np.array([day("2020-03-15"), day("2020-03-16")], np.int32))
    frame = build(records, [family(*features, table="cases")], cohort).frame
    np.testing.assert_equal(frame.to_numpy().tolist(), [[0, 0, 0, 0], [1, 1, 1, 1]])


def test_what_was_paid_is_unknown_until_it_is_paid_and_the_fine_counts_before(records_of) -> None:
    fine = {"penalty_id": "P1", "employer_id": "E1", "site_id": "S1", "date": "2020-03-01", "known_on": "2020-03-05",
            "amount_azn": 900.5, "paid_azn": 400.25, "paid_on": "2020-08-01"}  # fmt: skip
    records = records_of(inspections=[VISIT], penalties=[fine])
    dates = ("2020-03-05", "2020-03-06", "2020-08-01", "2020-08-02")
    paid = 'kind = "sum"\nvalue = "paid_azn"\nnone = 0'
    unpaid = 'kind = "count"\nwhere = "paid_azn is missing"\nnone = 0'
    assert sequence(records, 'kind = "count"\nnone = 0', *dates, table="penalties") == [0, 1, 1, 1]
    assert sequence(records, unpaid, *dates, table="penalties") == [0, 1, 1, 0]
    np.testing.assert_equal(sequence(records, paid, *dates, table="penalties"), [0, np.nan, np.nan, 400.25])


def test_a_register_speaks_as_its_newest_version_known_before_the_day(records_of) -> None:
    old = {"site_id": "S1", "employer_id": "E1", "region": "Quba", "valid_from": "2015-01-01", "known_on": "2015-01-05"}
    new = old | {"region": "Bakı", "valid_from": "2020-02-01", "known_on": "2020-05-01"}
    records = records_of(inspections=[VISIT], sites=[new, old])
    region = 'kind = "attribute"\nvalue = "region"'
    dates = ("2015-01-06", "2020-05-01", "2020-05-02")
    assert sequence(records, region, *dates, table="sites") == ["Quba", "Quba", "Bakı"]
    assert value(records, region, "2015-01-05", table="sites") is np.nan


def test_a_version_that_does_not_hold_yet_says_nothing(records_of) -> None:
    old = {"site_id": "S1", "employer_id": "E1", "region": "Quba", "valid_from": "2015-01-01", "known_on": "2015-01-05"}
    new = old | {"region": "Bakı", "valid_from": "2021-01-01", "known_on": "2020-01-01"}
    records = records_of(inspections=[VISIT], sites=[old, new])
    region = 'kind = "attribute"\nvalue = "region"'
    assert sequence(records, region, "2021-01-01", "2021-01-02", table="sites") == ["Quba", "Bakı"]


def test_a_row_asks_the_register_of_its_own_day(records_of) -> None:
    old = {"site_id": "S1", "employer_id": "E1", "region": "Quba", "valid_from": "2015-01-01", "known_on": "2015-01-05"}
    new = old | {"employer_id": "E2", "region": "Bakı", "valid_from": "2020-04-01", "known_on": "2020-04-01"}
    visits = [VISIT | {"employer_id": None}, VISIT | {"inspection_id": "V2", "employer_id": None, "date": "2020-05-01",
                                                      "known_on": "2020-05-02"}]  # fmt: skip
    records = records_of(inspections=visits, sites=[old, new])
    in_quba = 'kind = "count"\nwhere = "site.region = \'Quba\'"\nnone = 0'
    assert value(records, in_quba, "2021-01-01") == 1
    count = 'kind = "count"\nby = "employer"\nnone = 0'
    assert [value(records, count, "2021-01-01", e, kind="employer") for e in ("E1", "E2")] == [1, 1]


def test_a_closing_day_is_unknown_until_it_comes(records_of) -> None:
    site = {"site_id": "S1", "employer_id": "E1", "closed_on": "2020-07-01", "known_on": "2015-01-01"}
    records = records_of(inspections=[VISIT], sites=[site])
    closed = 'kind = "attribute"\nvalue = "closed_on is not missing"'
    assert sequence(records, closed, "2020-07-01", "2020-07-02", table="sites") == [0, 1]


def test_before_the_records_are_complete_a_place_is_unseen(records_of) -> None:
    feature = 'kind = "count"\nwindows = ["12 months", "all"]\nnone = 0\nunseen = "missing"'
    records = records_of(inspections=[VISIT], covers_from={"inspections": "2020-01-01"})
    dates = np.array([day(d) for d in ("2020-01-01", "2020-01-02", "2020-12-31", "2021-01-01")], np.int32)
    frame = build(records, [family(feature)], Cohort("site", np.array(["S1"] * 4, object), dates)).frame
    np.testing.assert_equal(frame["t.f0.site.all"].tolist(), [np.nan, 0, 1, 1])
    np.testing.assert_equal(frame["t.f0.site.12m"].tolist(), [np.nan, np.nan, np.nan, 1])


def test_who_was_never_visited_is_unseen_and_who_was_visited_in_vain_is_not(records_of) -> None:
    feature = PEOPLE + '\nunseen = "missing"\nopportunity = "inspections"'
    records = records_of(inspections=[VISIT | {"uncontracted_workers": 0}])
    np.testing.assert_equal([value(records, feature, "2021-01-01", e) for e in ("S1", "S2")], [0, np.nan])


def test_a_table_that_is_not_there_leaves_its_columns_missing_and_says_so(records_of) -> None:
    cohort = Cohort("site", np.array(["S1"], object), np.array([day("2021-01-01")], np.int32))
    matrix = build(records_of(inspections=[VISIT]), [family('kind = "count"\nnone = 0', table="complaints")], cohort)
    assert matrix.absent == {"t.f0.site.all": "the records have no table 'complaints'"}
    assert matrix.frame.isna().all(axis=None)


def test_a_column_that_the_source_lacks_is_missing_and_says_so(records_of) -> None:
    cohort = Cohort("site", np.array(["S1"], object), np.array([day("2021-01-01")], np.int32))
    matrix = build(records_of(inspections=[VISIT]), [family('kind = "sum"\nvalue = "minors_found"\nnone = 0')], cohort)
    assert matrix.absent == {"t.f0.site.all": "'inspections' has no column 'minors_found'"}


@pytest.mark.parametrize(
    ("feature", "table", "said"),
    [
        ('kind = "sum"\nvalue = "uncontracted_worker"\nnone = 0', "inspections", "uncontracted_workers"),
        ('kind = "count"\nwhere = "inspektion.trigger = \'x\'"\nnone = 0', "findings", "inspection"),
        ('kind = "count"\nnone = 0', "inspektions", "inspections"),
        ('kind = "count"\nwhere = "inspection.triger = \'x\'"\nnone = 0', "findings", "trigger"),
    ],
)
def test_a_name_that_nobody_knows_is_told_with_its_file_and_the_nearest(records_of, feature, table, said) -> None:
    records = records_of(inspections=[VISIT | {"trigger": "raid", "uncontracted_workers": 1}],
                         findings=[{"finding_id": "F1", "inspection_id": "V1", "date": "2020-03-01"}])  # fmt: skip
    with pytest.raises(DefinitionError, match=r"features/t\.toml: f0") as caught:
        value(records, feature, "2021-01-01", table=table)
    assert f"'{said}'" in str(caught.value)

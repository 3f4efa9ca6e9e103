"""Linked employers against a slow, plain reading of their definition, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import Period, day
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import parse

WINDOWS = ("300 days", "all")
FEATURES = (
    ("sum", {"value": parse("uncontracted_workers"), "none": 0.0}),
    ("count", {"where": parse("uncontracted_workers > 0"), "none": 0.0}),
    ("days_since", {}),
    ("max", {"value": parse("uncontracted_workers")}),
)


def frame(records, kind, entity, as_of, entity_kind="employer", **more):
    feature = Feature(
        kind, kind, "inspections", by=("network",), **({"windows": tuple(map(Period.parse, WINDOWS))} | more)
    )
    cohort = Cohort(entity_kind, np.array(entity, object), np.array([day(d) for d in as_of], np.int32))
    return build(records, [Family("n", "N", "inspections", "w", "b", (feature,))], cohort).frame


def written(number: int) -> str:
    return str(np.datetime64(number, "D"))


def world(seed: int):
    random = np.random.default_rng(seed)
    links, visits = [], []
    for i in range(10):
        a, b = (f"E{x}" for x in random.integers(0, 7, 2))  # some employers are linked to themselves, some twice
        known = day("2018-01-01") + int(random.integers(600))
        links.append({"link_id": f"L{i}", "employer_a": a, "employer_b": b, "date": "2017-01-01", "kind": "director",
                      "known_on": written(known), "replaces": None})  # fmt: skip
        if i % 4 == 0:
            links.append(links[-1] | {"link_id": f"M{i}", "replaces": f"L{i}", "employer_b": f"E{random.integers(7)}",
                                      "known_on": written(known + 90)})  # fmt: skip
    for i in range(60):
        on = day("2017-06-01") + int(random.integers(800))
        visits.append({"inspection_id": f"V{i}", "employer_id": f"E{random.integers(7)}", "date": written(on),
                       "known_on": written(on + int(random.integers(1, 200))), "replaces": None,
                       "uncontracted_workers": int(random.integers(0, 4))})  # fmt: skip
    return links, visits


def oracle(links, visits, kind, window, employer, as_of):
    def current(rows, id):
        known = [r for r in rows if day(r["known_on"]) < as_of]
        gone = {r["replaces"] for r in known}
        return [r for r in known if r[id] not in gone]

    pairs = [(r["employer_a"], r["employer_b"]) for r in current(links, "link_id")]
    linked = ({b for a, b in pairs if a == employer} | {a for a, b in pairs if b == employer}) - {employer}
    begin = int(window.before(np.array([as_of], np.int32))[0])
    rows = [
        v for v in current(visits, "inspection_id") if v["employer_id"] in linked and begin <= day(v["date"]) < as_of
    ]
    people = [v["uncontracted_workers"] for v in rows]
    return {
        "sum": float(sum(people)), "count": float(sum(p > 0 for p in people)), "max": max(people, default=np.nan),
        "days_since": min((as_of - day(v["date"]) for v in rows), default=np.nan),
    }[kind]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("kind", "more"), FEATURES)
def test_the_network_is_what_its_definition_says(records_of, kind, more, seed) -> None:
    links, visits = world(seed)
    employers = [{"employer_id": f"E{i}", "known_on": "2015-01-01"} for i in range(7)]
    entity, as_of = [e["employer_id"] for e in employers] * 5, []
    for date in ("2018-03-01", "2018-09-01", "2019-02-01", "2019-06-01", "2020-01-01"):
        as_of += [date] * 7
    got = frame(records_of(inspections=visits, links=links, employers=employers), kind, entity, as_of, **more)
    for window in map(Period.parse, WINDOWS):
        want = [oracle(links, visits, kind, window, e, day(d)) for e, d in zip(entity, as_of, strict=True)]
        assert len({w for w in want if w == w}) > 1
        np.testing.assert_array_equal(got[f"n.{kind}.network.{window.name}"], want)


VISIT = {"inspection_id": "V1", "employer_id": "E2", "site_id": "S2", "date": "2020-01-05", "known_on": "2020-01-06",
         "uncontracted_workers": 3}  # fmt: skip
LINK = {"link_id": "L1", "employer_a": "E1", "employer_b": "E2", "date": "2019-01-01", "known_on": "2020-03-01",
        "replaces": None}  # fmt: skip
SUM = {"value": parse("uncontracted_workers"), "none": 0.0, "windows": (Period(everything=True),)}


def test_a_linked_employers_visit_is_seen_once_the_link_is_known(records_of) -> None:
    records = records_of(inspections=[VISIT], links=[LINK])
    found = frame(records, "sum", ["E1", "E1", "E2"], ["2020-03-01", "2020-03-02", "2020-03-02"], **SUM)
    assert found["n.sum.network.all"].tolist() == [0, 3, 0]


def test_a_link_found_twice_counts_once_and_from_the_earlier(records_of) -> None:
    again = LINK | {"link_id": "L2", "employer_a": "E2", "employer_b": "E1", "known_on": "2020-02-01"}
    records = records_of(inspections=[VISIT], links=[LINK, again])
    found = frame(records, "sum", ["E1"] * 3, ["2020-02-01", "2020-02-02", "2020-03-02"], **SUM)
    assert found["n.sum.network.all"].tolist() == [0, 3, 3]


def test_a_link_that_will_be_corrected_does_not_count_twice_beside_another(records_of) -> None:
    other = LINK | {"link_id": "L2", "known_on": "2020-04-01"}
    corrected = LINK | {"link_id": "L3", "replaces": "L1", "employer_b": "E3", "known_on": "2020-06-01"}
    dates = ["2020-03-02", "2020-04-02", "2020-06-01", "2020-06-02"]
    for links in ([LINK, other], [LINK, other, corrected]):
        records = records_of(inspections=[VISIT], links=links)
        found = frame(records, "sum", ["E1"] * 4, dates, **SUM)
        assert found["n.sum.network.all"].tolist() == [3, 3, 3, 3]


def test_links_of_links_do_not_count(records_of) -> None:
    further = LINK | {"link_id": "L2", "employer_a": "E1", "employer_b": "E0"}
    records = records_of(inspections=[VISIT], links=[LINK, further])
    found = frame(records, "sum", ["E0", "E1"], ["2021-01-01"] * 2, **SUM)
    assert found["n.sum.network.all"].tolist() == [0, 3]


def test_a_place_has_the_links_of_its_employer_of_the_day(records_of) -> None:
    old = {"site_id": "S1", "employer_id": "E1", "valid_from": "2015-01-01", "known_on": "2015-01-01"}
    new = old | {"employer_id": "E3", "valid_from": "2020-06-01", "known_on": "2020-06-05"}
    records = records_of(inspections=[VISIT], links=[LINK], sites=[old, new])
    found = frame(records, "sum", ["S1"] * 2, ["2020-06-05", "2020-06-06"], "site", **SUM)
    assert found["n.sum.network.all"].tolist() == [3, 0]

"""Peers against a slow, plain reading of their definition, and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import Period, day
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import parse
from riskscore.errors import DefinitionError

LEVELS = (("sector", "region"), ("sector",))
SMOOTHING = 3.0
WINDOWS = ("400 days", "all")
KINDS = ("share", "rate", "mean", "sum", "count")


def feature(kind: str, **more) -> Feature:
    people = {} if kind in ("share", "count") else {"value": parse("uncontracted_workers")}
    per = {"per": parse("workers_present")} if kind == "rate" else {}
    found = parse("uncontracted_workers > 0") if kind in ("share", "count") else None
    plain = {
        "windows": tuple(Period.parse(w) for w in WINDOWS),
        "peers": LEVELS,
        "smoothing": SMOOTHING,
        "by": ("peers",),
    }
    return Feature(name=kind, kind=kind, table="inspections", where=found, **people, **per, **(plain | more))


def frame(records, features, entity, as_of, kind="site"):
    cohort = Cohort(kind, np.array(entity, object), np.array([day(d) for d in as_of], np.int32))
    return build(records, [Family("p", "P", "inspections", "w", "b", tuple(features))], cohort).frame


def world(seed: int, late: float):
    """Return visits, places and employers; some visits come late or are corrected, some employers change sector."""
    random = np.random.default_rng(seed)
    employers, sites, visits = [], [], []
    for i in range(8):
        plain = {
            "employer_id": f"E{i}",
            "sector": "FG"[random.integers(2)],
            "valid_from": "2015-01-01",
            "known_on": "2015-02-01",
        }
        employers.append(plain)
        if i % 2:
            employers.append(
                plain | {"sector": "FGI"[random.integers(3)], "valid_from": "2018-09-01", "known_on": "2019-02-01"}
            )
    for i in range(12):
        sites.append({"site_id": f"S{i:02d}", "employer_id": f"E{random.integers(8)}", "valid_from": "2015-01-01",
                      "known_on": "2015-02-01", "region": [None, "Bakı", "Quba"][random.integers(3)]})  # fmt: skip
    for i in range(90):
        site, on = sites[random.integers(12)], day("2017-01-01") + int(random.integers(1000))
        known = on + (int(random.integers(20, 300)) if random.random() < late else 10)
        visits.append({"inspection_id": f"V{i:02d}", "site_id": site["site_id"], "employer_id": site["employer_id"],
                       "date": written(on), "known_on": written(known), "replaces": None,
                       "workers_present": int(random.integers(1, 20)),
                       "uncontracted_workers": (None, 0, 0, 1, 2)[random.integers(5)]})  # fmt: skip
        if random.random() < late / 2:
            corrected = {"inspection_id": f"C{i:02d}", "replaces": f"V{i:02d}", "known_on": written(known + 40)}
            visits.append(visits[-1] | corrected | {"uncontracted_workers": 3})
    return visits, sites, employers


def written(number: int) -> str:
    return str(np.datetime64(number, "D"))


def newest(rows, id, on, as_of):
    """Return the newest version that holds on a day and is known before as_of."""
    known = [r for r in rows if r[id[0]] == id[1] and day(r["known_on"]) < as_of and day(r["valid_from"]) <= on]
    return max(known, key=lambda r: r["valid_from"], default=None)


def oracle(visits, sites, employers, kind, window, entity, as_of):
    gone = {v["replaces"] for v in visits if v["replaces"] and day(v["known_on"]) < as_of}
    begin = int(window.before(np.array([as_of], np.int32))[0])
    seen = [v for v in visits if day(v["known_on"]) < as_of and begin <= day(v["date"]) < as_of]
    own = newest(sites, ("site_id", entity), as_of - 1, as_of)["employer_id"]
    seen = [v for v in seen if v["inspection_id"] not in gone and v["employer_id"] != own]

    def group(site, employer, on):
        place = newest(sites, ("site_id", site), on, as_of)
        firm = newest(employers, ("employer_id", employer), on, as_of)
        return {"region": place and place["region"], "sector": firm and firm["sector"]}

    def totals(rows):
        there = [v for v in rows if v["uncontracted_workers"] is not None]
        found = sum(v["uncontracted_workers"] > 0 for v in there)
        people = sum(v["uncontracted_workers"] for v in there)
        return {"share": (found, len(rows)), "count": (found, 1), "sum": (people, 1), "mean": (people, len(there)),
                "rate": (people, sum(v["workers_present"] for v in there))}[kind]  # fmt: skip

    mine = group(entity, own, as_of - 1)
    result = np.nan if not totals(seen)[1] else totals(seen)[0] / totals(seen)[1]
    for level in LEVELS[::-1] if kind in ("share", "rate", "mean") else LEVELS[:1]:
        alike = [
            v for v in seen if all(group(v["site_id"], v["employer_id"], day(v["date"]))[c] == mine[c] for c in level)
        ]
        top, bottom = totals(alike)
        known = all(mine[c] is not None for c in level)
        if kind in ("sum", "count"):
            return float(top) if known else np.nan
        if known:
            result = (top + SMOOTHING * result) / (bottom + SMOOTHING)
    return result


@pytest.mark.parametrize("late", [0.0, 0.4])
@pytest.mark.parametrize("kind", KINDS)
def test_peers_are_what_their_definition_says(records_of, kind, late) -> None:
    visits, sites, employers = world(KINDS.index(kind), late)
    records = records_of(inspections=visits, sites=sites, employers=employers)
    entity = [s["site_id"] for s in sites] * 4
    as_of = np.repeat(["2018-03-01", "2018-12-01", "2019-03-01", "2019-12-01"], len(sites))
    got = frame(records, [feature(kind)], entity, as_of)
    for window in WINDOWS:
        want = [oracle(visits, sites, employers, kind, Period.parse(window), e, day(d))
                for e, d in zip(entity, as_of, strict=True)]  # fmt: skip
        assert len({w for w in want if w == w}) > 5
        np.testing.assert_allclose(got[f"p.{kind}.peers.{Period.parse(window).name}"], want, rtol=1e-12)


LONG_KNOWN = {"valid_from": "2015-01-01", "known_on": "2015-01-01"}
SITES = [{"site_id": f"S{i}", "employer_id": f"E{i}", "region": "Quba"} | LONG_KNOWN for i in (1, 2, 3)]


def visit(i: int, site: int, people: int):
    return {"inspection_id": f"V{i}", "site_id": f"S{site}", "employer_id": f"E{site}", "date": "2020-01-05",
            "known_on": "2020-01-06", "uncontracted_workers": people, "workers_present": 10}  # fmt: skip


def test_a_share_is_drawn_towards_that_of_everybody(records_of) -> None:
    far = SITES[2] | {"region": "Bakı"}
    visits = [visit(1, 1, 5), visit(2, 2, 1), visit(3, 2, 0), visit(4, 3, 0)]
    records = records_of(inspections=visits, sites=[*SITES[:2], far])
    near = feature("share", peers=(("region",),), smoothing=2.0, windows=(Period(everything=True),))
    # For S1: of the others' 3 visits 1 found people; of the 2 in the region 1 did: (1 + 2 * 1/3) / (2 + 2)
    assert frame(records, [near], ["S1"], ["2021-01-01"]).iloc[0, 0] == pytest.approx(5 / 12)


def test_a_place_of_a_new_trade_gets_what_everybody_has(records_of) -> None:
    records = records_of(
        inspections=[visit(1, 1, 5), visit(2, 2, 0)], sites=[*SITES[:2], SITES[2] | {"region": "Gəncə"}]
    )
    near = feature("share", peers=(("region",),), windows=(Period(everything=True),))
    assert frame(records, [near], ["S3"], ["2021-01-01"]).iloc[0, 0] == pytest.approx(0.5)


def test_where_nobody_else_was_visited_peers_are_unknown(records_of) -> None:
    records = records_of(inspections=[visit(1, 1, 5)], sites=SITES)
    near = feature("share", peers=(("region",),), windows=(Period(everything=True),))
    assert np.isnan(frame(records, [near], ["S1"], ["2021-01-01"]).iloc[0, 0])


def test_all_places_of_the_own_employer_are_left_out(records_of) -> None:
    sites = [SITES[0], SITES[1] | {"employer_id": "E1"}, SITES[2]]
    visits = [visit(1, 1, 5), visit(2, 2, 5) | {"employer_id": "E1"}, visit(3, 3, 0)]
    employers = [{"employer_id": f"E{i}", "known_on": "2015-01-01"} for i in (1, 3)]
    records = records_of(inspections=visits, sites=sites, employers=employers)
    near = feature("share", peers=(("region",),), windows=(Period(everything=True),))
    assert frame(records, [near], ["S1", "S2"], ["2021-01-01"] * 2)["p.share.peers.all"].tolist() == [0, 0]


def test_peers_have_no_newest_value(records_of) -> None:
    with pytest.raises(DefinitionError, match="peers give count, sum, mean, share, rate"):
        frame(records_of(inspections=[visit(1, 1, 5)], sites=SITES), [feature("last")], ["S1"], ["2021-01-01"])

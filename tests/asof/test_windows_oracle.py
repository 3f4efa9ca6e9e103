"""Every kind against a slow, plain reading of its definition, over random histories with two clocks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import Period, day
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import parse

KINDS = ("count", "exists", "sum", "mean", "min", "max", "last", "latest_of", "days_since", "distinct", "share", "rate",
         "decayed_sum", "trend", "streak")  # fmt: skip
WINDOWS = ("6 months", "400 days", "all")


def _feature(kind, where):
    more = {}
    if kind not in ("count", "exists", "days_since", "share", "streak"):
        more["value"] = parse("uncontracted_workers")
    if kind == "share":
        more["of"] = parse("trigger != 'random'")
    if kind == "rate":
        more["per"] = parse("workers_present")
    if kind == "streak":
        more["holds"] = parse("uncontracted_workers > 1")
    if kind == "decayed_sum":
        more["half_life"] = Period(days=200)
    windows = [w for w in WINDOWS if not (kind == "trend" and w == "all")]
    return Feature(
        name=f"{kind}_{'where' if where else 'plain'}", kind=kind, table="inspections",
        where=parse("trigger in ('planned', 'raid')") if where or kind == "share" else None,
        windows=tuple(Period.parse(w) for w in windows), by=("site",), **more,
    )  # fmt: skip


def _oracle(feature, window, rows, as_of):
    def seen(r):
        return day(r["known_on"]) < as_of and day(r["date"]) < as_of

    gone = {r["replaces"] for r in rows if r.get("replaces") and day(r["known_on"]) < as_of}
    begin = int(window.before(np.array([as_of], dtype=np.int32))[0])
    used = [r for r in rows if seen(r) and r["inspection_id"] not in gone and day(r["date"]) >= begin]
    used.sort(key=lambda r: (r["date"], r["known_on"], r["inspection_id"]))
    hit = [r for r in used if feature.where is None or r["trigger"] in ("planned", "raid")]
    if feature.kind == "share":
        of = [r for r in used if r["trigger"] is not None and r["trigger"] != "random"]
        return len([r for r in hit if r in of]) / len(of) if of else np.nan
    if feature.kind == "count":
        return float(len(hit)) if hit else np.nan
    if feature.kind == "exists":
        return 1.0 if hit else np.nan
    if not hit:
        return np.nan
    value = [r["uncontracted_workers"] for r in hit if r["uncontracted_workers"] is not None]
    newest = hit[-1]["uncontracted_workers"]
    ages = [as_of - day(r["date"]) for r in hit if r["uncontracted_workers"] is not None]
    if feature.kind == "rate":
        both = [r for r in hit if r["uncontracted_workers"] is not None and r["workers_present"]]
        per = sum(r["workers_present"] for r in both)
        return sum(r["uncontracted_workers"] for r in both) / per if per else np.nan
    if feature.kind == "streak":
        n = 0
        for r in reversed(hit):
            if r["uncontracted_workers"] is None or r["uncontracted_workers"] <= 1:
                break
            n += 1
        return float(n)
    if feature.kind == "trend":
        half = Period(months=window.months // 2) if window.months else Period(days=window.days // 2)
        middle = int(half.before(np.array([as_of], dtype=np.int32))[0])
        signed = [(1 if as_of - a >= middle else -1) * v for v, a in zip(value, ages, strict=True)]
        return float(sum(signed)) if value else np.nan
    return {
        "sum": lambda: float(sum(value)) if value else np.nan,
        "mean": lambda: sum(value) / len(value) if value else np.nan,
        "min": lambda: min(value, default=np.nan),
        "max": lambda: max(value, default=np.nan),
        "last": lambda: np.nan if newest is None else newest,
        "latest_of": lambda: value[-1] if value else np.nan,
        "days_since": lambda: as_of - day(hit[-1]["date"]),
        "distinct": lambda: float(len(set(value))),
        "decayed_sum": lambda: sum(v * 2 ** (-a / 200) for v, a in zip(value, ages, strict=True)) if value else np.nan,
    }[feature.kind]()


def _rows(random, n, late, corrected):
    dates = pd.Timestamp("2019-01-01") + pd.to_timedelta(random.integers(0, 900, n), "D")
    delay = np.where(random.random(n) < late, random.integers(15, 400, n), 14)
    rows = []
    for i in range(n):
        rows.append({
            "inspection_id": f"V{i:04d}", "site_id": f"S{random.integers(0, 6)}", "date": str(dates[i].date()),
            "known_on": str((dates[i] + pd.Timedelta(days=int(delay[i]))).date()),
            "trigger": [None, "planned", "raid", "random", "complaint"][random.integers(0, 5)],
            "uncontracted_workers": None if random.random() < 0.2 else int(random.integers(0, 4)),
            "workers_present": None if random.random() < 0.2 else int(random.integers(1, 30)),
        })  # fmt: skip
        if random.random() < corrected:
            known = pd.Timestamp(rows[-1]["known_on"]) + pd.Timedelta(days=int(random.integers(1, 300)))
            corrected_row = {"inspection_id": f"C{i:04d}", "replaces": f"V{i:04d}", "known_on": str(known.date())}
            rows.append(rows[-1] | corrected_row | {"uncontracted_workers": int(random.integers(0, 4))})
    return rows


@pytest.mark.parametrize(("late", "corrected"), [(0.0, 0.0), (0.3, 0.0), (0.1, 0.3)])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_what_its_definition_says(records_of, kind, late, corrected):
    random = np.random.default_rng(KINDS.index(kind) + int(late * 10))
    rows = _rows(random, 60, late, corrected)
    records = records_of(inspections=rows)
    entity = np.array([f"S{i}" for i in range(7)] * 9, dtype=object)
    as_of = np.repeat(day("2019-03-31") + np.arange(9) * 113, 7).astype(np.int32)
    features = tuple(_feature(kind, where) for where in (False, True))
    family = Family("f", "F", "inspections", "w", "b", features)
    frame = build(records, [family], Cohort("site", entity, as_of)).frame
    for feature in features:
        for window in feature.windows:
            got = frame[f"f.{feature.name}.site.{window.name}"].to_numpy()
            want = [
                _oracle(feature, window, [r for r in rows if r["site_id"] == e], int(d))
                for e, d in zip(entity, as_of, strict=True)
            ]
            assert np.isnan(want).sum() < len(want) - 5, "the case is empty"
            near = {"rtol": 1e-6, "atol": 1e-5} if kind == "decayed_sum" else {"rtol": 0, "atol": 0}
            np.testing.assert_allclose(got, want, **near)

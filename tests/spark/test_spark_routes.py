"""A partition has all that its features read, whatever the number of partitions. No Spark is needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import riskscore as rs
from riskscore.asof.build import build
from riskscore.asof.columns import columns_of
from riskscore.asof.engine import Engine
from riskscore.asof.peers import group_totals
from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.feature import Family
from riskscore.parcels.lean import lean, read_by, without_rows
from riskscore.pipeline.prepare import choose
from riskscore.records.model import Records
from riskscore.spark import parcel, route


def by_partition(records: Records, families: tuple[Family, ...], cohort: Cohort, partitions: int) -> pd.DataFrame:
    """Return features made partition by partition, in the order of the cohort; categories as text."""
    needed = lean(records, read_by(families))
    columns = columns_of(families, cohort.kind, needed).values()
    totals = group_totals(Engine(needed, cohort), columns, np.unique(cohort.as_of))
    routes = route.routes(needed, cohort, partitions, network=True)
    marks = np.zeros(cohort.as_of.shape, dtype=np.int8)
    batches = list(parcel.parcels(needed, cohort, marks, routes, partitions))
    frames = []
    for part in parcel.unpack(batches[::-1], without_rows(needed), cohort.kind):
        frame = build(part.records, families, part.cohort, totals=totals).frame
        frames.append(as_text(frame).set_axis(pd.Index(part.rows), axis=0))
    return pd.concat(frames).sort_index()


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype({c: object for c in frame if isinstance(frame[c].dtype, pd.CategoricalDtype)})


def same(found: pd.DataFrame, records: Records, families: tuple[Family, ...], cohort: Cohort) -> None:
    here = as_text(build(records, families, cohort).frame).reset_index(drop=True)
    pd.testing.assert_frame_equal(found, here, check_exact=True)


@pytest.mark.parametrize("recipe", ["site_risk", "employer_risk"])
@pytest.mark.parametrize("partitions", [1, 5])
def test_partitions_give_what_one_machine_gives(recipe: str, partitions: int) -> None:
    records, chosen = rs.sample_records(), choose(recipe)
    cohort = rs.cohort(records, chosen.recipe)
    cohort = cohort.pick(np.arange(0, cohort.as_of.size, 11))
    same(by_partition(records, chosen.families, cohort, partitions), records, chosen.families, cohort)


def employers(*names: str) -> list[dict[str, Any]]:
    return [{"employer_id": e, "sector": "F", "valid_from": "2010-01-01", "known_on": "2010-01-01"} for e in names]


def sites(**held: str) -> list[dict[str, Any]]:
    return [{"site_id": s, "employer_id": e, "region": "Baku", "valid_from": "2010-01-01", "known_on": "2010-01-01"}
            for s, e in held.items()]  # fmt: skip


def visit(name: str, site: str, employer: str | None, people: int, **more: str) -> dict[str, Any]:
    return {"inspection_id": name, "site_id": site, "employer_id": employer, "uncontracted_workers": people,
            "workers_present": 9, "date": "2020-01-01", "known_on": "2020-01-09", **more}  # fmt: skip


def test_a_site_that_changed_hands_a_correction_and_a_link_cross_partitions(
    records_of: Callable[..., Records],
) -> None:
    names = [f"E{i}" for i in range(12)]
    moved = {**sites(S0="E9")[0], "valid_from": "2021-01-01", "known_on": "2021-01-05"}
    records = records_of(
        employers=employers(*names),
        sites=[*sites(**{f"S{i}": f"E{i}" for i in range(12)}), moved],
        inspections=[
            visit("V1", "S0", None, 3),  # the site's employer, whoever it was
            visit("V2", "S1", "E7", 2),  # somebody else's visit at S1
            visit("V3", "S2", "E2", 5),
            visit("V4", "S3", "E3", 1, known_on="2021-06-01", replaces="V3"),  # a correction that names another site
            visit("V5", "S4", None, 4),
        ],
        findings=[{"finding_id": "F1", "inspection_id": "V4", "indicator": "debt bondage", "date": "2020-01-01",
                   "known_on": "2020-02-01"}],
        penalties=[{"penalty_id": "P1", "employer_id": "E8", "inspection_id": "V5", "amount_azn": 10.0,
                    "date": "2020-03-01", "known_on": "2020-03-02"}],
        links=[{"link_id": "L1", "employer_a": "E0", "employer_b": "E4", "kind": "director", "date": "2020-01-01",
                "known_on": "2020-06-01"},
               {"link_id": "L2", "employer_a": "E5", "employer_b": "E4", "kind": "director", "date": "2020-01-01",
                "known_on": "2021-06-01", "replaces": "L1"}],
    )  # fmt: skip
    families = choose("site_risk").families
    dates = [day(d) for d in ("2020-07-01", "2021-03-01", "2022-01-01")]
    entity = np.repeat(np.array([*(f"S{i}" for i in range(12)), "S99"], dtype=object), len(dates))
    cohort = Cohort("site", entity, np.tile(np.array(dates, dtype=np.int32), 13))
    for partitions in (2, 7):
        same(by_partition(records, families, cohort, partitions), records, families, cohort)


def test_a_visit_that_names_another_employer_is_never_its_places_employers(records_of: Callable[..., Records]) -> None:
    """Not even where that employer is not asked about: a value may not hang on who else is in the cohort."""
    records = records_of(employers=employers("E1", "E2"), sites=sites(S1="E1"), inspections=[visit("V", "S1", "E2", 3)])
    families = tuple(f for f in choose("employer_risk").families if f.name == "uncontracted")
    on = np.array([day("2021-01-01")] * 2, dtype=np.int32)
    both = build(records, families, Cohort("employer", np.array(["E1", "E2"], dtype=object), on)).frame
    alone = build(records, families, Cohort("employer", np.array(["E1"], dtype=object), on[:1])).frame
    pd.testing.assert_frame_equal(both.iloc[:1], alone, check_exact=True)
    assert both["uncontracted.people.employer.all"].iloc[1] == 3


def test_texts_that_no_feature_reads_stay_with_the_driver() -> None:
    needed = lean(rs.sample_records(), read_by(choose("site_risk").families))
    assert not {"name", "tax_number"} & set(needed["employers"].frame)
    assert "inspector_id" not in needed["inspections"].frame


def test_a_table_travels_in_chunks_and_comes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parcel, "CHUNK", 1000)
    records, chosen = rs.sample_records(), choose("site_risk")
    cohort = rs.cohort(records, chosen.recipe, ["2024-01-01"])
    cohort = cohort.pick(np.arange(0, cohort.as_of.size, 40))
    same(by_partition(records, chosen.families, cohort, 2), records, chosen.families, cohort)

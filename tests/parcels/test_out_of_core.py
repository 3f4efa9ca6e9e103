"""Features made partition by partition from Parquet are those made in memory, bit for bit."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import riskscore as rs
from riskscore.cohorts import cohort_of
from riskscore.definitions.recipe import CohortRule
from riskscore.errors import RecordsError, RiskscoreError
from riskscore.parcels import files as parcel_files
from riskscore.parcels import spill
from riskscore.parcels.features import columns_read, features_by_partition, tables_of
from riskscore.parcels.files import open_files
from riskscore.parcels.memory import Plan, in_bytes, plan
from riskscore.pipeline.prepare import Chosen, choose
from riskscore.records.model import Records
from riskscore.records.write import write_records

AS_OF = [dt.date(2019, 1, 1), dt.date(2019, 9, 15), dt.date(2020, 6, 30)]
COVERS = {"inspections": "2016-06-01", "complaints": "2017-03-01"}
Rows = list[dict[str, Any]]


def by_partition(folder: Path, chosen: Chosen, dates: Sequence[dt.date] | None, limits: Plan) -> pd.DataFrame:
    files = opened(folder, chosen)
    with tempfile.TemporaryDirectory() as work:
        found = features_by_partition(
            files, chosen.families, chosen.recipe, dates, limits, Path(work), lambda text: None
        )  # fmt: skip
        return pd.concat([matrix.frame for matrix in found]).sort_index(kind="stable")


def opened(folder: Path, chosen: Chosen) -> dict[str, parcel_files.TableFiles]:
    return open_files(folder, None, tables_of(chosen.families), columns_read(chosen.families, chosen.recipe))


def in_memory(folder: Path, chosen: Chosen, dates: Sequence[dt.date] | None) -> pd.DataFrame:
    records = rs.read_records(folder)
    cohort = cohort_of(records, chosen.recipe, dates)
    return rs.build_features(records, chosen.recipe, cohort).frame.sort_index(kind="stable")


def written(records: Records, folder: Path, random: np.random.Generator) -> None:
    """Write each table as a folder of a few files with small row groups."""
    write_records(records, folder, "parquet")
    for path in sorted(folder.glob("*.parquet")):
        rows = pq.read_table(path)
        path.unlink()
        path.with_suffix("").mkdir()
        cuts = np.sort(random.integers(0, rows.num_rows + 1, random.integers(0, 3)))
        for k, (a, b) in enumerate(zip([0, *cuts], [*cuts, rows.num_rows], strict=True)):
            size = int(random.integers(5, 200))
            pq.write_table(rows.slice(a, b - a), path.with_suffix("") / f"{k}.parquet", row_group_size=size)


def tangled(tables: dict[str, Rows], random: np.random.Generator) -> dict[str, Rows]:
    """Add what partitions must not tear apart: doubled ids, corrections of corrections, ids that nothing bears."""
    sites, employers = [r["site_id"] for r in tables["sites"]], [r["employer_id"] for r in tables["employers"]]
    for name, rows in tables.items():
        key = "penalty_id" if name == "penalties" else f"{name[:-1]}_id"
        some = [dict(rows[i]) for i in random.integers(0, len(rows), 6)]
        if name in ("employers", "sites"):
            for row in some[:2]:
                row |= {"valid_from": row["known_on"], "replaces": random.choice([None, row[key], rows[0][key]])}
            tables[name] = rows + some[:2]
            continue
        for i, row in enumerate(some):
            for column, ids in (("site_id", sites), ("employer_id", employers)):
                if column in row:
                    row[column] = random.choice([None, "nowhere", *ids[:4]])
            if "inspection_id" in row and name != "inspections":
                row["inspection_id"] = random.choice([row["inspection_id"], "no visit"])
            if i % 3 == 1:
                row |= {key: f"Y{i}", "replaces": random.choice([r[key] for r in rows])}
            if i % 3 == 2:
                row |= {key: f"Z{i}", "replaces": random.choice(["Y1", "Y4", "nothing"])}
        tables[name] = [rows[i] for i in random.permutation(len(rows))] + some
        if name not in ("inspections", "links"):
            for row in tables[name][: random.integers(0, 5)]:
                row["date"] = None if "inspection_id" in row else row["date"]
    return tables


@pytest.mark.parametrize("recipe", ["site_risk", "employer_risk"])
@settings(max_examples=3, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    partitions=st.integers(1, 5),
    cohort=st.sampled_from(["dates", "own", "visits"]),
    absent=st.sets(st.sampled_from(["sites", "employers", "links", "complaints", "penalties"]), max_size=2),
)
def test_any_records_in_any_partitions_give_what_memory_gives(
    records_of: Callable[..., Records],
    world_of: Callable[[int], dict[str, Rows]],
    recipe: str,
    seed: int,
    partitions: int,
    cohort: str,
    absent: set[str],
) -> None:
    random = np.random.default_rng(seed)
    chosen = choose(recipe)
    if cohort == "visits":
        chosen = replace(chosen, recipe=replace(chosen.recipe, cohort=CohortRule("visits")))
    tables = {name: rows for name, rows in tangled(world_of(seed), random).items() if name not in absent}
    dates = AS_OF if cohort == "dates" else None
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(parcel_files, "BATCH", int(random.integers(30, 300)))
        patch.setattr(spill, "BUFFER", int(random.integers(5_000, 100_000)))
        written(records_of(covers_from=COVERS, **tables), Path(folder), random)
        here = in_memory(Path(folder), chosen, dates)
        there = by_partition(Path(folder), chosen, dates, Plan(partitions, int(random.integers(20, 100))))
    pd.testing.assert_frame_equal(there, here, check_exact=True)
    assert here.notna().sum().sum() > 1000


def small(tmp_path: Path) -> Path:
    """Return records of three places whose words differ, as Parquet."""
    folder = tmp_path / "records"
    folder.mkdir()
    day = pa.array([dt.date(2020, 1, 1)] * 3)
    visits = {"inspection_id": ["V1", "V2", "V3"], "site_id": ["S1", "S2", "S3"], "date": day, "known_on": day}
    pq.write_table(pa.table(visits | {"uncontracted_workers": [1, 0, 2]}), folder / "inspections.parquet")
    kinds = ["farm", "shop", "yard"]
    sites = {"site_id": ["S1", "S2", "S3"], "employer_id": ["E1", "E2", "E3"], "site_type": kinds, "valid_from": day}
    pq.write_table(pa.table(sites), folder / "sites.parquet")
    return folder


def test_every_file_of_the_matrix_has_the_words_of_all_records(tmp_path: Path) -> None:
    folder, chosen = small(tmp_path), choose("site_risk")
    dates = [dt.date(2021, 1, 1)]
    there = by_partition(folder, chosen, dates, Plan(7, 1))
    pd.testing.assert_frame_equal(there, in_memory(folder, chosen, dates), check_exact=True)
    assert list(there["place.site_type.site.now"].cat.categories) == ["farm", "shop", "yard"]


def test_what_a_look_at_the_whole_column_decides_is_refused(tmp_path: Path) -> None:
    folder = small(tmp_path)
    rows = pq.read_table(folder / "inspections.parquet")
    texts = rows.set_column(rows.column_names.index("date"), "date", pa.array(["01.02.2020", "02.01.2020", "3.3.2020"]))
    pq.write_table(texts, folder / "inspections.parquet")
    pq.write_table(pq.read_table(folder / "sites.parquet").drop_columns(["employer_id"]), folder / "sites.parquet")
    (folder / "complaints.csv").write_text("complaint_id,site_id,date\n")
    with pytest.raises(RecordsError) as error:
        opened(folder, choose("site_risk"))
    said = str(error.value)
    assert "inspections.parquet, date: how dates are written is found out from the whole column." in said
    assert "sites.parquet: the table sites needs a column 'employer_id'." in said
    assert "complaints.csv: is no Parquet file or folder of Parquet files." in said


def test_only_folders_are_read_in_pieces(tmp_path: Path) -> None:
    folder = small(tmp_path)
    for source in (folder / "inspections.parquet", "sqlite:///records.db"):
        with pytest.raises(RecordsError, match="folder"):
            open_files(source, None, {"inspections"}, set())


def test_less_memory_means_more_partitions_and_too_little_is_refused(tmp_path: Path) -> None:
    class Counted:
        def count_rows(self) -> int:
            return 20_000_000

        def get_fragments(self) -> list[Any]:
            return []

    chosen = choose("site_risk")
    files = {n: replace(f, data=Counted()) for n, f in opened(small(tmp_path), chosen).items()}
    assert plan(files, 77, in_bytes("4GB")).partitions > plan(files, 77, in_bytes("8GB")).partitions
    assert plan(files, 77, in_bytes("4GB")).rows < plan(files, 77, in_bytes("8GB")).rows
    with pytest.raises(RiskscoreError, match=r"too little .* Give at least \d+MB"):
        plan(files, 77, in_bytes("500MB"))
    with pytest.raises(RiskscoreError, match="is no size"):
        in_bytes("plenty")


def test_the_verb_writes_a_folder_whole_and_never_over_another(tmp_path: Path) -> None:
    folder = small(tmp_path)
    found = rs.write_features(folder, "site_risk", tmp_path / "matrix", ["2021-01-01"], memory="1GB")
    frame = pd.read_parquet(found.folder).set_index(["entity", "as_of"])
    assert (found.rows, found.files, len(frame)) == (3, 1, 3)
    assert "the records have no table 'links'" in found.absent.values()
    assert {p.name for p in tmp_path.iterdir()} == {"records", "matrix"}
    with pytest.raises(RiskscoreError, match="there already"):
        rs.write_features(folder, "site_risk", tmp_path / "matrix")

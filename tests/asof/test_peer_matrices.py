"""Features and labels equal those that another tool made of the same records, on every date and for every employer."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import Cohort, cohort_of
from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.recipe import Recipe
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.labels import label
from riskscore.records.model import Records
from riskscore.records.read import read_records

DATES = ("2017-07-01", "2019-07-01", "2021-07-01", "2023-07-01")
MAPPING = Path(__file__).parents[1] / "records" / "mappings" / "peer_matrices.toml"
DEFINITIONS = Path(__file__).parent / "peer_definitions"
WINDOWS = {"6m": "6month", "12m": "1y", "36m": "3y", "all": "all", "now": "all"}

RECIPE = """
title    = "Employers at which a visit finds something"
why      = "Outcomes known beforehand show that ours are right."
entity   = "employer"
rank_by  = "found"
horizon  = "6 months"
[[ladder]]
level = 1
name  = "found"
title = "something was found"
any   = [{ table = "inspections", where = "outcome = 1" }]
[model]
rounds = 1
"""


def their_name(column: str) -> str:
    """Return the other tool's name: ``insp.total_count.employer.12m`` is ``insp_entity_id_1y_total_count`` there."""
    family, feature, _, window = column.split(".")
    return f"{family}_entity_id_{WINDOWS[window]}_{feature.replace('_null_', '__NULL_')}"


def whole_history(ours: pd.DataFrame) -> pd.DataFrame:
    """Return the columns under their names.

    ``total_imp`` says at every window that the employer had no row at all: there, a count of nothing is 0 and not
    filled as long as any window holds a row.
    """
    named = ours.rename(columns=their_name)
    for family in ("insp", "cmpl"):
        for window in WINDOWS.values():
            named[f"{family}_entity_id_{window}_total_imp"] = named[f"{family}_entity_id_all_total_imp"]
    return named


@pytest.fixture
def peer_records(real_data: Path) -> Records:
    return read_records(real_data / "peer_matrices", MAPPING)


@pytest.fixture
def recipe() -> Recipe:
    return recipe_from_text(RECIPE, "found")


@pytest.fixture
def cohort(peer_records: Records, recipe: Recipe) -> Cohort:
    return cohort_of(peer_records, recipe, [dt.date.fromisoformat(d) for d in DATES])


@pytest.fixture
def theirs(real_data: Path) -> pd.DataFrame:
    frames = [pd.read_parquet(real_data / "peer_matrices" / f"matrix_{d}.parquet") for d in DATES]
    found = pd.concat(frames)
    found["as_of_date"] = pd.to_datetime(found["as_of_date"]).astype("datetime64[s]")
    found["entity_id"] = found["entity_id"].astype(str)
    return found.set_index(["entity_id", "as_of_date"]).rename_axis(["entity", "as_of"]).sort_index()


def test_all_129_features_equal_those_of_another_tool(
    peer_records: Records, cohort: Cohort, theirs: pd.DataFrame
) -> None:
    catalog = load_catalog(DEFINITIONS)
    matrix = build(peer_records, [catalog.family(name) for name in ("insp", "cmpl", "emp")], cohort)
    ours = whole_history(matrix.frame).sort_index()
    features = [c for c in theirs.columns if c != "uncontracted_found"]
    assert not matrix.absent
    assert len(features) == 129
    assert sorted(ours.columns) == sorted(features)
    assert ours.index.equals(theirs.index)
    averages = [c for c in features if c.endswith("_avg")]
    integers = [c for c in features if c not in averages]
    unequal = [c for c in integers if not np.array_equal(ours[c].to_numpy(), theirs[c].to_numpy(dtype=np.float64))]
    assert unequal == []
    np.testing.assert_allclose(ours[averages].to_numpy(), theirs[averages].to_numpy(), rtol=1e-6, atol=0)
    assert len(theirs) == 4 * 2000
    assert int((theirs[averages] > 0).to_numpy().sum()) > 5000  # averages of nothing would be equal too


def test_labels_equal_those_of_another_tool(
    peer_records: Records, recipe: Recipe, cohort: Cohort, theirs: pd.DataFrame
) -> None:
    found = label(peer_records, recipe, cohort, dt.date(2024, 1, 1)).frame["target_1"].sort_index()
    wanted = theirs["uncontracted_found"]
    assert found.index.equals(wanted.index)
    np.testing.assert_array_equal(found.to_numpy(), wanted.to_numpy())
    assert 0 < int(wanted.sum()) < int(wanted.notna().sum()) < len(wanted)

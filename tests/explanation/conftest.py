"""Lists of small models over the sample records, ranked once."""

from __future__ import annotations

from dataclasses import replace

import pytest

import riskscore as rs
from riskscore.pipeline.listing import List
from riskscore.pipeline.prepare import choose


@pytest.fixture(scope="session")
def every_family() -> List:
    """Return a list by a small model that reads all shipped families, with three refits."""
    recipe = choose("site_risk").recipe
    quick = replace(recipe, model=replace(recipe.model, rounds=40, seeds=(1,), refits=3))
    records = rs.sample_records()
    return rs.rank(rs.fit(records, quick, "2025-01-01"), records, "2025-01-01")

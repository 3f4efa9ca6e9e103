"""One shipped family, measured on a few rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from riskscore.asof.build import build
from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.catalog import load_catalog

VISIT = {"inspection_id": "V0", "site_id": "S0", "employer_id": "E0", "trigger": "planned", "workers_present": 10,
         "uncontracted_workers": 0, "minors_found": 0, "workers_without_permit": 0, "date": "2016-01-01"}  # fmt: skip


@pytest.fixture
def visit() -> Callable[..., dict[str, Any]]:
    """Return a factory of visits: ``visit(2, "2020-01-01", uncontracted_workers=3)`` is V2 at S1 of E1."""

    def make(number: int, date: str, **cells: Any) -> dict[str, Any]:
        return VISIT | {"inspection_id": f"V{number}", "site_id": "S1", "employer_id": "E1", "date": date} | cells

    return make


@pytest.fixture
def measured(records_of: Callable[..., Any]) -> Callable[..., dict[str, Any]]:
    """Return a factory: ``measured("fines", penalties=[...])`` gives {"fines.site.all": 1.0, ...} for S1 on a day."""

    def make(
        family: str, entity: str = "S1", as_of: str = "2024-01-01", kind: str = "site", **tables: Any
    ) -> dict[str, Any]:
        register = {
            "sites": [{"site_id": f"S{i}", "employer_id": f"E{i}", "valid_from": "2015-01-01", "known_on": "2015-01-01"}
                      for i in (0, 1, 2)],
            "employers": [{"employer_id": f"E{i}", "valid_from": "2015-01-01", "known_on": "2015-01-01"}
                          for i in (0, 1, 2)],
            "inspections": [VISIT],
        }  # fmt: skip
        records = records_of(**(register | tables))
        cohort = Cohort(kind, np.array([entity], object), np.array([day(as_of)], np.int32))
        matrix = build(records, [load_catalog().family(family)], cohort)
        assert not matrix.absent, matrix.absent
        return {name.split(".", 1)[1]: matrix.frame[name].iloc[0] for name in matrix.frame}

    return make

"""A registered trial, made without records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from riskscore.report.tables import as_csv
from riskscore.trial.allocation import smallest_p
from riskscore.trial.registration import Rarer, Registration, allocate, codes, digest
from riskscore.trial.size import Size

RECIPE = """
title = "Places, by the risk that a visit finds something"
why = "To try."
entity = "site"
rank_by = 1
[[ladder]]
level = 1
name = "uncontracted"
title = "uncontracted work found"
delay = "30 days"
any = [{table = "inspections", where = "uncontracted_workers > 0"}]
[model]
rounds = 20
"""


@pytest.fixture
def registered() -> Callable[..., tuple[Registration, pd.DataFrame]]:
    """Return a factory of a trial of places, S000 to S039 by default, and its allocation."""

    def make(units: pd.DataFrame | None = None, **more: Any) -> tuple[Registration, pd.DataFrame]:
        if units is None:
            units = pd.DataFrame({"unit": [f"S{i:03d}" for i in range(40)], "stratum": ["=north", "south"] * 20})
        says: dict[str, Any] = {
            "as_of": "2025-01-06", "unit": "place", "arms": ("list", "present"), "first": "2025-01-06", "weeks": 26,
            "recipe": "tried", "recipe_text": RECIPE, "run": "run-1", "rung": 1, "outcome": "uncontracted work found",
            "delay": "30 days", "seed": 1, "records": {"inspections": "ab"}, "units": len(units), "strata": 2,
            "stratified_by": "region", "share": 0.25, "share_from": "as given", "detect": 0.375,
            "size": Size(15, clustered=False), "capacity_from": "30 visits, as given", "rho_low": None,
            "rho_high": None, "rho_from": "places are drawn one by one", "needed": 215, "power": 0.2, "smallest": 0.7,
            "rarer": (Rarer("a conviction", 1, 500, 0.002, 50_000, 400.0),),
        } | more  # fmt: skip
        found = allocate(units, says["arms"], says["seed"], says["records"])
        says |= {"allocation": digest(as_csv(found).encode()), "smallest_p": smallest_p(codes(found))}
        return Registration(**says), found

    return make

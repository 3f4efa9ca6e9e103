"""Estimates for the world move a place by a bounded amount that visits outweigh."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.cohorts import Cohort
from riskscore.dates import day
from riskscore.definitions.world_prior import SectorEstimate, WorldPrior
from riskscore.learn.selection.prior import MOST, prior_shift

PRIOR = WorldPrior(
    "estimates", "survey", 2.0,
    (SectorEstimate(("A",), 3_000, 1_000_000), SectorEstimate(("G",), 1_500, 1_000_000),
     SectorEstimate(("T",), 90_000, 1_000_000)),
)  # fmt: skip


def shift_of(records_of, prior: WorldPrior = PRIOR, visits=()) -> np.ndarray:
    sectors = {"E0": "A", "E1": "G", "E2": "T", "E3": "Z"}
    known = {"known_on": "2015-01-01"}
    records = records_of(
        employers=[{"employer_id": e, "sector": s, **known} for e, s in sectors.items()],
        sites=[{"site_id": f"S{k}", "employer_id": f"E{k}", **known} for k in range(4)],
        inspections=list(visits) or [{"inspection_id": "V0", "site_id": "S9", "date": "2016-01-01"}],
    )
    cohort = Cohort(
        "site", np.array([f"S{k}" for k in range(4)], dtype=object), np.full(4, day("2020-01-01"), np.int32)
    )
    return prior_shift(prior, records, cohort)


def test_the_rate_of_the_sector_over_that_of_all_decides(records_of) -> None:
    calm = WorldPrior(
        "e", "s", 2.0, (SectorEstimate(("A",), 3_000, 1_000_000), SectorEstimate(("G",), 2_000, 1_000_000))
    )
    found = shift_of(records_of, calm)
    assert found[:2] == pytest.approx([np.log(3 / 2.5), np.log(2 / 2.5)])


def test_no_estimate_moves_a_place_by_more_than_twice_the_odds(records_of) -> None:
    found = shift_of(records_of)
    assert found[:3].tolist() == [-MOST, -MOST, MOST]
    assert np.exp(MOST) == pytest.approx(2.0)


def test_a_sector_without_an_estimate_is_not_moved(records_of) -> None:
    assert shift_of(records_of)[3] == 0.0


def test_visits_to_the_place_outweigh_the_estimate_and_later_ones_do_not(records_of) -> None:
    visits = [{"inspection_id": f"V{k}", "site_id": "S2", "date": f"2019-0{k}-01"} for k in range(1, 7)]
    late = [{"inspection_id": "V9", "site_id": "S2", "date": "2020-01-01"}]
    assert shift_of(records_of, visits=visits + late)[2] == pytest.approx(MOST * 2 / (2 + 6))


def test_without_a_register_of_employers_nothing_moves(records_of) -> None:
    records = records_of(inspections=[{"inspection_id": "V1", "site_id": "S1", "date": "2019-01-01"}])
    cohort = Cohort("site", np.array(["S1"], dtype=object), np.full(1, day("2020-01-01"), np.int32))
    assert prior_shift(PRIOR, records, cohort).tolist() == [0.0]

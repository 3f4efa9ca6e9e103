"""Where signals come from is told by each column's table and key; shares are of SHAP values by size."""

from __future__ import annotations

import numpy as np
import pytest

import riskscore as rs
from riskscore.explanation.origins import ORIGINS, OTHER_VISITS, OWN_VISITS, REGISTERS, REPORTED, origin, shares


@pytest.fixture(scope="module")
def columns():
    records = rs.sample_records()
    cohort = rs.cohort(records, "site_risk", ["2024-01-01"])
    return rs.build_features(records, "site_risk", cohort.pick(np.arange(3))).columns


@pytest.mark.parametrize(
    ("family", "feature", "key", "expected"),
    [
        ("uncontracted", "people", "site", OWN_VISITS),
        ("uncontracted", "rate", "employer", OWN_VISITS),
        ("fines", "unpaid", "employer", OWN_VISITS),
        ("headcount", "present", "site", OWN_VISITS),  # of the family of contracts, counted at a visit
        ("headcount", "present_per_registered", "site", OWN_VISITS),  # one half of the ratio was
        ("headcount", "registered", "site", REPORTED),
        ("reports", "recent", "employer", REPORTED),
        ("cases", "referrals", "site", REPORTED),
        ("permits", "overdue", "employer", REPORTED),
        ("permits", "people_without", "site", OWN_VISITS),
        ("peers", "share", "peers", OTHER_VISITS),
        ("linked_employers", "fines", "network", OTHER_VISITS),
        ("place", "region", "site", REGISTERS),
        ("calendar", "month", "employer", REGISTERS),
    ],
)
def test_the_table_and_whose_rows_it_counts_tell_the_origin(columns, family, feature, key, expected) -> None:
    found = [c for c in columns.values() if (c.family.name, c.feature.name, c.key) == (family, feature, key)]
    assert found
    assert {origin(c, columns) for c in found} == {expected}


def test_every_shipped_column_has_an_origin(columns) -> None:
    assert {origin(c, columns) for c in columns.values()} == set(ORIGINS)


def test_shares_count_what_lowers_as_much_as_what_raises_and_sum_to_one(columns) -> None:
    names = ["uncontracted.people.site.all", "reports.reports.site.12m", "place.region.site.now"]
    names = [next(n for n in columns if n.startswith(name.rsplit(".", 1)[0])) for name in names]
    found = shares(np.array([[2.0, -1.0, 1.0], [0.0, 0.0, 0.0]]), names, columns)
    assert found[OWN_VISITS].tolist() == [0.5, 0.0]
    assert found[REPORTED].tolist() == [0.25, 0.0]
    assert sum(found.values()).tolist() == [1.0, 0.0]

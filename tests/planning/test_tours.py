"""Kilometres of a choice of places, by one rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskscore.planning.offices import WEEKDAYS, Office, Offices
from riskscore.planning.tours import tour_km

DEGREE = 111.19508  # kilometres of a degree of the equator
ONE = Office("A", 0.0, 0.0, ("R",), ("A 1",), 2, 540, 1080, WEEKDAYS)


def there(*points: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame({
        "entity": [f"S{i}" for i in range(len(points))],
        "latitude": [p[0] for p in points], "longitude": [p[1] for p in points],
    })  # fmt: skip


def km(office: Office, places: pd.DataFrame, chosen=None, detour: float = 1.0) -> float:
    rows = np.ones(len(places), dtype=bool) if chosen is None else np.array(chosen)
    return tour_km(Offices((office,), detour=detour), places, np.array(["A"] * len(places), dtype=object), rows)


def test_a_triangle_is_as_long_as_its_three_sides() -> None:
    assert km(ONE, there((0.3, 0.0), (0.0, 0.4))) == pytest.approx((0.3 + 0.4 + 0.5) * DEGREE, rel=1e-4)


def test_roads_are_longer_by_the_detour() -> None:
    places = there((0.3, 0.0), (0.0, 0.4))
    assert km(ONE, places, detour=1.3) == pytest.approx(1.3 * km(ONE, places))


def test_a_team_comes_home_after_as_many_visits_as_it_makes_in_a_day() -> None:
    places = there((0.3, 0.0), (0.0, 0.4))
    alone = km(replace(ONE, visits_per_day=1), places)
    assert alone == pytest.approx(2 * (0.3 + 0.4) * DEGREE, rel=1e-4)


def test_places_that_were_not_chosen_and_the_order_of_rows_change_nothing() -> None:
    places = there((0.3, 0.0), (0.0, 0.4), (5.0, 5.0), (0.1, 0.1))
    chosen = [True, True, False, True]
    turned = places.iloc[::-1].reset_index(drop=True)
    assert km(ONE, places, chosen) == pytest.approx(km(ONE, turned, chosen[::-1]), abs=1e-9)
    assert km(ONE, places, [False] * 4) == 0.0


def test_each_office_drives_to_its_own_places_alone() -> None:
    places = there((0.3, 0.0), (0.0, 10.4))
    far = replace(ONE, name="B", longitude=10.0, regions=("S",))
    both = Offices((ONE, far), detour=1.0)
    total = tour_km(both, places, np.array(["A", "B"], dtype=object), np.ones(2, dtype=bool))
    assert total == pytest.approx(2 * (0.3 + 0.4) * DEGREE, rel=1e-3)

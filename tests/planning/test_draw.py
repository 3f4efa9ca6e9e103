"""The exploring share: probabilities that hold over repeated draws, and draws that spread."""

from __future__ import annotations

import numpy as np
import pytest

from riskscore.planning.draw import draw, effective_size, inclusion_probabilities
from riskscore.planning.exploring import chances, drawn, price_list
from riskscore.planning.offices import PlanError
from riskscore.planning.rooms import Room

TIMES = 2_000


@pytest.fixture(scope="module")
def repeated() -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    rng = np.random.default_rng(5)
    points = rng.random((40, 2))
    strata = ["a" if x < 0.3 else "b" for x in points[:, 0]]
    probability = inclusion_probabilities(0.2 + rng.random(40), 8)
    found = np.array([draw(probability, points, strata, seed) for seed in range(TIMES)])
    return probability, points, found, strata


def test_every_place_is_drawn_as_often_as_its_probability_says(repeated) -> None:
    probability, _, found, _ = repeated
    error = np.sqrt(probability * (1 - probability) / TIMES)
    assert (np.abs(found.mean(axis=0) - probability) < 4 * error).all()  # 40 places at 4 errors: 1 in 400 by chance


def test_every_draw_has_the_size_that_the_probabilities_sum_to(repeated) -> None:
    probability, _, found, _ = repeated
    assert probability.sum() == pytest.approx(8)
    assert set(found.sum(axis=1)) == {8}


def test_every_stratum_gets_its_share_give_or_take_one(repeated) -> None:
    probability, _, found, strata = repeated
    for name in ("a", "b"):
        own = np.array(strata) == name
        assert np.abs(found[:, own].sum(axis=1) - probability[own].sum()).max() < 1


def test_drawn_places_lie_further_apart_than_places_drawn_without_regard_to_the_map(repeated) -> None:
    _, points, found, _ = repeated
    rng = np.random.default_rng(1)

    def nearest(rows: np.ndarray) -> float:
        away = np.linalg.norm(points[rows][:, None] - points[rows], axis=2) + 9 * np.eye(rows.size)
        return float(away.min(axis=1).mean())

    spread = np.mean([nearest(np.flatnonzero(row)) for row in found[:200]])
    plain = np.mean([nearest(rng.choice(40, 8, replace=False)) for _ in range(200)])
    assert spread > 1.15 * plain


def test_probabilities_over_one_are_one_and_the_others_share_the_rest() -> None:
    found = inclusion_probabilities(np.array([100.0, 1.0, 1.0, 1.0, 1.0]), 3)
    assert found.tolist() == [1.0, 0.5, 0.5, 0.5, 0.5]
    assert inclusion_probabilities(np.array([1.0, 1.0]), 0).tolist() == [0.0, 0.0]
    with pytest.raises(PlanError, match="3 places cannot be drawn from 2"):
        inclusion_probabilities(np.array([1.0, 1.0]), 3)


def test_unequal_probabilities_are_worth_fewer_draws() -> None:
    assert effective_size(np.array([0.2, 0.8])) < effective_size(np.array([0.5, 0.5])) == 1.0


def test_a_draw_does_not_hang_on_the_order_of_the_list(places_of) -> None:
    frame = places_of(60).frame
    chance = chances(frame, np.ones(60, dtype=bool), 10)
    one = set(frame["entity"][drawn(frame, chance, 3)])
    order = np.random.default_rng(2).permutation(60)
    other = frame.iloc[order].reset_index(drop=True)
    assert one == set(other["entity"][drawn(other, chance[order], 3)])
    assert len(one) == 10
    assert one != set(frame["entity"][drawn(frame, chance, 4)])


def test_exploring_costs_findings_and_buys_chances_for_places_never_visited(places_of) -> None:
    frame = places_of(80).frame
    table = price_list(frame, np.ones(80, dtype=bool), 20, 0.15)
    assert table["share"].tolist() == [0.0, 0.05, 0.1, 0.15, 0.2, 0.3]
    assert table["findings_given_up"].is_monotonic_increasing
    assert table["findings_given_up"].iloc[0] == 0 < table["findings_given_up"].iloc[-1]
    assert table["chance_never_visited"].is_monotonic_increasing
    assert table["expected_findings"].iloc[0] == pytest.approx(frame["finding"].head(20).sum(), abs=0.05)


def test_a_draw_takes_no_more_of_an_office_than_it_has_room_for(places_of) -> None:
    frame = places_of(60).frame
    north = (frame["region"] == "N").to_numpy()
    room = [Room(north, 3), Room(~north, 20)]
    chance = chances(frame, np.ones(60, dtype=bool), 14, room)
    assert chance[north].sum() == pytest.approx(3)
    assert chance.sum() == pytest.approx(14)
    for seed in range(20):
        taken = drawn(frame, chance, seed, room)
        assert (int(taken[north].sum()), int(taken.sum())) == (3, 14)


def test_room_that_is_wide_enough_changes_no_chance(places_of) -> None:
    frame, all_of_them = places_of(60).frame, np.ones(60, dtype=bool)
    north = (frame["region"] == "N").to_numpy()
    free = chances(frame, all_of_them, 14)
    assert (chances(frame, all_of_them, 14, [Room(north, 12), Room(~north, 12)]) == free).all()
    few = chances(frame, all_of_them, 14, [Room(north, 3), Room(~north, 4)])
    assert few.sum() == pytest.approx(7)


def test_a_place_that_shares_its_room_is_drawn_as_often_as_its_probability_says(places_of) -> None:
    frame = places_of(30).frame
    north = (frame["region"] == "N").to_numpy()
    room = [Room(north, 2), Room(~north, 9)]
    chance = chances(frame, np.ones(30, dtype=bool), 9, room)
    often = np.mean([drawn(frame, chance, seed, room) for seed in range(600)], axis=0)
    assert np.abs(often - chance).max() < 4 * np.sqrt(0.25 / 600)

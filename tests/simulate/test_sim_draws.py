"""Claims about the integer draws: the same everywhere, exact in number, fair in the long run."""

from __future__ import annotations

import ast
import hashlib
import math
from pathlib import Path

import numpy as np
import pytest

import riskscore.simulate.draws as draws_module
from riskscore.simulate.draws import BILLION, Draws, chance_of, offset_for, spread

KEYS = np.arange(50_000)


def test_draws_are_the_same_on_every_platform() -> None:
    d = Draws(7)
    parts = [
        d.bits("a", KEYS, 3).astype("<u8"), d.below("b", 1000, KEYS), d.between("c", -5, 5, KEYS),
        d.pick("d", [1, 0, 5], KEYS), d.normal("e", 700, KEYS), d.happens("f", BILLION // 3, KEYS).astype("int64"),
        chance_of(np.arange(-9000, 9001)), d.systematic("g", KEYS + 1, 500, KEYS).astype("int64"),
    ]  # fmt: skip
    seen = hashlib.sha256(b"".join(p.astype(p.dtype.newbyteorder("<")).tobytes() for p in parts)).hexdigest()
    assert seen == "544a450b7ce5ad5a5a4c9ef691f4a50acaf16f52e997bd9e950411736b962792"


def test_a_draw_depends_on_its_keys_alone_and_not_on_its_neighbours() -> None:
    d = Draws(1)
    assert (d.bits("a", KEYS[::-1])[::-1] == d.bits("a", KEYS)).all()
    assert (d.bits("a", KEYS) != d.bits("b", KEYS)).all()
    assert (d.bits("a", KEYS) != Draws(2).bits("a", KEYS)).all()


def test_chances_are_the_logistic_function_to_the_billionth() -> None:
    for x in (-8000, -4321, -1, 0, 1, 999, 8000):
        assert abs(int(chance_of(np.array([x]))[0]) - BILLION / (1 + math.exp(-x / 1000))) <= 1


def test_normal_draws_have_the_stated_deviation_and_no_lean() -> None:
    drawn = Draws(3).normal("n", 1000, KEYS)
    assert abs(drawn.mean()) < 20
    assert abs(drawn.std() - 1000) < 15


def test_weights_of_zero_are_never_picked_and_the_others_in_proportion() -> None:
    seen = np.bincount(Draws(5).pick("p", [2, 0, 6], KEYS), minlength=3) / len(KEYS)
    assert seen[1] == 0
    assert seen[0] == pytest.approx(0.25, abs=0.01)


def test_systematic_choice_has_the_exact_number_and_keeps_the_chances() -> None:
    chances = np.where(np.arange(2000) < 1000, BILLION // 10, BILLION // 5)
    chosen = [Draws(s).systematic("s", chances, 300, np.arange(2000)) for s in range(40)]
    assert {int(c.sum()) for c in chosen} == {300}
    assert np.mean([c[:1000].sum() for c in chosen]) == pytest.approx(100, abs=5)


def test_systematic_choice_fills_up_when_some_members_are_sure() -> None:
    chosen = Draws(1).systematic("s", np.array([10**9, 1, 1, 1]), 3, np.arange(4))
    assert chosen.sum() == 3
    assert chosen[0]


def test_parts_of_a_sum_add_up_to_it_however_large() -> None:
    weights = Draws(1).below("w", 10**6, KEYS)
    for total in (0, 1, 17, 10**6, 10**12):
        parts = spread(total, weights)
        assert parts.sum() == total
        assert parts.min() >= 0


def test_the_offset_brings_the_mean_chance_to_the_share() -> None:
    log_odds = Draws(1).normal("o", 1500, KEYS)
    found = chance_of(log_odds + offset_for(log_odds, 140_000_000)).mean()
    assert found == pytest.approx(140_000_000, rel=0.001)


def test_no_module_draws_by_a_library_or_computes_by_a_platform_dependent_function() -> None:
    forbidden = {"random", "exp", "log", "sin", "cos", "power", "sqrt", "hash", "tanh", "expm1", "log1p"}
    for file in sorted(Path(draws_module.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("np", "math"):
                assert node.attr not in forbidden, f"{file.name} uses {node.value.id}.{node.attr}"

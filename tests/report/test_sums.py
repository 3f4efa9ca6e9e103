from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscore.errors import ExplanationError
from riskscore.explanation.dossier import Dossier
from riskscore.report.sums import assert_adds_up, rounded_to_sum

VALUES = st.lists(st.floats(-50, 50), min_size=1, max_size=40)


@given(VALUES)
def test_printed_parts_sum_to_the_printed_total_and_are_off_by_less_than_a_unit(parts: list[float]) -> None:
    rounded, total = rounded_to_sum(parts, 3)
    assert sum(round(1000 * r) for r in rounded) == round(1000 * total)
    assert all(abs(r - p) < 0.001 + 1e-9 for r, p in zip(rounded, parts, strict=True))
    assert abs(total - math.fsum(parts)) <= 0.0005 + 1e-9


@pytest.mark.parametrize("wrong", ["contributions", "families"])
def test_values_that_do_not_add_up_stop_the_dossier(dossier_of: Callable[..., Dossier], wrong: str) -> None:
    sample = dossier_of()
    assert_adds_up(sample)
    name, value = next(iter(getattr(sample, wrong).items()))
    with pytest.raises(ExplanationError, match="S-00123"):
        assert_adds_up(dossier_of(**{wrong: {**getattr(sample, wrong), name: value + 0.001}}))


@pytest.mark.parametrize("field", ["base", "margin", "probability"])
def test_a_number_that_is_not_finite_stops_the_dossier(dossier_of: Callable[..., Dossier], field: str) -> None:
    with pytest.raises(ExplanationError, match="not a finite number"):
        assert_adds_up(dossier_of(**{field: math.nan}))

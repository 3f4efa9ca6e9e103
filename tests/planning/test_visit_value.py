"""The value of a visit: which rung it rests on, and what raises or lowers it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.recipe import VisitValueRule
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import DefinitionError
from riskscore.planning.visit_value import visit_value

NONE = np.full(3, np.nan)


@pytest.fixture(scope="module")
def recipe():
    return load_catalog().recipes["site_risk"]


@pytest.fixture
def listed() -> pd.DataFrame:
    return pd.DataFrame({
        "rank": [1, 2, 3], "of": 3, "band": ["A", "B", "E"], "probability": [0.6, 0.3, 0.1],
        "rung_fined": [0.3, 0.1, 0.05], "rung_referred": np.nan, "rung_opened": np.nan,
    })  # fmt: skip


def test_the_highest_rung_with_a_percentage_counts_and_rarer_ones_by_band(recipe, listed) -> None:
    worth = visit_value(recipe, listed, NONE, NONE)
    # uncontracted 2, fined 5, opened 30; band A counts in full, B three quarters, E nothing
    expected = np.array([
        2 * 0.6 + 3 * 0.3 + 25 * 0.3 * 1.0,
        2 * 0.3 + 3 * 0.1 + 25 * 0.1 * 0.75,
        2 * 0.1 + 3 * 0.05,
    ])  # fmt: skip
    assert worth.value == pytest.approx(expected / expected.mean())
    assert "by the chance of 'a fine, a child at work" in worth.says[0]
    assert "'referred to the prosecutor', 'a case opened" in worth.says[1]


def test_where_percentages_are_refused_the_rank_counts_and_that_is_said(recipe, listed) -> None:
    worth = visit_value(recipe, listed.assign(probability=np.nan, rung_fined=np.nan), NONE, NONE)
    assert worth.value == pytest.approx(np.array([1, 2 / 3, 1 / 3]) / (2 / 3))
    assert "by rank alone" in worth.says[0]
    assert np.isnan(worth.finding).all()


def test_more_people_raise_the_value_and_a_recent_visit_lowers_it(recipe, listed) -> None:
    same = listed.assign(probability=0.5, rung_fined=0.2, band="A")
    people = visit_value(recipe, same, np.array([10.0, 40.0, np.nan]), NONE).value
    assert people[1] == pytest.approx(people[0] * 2)  # the root of four
    recent = visit_value(recipe, same, NONE, np.array([30.0, 365.25, np.nan])).value
    assert recent[1] == pytest.approx(recent[2] / 2)
    assert recent[0] < recent[1]


def test_a_recipe_without_weights_doubles_from_rung_to_rung(recipe, listed) -> None:
    plain = replace(recipe, visit_value=VisitValueRule(workers_exponent=0.0))
    one = visit_value(plain, listed.drop(columns=["rung_referred", "rung_opened"]), NONE, NONE).value
    assert one[0] > one[1] > one[2] > 0


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("[visit_value]\nworker_exponent = 1\n", "unknown key 'worker_exponent'. Did you mean 'workers_exponent'"),
        ("[visit_value]\nworkers_exponent = 2\n", "at most 1"),
        ('[visit_value]\nrecovery = "all"\n', "must be a length of time"),
        ("[visit_value.weights]\nfine = 1\n", "no rung is called 'fine'. Did you mean 'fined'"),
        ("[visit_value.weights]\nfined = 1\n", "the rung 'breach' has no weight"),
        (
            "[visit_value.weights]\nbreach = 2\nuncontracted = 1\nfined = 3\nreferred = 4\nopened = 5\n",
            "a rarer rung cannot weigh less",
        ),
    ],
)
def test_a_wrong_section_says_what_is_wrong(recipe, section, said) -> None:
    text = recipe.text[: recipe.text.index("[visit_value]")] + section
    with pytest.raises(DefinitionError, match=said):
        recipe_from_text(text, "site_risk")

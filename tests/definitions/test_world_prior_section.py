"""The section ``[world_prior]``: rates need employment, sources are asked for, and errors say what to write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import DefinitionError

HEAD = """
title = "T"
why = "W"
entity = "site"
rank_by = 1
[[ladder]]
level = 1
name = "found"
title = "found"
any = [{table = "inspections", where = "uncontracted_workers > 0"}]
[model]
rounds = 10
"""
PRIOR = """
[world_prior]
source = "estimates of 2021"
employment_source = "labour force survey of 2021"
pseudo_visits = 2
[[world_prior.sector]]
sectors = ["A agriculture"]
people = 2_000
employed = 400_000
[[world_prior.sector]]
sectors = ["G trade", "H transport"]
people = 1_000
employed = 600_000
"""


def test_counts_become_rates_per_person_employed() -> None:
    prior = recipe_from_text(HEAD + PRIOR, "r").world_prior
    assert prior is not None
    assert [e.rate for e in prior.estimates] == [0.005, pytest.approx(1 / 600)]
    assert prior.rate == pytest.approx(0.003)
    assert prior.estimates[1].sectors == ("G trade", "H transport")


def test_a_recipe_without_the_section_has_no_prior() -> None:
    assert recipe_from_text(HEAD, "r").world_prior is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("employed = 400_000\n", "", "the key 'employed' is missing"),
        ("people = 2_000\n", "", "the key 'people' is missing"),
        ("people = 2_000", "people = 2_000_000", "2,000,000 people of 400,000 employed is no rate"),
        ('employment_source = "labour force survey of 2021"\n', "", "the key 'employment_source' is missing"),
        ('source = "estimates of 2021"\n', "", "the key 'source' is missing"),
        ("pseudo_visits = 2\n", "", "the key 'pseudo_visits' is missing"),
        ("pseudo_visits = 2", "pseudo_visits = 0", "expected a number greater than 0"),
        ("pseudo_visits = 2", "pseudo_visit = 2", "unknown key 'pseudo_visit'. Did you mean 'pseudo_visits'?"),
        ("employed = 400_000", "employed = 400_000\nrate = 0.1", "unknown key 'rate'"),
        ('"G trade"', '"A agriculture"', "'A agriculture' has two estimates"),
        ('sectors = ["A agriculture"]', "sectors = []", "expected a list of texts"),
    ],
)
def test_what_is_wrong_in_it_is_said_with_what_to_write(old, new, said) -> None:
    assert old in PRIOR
    with pytest.raises(DefinitionError, match=re.escape(said)):
        recipe_from_text(HEAD + PRIOR.replace(old, new, 1), "r")


def test_one_estimate_alone_is_refused() -> None:
    alone = PRIOR[: PRIOR.rindex("[[world_prior.sector]]")]
    with pytest.raises(DefinitionError, match="one estimate alone sets no sector apart"):
        recipe_from_text(HEAD + alone, "r")


def test_the_example_of_the_docs_waits_for_employment_and_then_reads() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "selection.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(\[world_prior\].*?)```", page, re.DOTALL)
    assert example
    with pytest.raises(DefinitionError, match="the key 'employed' is missing"):
        recipe_from_text(HEAD + example[1], "r")
    filled = re.sub(r"# employed += .*", "employed = 100_000_000", example[1])
    prior = recipe_from_text(HEAD + filled, "r").world_prior
    assert prior is not None
    assert len(prior.estimates) >= 3

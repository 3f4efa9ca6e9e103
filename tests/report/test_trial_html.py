"""The pages of a trial: they name what was registered, run nothing, and print on a few sheets."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pandas as pd
import pytest

from riskscore.report.trial_files import write_trial
from riskscore.report.trial_html import (
    difference_words,
    rarer_table,
    registration_html,
    result_html,
    size_facts,
    warnings,
)
from riskscore.trial.comparison import Difference
from riskscore.trial.registration import FILE, Rarer, Registration, digest
from riskscore.trial.result import TrialResult, method
from riskscore.trial.size import Size

RECIPE = """
title = "TITLE"
[[ladder]]
level = 1
name = "breach"
title = "a breach"
any = [{table = "findings"}]
[[ladder]]
level = 2
name = "uncontracted"
title = "uncontracted work found"
any = [{table = "inspections", where = "uncontracted_workers > 0"}]
[[ladder]]
level = 3
name = "fined"
title = "two indicators"
any = [{table = "findings", distinct = "indicator", at_least = 2}]
"""


@pytest.fixture
def registration() -> Registration:
    return Registration(
        as_of="2025-01-06", unit="week", arms=("list", "present"), first="2025-01-06", weeks=26, recipe="site_risk",
        recipe_text=RECIPE, run="run-1", rung=2, outcome="uncontracted work found", delay="30 days", seed=7,
        records={"inspections": "ab"}, allocation="a1" * 32, units=130, strata=35, stratified_by="office and weeks",
        share=0.25, share_from="50 of 200 visits", detect=0.375, size=Size(65, 3.8, 4, 0.05, 0.5),
        capacity_from="494 visits, as given", rho_low=-0.0001, rho_high=0.12, rho_from="900 past visits", needed=70,
        power=0.77, smallest=0.38, smallest_p=1e-9,
        rarer=(Rarer("two indicators", 40, 400, 0.1, 300, 0.6), Rarer("a conviction", 0, 400, 0.0075, 9_000, 18.2)),
    )  # fmt: skip


@pytest.fixture
def found(registration) -> TrialResult:
    frame = pd.DataFrame({
        "arm": ["list", "present"], "units": [65, 65], "used": [60, 61], "planned": [247, 247], "visits": [240, 200],
        "not_made": [7, 47], "by_the_list": [0.97, 0.02], "found": [90, 50], "share": [0.375, 0.25],
    })  # fmt: skip
    return TrialResult(registration, dt.date(2025, 9, 1), frame, Difference(0.125, 0.04, 0.21, 0.0041),
                       {"outcome still open": 3, "nothing": 0})  # fmt: skip


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("</style>")[2]))


def test_the_page_says_what_was_registered_and_how_it_will_be_analysed(registration) -> None:
    page = words(registration_html(registration, "b2" * 32))
    for said in ("a1" * 32, "b2" * 32, "seed 7", "2025-07-06", "inspections where uncontracted_workers &gt; 0",
                 "at least 2 different", "30 days", "Urgent reports", "+12.5 percentage points"):  # fmt: skip
        assert said in page, said
    assert "a breach" not in page, "a lesser find does not count"
    for line in method(registration):
        assert line.replace("'", "&#39;") in page
    assert "guilty" not in page


def test_the_hash_on_the_page_is_that_of_the_file_beside_it(registration, tmp_path) -> None:
    write_trial(registration, pd.DataFrame({"unit": ["a"], "arm": ["list"], "stratum": ["s"]}), tmp_path)
    assert digest((tmp_path / FILE).read_bytes()) in (tmp_path / "preregistration.html").read_text(encoding="utf-8")


def test_the_size_has_every_input_and_what_the_interval_of_the_correlation_leaves_open(registration) -> None:
    facts = dict(size_facts(registration))
    assert facts["Design effect"].startswith("1.19")
    assert facts["Its 95% interval, 0.000 to 0.120, leaves open"] == "from 220 to 319 visits per arm needed"
    assert facts["Power of the trial as it is"] == "77%"
    assert "Design effect" not in dict(size_facts(replace(registration, unit="place", size=Size(247, clustered=False))))


def test_what_is_too_rare_is_told_with_the_years_it_would_take(registration) -> None:
    assert rarer_table(registration).to_numpy().tolist() == [
        ["two indicators", "40 of 400", "300", "0.6", "no"],
        ["a conviction", "0 of 400", "over 9,000", "over 18.2", "no"],
    ]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "too small: it has 247 visits per arm and needs 266"),
        ({}, "Weeks carry over"),
        ({"smallest_p": 0.1, "units": 5}, "cannot show anything: with 5 units"),
        ({"units": 8, "unit": "office"}, "8 units are very few"),
    ],
)
def test_what_speaks_against_a_trial_is_said(registration, changed, said) -> None:
    assert any(said in line for line in warnings(replace(registration, **changed)))


def test_the_result_prints_its_figures_and_what_was_left_out(found) -> None:
    page = words(result_html(found))
    assert difference_words(found) == (
        "'list' less 'present': +12.5 percentage points, 95% interval +4.0 to +21.0, p = 0.0041"
    )
    for said in ("Shown: ", "95% interval +4.0 to +21.0", "Left out: 3 visits (outcome still open)",
                 "did not reach its size", "nothing about guilt", "37.5%"):  # fmt: skip
        assert said in page, said
    assert "(nothing)" not in page
    assert "no lower bound" in difference_words(replace(found, difference=Difference(0.1, -float("inf"), 0.2, 0.3)))


def test_hostile_names_neither_run_nor_call_out(chromium, requests, registration, found, tmp_path) -> None:
    address, asked = requests
    bad = f"'\"--></style></title><script>document.documentElement.dataset.ran=1</script><img src={address}/img>"
    hostile = replace(registration, arms=(bad, "present"), run=bad, recipe=bad, outcome=bad, capacity_from=bad,
                      stratified_by=bad, share_from=bad, recipe_text=RECIPE.replace('"TITLE"', "'''" + bad + "'''"),
                      rarer=(Rarer(bad, 1, 2, 0.1, 3, 4.0),))  # fmt: skip
    arms = found.frame.assign(arm=[bad, "present"])
    pages = registration_html(hostile, bad), result_html(replace(found, registration=hostile, frame=arms))
    for i, page in enumerate(pages):
        (tmp_path / f"{i}.html").write_text(page, encoding="utf-8")
        tree = chromium(tmp_path / f"{i}.html", "--dump-dom")
        assert "data-ran" not in tree.split(">", 2)[1]
        assert "<script" not in tree
    assert asked == []


def test_the_page_prints_on_three_sheets_of_a4(chromium, registration, tmp_path) -> None:
    page, paper = tmp_path / "trial.html", tmp_path / "trial.pdf"
    page.write_text(registration_html(registration, "b2" * 32), encoding="utf-8")
    chromium(page, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    sizes = re.findall(rb"/MediaBox \[([^\]]*)\]", paper.read_bytes())
    assert 2 <= len(sizes) <= 3
    for size in sizes:
        assert [round(float(n)) for n in size.split()] in ([0, 0, 595, 842], [0, 0, 596, 842])

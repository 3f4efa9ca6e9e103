"""The report of a model: a page that stands alone, says what it must in words, and is unmoved by hostile names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from riskscore.audit.audit import Audit
from riskscore.audit.proxy import Proxy
from riskscore.definitions.catalog import load_catalog, select
from riskscore.errors import RiskscoreError
from riskscore.learn.metrics import Interval
from riskscore.report.model_html import model_html
from riskscore.report.model_json import model_json
from riskscore.report.model_report import ModelReport, Moving
from riskscore.report.model_words import in_short, limits
from riskscore.report.write import write
from riskscore.report.write_model import write_model

WAYS = ("model", "random", "prior rate")
ORIGINS = ("2021-07-01", "2022-07-01", "2023-07-01")
PICTURE = '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle r="3"/></svg>'


def harm(group: str, value: float, verdict: str = "not told apart", attribute: str = "region") -> list[dict[str, Any]]:
    known = {
        "low": value - 0.1,
        "high": value + 0.1,
        "difference": 0.05,
        "difference_low": -0.1,
        "difference_high": 0.2,
    }
    given = dict.fromkeys(known, np.nan) if np.isnan(value) else known
    return [
        {"attribute": attribute, "group": group, "measure": measure, "rows": 90, "positives": 30, "counted": 40,
         "value": value, **given, "verdict": verdict}
        for measure in ("visits for nothing", "finds passed over", "days until found")
    ]  # fmt: skip


def figure(way: str, value: float, **more: Any) -> dict[str, Any]:
    apart = {"behind": 0.1, "behind_low": -0.05, "behind_high": 0.25, "visited": 80 if way == "model" else np.nan}
    return {"model": way, "value": value, "low": value - 0.1, "high": value + 0.1, **apart, **more}


def way_of(way: str, value: float, gamma: float) -> dict[str, Any]:
    return {"origin": ORIGINS[0], "way": way, "gamma": gamma, "model": "model", "metric": "auc", "share": np.nan,
            "value": value, "low": 0.52, "high": 0.69, "places": 1234, "visits": 99}  # fmt: skip


def sample() -> ModelReport:
    catalog = load_catalog()
    recipe = catalog.recipe("site_risk")
    audit = Audit(
        0.1, pd.DataFrame(harm("Bakı", 0.5) + harm("Quba", 0.7, "higher") + harm("Şəki", np.nan, "no verdict")),
        Proxy(8000, 170, *(Interval(v, v - 0.05, v + 0.05) for v in (0.6, 0.63, 0.03))), (),
        ("no size in the records",),
    )  # fmt: skip
    return ModelReport(
        run="site_risk-2025-01-01-1a2b3c4d", recipe=recipe, families=select(recipe, catalog),
        manifest={
            "as_of": "2025-01-01", "created": "2025-01-02T10:00:00+00:00", "refusal": "", "definitions": "ab" * 32,
            "versions": {"riskscore": "0.1.0"}, "records": {"inspections": "cd" * 32},
            "counts": {"training rows": 3000, "training positives": 800, "calibration rows": 400,
                       "calibration positives": 110},
            "card": {"training": ["2017-01-01", "2021-07-01"], "calibration": ["2022-01-01", "2023-07-01"],
                     "rungs": [{"name": "referred", "refusal": "no percentage: too few", "cases": ""}]},
        },
        origins=pd.DataFrame([{"origin": o, "places": 2800, "visited": 170, "positives": 55, "new_visited": 110}
                              for o in ORIGINS]),
        metrics=pd.DataFrame([{"metric": "auc", "model": w, "mean": 0.6, "min": 0.5, "max": 0.7} for w in WAYS]),
        rolling=pd.DataFrame([figure(w, 0.7 - 0.05 * i, origin=o) for o in ORIGINS for i, w in enumerate(WAYS)]),
        capacity=pd.DataFrame([figure(w, 0.6 - 0.1 * i, share=s) for i, w in enumerate(WAYS)
                               for s in (0.01, 0.1, 0.5)]),
        parts=pd.DataFrame([{"part": "all employers", "visited": 500, "positives": 160, "value": 0.68, "low": 0.6,
                             "high": 0.7}]),
        calibration=pd.DataFrame([{"visited": 50, "found": 10, "said": 0.1 * i, "seen": 0.1 * i, "low": 0.05 * i,
                                   "high": 0.15 * i, "left_low": 0.08 * i, "left_high": 0.12 * i}
                                  for i in range(1, 6)]),
        audit=audit, moving=(Moving("Fines", "A fine is a finding that held.", "assumption", 4, 0.2, 0.5),),
        picture=PICTURE, listed={"places": 2700, "never visited": 1300, "beyond what visits speak for": 900},
        altered=(), tables={"inspections": 3400}, as_of_now=(),
        overlap={"rows": 18000.0, "visited": 3200.0, "closed": 0.0, "outside": 3500.0, "effective_size": 2200.0,
                 "bands": [{"rows": 1800.0, "visited": 60.0 * i, "mean_probability": 0.03 * i, "weight_share": 0.1}
                           for i in range(1, 11)]},
        corrected=pd.DataFrame(
            [way_of("corrected", 0.61, np.nan), way_of("bounds", np.nan, 2.0), way_of("bounds", np.nan, 3.0)]
        ),
        leads=pd.DataFrame([{"origin": ORIGINS[0], "share": 0.1, "rival": "prior rate", "gamma": 1.7}]),
        coverage=pd.DataFrame([{"origin": o, "by": "region", "name": "Bakı", "register": 0.4, "visits": 0.6,
                                "list": 0.5} for o in ORIGINS]),
        notes=("2023-07-01: not corrected for who was visited: few.",),
    )  # fmt: skip


@pytest.fixture(scope="module")
def report() -> ModelReport:
    return sample()


def headings(page: str) -> list[tuple[int, str]]:
    return [(int(n), re.sub(r"<[^>]+>", "", text)) for n, text in re.findall(r"<h(\d)[^>]*>(.*?)</h\1>", page)]


def test_the_headings_are_those_of_a_model_card_and_none_is_skipped(report) -> None:
    found = headings(model_html(report))
    assert [text for level, text in found if level == 2] == [
        "In short", "Model details", "Intended use", "Factors", "Metrics", "Evaluation data", "Training data",
        "Quantitative analyses", "Ethical considerations", "Caveats and recommendations", "Annex IV of the EU AI Act",
        "To make this report again",
    ]  # fmt: skip
    levels = [level for level, _ in found]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_picture_has_a_text_and_a_table_with_the_same_figures(report) -> None:
    page = model_html(report)
    pictures = re.findall(r'<svg class="figure"[^>]*role="img" aria-label="([^"]+)"', page)
    assert len(pictures) == page.count('<svg class="figure"') == 6
    assert all("The table below holds the figures." in text for text in pictures)
    assert re.findall(r'<img class="swarm" alt="[^"]{20,}"', page)
    for said in ("60 %", "50 to 70 %", "0.70", "2,200 evenly spread", "higher", "not told apart"):
        assert said in page


def test_series_differ_by_mark_and_dash_and_not_by_colour_alone(report) -> None:
    page = model_html(report)
    first = page[page.index('<svg class="figure"') : page.index("</svg>")]
    keys = re.findall(r'stroke-dasharray="([^"]+)"/>|<path transform="translate\(533,\d+\)" d="([^"]+)"', first)
    marks = [mark for _, mark in keys if mark]
    assert len(marks) == len(set(marks)) == len(WAYS)


def test_what_limits_the_model_stands_in_words(report) -> None:
    told = " ".join(limits(report))
    for said in (
        "1,300 (48 %) had never been visited", "not corrected for who was visited: few.", "900 of the 2,700 places",
        "not forced labour itself", "No percentage for referred to the prosecutor: too few.",
        "Not judged: no size in the records.", "The true share of finds there may be anything from 50 % to 70 %",
    ):  # fmt: skip
        assert said in told
    bare = replace(report, corrected=pd.DataFrame())
    assert "No figure here is corrected" in " ".join(limits(bare))
    page = model_html(report)
    assert "cut;" not in page, "a sentence of ours is never cut"


def test_corrected_figures_stand_beside_their_bounds_and_up_to_where_the_model_leads(report) -> None:
    page = model_html(report)
    row = re.search(r"<tr><th scope=\"row\"[^>]*>2021-07-01</th><td>AUC</td>(.*?)</tr>", page)
    assert row
    assert re.findall(r">([^<]+)</td>", row[1]) == ["1,234", "99", "0.61", "0.52 to 0.69", "–", "0.52 to 0.69"]
    assert "ahead of going where visits found most so far as long as Gamma is below 1.7" in page
    bare = model_html(replace(report, corrected=pd.DataFrame(), leads=pd.DataFrame(), coverage=pd.DataFrame()))
    assert "Corrected for who was visited" not in bare
    assert "Who is on the list" not in bare


def test_a_rule_that_does_as_well_is_named_at_the_top(report) -> None:
    short = list(in_short(report))
    assert any("The visits are too few to tell the two apart." in said for said in short)
    ahead = report.capacity.assign(behind_low=0.02, behind_high=0.3)
    assert any("and not by chance alone" in said for said in in_short(replace(report, capacity=ahead)))


def test_a_refusal_stands_where_the_figures_would(report) -> None:
    refused = {**report.manifest, "refusal": "no percentage: 7 known cases in training"}
    page = model_html(replace(report, manifest=refused, calibration=pd.DataFrame()))
    assert "There is none to show: no percentage: 7 known cases in training." in page
    assert "It gives no percentages: 7 known cases in training." in page


def test_what_blocks_a_model_is_said_first_and_under_fairness(report) -> None:
    audit = replace(report.audit, reasons=("the score tells employers with many foreign workers from others",))
    page = model_html(replace(report, audit=audit))
    assert "The audit found 1 reason not to use it" in page
    assert page.count("the score tells employers with many foreign workers from others") == 1


def test_without_overlap_permits_or_groups_the_page_says_so_and_leaves_them_out(report) -> None:
    audit = replace(report.audit, proxy=None, fairness=pd.DataFrame())
    page = model_html(replace(report, overlap=None, audit=audit))
    assert "the records hold no permits" in page
    assert "Overlap: for whom" not in page


def test_every_point_of_annex_iv_is_there_and_says_who_answers(report) -> None:
    page = model_html(report)
    rows = re.findall(
        r'<tr><th scope="row">(\d[^<]*)</th><td>[^<]+</td><td>(Yes|In part|No)[^<]*</td><td>([^<]+)</td>', page
    )
    assert {point[0] for point, _, _ in rows} == set("123456789")
    assert all(answer == "Yes" or office != "–" for _, answer, office in rows)


def test_json_holds_every_figure_and_nothing_that_is_no_number(report) -> None:
    found = json.loads(model_json(report))
    assert found["audit"]["passed"] is True
    assert found["capacity"][0]["value"] == 0.6
    assert [row["value"] for row in found["audit"]["fairness"] if row["group"] == "Şəki"] == [None] * 3
    assert "picture" not in found


def test_the_name_of_the_file_says_the_type(report, tmp_path) -> None:
    assert write_model(report, tmp_path / "a.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert json.loads(write(report, tmp_path / "a.json").read_text(encoding="utf-8"))
    with pytest.raises(RiskscoreError, match="cannot be written as 'docx'"):
        write_model(report, tmp_path / "a.docx")


def test_equal_reports_give_equal_bytes() -> None:
    assert model_html(sample()) == model_html(sample())


def test_hostile_names_neither_run_nor_call_out(
    chromium: Callable[..., str], report: ModelReport, requests: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = requests
    run = "document.documentElement.dataset.ran=1"
    bad = (
        f"'\"--></style></title></svg><script>{run}</script><img src={address}/img onerror='{run}'><svg onload='{run}'>"
    )
    audit = replace(report.audit, fairness=pd.DataFrame(harm(bad, 0.5) + harm("Quba", 0.6) + harm(bad + "2", np.nan)),
                    reasons=(bad,), not_judged=(bad,))  # fmt: skip
    recipe = replace(report.recipe, title=bad, why=bad, tuned_on=bad)
    hostile = replace(report, run=bad, recipe=recipe, audit=audit, moving=(Moving(bad, bad, bad, 1, 0.1, 0.1),),
                      tables={bad: 1}, as_of_now=(bad,), altered=(bad,),
                      manifest={**report.manifest, "records": {bad: bad}})  # fmt: skip
    tree = chromium(write_model(hostile, tmp_path / "r.html"), "--dump-dom")
    assert "data-ran" not in tree.split(">", 2)[1]
    assert "<script" not in tree
    assert tree.count("<img") == 1, "the one picture of ours"
    assert asked == []


def test_the_policy_of_the_page_lets_no_request_leave(
    chromium: Callable[..., str], report: ModelReport, requests: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = requests
    pierced = model_html(report).replace(
        "<main>", f"<main><img src={address}/img><link rel=stylesheet href={address}/c>"
    )
    (tmp_path / "pierced.html").write_text(pierced, encoding="utf-8")
    tree = chromium(tmp_path / "pierced.html", "--dump-dom")
    assert f"{address}/img" in tree
    assert asked == []
    assert not re.search(r'(?:src|href)="(?!data:|#)', model_html(report)), "nothing is fetched, and links stay inside"


def test_the_report_prints_on_a4_and_a_long_name_does_not_widen_it(
    chromium: Callable[..., str], report: ModelReport, tmp_path: Path
) -> None:
    wide = replace(report.audit, fairness=pd.DataFrame(harm("W" * 5000, 0.5) + harm("Quba", 0.6)))
    long = replace(report, audit=wide, tables={"t" * 5000: 1}, recipe=replace(report.recipe, title="W" * 5000))
    page, paper = write_model(long, tmp_path / "r.html"), tmp_path / "r.pdf"
    chromium(page, "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    sizes = re.findall(rb"/MediaBox \[([^\]]*)\]", paper.read_bytes())
    assert 6 <= len(sizes) <= 16
    for size in sizes:
        assert [round(float(n)) for n in size.split()] in ([0, 0, 595, 842], [0, 0, 596, 842])
    measured = page.read_text(encoding="utf-8").replace("default-src 'none'; style", "style").replace(
        "</body>", "<script>document.title = document.documentElement.scrollWidth + ' ' + innerWidth</script></body>"
    )  # fmt: skip
    (tmp_path / "wide.html").write_text(measured, encoding="utf-8")
    found = re.search(r"<title>(\d+) (\d+)</title>",
                      chromium(tmp_path / "wide.html", "--dump-dom", "--window-size=900,900"))  # fmt: skip
    assert found
    assert int(found[1]) <= int(found[2])

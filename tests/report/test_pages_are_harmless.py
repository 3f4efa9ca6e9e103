"""No page lets what it shows act: templates escape, and a policy in each page stops what escaping would miss."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import riskscore.report
from riskscore.report.watch.coverage import coverage_html
from riskscore.report.watch.drift import drift_html
from riskscore.watch.coverage import Places, coverage_of
from riskscore.watch.drift import Limits, compare, judged

ROOM = Path(riskscore.report.__file__).parent
PACKAGE = ROOM.parent
TEMPLATES = sorted((ROOM / "templates").rglob("*.html"))
HOSTILE = '<script>alert(1)</script>"onload="x\u202e\x1b[31m{{7*7}}'


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_page_fetches_nothing_and_switches_escaping_off_nowhere(template) -> None:
    text = template.read_text(encoding="utf-8")
    if "<html" in text:
        assert re.search(r'http-equiv="Content-Security-Policy" content="default-src \'none\'', text)
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text)
    assert not re.search(r"""(?:src|href)\s*=\s*["']?\s*(?:https?:)?//""", text)


def test_there_is_one_way_to_make_a_page_and_it_escapes() -> None:
    made = [
        (path.name, {k.arg: k.value for k in node.keywords})
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Environment", "Template")
    ]
    assert [name for name, _ in made] == ["page.py"]
    escaping = made[0][1]["autoescape"]
    assert isinstance(escaping, ast.Constant)
    assert escaping.value is True


def harmless(page: str) -> bool:
    return "<script>alert" not in page and "\x1b" not in page and "\u202e" not in page and "&lt;script&gt;" in page


def test_a_hostile_sector_does_nothing_on_the_page_of_coverage() -> None:
    few = np.full(4, 0.2)
    kinds = {"sector": np.array([HOSTILE, "B", HOSTILE, "B"], dtype=object)}
    seen = Places(np.array([10.0, 400.0, 4000.0, np.nan]), np.zeros(4, dtype=bool), few, few, few, kinds,
                  np.full(4, 40.0), np.full(4, 49.0))  # fmt: skip
    assert harmless(coverage_html(coverage_of(seen, dt.date(2025, 1, 1)), HOSTILE))


def test_a_hostile_column_does_nothing_on_the_page_of_drift() -> None:
    rng = np.random.default_rng(1)
    then, now = (pd.DataFrame({HOSTILE: rng.normal(shift, 1, 500)}) for shift in (0, 3))
    limits = Limits()
    page = drift_html(judged(compare(then, now, "feature", limits), limits, [HOSTILE]), "a", "b", HOSTILE)
    assert harmless(page)
    assert "<figure>" in page

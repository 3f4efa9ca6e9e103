"""The page of threats names tests, and each of them is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from riskscore import limits

CHECKOUT = Path(__file__).resolve().parents[1]
PAGE = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))
THREATS = PAGE.partition("## Who, by what way")[2].partition("\n## ")[0].split("\n### ")[1:]


@pytest.mark.parametrize("named", NAMED)
def test_a_test_that_the_page_names_is_there(named) -> None:
    file, _, name = named.partition("::")
    tree = ast.parse((CHECKOUT / file).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("threat", THREATS, ids=lambda text: text.partition("\n")[0])
def test_each_threat_has_a_way_a_test_and_what_is_not_stopped(threat) -> None:
    assert "- **Way:**" in threat
    assert re.search(r"\*\*Not stopped", threat, re.IGNORECASE)
    assert "`tests/" in threat


def test_whatever_is_said_to_be_stopped_found_or_seen_names_its_test() -> None:
    for threat in THREATS:
        for way in threat.split("\n- ")[1:]:
            if re.search(r"\*\*(Stopped|Found|Seen|Refused|None there|Answered)\b", way):
                assert "`tests/" in way, way


def test_the_limits_of_the_page_are_those_of_the_program() -> None:
    said = PAGE.partition("## Limits")[2].partition("\n## ")[0]
    for amount in (f"{limits.BY_HAND // limits.MB} MB; {limits.TRAVEL_TIMES // limits.MB} MB; "
                   f"{limits.DOSSIER // limits.MB} MB, {limits.NESTED} levels", f"{limits.LINE // limits.MB} MB",
                   f"{limits.COLUMNS:,}", f"{limits.WORKBOOK // limits.MB} MB; {limits.STRINGS // limits.MB} MB",
                   f"{limits.CELLS // 1_000_000} million cells, {limits.PARQUET // limits.MB // 1024} GB"):  # fmt: skip
        assert amount in said

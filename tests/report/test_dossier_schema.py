"""The published schema is that of the code, and every dossier keeps it."""

from __future__ import annotations

import copy
import json
import runpy
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import riskscore as rs
from riskscore.pipeline.prepare import choose
from riskscore.records.pseudonyms import Pseudonyms
from riskscore.report.dossier_json import dossier_json

DOCS = Path(__file__).resolve().parents[2] / "docs"
FILE = DOCS / "schema" / "dossier.schema.json"


@pytest.fixture(scope="module")
def schema():
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def keeps(schema):
    """Return a function that gives what is wrong with a dossier's content."""
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    return lambda content: [f"{e.json_path}: {e.message}"[:200] for e in checker.iter_errors(content)]


def test_the_published_schema_is_that_of_the_code(schema) -> None:
    made = runpy.run_path(str(DOCS / "make_schema.py"))["text"]()
    assert made == FILE.read_text(encoding="utf-8"), "run python docs/make_schema.py"
    jsonschema.Draft202012Validator.check_schema(schema)


def test_dossiers_of_a_list_keep_the_schema_with_refits_and_pseudonyms_too(keeps) -> None:
    recipe = choose("site_risk").recipe
    quick = replace(recipe, families=("uncontracted", "reports", "linked_employers"))
    records = rs.sample_records()
    for refits, hidden in ((0, None), (2, Pseudonyms(b"a key of many bytes"))):
        asked = replace(quick, model=replace(quick.model, rounds=10, seeds=(1,), refits=refits))
        listed = replace(rs.rank(rs.fit(records, asked, "2024-07-01"), records, "2025-01-01"), pseudonyms=hidden)
        chosen = [str(e) for e in [*listed.frame["entity"].head(6), *listed.frame["entity"].tail(2)]]
        for dossier in rs.dossiers(listed, chosen):
            assert keeps(json.loads(dossier_json(dossier))) == []


@pytest.mark.parametrize(
    "wrong",
    [{"rank": "first"}, {"margin": None}, {"as_of": "yesterday"}, {"inspector": "somebody"}, {"shape": "another"}],
)
def test_what_is_no_dossier_breaks_the_schema(keeps, dossier_of, wrong) -> None:
    content = json.loads(dossier_json(dossier_of()))
    assert keeps(content) == []
    assert keeps({**copy.deepcopy(content), **wrong})

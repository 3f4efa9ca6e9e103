from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from riskscore.errors import ExplanationError, RiskscoreError
from riskscore.explanation.dossier import Dossier
from riskscore.report.dossier_json import dossier_json
from riskscore.report.write import write, write_dossier


def test_values_come_back_bit_for_bit_and_sum_to_the_margin(dossier_of: Callable[..., Dossier]) -> None:
    sample = dossier_of()
    read = json.loads(dossier_json(sample))
    assert read["contributions"] == dict(sample.contributions)
    assert math.fsum([read["base"], *read["contributions"].values()]) == pytest.approx(read["margin"], abs=1e-12)
    assert read["as_of"] == "2025-01-01"
    assert read["probability"] is None
    assert [r["sentence"] for r in read["reasons_for"]] == [r.sentence for r in sample.reasons_for]


def test_equal_dossiers_are_equal_bytes_whatever_the_order_of_their_mappings(
    dossier_of: Callable[..., Dossier],
) -> None:
    sample = dossier_of()
    turned = dossier_of(contributions=dict(reversed(list(sample.contributions.items()))))
    assert dossier_json(turned) == dossier_json(sample)


def test_no_day_id_or_topic_of_a_complaint_is_in_the_data(dossier_of: Callable[..., Dossier]) -> None:
    text = dossier_json(dossier_of())
    for secret in ("2023-05-17", "2023-05-18", "C-03310", "passports", "foreman"):
        assert secret not in text
    assert text.count("2nd quarter of 2023") == 4  # among the records and behind its reason


def test_numbers_of_numpy_are_numbers(dossier_of: Callable[..., Dossier]) -> None:
    sample = dossier_of()
    assert dossier_json(dossier_of(base=np.float64(sample.base))) == dossier_json(sample)


def test_a_dossier_that_does_not_add_up_leaves_no_file(dossier_of: Callable[..., Dossier], tmp_path: Path) -> None:
    for name in ("a.json", "a.html"):
        with pytest.raises(ExplanationError):
            write_dossier(dossier_of(margin=1.0), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_the_suffix_chooses_the_form(dossier_of: Callable[..., Dossier], tmp_path: Path) -> None:
    assert write(dossier_of(), tmp_path / "a.b" / "S.HTML").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert write(dossier_of(), tmp_path / "S.json").read_text(encoding="utf-8") == dossier_json(dossier_of())
    with pytest.raises(RiskscoreError, match=r"\.html, \.pdf or \.json"):
        write(dossier_of(), tmp_path / "S.docx")

"""``replay`` as typed, on the sample records."""

from __future__ import annotations

import pandas as pd
import pytest

from riskscore.pipeline.demo import sample_folder


@pytest.fixture
def asked(office):
    return ["replay", office.records, "--recipe", "quick", "--definitions", str(office.definitions), "--origins", "1",
            "--as-of", "2025-01-01", "--offices", str(sample_folder() / "offices.toml")]  # fmt: skip


def test_replay_prints_facts_and_says_why_nothing_is_estimated_and_writes_a_page(typed, asked, tmp_path) -> None:
    found = typed(*asked, "--page", str(tmp_path / "replay.html"))
    assert "COUNTED" in found.stdout
    assert "nothing is estimated" in found.stdout.replace("\n  ", " ")
    assert max(map(len, found.stdout.splitlines())) <= 100
    assert "no evidence" in found.stderr
    assert (tmp_path / "replay.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_replay_writes_every_figure_with_its_word_in_csv_and_excel(typed, asked, tmp_path) -> None:
    table = typed(*asked, "--format", "csv").stdout
    rows = pd.read_csv(pd.io.common.StringIO(table))
    assert set(rows["word"]) == {"counted", "known on the day"}
    typed(*asked, "--format", "xlsx", "--out", str(tmp_path / "replay.xlsx"))
    assert (tmp_path / "replay.xlsx").read_bytes()[:2] == b"PK"


def test_replay_refuses_what_it_cannot_do_in_words(typed, asked) -> None:
    assert "name a file" in typed(*asked, "--format", "xlsx", code=2).stderr
    assert "longer than the recipe's horizon" in typed(*asked, "--period", "2 years", code=1).stderr
    assert "is no period" in typed(*asked, "--period", "soon", code=1).stderr

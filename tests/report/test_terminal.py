from __future__ import annotations

import io
import sys
from typing import Any

import pandas as pd
import pytest
from rich.cells import cell_len

from riskscore.report.tables import write_table
from riskscore.report.terminal import as_terminal_table

LONG = "5 people without a contract found at this employer's sites in the last 3 years, and 2 more after that"
LIST: dict[str, Any] = {
    "rank": [1, 2], "of": [1843, 1843], "urgent": [True, False], "entity": ["S-00123", "S-00007"],
    "band": ["A", "A"], "margin": [1.25, -0.5], "employer": ["E-00045", "E-00001"],
    "reason_1": [LONG, "1 fine"], "reason_2": ["建設会社" * 30, ""],
}  # fmt: skip


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(columns: dict[str, Any], **options: Any) -> str:
    text = write_table(pd.DataFrame(columns), "table", None, **options)
    assert text is not None
    return text


@pytest.mark.parametrize("extra", [0, 12])
def test_no_line_is_wider_than_100_columns_and_no_word_is_lost(extra: int) -> None:
    text = shown(LIST | {f"column_{i}": [123456.75, 2.0] for i in range(extra)}, title="Sites")
    assert max(cell_len(line) for line in text.splitlines()) <= 100
    for word in [*LONG.split(), "S-00123", "S-00007", "1.250", "-0.500", "1843"]:
        assert word in text
    assert text.count("建設会社") >= 25


def test_a_narrow_table_puts_each_row_on_one_line() -> None:
    text = shown({"rank": [1, 2], "site": ["S-1", "S-2"], "reason": ["1 fine", "a" * 50]})
    assert len(text.splitlines()) == 4


def test_cells_do_not_act_on_the_terminal() -> None:
    text = shown({"site": ["\x1b[31mred\x07", "[bold]x[/bold]"], "on\x1b[0m": ["a\u202eb", "c\nd"]})
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]x[/bold]" in text
    assert "c d" in text


def test_bold_heads_only_on_a_terminal_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b" not in as_terminal_table(["a"], [["x"]], title="t")
    monkeypatch.setattr(sys, "stdout", Terminal())
    assert "\x1b[1m" in as_terminal_table(["a"], [["x"]], title="t")
    assert "\x1b" not in as_terminal_table(["a"], [["x"]], title="t", shown=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in as_terminal_table(["a"], [["x"]], title="t")

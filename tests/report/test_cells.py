from __future__ import annotations

import pandas as pd
import pytest

from riskscore.errors import RiskscoreError
from riskscore.report.cells import is_formula, plain_rows, shielded, visible


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 12", "-2+3", "@SUM(A1)", "\t1", "\r1", "\n=1", "  =1", "\u00a0=1", "\ufeff=1", "\u200b=1",
     "\u202e=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201", "\ufe62\u0031", "\u22121", "\x00=1"],
)  # fmt: skip
def test_a_text_that_a_spreadsheet_may_compute_gets_an_apostrophe(text: str) -> None:
    assert is_formula(text)
    assert shielded(text).startswith("'")


@pytest.mark.parametrize("text", ["", "S-1", "5 - 3", "a=b", "Şəfəq @ Bakı", "'=1", "(=1)", "1+1", "   "])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert shielded(text) == text


def test_what_follows_another_countrys_separator_is_shielded_too() -> None:
    assert shielded("Tikinti;=cmd()") == "Tikinti;'=cmd()"
    assert shielded("a\t=b\n@c") == "a\t'=b\n'@c"


def test_two_columns_of_one_name_are_refused_because_one_would_be_lost() -> None:
    with pytest.raises(RiskscoreError, match="two columns are called 'a'"):
        plain_rows(pd.DataFrame([[1, 2]], columns=["a", "a"]))


def test_a_named_index_is_a_column_and_one_without_a_name_is_not() -> None:
    frame = pd.DataFrame({"x": [1.5]}, index=pd.MultiIndex.from_tuples([("S-1", 2)], names=["site", "n"]))
    assert plain_rows(frame) == (["site", "n", "x"], [["S-1", 2, 1.5]])
    assert plain_rows(frame.reset_index(drop=True)) == (["x"], [[1.5]])


def test_marks_that_act_are_written_out_and_letters_of_every_script_stay() -> None:
    assert visible("\x1b]0;x\x07\u202eabc\u2066") == "\\x1b]0;x\\x07\\u202eabc\\u2066"
    for name in ("Şəfəq İnşaat", "شركة البناء", "חברה", "建設会社", "می\u200cخواهم"):
        assert visible(name) == name

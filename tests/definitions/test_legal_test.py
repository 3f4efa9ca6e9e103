"""The table of the legal test: whole in every language, strict about what it does not know."""

from __future__ import annotations

from riskscore.definitions.indicators import INDICATORS
from riskscore.definitions.legal_test import legal_test, read_legal_test, said
from riskscore.errors import Problem
from riskscore.languages import LANGUAGES


def test_every_text_of_the_legal_test_stands_in_every_language() -> None:
    texts = [text for part in legal_test() for text in (part.asks, *part.touched_by.values())]
    assert len(texts) == 2 + 14
    for language in LANGUAGES:
        found = [said(text, language) for text in texts]
        assert all(found)
        assert len(set(found)) == len(texts)
        if language != "en":
            assert not set(found) & {text["en"] for text in texts}, "a text was not translated"


def test_every_indicator_bears_on_a_part() -> None:
    assert {name for part in legal_test() for name in part.touched_by} == set(INDICATORS)


def test_what_is_no_indicator_is_refused_with_the_nearest_that_is() -> None:
    problems: list[Problem] = []
    text = 'basis = "b"\n[[part]]\nname = "n"\nasks.en = "a"\n[part.touched_by]\ndebt_bondag = { en = "x" }\n'
    read_legal_test(text, "legal_test.toml", problems)
    assert [("debt_bondag" in p.what, "debt_bondage" in p.next) for p in problems] == [(True, True)]

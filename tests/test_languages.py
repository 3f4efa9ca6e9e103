"""The catalogues hold every text of the code, and a translator writes numbers and dates as its language does."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from babel import Locale
from babel.messages.pofile import read_po

from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.indicators import ENABLING, INDICATORS, TITLES
from riskscore.definitions.phrases import PLURALS
from riskscore.errors import RiskscoreError
from riskscore.languages import LANGUAGES, UNREVIEWED, translator

CHECKOUT = Path(__file__).resolve().parents[1]
CATALOGUES = sorted((CHECKOUT / "riskscore" / "locale").glob("*/*.po"))
SLOT = re.compile(r"\{(\w*)\}")


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    """Return ``docs/make_catalogues.py``, which brings the catalogues up to date."""
    spec = importlib.util.spec_from_file_location("make_catalogues", CHECKOUT / "docs" / "make_catalogues.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_a_catalogue_of_each_kind_for_each_language_but_english() -> None:
    assert {p.parent.name for p in CATALOGUES} == set(LANGUAGES) - {"en"}
    assert {p.stem for p in CATALOGUES} == {"report", "explanation", "watch"}


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_no_text_of_the_code_lacks_a_translation_and_none_is_left_over(maker: ModuleType, path: Path) -> None:
    catalogue = maker.updated(path)
    assert maker.untranslated(catalogue) == []
    assert maker.written(catalogue) == path.read_text(encoding="utf-8"), "run python docs/make_catalogues.py"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_translation_fills_the_same_slots_as_its_text(path: Path) -> None:
    with path.open("rb") as file:
        for message in read_po(file, locale=path.parent.name):
            texts = message.id if isinstance(message.id, list | tuple) else [message.id]
            forms = message.string if isinstance(message.string, list | tuple) else [message.string]
            wanted = {frozenset(SLOT.findall(text)) for text in texts}  # a form for one may leave its number out
            assert all(frozenset(SLOT.findall(form)) in wanted for form in forms if message.id), texts[-1]


def test_every_indicator_and_finding_has_a_title_in_each_language() -> None:
    assert set(TITLES) == {*INDICATORS, ENABLING, "uncontracted", "underage", "unrelated_work", "permit"}
    for language in ("az", "ru"):
        said = {translator(language)(title) for title in TITLES.values()}
        assert len(said) == len(TITLES)
        assert not said & set(TITLES.values())


@pytest.mark.parametrize(
    ("language", "date", "number", "decimal", "percent"),
    [
        ("en", "12 Mar 2024", "1,234,567", "−1,234.50", "12.5\u00a0%"),
        ("az", "12 mar 2024", "1.234.567", "−1.234,50", "12,5\u00a0%"),
        ("ru", "12 мар. 2024\u202fг.", "1\u00a0234\u00a0567", "−1\u00a0234,50", "12,5\u00a0%"),
    ],
)
def test_dates_and_numbers_are_written_as_the_language_writes_them(
    language: str, date: str, number: str, decimal: str, percent: str
) -> None:
    _ = translator(language)
    assert _.date(dt.date(2024, 3, 12)).replace("\u00a0г", "\u202fг") == date
    assert (_.number(1234567), _.decimal(-1234.5, 2), _.percent(0.125, 1)) == (number, decimal, percent)
    assert _.decimal(-0.0001, 3).strip("0.,") == ""
    assert _.decimal(0.5, 1, sign=True)[0] == "+"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_phrases_and_babel_agree_on_plurals_and_separators(language: str) -> None:
    locale, words = Locale.parse("en_GB" if language == "en" else language), load_catalog().phrases.of(language)
    rule = PLURALS[language][0]
    for number in (*range(130), 1001, 1014, 1.5, 2.5):
        assert rule(number) == locale.plural_form(number), number
    assert words.decimal == locale.number_symbols["latn"]["decimal"]
    assert words.thousands == locale.number_symbols["latn"]["group"]


def test_a_language_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(RiskscoreError, match=r"there are no texts in 'fr'\. Valid: az, en, ru\."):
        translator("fr")


def test_translations_that_no_speaker_read_are_known_as_such() -> None:
    assert {language for language in LANGUAGES if not translator(language).reviewed} == UNREVIEWED == {"az", "ru"}

"""Sentences: the right form of a noun, the right phrase for a place and a time, and nothing left unfilled."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from riskscore.dates import Period
from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.feature import KEYS, Feature
from riskscore.definitions.phrases import PLURALS, check_reasons, phrases_from_text, render
from riskscore.errors import DefinitionError

ENGLISH = (Path(__file__).resolve().parents[2] / "features" / "phrases.toml").read_text(encoding="utf-8")
RUSSIAN = """
[ru]
plain = "{title} {where} {when}: {value}"
missing = "неизвестно: {title} {where} {when}"
thousands = "\u00a0"
decimal = ","
where = { site = "на этом объекте", employer = "на объектах этого работодателя", peers = "на сходных объектах", network = "у связанных работодателей" }
[ru.when]
days   = { one = "за последний {n} день", few = "за последние {n} дня", many = "за последние {n} дней", other = "за последние {n} дня" }
months = { one = "за последний {n} месяц", few = "за последние {n} месяца", many = "за последние {n} месяцев", other = "за последние {n} месяца" }
years  = { one = "за последний {n} год", few = "за последние {n} года", many = "за последние {n} лет", other = "за последние {n} года" }
all    = "за всё время"
[ru.noun]
people = { one = "{n} человек", few = "{n} человека", many = "{n} человек", other = "{n} человека" }
"""  # noqa: E501
PHRASES = phrases_from_text(ENGLISH, RUSSIAN)
ALL, YEAR = Period(everything=True), Period(months=12)


def say(
    reason: str,
    value: float | str | None,
    key: str = "site",
    window: Period = ALL,
    language: str = "en",
    kind: str = "sum",
    title: str = "",
    **more: str,
) -> str:
    further = {name: {language: text} for name, text in more.items()}
    feature = Feature("size_class", kind, "inspections", title, reason={language: reason} if reason else {}, **further)
    return render(feature, key, window, value, language, PHRASES)


@pytest.mark.parametrize(
    ("slot", "value", "said"),
    [
        ("{people:value}", 0, "nobody"),
        ("{people:value}", 1, "1 person"),
        ("{people:value}", 2, "2 people"),
        ("{people:value}", 21, "21 people"),
        ("{people:value}", 1234567, "1,234,567 people"),
        ("{people:value}", 2.5, "2.5 people"),
        ("{people:value}", np.float32(1), "1 person"),
        ("{people:value}", 1.02, "1 person"),
        ("{azn:value}", 12400, "12,400 AZN"),
        ("{azn:value}", 12400.5, "12,400.50 AZN"),
        ("{percent:value}", 0.37, "37 %"),
        ("{percent:value}", 1.0, "100 %"),
        ("{days:value}", 1, "1 day"),
        ("{number:value}", -2.25, "−2.25"),
        ("{number:value}", -0.0001, "0"),
        ("{value}", 3.0, "3"),
        ("{value}", 3.14159, "3.14"),
        ("{value}", "construction", "construction"),
        ("{value}", "{where} <b>", "{where} <b>"),
    ],
)
def test_a_value_takes_the_right_form(slot: str, value: float | str, said: str) -> None:
    assert say(slot, value) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 человек"), (1, "1 человек"), (2, "2 человека"), (5, "5 человек"), (11, "11 человек"),
        (12, "12 человек"), (21, "21 человек"), (22, "22 человека"), (111, "111 человек"), (1.5, "1,5 человека"),
        (1001, "1\u00a0001 человек"), (1014, "1\u00a0014 человек"),
    ],
)  # fmt: skip
def test_russian_has_four_forms(number: float, said: str) -> None:
    assert say("{people:value}", number, language="ru") == said


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ("all", "so far"),
        ("1 month", "in the last month"),
        ("6 months", "in the last 6 months"),
        ("12 months", "in the last year"),
        ("36 months", "in the last 3 years"),
        ("18 months", "in the last 18 months"),
        ("1095 days", "in the last 3 years"),
        ("30 days", "in the last 30 days"),
        ("1 day", "in the last day"),
    ],
)
def test_a_window_is_said_as_people_say_it(window: str, said: str) -> None:
    assert say("fined {when}", 1, window=Period.parse(window)) == f"fined {said}"


def test_phrases_kept_with_a_run_read_as_they_did() -> None:
    assert phrases_from_text(*PHRASES.texts) == PHRASES


def test_each_key_has_its_place() -> None:
    said = {say("{where}", 1, key=key) for key in KEYS}
    assert said == {"at this site", "at this employer's sites", "at comparable places", "at linked employers"}


def test_zero_and_missing_have_their_own_sentences() -> None:
    reasons = {"reason_if_zero": "no fine {where}", "reason_if_missing": "nobody ever went there"}
    assert say("a fine {where}", 1, **reasons) == "a fine at this site"
    assert say("a fine {where}", 0, **reasons) == "no fine at this site"
    assert say("a fine {where}", None, **reasons) == "nobody ever went there"
    assert say("a fine {where}", math.nan, **reasons) == "nobody ever went there"
    assert say("a fine", None, window=YEAR) == "not known: size class at this site in the last year"


def test_a_feature_without_a_sentence_is_said_plainly() -> None:
    assert say("", 2, window=YEAR, title="Breaches") == "Breaches at this site in the last year: 2"
    assert say("", "small", kind="attribute", title="Size") == "Size at this site: small"
    assert say("", 3, kind="calendar", title="Month of the year") == "Month of the year: 3"


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"there are no phrases in 'fr'\. Valid: az, en, ru"):
        render(Feature("a", "count", "t"), "site", ALL, 1, "fr", PHRASES)


def test_a_phrase_that_lacks_a_plural_form_is_refused() -> None:
    with pytest.raises(DefinitionError, match=r"ru: noun: people: the key 'few' is missing"):
        phrases_from_text(RUSSIAN.replace('few = "{n} человека", ', ""))
    with pytest.raises(DefinitionError, match="no plural rule is known for 'fr'"):
        phrases_from_text(ENGLISH.replace("[en", "[fr"))
    with pytest.raises(DefinitionError, match=r"where: unknown key 'sites'"):
        phrases_from_text(ENGLISH.replace("site     =", "sites     ="))


def test_every_language_has_forms_for_every_number() -> None:
    for rule, forms in PLURALS.values():
        assert {rule(number) for number in [*range(200), 0.5, 1.5]} == set(forms)


def shipped() -> list[tuple[str, Feature]]:
    return [(family.name, feature) for family in load_catalog().families.values() for feature in family.features]


@pytest.mark.parametrize("language", ["en", "az", "ru"])
@pytest.mark.parametrize(("family", "feature"), [pytest.param(f, x, id=f"{f}.{x.name}") for f, x in shipped()])
def test_every_shipped_feature_speaks_every_language_for_every_key_window_and_value(
    family: str, feature: Feature, language: str
) -> None:
    phrases = load_catalog().phrases
    assert feature.title, "a title is printed in reports"
    for reasons in (feature.reason, feature.reason_if_zero, feature.reason_if_missing):
        assert set(reasons) in ({"en", "az", "ru"}, set()), "a reason is printed in reports"
    assert feature.reason
    assert set(feature.title_in) == {"az", "ru"}
    for key in feature.by:
        for window in feature.windows:
            said = [render(feature, key, window, value, language, phrases) for value in (0, 1, 2, 5, 21, None)]
            for sentence in said:
                assert not set("{}") & set(sentence), sentence
                assert "  " not in sentence
                assert sentence == sentence.strip() != ""
            assert len(set(said)) > 1, "the value must be heard"
            if language != "en":
                english = [render(feature, key, window, value, "en", phrases) for value in (0, 1, 2, 5, 21, None)]
                assert not set(said) & set(english)


def test_families_and_recipes_have_titles_in_every_language() -> None:
    catalog = load_catalog()
    recipes = list(catalog.recipes.values())
    for titled in (*catalog.families.values(), *recipes, *(rung for recipe in recipes for rung in recipe.ladder)):
        assert set(titled.title_in) == {"az", "ru"}
        assert len({titled.called(language) for language in ("en", "az", "ru")}) == 3
        assert titled.called("fr") == titled.title


def test_a_title_in_a_language_without_phrases_is_refused() -> None:
    feature = Feature("a", "count", "t", title="A", title_in={"fr": "Le A"})
    assert list(check_reasons(feature, PHRASES)) == ["there are no phrases in 'fr'. Valid: az, en, ru."]

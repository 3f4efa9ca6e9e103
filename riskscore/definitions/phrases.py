"""Numbers to words: sentences with slots that take whole phrases, in each language with its own plural forms.

A reason such as ``"{people:value} without a contract found {where} {when}"`` has four kinds of slot: ``{noun:value}``
is the value with its noun in the right form, ``{value}`` the value alone, ``{where}`` and ``{when}`` the key and
the window (an attribute has no window, a calendar feature neither), and ``{title}`` the feature's title. No sentence
is glued from word stems.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from riskscore.dates import Period
from riskscore.definitions.feature import KEYS, Feature
from riskscore.definitions.toml_file import Section, open_section
from riskscore.errors import DefinitionError, Problem, nearest, raise_gathered

_SLOT = re.compile(r"\{([^{}]*)\}")
_PLAIN_SLOTS = ("value", "where", "when", "title")
_UNITS = ("days", "months", "years")
_YEAR_OF_DAYS, _YEAR_OF_MONTHS = 365, 12


def _english(number: float) -> str:
    return "one" if number == 1 else "other"


def _russian(number: float) -> str:
    if number != int(number):
        return "other"
    tens, ones = int(number) % 100, int(number) % 10
    if ones == 1 and tens != 11:
        return "one"
    return "few" if 2 <= ones <= 4 and not 12 <= tens <= 14 else "many"


PLURALS: Mapping[str, tuple[Callable[[float], str], tuple[str, ...]]] = {
    "az": (_english, ("one", "other")),
    "en": (_english, ("one", "other")),
    "ru": (_russian, ("one", "few", "many", "other")),
}
"""Language -> the rule that picks a plural form (the categories of Unicode's CLDR), and the forms there are."""


@dataclass(frozen=True)
class Noun:
    """One noun: its form for each plural category (and for zero), and how its number is written."""

    forms: Mapping[str, str]
    decimals: int
    scale: float  # the number shown is the value times this: 100 for shares


@dataclass(frozen=True)
class Language:
    """The phrases of one language."""

    where: Mapping[str, str]  # key -> phrase
    when: Mapping[str, Mapping[str, str]]  # "days", "months", "years" -> plural forms; "all" -> {"other": phrase}
    nouns: Mapping[str, Noun]
    plain: str  # the sentence of a feature that has none in this language
    missing: str  # the sentence where the value is not known
    thousands: str
    decimal: str


@dataclass(frozen=True)
class Phrases:
    """The phrases of all languages; English is complete."""

    languages: Mapping[str, Language]
    texts: tuple[str, ...] = ()  # what was read, kept with every run: ``phrases_from_text(*texts)`` reads it again

    def of(self, language: str) -> Language:
        """Return the phrases of one language, or raise DefinitionError naming those that are there."""
        if language not in self.languages:
            raise DefinitionError(f"there are no phrases in '{language}'.", next=nearest(language, [*self.languages]))
        return self.languages[language]


def phrases_from_text(*texts: str, where: str = "features/phrases.toml") -> Phrases:
    """Return the phrases of TOML texts; a later text adds languages and replaces those it repeats."""
    problems: list[Problem] = []
    found = read_phrases([(text, where) for text in texts], problems)
    raise_gathered(problems, DefinitionError, "definitions")
    return found


def read_phrases(files: list[tuple[str, str]], problems: list[Problem]) -> Phrases:
    """Return the phrases of (text, where) pairs; what is wrong goes to ``problems``."""
    languages: dict[str, Language] = {}
    for text, where in files:
        top = open_section(text, where, problems)
        for name in [] if top is None else list(top.content):
            part = top.section(name) if top is not None else None
            if part is None:
                continue
            if name not in PLURALS:
                part.problem(f"no plural rule is known for '{name[:60]}'.", f"Known: {', '.join(PLURALS)}.")
                continue
            languages[name] = _language(part, PLURALS[name][1])
    return Phrases(dict(sorted(languages.items())), tuple(text for text, _ in files))


def render(
    feature: Feature,
    column_key: str,
    window: Period,
    value: float | str | None,
    language: str,
    phrases: Phrases,
) -> str:
    """Return the sentence that a reader sees for one value of one column.

    Parameters
    ----------
    feature : Feature
    column_key : str
        ``site``, ``employer``, ``peers`` or ``network``.
    window : Period
    value : float, str or None
        None and NaN are missing; a text is a category.
    language : str
    phrases : Phrases

    Returns
    -------
    str
        Without a full stop. It is data: whoever writes HTML escapes it.

    Examples
    --------
    >>> from riskscore.definitions.catalog import load_catalog
    >>> feature = Feature("people", "sum", "inspections", reason={"en": "{people:value} found {where} {when}"})
    >>> render(feature, "site", Period(days=1095), 1234.0, "en", load_catalog().phrases)
    '1,234 people found at this site in the last 3 years'
    """
    words = phrases.of(language)
    template = _template(feature, value, language, words)

    def fill(slot: re.Match[str]) -> str:
        name, _, asks_for_value = slot[1].partition(":")
        if asks_for_value:
            return _counted(words.nouns[name], value, language, words)
        if name == "value":
            return value if isinstance(value, str) else _written(value or 0.0, 2, words)
        if name == "title":
            return feature.called(language)
        if feature.kind == "calendar" or (feature.kind == "attribute" and name == "when"):
            return ""
        return words.where[column_key] if name == "where" else _when(window, language, words)

    # an empty phrase leaves two spaces, or one before a colon
    return re.sub(r" +(?=[ :])", "", _SLOT.sub(fill, template)).strip()


def check_reasons(feature: Feature, phrases: Phrases) -> Iterator[str]:
    """Give a sentence for each language or slot of the feature's reasons that the phrases do not know."""
    for language in sorted(feature.title_in.keys() - phrases.languages.keys()):
        yield f"there are no phrases in '{language[:60]}'. {nearest(language, [*phrases.languages])}"
    for reasons in (feature.reason, feature.reason_if_zero, feature.reason_if_missing):
        for language, template in reasons.items():
            if language not in phrases.languages:
                yield f"there are no phrases in '{language[:60]}'. {nearest(language, [*phrases.languages])}"
                continue
            nouns = [f"{noun}:value" for noun in phrases.languages[language].nouns]
            known = [*_PLAIN_SLOTS, *nouns]
            for slot in _SLOT.findall(template):
                if slot not in known:
                    yield f"the slot {{{slot[:60]}}} of '{language}' is unknown. {nearest(slot, known)}"
            if any(mark in _SLOT.sub("", template) for mark in "{}"):
                yield f"a brace of '{language}' is not closed, or not opened."


def _template(feature: Feature, value: float | str | None, language: str, words: Language) -> str:
    if value is None or (not isinstance(value, str) and math.isnan(value)):
        return feature.reason_if_missing.get(language, words.missing)
    if value == 0 and language in feature.reason_if_zero:
        return feature.reason_if_zero[language]
    return feature.reason.get(language, words.plain)


def _counted(noun: Noun, value: float | str | None, language: str, words: Language) -> str:
    number = 0.0 if value is None or isinstance(value, str) else round(float(value) * noun.scale, noun.decimals)
    form = "zero" if number == 0 and "zero" in noun.forms else PLURALS[language][0](abs(number))
    return noun.forms[form].replace("{n}", _written(number, noun.decimals, words))


def _when(window: Period, language: str, words: Language) -> str:
    if window.everything:
        return words.when["all"]["other"]
    number, unit = (window.months, "months") if window.months else (window.days, "days")
    year = _YEAR_OF_MONTHS if window.months else _YEAR_OF_DAYS
    if number % year == 0:
        number, unit = number // year, "years"
    return words.when[unit][PLURALS[language][0](number)].replace("{n}", _written(number, 0, words))


def _written(number: float, decimals: int, words: Language) -> str:
    """Return a number with the language's separators; decimals only where they say something."""
    shown = f"{abs(number):,.{decimals}f}"
    if "." in shown and float(shown.rpartition(".")[2]) == 0:
        shown = shown.partition(".")[0]
    sign = "−" if number < 0 and any(digit in "123456789" for digit in shown) else ""
    return sign + shown.translate({ord(","): words.thousands, ord("."): words.decimal})


def _language(section: Section, forms: tuple[str, ...]) -> Language:
    where, when = section.section("where", required=True), section.section("when", required=True)
    nouns = section.section("noun", required=True)
    found = Language(
        where={} if where is None else {key: where.text(key) for key in KEYS},
        when={} if when is None else {unit: _forms(when, unit, forms) for unit in _UNITS},
        nouns={} if nouns is None else {name: _noun(nouns, name, forms) for name in nouns.content},
        plain=section.text("plain"),
        missing=section.text("missing"),
        thousands=section.text("thousands"),
        decimal=section.text("decimal"),
    )
    if when is not None:
        found = Language(**{**vars(found), "when": {**found.when, "all": {"other": when.text("all")}}})
    for part in (section, where, when):
        if part is not None:
            part.close()
    return found


def _noun(nouns: Section, name: str, forms: tuple[str, ...]) -> Noun:
    section = nouns.section(name)
    if section is None:
        return Noun({}, 0, 1.0)
    decimals, scale = section.integer("decimals", 1, least=0), section.number("scale", 1.0, above=0)
    found = {form: section.text(form) for form in forms}
    if section.has("zero"):
        found["zero"] = section.text("zero")
    section.asked.append("zero")
    section.close()
    return Noun(found, decimals, scale)


def _forms(section: Section, key: str, forms: tuple[str, ...]) -> Mapping[str, str]:
    part = section.section(key, required=True)
    if part is None:
        return {}
    found = {form: part.text(form) for form in forms}
    part.close()
    return found

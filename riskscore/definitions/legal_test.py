"""Which indicators bear on which part of the legal test of forced labour: ``features/legal_test.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from riskscore.definitions.catalog import shipped
from riskscore.definitions.indicators import INDICATORS
from riskscore.definitions.toml_file import Section, open_section, read_text
from riskscore.errors import DefinitionError, Problem, nearest, raise_gathered

LEGAL_TEST = "legal_test"
Texts = Mapping[str, str]  # language -> text


@dataclass(frozen=True)
class Part:
    """One part of the test: what it asks, and for each indicator that bears on it why it does."""

    name: str
    asks: Texts
    touched_by: Mapping[str, Texts]


def said(texts: Texts, language: str) -> str:
    """Return a text in a language, in English where it is not there."""
    return texts.get(language, texts["en"])


@cache
def legal_test() -> tuple[Part, ...]:
    """Return the parts as they are shipped; all of them must be shown.

    Raises
    ------
    DefinitionError
        With everything that is wrong in the file.

    Examples
    --------
    >>> [part.name for part in legal_test()]
    ['menace of a penalty', 'not offered voluntarily']
    """
    path, problems = shipped() / "features" / f"{LEGAL_TEST}.toml", list[Problem]()
    text = read_text(path, problems)
    parts = () if text is None else read_legal_test(text, str(path), problems)
    raise_gathered(problems, DefinitionError, "definitions")
    return parts


def read_legal_test(text: str, where: str, problems: list[Problem]) -> tuple[Part, ...]:
    """Return the parts of a TOML text; what is wrong goes to ``problems``."""
    top = open_section(text, where, problems)
    if top is None:
        return ()
    top.text("basis")
    parts = tuple(_part(section) for section in top.sections("part"))
    top.close()
    return parts


def _part(section: Section) -> Part:
    name, asks = section.text("name"), _texts(section.section("asks", required=True))
    touched, found = section.section("touched_by", required=True), {}
    for indicator in [] if touched is None else list(touched.content):
        if indicator not in INDICATORS:
            section.problem(f"'{indicator[:60]}' is no indicator.", nearest(indicator, list(INDICATORS)))
            continue
        found[indicator] = _texts(touched.section(indicator) if touched is not None else None)
    section.close()
    return Part(name, asks, found)


def _texts(section: Section | None) -> Texts:
    if section is None:
        return {"en": ""}
    section.text("en")
    return {language: section.text(language) for language in section.content} | {"en": section.text("en")}

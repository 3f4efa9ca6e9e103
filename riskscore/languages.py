"""The languages of pages, lists and answers: fixed texts from gettext catalogues, numbers and dates by Babel.

English is the language of the code. The texts of ``riskscore/locale/<language>/*.po`` replace it; a text that a
catalogue lacks would appear in English, and a test fails before that happens.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Any

from riskscore.errors import RiskscoreError, nearest

LANGUAGES = {"en": "English", "az": "azərbaycanca", "ru": "русский"}
UNREVIEWED = frozenset({"az", "ru"})  # no speaker has read these texts yet; every page in them says so
_LOCALES = {"en": "en_GB"}  # whose way of writing dates and numbers, where the language alone leaves it open
MINUS = "\N{MINUS SIGN}"


def marked(text: str) -> str:
    """Return a text as it is; the name tells the catalogues that it is translated where it is used."""
    return text


class Translator:
    r"""Texts, numbers and dates in one language.

    Calling it translates; ``{names}`` in the text are filled in afterwards, so that a translator may move them.

    Examples
    --------
    >>> _ = translator("ru")
    >>> _.date(dt.date(2024, 3, 12)), _.number(6000), _.decimal(-0.5, 3)
    ('12 мар. 2024\u202fг.', '6\xa0000', '−0,500')
    >>> translator("en")("{n} of {all}", n=3, all=8)
    '3 of 8'
    """

    def __init__(self, language: str, texts: NullTranslations) -> None:
        self.language = language
        self.reviewed = language not in UNREVIEWED
        self._texts = texts
        self._locale = _LOCALES.get(language, language)

    def __call__(self, text: str, /, **values: Any) -> str:
        """Return a text in this language, its slots filled."""
        found = self._texts.gettext(text)
        return found.format(**values) if values else found

    def plural(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """Return the form for a number; ``{n}`` in it is the number as this language writes it."""
        return self._texts.ngettext(one, many, n).format(n=self.number(n), **values)

    def number(self, value: int) -> str:
        """Return a whole number with the language's separators."""
        from babel.numbers import format_decimal

        return ("" if value >= 0 else MINUS) + str(format_decimal(abs(value), "#,##0", locale=self._locale))

    def decimal(self, value: float, places: int, *, sign: bool = False) -> str:
        """Return a number with a fixed count of digits after the point and a true minus; ``sign`` shows a plus too."""
        from babel.numbers import format_decimal

        text: str = format_decimal(abs(round(value, places)), f"#,##0.{'0' * places}", locale=self._locale)
        if not any(digit in "123456789" for digit in text):
            return text
        return (MINUS if value < 0 else "+" if sign else "") + text

    def percent(self, share: float, places: int = 0) -> str:
        """Return a share of 1 as a percentage."""
        from babel.numbers import format_percent

        text: str = format_percent(share, f"#,##0{'.' * bool(places)}{'0' * places}\u00a0%", locale=self._locale)
        return text

    def date(self, day: dt.date) -> str:
        """Return a day as this language writes it, the month as a word so that it is never taken for the day."""
        from babel.dates import format_date

        text: str = format_date(day, "medium", locale=self._locale)
        return text


@cache
def translator(language: str) -> Translator:
    """Return what translates into a language.

    Raises
    ------
    RiskscoreError
        For a language that there is not, naming those that there are.

    Examples
    --------
    >>> translator("en")("nothing is translated here")
    'nothing is translated here'
    """
    if language not in LANGUAGES:
        raise RiskscoreError(f"there are no texts in '{language[:60]}'.", next=nearest(language, [*LANGUAGES]))
    return Translator(language, NullTranslations() if language == "en" else _catalogues(language))


def _catalogues(language: str) -> NullTranslations:
    """Return the texts of all catalogues of a language, read as they lie in the tree: nothing has to be compiled."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    texts = NullTranslations()
    folder = files("riskscore").joinpath("locale", language)
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".po")), key=lambda f: f.name):
        compiled = BytesIO()
        write_mo(compiled, read_po(BytesIO(file.read_bytes()), locale=language))
        compiled.seek(0)
        catalogue: NullTranslations = GNUTranslations(compiled)
        if not isinstance(texts, GNUTranslations):
            texts = catalogue
        else:
            texts.add_fallback(catalogue)
    return texts

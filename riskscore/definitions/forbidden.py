"""What may not be a feature, whatever it would add to the score; enforced whenever a recipe's families are selected."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import Expression
from riskscore.definitions.recipe import Recipe
from riskscore.errors import Problem

_WHO = "Who the workers are may not raise a rank; the employer's breaches may (work without a permit, an expired one)."
_PERMITS = "Counts and shares of permit holders stand for who the workers are; an expired permit is a breach."
_LOOKED = "Who went there says where was looked, not what is wrong there."
_RULE = (
    "A rule about visiting says who could be visited then, not where the risk is; it belongs to the chance of a visit."
)
_TIME = "A year or an era tells how visits were chosen then; a model that knows it cannot speak of the next year."

WORDS: Mapping[str, str] = dict.fromkeys(
    ["nationality", "nationalities", "national", "citizenship", "citizen", "citizens", "ethnicity", "ethnic", "race",
     "sex", "gender", "female", "male", "women", "men", "religion", "religious", "origin", "birthplace", "foreign",
     "foreigner", "foreigners", "migrant", "migrants", "holders",
     "vətəndaşlıq", "vetendasliq", "millət", "milliyyət", "milliyyet", "cinsi", "dini", "əcnəbi", "ecnebi",
     "гражданство", "национальность", "пол", "религия", "вероисповедание", "мигранты", "иностранцы"], _WHO,
) | dict.fromkeys(["office", "inspector", "inspectors"], _LOOKED) | {"regime": _RULE, "regimes": _RULE}  # fmt: skip
"""A column may not be read by a feature if one of the words of its name is here; the value says why."""

COLUMNS: Mapping[str, str] = {"year": _TIME, "era": _TIME}
"""Columns that may not be read, by their whole name."""

# In the table of permits a row is a permit that was granted: without its expiry it counts permit holders.
_RULES_TABLE = "regimes"
_DAY = re.compile(r"'[^']*\b\d{4}-\d{2}-\d{2}\b[^']*'")  # a day written out in an expression tells the eras apart
_PERMIT_TABLE, _PERMIT_HOLDERS, _PERMIT_BREACH = "permits", "workers", "expires_on"


def check(family: Family) -> Iterator[Problem]:
    """Give a problem for each thing that the family's features may not use.

    Examples
    --------
    >>> from riskscore.definitions.family_file import family_from_text
    >>> family = family_from_text('''
    ... title = "Workers"
    ... table = "employers"
    ... why   = "-"
    ... basis = "assumption"
    ... [[feature]]
    ... name  = "nationality"
    ... kind  = "attribute"
    ... value = "main_nationality"
    ... by    = "employer"
    ... ''', "workers")
    >>> print(next(check(family)))
    features/workers.toml: feature 'nationality': 'main_nationality' may not be a feature.
    Who the workers are may not raise a rank; the employer's breaches may (work without a permit, an expired one).
    """
    for feature in family.features:
        where = f"{family.file}: feature '{feature.name}'"
        for column in sorted(_columns(feature)):
            why = reason(column)
            if feature.table == _PERMIT_TABLE and column == _PERMIT_HOLDERS:
                why = _PERMITS
            if why:
                yield Problem(0, where, f"'{column}' may not be a feature.", why)
        if feature.table == _RULES_TABLE:
            yield Problem(0, where, "rules about visiting may not be a feature.", _RULE)
        for expression in _expressions(feature):
            if _DAY.search(expression.text):
                yield Problem(0, where, f"'{expression.text[:60]}' names a day.", _TIME)
        if feature.table == _PERMIT_TABLE and feature.kind != "ratio" and _PERMIT_BREACH not in _columns(feature):
            what = f"it reads permits but not '{_PERMIT_BREACH}'."
            yield Problem(0, where, what, _PERMITS)


def check_cohort(recipe: Recipe) -> Iterator[Problem]:
    """Give a problem for each column by which a recipe may not choose whom it scores."""
    where = recipe.cohort.where
    for column in [] if where is None else sorted(where.columns | {column for _, column in where.parents}):
        if reason(column) == _WHO:
            yield Problem(0, f"{recipe.file}: cohort: where", f"'{column}' may not choose who is scored.", _WHO)


def reason(column: str) -> str:
    """Return why a column may not be read by a feature; empty where it may.

    Examples
    --------
    >>> reason("WorkerGender") == reason("worker_gender") != ""
    True
    >>> reason("workers_without_permit"), reason("office_space")[:11]
    ('', 'Who went th')
    """
    if column.casefold() in COLUMNS:
        return COLUMNS[column.casefold()]
    words = re.findall(r"[^\W\d_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", column).casefold())
    return next((WORDS[word] for word in words if word in WORDS), "")


def _columns(feature: Feature) -> set[str]:
    """Return the columns that a feature reads, its own row's and its parents', and those that say who its peers are."""
    found = {column for level in feature.peers for column in level} if "peers" in feature.by else set()
    if feature.kind == "calendar":
        return found
    for expression in _expressions(feature):
        found |= expression.columns | {column for _, column in expression.parents}
    return found


def _expressions(feature: Feature) -> list[Expression]:
    expressions: list[Expression | None] = [feature.value, feature.where, feature.of, feature.per, feature.holds]
    return [expression for expression in expressions if expression is not None]

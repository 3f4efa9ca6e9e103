"""One file of ``features/`` read into a Family; keys that do not suit a feature's kind are problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from riskscore.dates import Period
from riskscore.definitions.feature import KEYS, KINDS, Family, Feature
from riskscore.definitions.indicators import ENABLING, INDICATORS
from riskscore.definitions.toml_file import NAME, Section, open_section
from riskscore.errors import DefinitionError, Problem, nearest, raise_gathered

# kind -> keys it must have, keys it may have; a key of this list that is in neither says nothing and is a problem
_OWN_KEYS = ("value", "where", "of", "per", "holds", "numerator", "denominator", "half_life", "windows", "opportunity")
_ANY = ("where", "windows", "opportunity")
_SUITS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "count": ((), _ANY),
    "exists": ((), _ANY),
    "sum": (("value",), _ANY),
    "mean": (("value",), _ANY),
    "min": (("value",), _ANY),
    "max": (("value",), _ANY),
    "last": (("value",), _ANY),
    "latest_of": (("value",), _ANY),
    "days_since": ((), _ANY),
    "overdue": (("value",), _ANY),
    "distinct": (("value",), _ANY),
    "share": (("where",), ("of", *_ANY)),
    "rate": (("value", "per"), _ANY),
    "ratio": (("numerator", "denominator"), ("windows",)),
    "decayed_sum": (("value", "half_life"), _ANY),
    "trend": (("value",), _ANY),
    "streak": (("holds",), _ANY),
    "attribute": (("value",), ()),
    "calendar": (("value",), ()),
}
_NOTHING_IS_A_VALUE = ("count", "exists", "sum", "overdue", "distinct", "decayed_sum", "trend", "streak")
_CALENDAR = ("month", "quarter")
_DIRECTION = {"": 0, "increasing": 1, "decreasing": -1}


def family_from_text(text: str, name: str, where: str = "") -> Family:
    """Return the family that a TOML text holds.

    Parameters
    ----------
    text : str
    name : str
        The family's name: the file's name without ``.toml``.
    where : str
        What messages call the file; ``features/NAME.toml`` if empty.

    Raises
    ------
    DefinitionError
        With everything that is wrong in it.

    Examples
    --------
    >>> family = family_from_text('''
    ... title = "Fines"
    ... table = "penalties"
    ... why   = "Employers fined before are fined again more often."
    ... basis = "assumption"
    ... [[feature]]
    ... name = "fines"
    ... kind = "count"
    ... none = 0
    ... reason.en = "{fines:value} {where} {when}"
    ... ''', "fines")
    >>> family.features[0].kind
    'count'
    """
    problems: list[Problem] = []
    family = read_family(text, name, where or f"features/{name}.toml", problems)
    raise_gathered(problems, DefinitionError, "definitions")
    assert family is not None  # None comes with a problem
    return family


def read_family(text: str, name: str, where: str, problems: list[Problem]) -> Family | None:
    """Return the family of a text; what is wrong goes to ``problems``."""
    section = open_section(text, where, problems)
    if section is None:
        return None
    title, why, basis = section.text("title"), section.text("why"), section.text("basis")
    title_in = section.by_language("title_in")
    common = _common(section)
    features = tuple(_feature(part, common, section.has("none")) for part in section.sections("feature"))
    section.close()
    _names(section, name, features)
    for feature in features:
        _pair(section, feature, {f.name: f for f in features})
    return Family(name, title, common.table, why, basis, features, f"features/{name}.toml", text, title_in)


def _common(section: Section) -> Feature:
    """Return what the file says once for all its features, as a feature without a name."""
    return _shared(section, Feature("", "", section.text("table", required=False)))


def _shared(section: Section, default: Feature) -> Feature:
    return replace(
        default,
        windows=section.periods("windows", default.windows),
        by=section.texts("by", default.by, KEYS),
        peers=_peers(section, default.peers),
        smoothing=section.number("smoothing", default.smoothing, above=0),
        none=section.number_or_missing("none", default.none),
        unseen=section.number_or_missing("unseen", default.unseen),
        opportunity=section.text("opportunity", required=False) or default.opportunity,
    )


def _peers(section: Section, default: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    written = section.texts("peers")
    found = tuple(tuple(column.strip() for column in level.split("+")) for level in written)
    for level, columns in zip(written, found, strict=True):
        if not all(column.isidentifier() for column in columns):
            section.problem(f"'{level[:60]}' is no set of columns.", 'Write "sector+region" or "sector".', key="peers")
    return found or default


def _feature(section: Section, common: Feature, none_is_said: bool) -> Feature:
    kind = section.text("kind", choices=tuple(KINDS))
    may = _SUITS.get(kind, ((), _ANY))[1]
    everything = (Period(everything=True),)
    default = replace(
        common,
        opportunity=common.opportunity if "opportunity" in may else "",
        windows=common.windows if "windows" in may else everything,
    )
    half_life = section.period("half_life", Period())
    feature = replace(
        _shared(section, default),
        name=section.text("name"),
        kind=kind,
        table=section.text("table", required=False) or common.table,
        title=section.text("title", required=False),
        value=section.expression("value"),
        where=section.expression("where"),
        of=section.expression("of"),
        per=section.expression("per"),
        holds=section.expression("holds"),
        numerator=section.text("numerator", required=False),
        denominator=section.text("denominator", required=False),
        half_life=None if half_life == Period() else half_life,
        monotone=_DIRECTION[section.text("monotone", required=False, choices=("increasing", "decreasing"))],
        indicator=section.text("indicator", required=False, choices=(*INDICATORS, ENABLING)),
        reason=section.by_language("reason"),
        reason_if_zero=section.by_language("reason_if_zero"),
        reason_if_missing=section.by_language("reason_if_missing"),
        title_in=section.by_language("title_in"),
    )
    section.close()
    if kind:
        _suits(section, feature, none_is_said or section.has("none"))
    return feature


def _suits(section: Section, feature: Feature, none_is_said: bool) -> None:
    """Note what the feature's kind needs and lacks, or has and cannot use."""
    must, may = _SUITS[feature.kind]
    for key in must:
        if not section.has(key):
            section.problem(f"kind '{feature.kind}' needs '{key}'.", f"{feature.kind}: {KINDS[feature.kind]}.")
    for key in _OWN_KEYS:
        if section.has(key) and key not in must + may:
            section.problem(f"kind '{feature.kind}' does not use '{key}'.", "Leave it out.", key=key)
    if feature.kind in _NOTHING_IS_A_VALUE and not none_is_said:
        section.problem(
            "does not say what it is where nothing matched.",
            'Write none = 0, or none = "missing" if that is not known.',
        )
    if feature.kind == "trend" and any(window.everything for window in feature.windows):
        section.problem("a trend compares two halves of a window, and 'all' has none.", key="windows")
    if section.has("half_life") and (feature.half_life is None or feature.half_life.everything):
        section.problem("a half-life is a length of time.", 'Write "6 months".', key="half_life")
    if feature.kind == "calendar" and feature.value is not None and feature.value.text not in _CALENDAR:
        section.problem(f"'{feature.value.text[:60]}' is not offered.", "Write 'month' or 'quarter'.", key="value")
    if feature.kind == "attribute" and set(feature.by) - {"site", "employer"}:
        section.problem("an attribute belongs to a site or to an employer.", key="by")
    if feature.kind != "calendar" and not feature.table:
        section.problem("no table is named, neither here nor for the family.", 'Write table = "inspections".')
    if "peers" in feature.by and not feature.peers:
        section.problem("peers are asked for, but not who they are.", 'Write peers = ["sector+region", "sector"].')
    if section.has("peers") and "peers" not in feature.by:
        section.problem("peers are described, but 'by' does not ask for them.", key="peers")
    if feature.kind == "exists" and feature.reason and feature.reason.keys() - feature.reason_if_zero.keys():
        section.problem("0 needs its own sentence.", 'Write reason_if_zero.en = "no ... {where} {when}".')


def _names(section: Section, name: str, features: tuple[Feature, ...]) -> None:
    names = [feature.name for feature in features]
    for found, what in [(name, "the file"), *((n, "a feature") for n in sorted(set(names)))]:
        if found and not NAME.fullmatch(found):
            section.problem(f"'{found[:60]}' cannot name {what}.", "Use a-z, 0-9 and _, a letter first.")
    for twice in sorted({n for n in names if names.count(n) > 1}):
        section.problem(f"two features are called '{twice}'.", "Column names come from it: rename one.")


def _pair(section: Section, feature: Feature, others: Mapping[str, Feature]) -> None:
    """Note where a ratio's two features are not there, or do not cover its keys and windows."""
    if feature.kind != "ratio":
        return
    where = f"feature '{feature.name}'"
    for role, name in (("numerator", feature.numerator), ("denominator", feature.denominator)):
        other = others.get(name)
        if not name:
            continue
        if other is None or other.kind in ("ratio", "calendar"):
            why = "is not a feature of this file" if other is None else f"is a {other.kind}"
            known = [n for n, f in others.items() if f.kind not in ("ratio", "calendar")]
            section.problem(f"'{name[:60]}' {why}.", nearest(name, known), key=f"{where}: {role}")
            continue
        if lacking := [key for key in feature.by if key not in other.by]:
            section.problem(f"'{name}' is not made by {', '.join(lacking)}.", key=f"{where}: {role}")
        if lacking := [w.name for w in feature.windows if w not in other.windows]:
            section.problem(f"'{name}' has no window {', '.join(lacking)}.", key=f"{where}: {role}")

"""Feature families as data: what one TOML file of ``features/`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from riskscore.dates import Period
from riskscore.definitions.grammar import Expression

KINDS: Mapping[str, str] = {
    "count": "rows that match, in the window",
    "exists": "1 where a row matches in the window, else 0",
    "sum": "sum of value over the rows that match",
    "mean": "mean of value over the rows that match and have one; peers: smoothed towards the parent group",
    "min": "smallest value",
    "max": "largest value",
    "last": "value on the newest row that matches, missing if that row has none",
    "latest_of": "newest value that is not missing",
    "days_since": "days from the newest row that matches to as_of",
    "overdue": "days by which as_of lies past the newest date in value; 0 while that date is still to come",
    "distinct": "different values among the rows that match",
    "share": "rows that match (where) divided by rows that count (of)",
    "rate": "sum of value divided by the sum of per, over rows that have both",
    "ratio": "one feature of the family (numerator) divided by another (denominator), same key and window",
    "decayed_sum": "sum of value, each halved with every half_life of age",
    "trend": "sum of value in the newer half of the window less that in the older half",
    "streak": "newest rows that match, counted until the first for which holds is not true",
    "attribute": "value of the entity's own row, the newest version known before as_of",
    "calendar": "month or quarter of as_of; never the year",
}
KEYS = ("site", "employer", "peers", "network")


@dataclass(frozen=True)
class Feature:
    """One definition; its columns are named ``family.feature.key.window``.

    ``none`` is the value where the entity was seen (or no opportunity is asked for) and nothing matched; ``unseen``
    where it had no opportunity, or the window begins before the table's ``covers_from``. ``None`` means missing.
    """

    name: str
    kind: str
    table: str
    title: str = ""
    value: Expression | None = None
    where: Expression | None = None
    of: Expression | None = None  # share: which rows count
    per: Expression | None = None  # rate: what value is divided by
    holds: Expression | None = None  # streak
    numerator: str = ""
    denominator: str = ""
    half_life: Period | None = None
    windows: tuple[Period, ...] = (Period(everything=True),)
    by: tuple[str, ...] = ("site",)
    peers: tuple[tuple[str, ...], ...] = ()  # parent order, each a set of columns: (("sector", "region"), ("sector",))
    smoothing: float = 20.0  # rows that the parent group's mean weighs
    monotone: int = 0  # 1 increasing, -1 decreasing, 0 free
    none: float | None = None
    unseen: float | None = None
    opportunity: str = ""  # a table of which a visible row in the window makes the entity seen; empty: always seen
    indicator: str = ""  # one of the 11 ILO indicators, "enabling condition", or empty
    reason: Mapping[str, str] = field(default_factory=dict)  # language -> sentence with whole-phrase slots
    reason_if_zero: Mapping[str, str] = field(default_factory=dict)  # said instead where the value is 0
    reason_if_missing: Mapping[str, str] = field(default_factory=dict)  # said instead where it is not known
    title_in: Mapping[str, str] = field(default_factory=dict)  # language other than English -> title

    def called(self, language: str) -> str:
        """Return the title in a language; the English one where there is none, the name where not even that."""
        return self.title_in.get(language) or self.title or self.name.replace("_", " ")


@dataclass(frozen=True)
class Family:
    """One file of ``features/``: a title, why it is measured, on what basis, and its features."""

    name: str
    title: str
    table: str
    why: str
    basis: str
    features: tuple[Feature, ...]
    file: str = ""
    text: str = ""  # the file's text, kept with every run
    title_in: Mapping[str, str] = field(default_factory=dict)  # language other than English -> title

    def called(self, language: str) -> str:
        """Return the title in a language, the English one where there is none."""
        return self.title_in.get(language) or self.title

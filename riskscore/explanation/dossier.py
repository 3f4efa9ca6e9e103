"""The dossier of one entity as plain data; ``report`` writes it, nothing here knows HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Document:
    """One record behind a reason. ``says`` is a sentence without names of callers, workers or inspectors."""

    table: str  # canonical table
    id: str  # row id; for complaints empty: they appear as "a report, 2nd quarter of 2023"
    date: dt.date | None
    known_on: dt.date | None
    says: str


@dataclass(frozen=True)
class Reason:
    """One feature's part in the margin, in words."""

    column: str  # family.feature.key.window
    family: str  # title of the family
    indicator: str  # ILO indicator, "enabling condition" or ""
    sentence: str
    value: str  # as shown to a person: "3", "missing", "2.4 million AZN"
    usual: str  # the median of the list on that day, as shown to a person
    contribution: float  # log-odds
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Dossier:
    """Why an entity stands where it stands on a list.

    ``base + sum(contributions) == margin`` for the values in ``contributions`` (asserted when it is made).
    ``reasons_for`` raise the margin, largest first; ``reasons_against`` lower it; ``not_known`` are sentences.
    """

    entity: str
    entity_kind: str  # "site" or "employer"
    title: str  # name and place
    facts: Mapping[str, str]  # label -> value: employer, sector, site type, region, last visit ...
    as_of: dt.date
    as_known_at: dt.date | None
    recipe: str
    run: str
    sought: str  # what the score ranks by, in words
    horizon: str
    rank: int
    of: int
    band: str
    margin: float
    base: float
    probability: float | None
    probability_note: str  # why there is none, or what it is
    contributions: Mapping[str, float]  # every column
    families: Mapping[str, float]  # title -> summed contribution
    indicators: Mapping[str, float]
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    not_known: tuple[str, ...]
    cautions: tuple[str, ...]  # sole trader; mostly uncontracted work; as_of_now registers; extrapolation ...
    urgent: bool
    documents: tuple[Document, ...]  # all records of the entity known before as_of, newest first
    provenance: Mapping[str, str]  # run, hashes, versions, command to rebuild

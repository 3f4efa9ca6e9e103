"""The dossier of one entity as plain data; ``report`` writes it, nothing here knows HTML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

# Registers and figures are part of what the place is; what offices planned, and to whom they wrote, is no record of it.
NO_DOCUMENTS = ("contracts", "counts", "letters", "links", "planned_visits")


@dataclass(frozen=True)
class Document:
    """One record behind a reason. ``says`` is a sentence without names of callers, workers or inspectors."""

    table: str  # canonical table
    id: str  # row id; for complaints empty: they appear as "a report, 2nd quarter of 2023"
    date: dt.date | None  # for complaints the first day of the quarter
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
class DocumentShare:
    """One document's part in the margin: its Shapley value among the documents of the entity.

    A visit with its findings and fines is one document. Of a complaint only the quarter is told, in ``text``; its
    ``id``, ``date`` and ``known_on`` are empty.
    """

    id: str
    table: str  # canonical table
    kind: str  # "visit", "fine", "report", "permit", "case" or another table's singular
    date: dt.date | None
    known_on: dt.date | None
    text: str  # what it says
    share: float  # log-odds
    error: float = 0.0  # standard error of the share; 0.0 where it is exact
    link: str = ""  # why a linked firm's document counts; "" for the entity's own
    place: str = ""  # the site that it is about, where that is not the entity


@dataclass(frozen=True)
class Counterfactual:
    """Where the entity would rank if one document were not there, everything else as it is."""

    position: int  # in ``shares``: of two reports in one quarter the position tells which
    document: str  # the id; "" for a complaint
    text: str
    rank_with: int
    rank_without: int


@dataclass(frozen=True)
class FamilyStability:
    """How many refits of the model agree with it on one family of reasons."""

    family: str  # title of the family
    refits: int
    sign: int  # refits in which it moves the score the same way
    place: int  # refits in which it holds the same place among the families, the largest first


@dataclass(frozen=True)
class IndicatorFound:
    """What inspectors found of one indicator, by the records alone."""

    indicator: str  # one of the 11 ILO indicators, or another finding's name
    enabling: bool  # not one of the 11: uncontracted work and the like
    findings: int
    visits: int  # at how many visits
    workers: int | None  # people affected as far as they were counted; None where nobody counted
    first: dt.date | None
    last: dt.date | None
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class LegalTouch:
    """One indicator that bears on a part of the legal test."""

    indicator: str
    reason: str  # why it bears on that part
    documents: tuple[Document, ...]


@dataclass(frozen=True)
class LegalPart:
    """One part of the legal test of forced labour, and the records that touch it."""

    part: str  # "menace of a penalty" or "not offered voluntarily"
    asks: str  # what has to be shown, in a sentence
    touched: tuple[LegalTouch, ...]  # empty: no record touches it
    says: str  # "no record touches it", or how many records of which indicators do


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
    as_known_at: dt.date | None  # when the record store that it was made from last learned something; None of others
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
    indicators: Mapping[str, float]  # indicator -> summed contribution
    reasons_for: tuple[Reason, ...]
    reasons_against: tuple[Reason, ...]
    not_known: tuple[str, ...]
    cautions: tuple[str, ...]  # sole trader; mostly uncontracted work; as_of_now registers; extrapolation ...
    urgent: bool
    documents: tuple[Document, ...]  # all records of the entity known before as_of, newest first
    provenance: Mapping[str, str]  # run, hashes, versions, command to rebuild
    language: str = "en"
    rank_range: tuple[int, int] | None = None  # between which nine tenths of the refits put it; None without refits
    shares: tuple[DocumentShare, ...] = ()  # newest first; base + place_share + their sum is the margin
    place_share: float = 0.0  # what the place is and its peers: from the base to the margin without any document
    shares_method: str = ""  # "exact over n documents" or "sampled, N orders"
    counterfactuals: tuple[Counterfactual, ...] = ()  # those that change the rank, the largest change first
    stability: tuple[FamilyStability, ...] | None = None  # None where the model has no refits
    found: tuple[IndicatorFound, ...] = ()
    legal_test: tuple[LegalPart, ...] = ()
    similarity_to_visited: float | None = None  # share of visited training rows no likelier to be visited than it
    extrapolation: bool | None = None  # visits cannot speak for it; None where that is not known
    audience: str = "supervisor"  # whose copy it is: one of AUDIENCES

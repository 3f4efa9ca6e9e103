"""Which documents stand behind one entity: its own, its employer's, and those of linked firms that a feature reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.columns import expressions
from riskscore.asof.engine import Engine
from riskscore.asof.matrix import FeatureColumn
from riskscore.dates import FOREVER
from riskscore.explanation.dossier import NO_DOCUMENTS
from riskscore.history.tables import Ids, TableView
from riskscore.history.windows import Ints
from riskscore.records.pseudonyms import Pseudonyms
from riskscore.records.schema import PARENTS

VISITS = "inspections"
OF_A_VISIT = ("findings", "penalties")  # with the visit they are one document
ATTACHED = ("site", "employer")


@dataclass(frozen=True)
class Paper:
    """One document: rows of the records that stand and fall together."""

    table: str
    row: int  # the row that speaks for it, in the table
    rows: Mapping[str, Ints]  # table -> positions, corrections and what they correct included
    own: bool  # about the entity itself, not about another site of its employer or a linked firm
    link: int = -1  # position in the links of the one that lets a linked firm's document count
    other: str = ""  # the linked firm


@dataclass(frozen=True)
class Reads:
    """Which tables the columns of a model read, by key; parents and opportunities are read with a column."""

    tables: Mapping[str, frozenset[str]]  # key -> tables

    @classmethod
    def of(cls, columns: Iterable[FeatureColumn]) -> Reads:
        """Return what the columns read of the entity itself; peers are others."""
        found: dict[str, set[str]] = {}
        for c in columns:
            if c.absent or c.key == "peers" or c.feature.kind in ("attribute", "calendar"):
                continue
            tables = {c.feature.table, c.feature.opportunity} - {""}
            for expression in expressions(c.feature).values():
                tables |= {PARENTS[parent][1] for parent, _ in expression.parents}
            found.setdefault(c.key, set()).update(tables)
        return cls({key: frozenset(tables) for key, tables in found.items()})

    def any_of(self, tables: Iterable[str], keys: Iterable[str]) -> bool:
        """Say whether a feature under one of the keys reads one of the tables."""
        return any(table in self.tables.get(key, ()) for table in tables for key in keys)


class Shelf:
    """The rows of all event tables known on one day, with the site and the employer that each is about.

    Parameters
    ----------
    engine : Engine
        Its cohort has one date.
    pseudonyms : Pseudonyms, optional
        What is told of the rows has these in place of ids and names; what is computed never has.
    """

    def __init__(self, engine: Engine, pseudonyms: Pseudonyms | None = None) -> None:
        self.engine, self.as_of, self.pseudonyms = engine, int(engine.cohort.as_of[0]), pseudonyms
        self.told = engine.views
        if pseudonyms is not None:
            self.told = {name: TableView(pseudonyms.table(view.table)) for name, view in engine.views.items()}
        self.names = {key: _mentioned(engine, key) for key in ATTACHED}
        self._ids = {key: Ids(names) for key, names in self.names.items()}
        self._known: dict[str, tuple[Ints, dict[str, NDArray[np.int32]]]] = {}

    def code(self, key: str, name: str) -> int:
        """Return the code of a site or an employer, -1 where no row mentions it."""
        at = int(self.names[key].searchsorted(name))
        return at if at < len(self.names[key]) and self.names[key][at] == name else -1

    def called(self, key: str, name: str) -> str:
        """Return what a site or an employer is called in what is told."""
        return name if self.pseudonyms is None else self.pseudonyms.of(PARENTS[key][1], name)

    def known(self, table: str) -> tuple[Ints, dict[str, NDArray[np.int32]]]:
        """Return the rows known before the day that happened before it, and whom each is about, by key."""
        if table not in self._known:
            engine, events = self.engine, self.engine.table(table)
            keys = [key for key in ATTACHED if events.paths(key)]
            versions = engine.evaluated([], table, keys).versions
            until = FOREVER if versions.until is None else versions.until
            seen = (versions.start < self.as_of) & (self.as_of <= until) & (events.dates(versions) < self.as_of)
            at = np.flatnonzero(seen)
            codes = {key: events.reference(versions, key, self._ids[key])[at] for key in keys}
            self._known[table] = at if versions.row is None else versions.row[at], codes
        return self._known[table]

    def about(self, table: str, key: str, codes: Iterable[int]) -> Ints:
        """Return the known rows about some sites or employers."""
        rows, of = self.known(table)
        wanted = [code for code in codes if code >= 0]
        return rows[np.isin(of[key], wanted)] if key in of and wanted else rows[:0]

    def whole(self, table: str, rows: Ints) -> Ints:
        """Return rows together with what they correct and what corrects them."""
        view = self.engine.views[table]
        return np.unique(rows) if view.until is None else np.flatnonzero(np.isin(view.root, view.root[rows]))

    def mentioned(self, table: str, key: str, rows: Ints) -> set[int]:
        """Return the sites or employers that some rows of a table name."""
        view, found = self.engine.views[table], set()
        for column in view.schema.columns:
            if column.refers == PARENTS[key][1] and view.has(column.name):
                found |= set(self._ids[key].codes(view.values(column.name))[rows].tolist())
        return found

    def versions_of(self, key: str, codes: Iterable[int]) -> Ints:
        """Return the rows of a register about some sites or employers, whenever known."""
        view = self.engine.views[PARENTS[key][1]]
        of = self._ids[key].codes(view.values(view.schema.id))
        return np.flatnonzero(np.isin(of, [code for code in codes if code >= 0]))

    def links(self, employer: int) -> dict[int, int]:
        """Return the employers linked to one before the day, each with the position of the earliest known link."""
        if "links" not in self.engine.views or employer < 0:
            return {}
        view = self.engine.views["links"]
        until = FOREVER if view.until is None else view.until
        holds = (view.start < self.as_of) & (self.as_of <= until)
        found: dict[int, int] = {}
        ends = [self._ids["employer"].codes(view.values(column)) for column in ("employer_a", "employer_b")]
        for one, other in (ends, ends[::-1]):
            for row in np.flatnonzero(holds & (one == employer) & (other >= 0) & (other != employer)):
                first = found.setdefault(int(other[row]), int(row))
                if (view.start[row], str(view.ids[row])) < (view.start[first], str(view.ids[first])):
                    found[int(other[row])] = int(row)
        return found


@dataclass(frozen=True)
class Whose:
    """One entity: its codes on the shelf (-1: none), and the firms linked to its employer."""

    site: int
    employer: int
    linked: Mapping[int, int]  # employer -> position of the link

    @classmethod
    def of(cls, shelf: Shelf, row: int) -> Whose:
        """Return the site, the employer and the neighbours of a row of the shelf's cohort."""
        engine = shelf.engine
        ids, codes = engine.key("employer")
        employer = shelf.code("employer", str(ids.index[codes[row]])) if codes[row] >= 0 else -1
        site = shelf.code("site", str(engine.cohort.entity[row])) if engine.cohort.kind == "site" else -1
        return cls(site, employer, shelf.links(employer))


def papers_of(shelf: Shelf, whose: Whose, reads: Reads) -> list[Paper]:
    """Return the documents of one entity, sorted by table and id.

    Its own are all there. Of other sites of its employer and of linked firms those are that a feature reads.
    """
    engine = shelf.engine
    by_site = whose.site >= 0
    found: dict[tuple[str, int], tuple[dict[str, list[int]], bool, int]] = {}
    tables = [n for n, v in engine.views.items() if v.schema.kind == "event" and n not in NO_DOCUMENTS]
    for table in sorted(tables, key=lambda n: (n != VISITS, n)):  # visits first: others may belong to them
        own = shelf.about(table, "site", [whose.site]) if by_site else shelf.about(table, "employer", [whose.employer])
        theirs = shelf.about(table, "employer", [whose.employer] if reads.any_of([table], ["employer"]) else [])
        groups = [(own, True, -1), (theirs, False, -1)]
        if reads.any_of([table], ["network"]):
            groups += [(shelf.about(table, "employer", [f]), False, link) for f, link in sorted(whose.linked.items())]
        for rows, mine, link in groups:
            for row, at in zip(rows.tolist(), _documents(engine, table, rows, found), strict=True):
                known = found.setdefault(at, ({}, mine, link))
                known[0].setdefault(table, []).append(row)
    papers = []
    for (table, _), (held, mine, link) in found.items():
        every = {name: shelf.whole(name, np.array(at)) for name, at in held.items()}
        other = ""
        if link >= 0:
            code = next(code for code, row in whose.linked.items() if row == link)
            other = str(shelf.names["employer"][code])
        papers.append(Paper(table, held[table][0], every, mine, link, other))
    return sorted(papers, key=lambda p: (p.table, str(engine.views[p.table].ids[p.row])))


def _documents(
    engine: Engine, table: str, rows: Ints, found: Mapping[tuple[str, int], object]
) -> list[tuple[str, int]]:
    """Return for each row the document that it belongs to: a visit that is there, else one of its own."""
    view = engine.views[table]
    roots = [(table, int(root)) for root in view.root[rows]]
    if table not in OF_A_VISIT or "inspection" not in engine.index or not view.has("inspection_id"):
        return roots
    visits = engine.index["inspection"].codes(view.values("inspection_id"))[rows]
    return [
        (VISITS, int(visit)) if (VISITS, int(visit)) in found else root
        for visit, root in zip(visits, roots, strict=True)
    ]


def _mentioned(engine: Engine, key: str) -> pd.Index[str]:
    """Return every site or employer that the records mention, sorted."""
    table = PARENTS[key][1]
    words = [np.asarray([], dtype=object)]
    for view in engine.views.values():
        for column in view.schema.columns:
            itself = view.schema.name == table and column.name == view.schema.id
            if view.has(column.name) and (itself or column.refers == table):
                words.append(np.asarray(view.values(column.name).words, dtype=object))
    names: pd.Index[str] = pd.Index(np.unique(np.concatenate(words).astype(str)))
    return names

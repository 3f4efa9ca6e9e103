"""The shuffle, stated: which rows of the records go to which partition.

A row of the cohort goes to the partition that its employer's id is hashed to (its own id, where nobody holds it). A
partition then serves some sites and employers, and gets

1. every row that may be keyed to one of them: directly, by its visit, or by any version of its site;
2. for features of linked employers: every row of the employers linked to those that it serves, and the links;
3. every row of a chain of corrections of which it has one;
4. the visits, sites and employers that its rows name, since a definition may read them.

So a key's history is whole inside its partition. A row that several partitions need is copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.history.tables import positions
from riskscore.history.windows import Ints
from riskscore.parcels.pairs import Pairs
from riskscore.records.model import Records


@dataclass(frozen=True)
class Routes:
    """``home``: the partition of each row of the cohort; ``rows``: the pairs (row, partition) of each table."""

    home: Ints
    rows: Mapping[str, Pairs]


def routes(records: Records, cohort: Cohort, partitions: int, network: bool) -> Routes:
    """Return where every row of the cohort and of the records goes.

    Parameters
    ----------
    records : Records
    cohort : Cohort
    partitions : int
    network : bool
        Whether any feature reads linked employers.
    """
    return _Router(records, cohort, partitions).routes(network)


class _Router:
    def __init__(self, records: Records, cohort: Cohort, partitions: int) -> None:
        self.cohort, self.partitions = cohort, partitions
        engine = Engine(records, cohort)
        self.views = engine.views
        self.holder = cohort.entity
        if cohort.kind == "site":
            held = engine.holder("employer_id")
            self.holder = np.array([*held.words, None], dtype=object)[held.data]
        columns = [view.values(c) for view in self.views.values() for c in _EMPLOYERS if view.has(c)]
        words = [np.asarray(v.words, dtype=object) for v in columns] + [self.holder[self.holder != None]]  # noqa: E711
        self.employers = _index(words)
        words = [np.asarray(v.values("site_id").words, dtype=object) for v in self.views.values() if v.has("site_id")]
        self.sites = _index([*words, cohort.entity])

    def routes(self, network: bool) -> Routes:
        """Follow the rules of the module, one after the other."""
        owner = np.where(self.holder == None, self.cohort.entity, self.holder)  # noqa: E711
        names, of_row = np.unique(owner.astype(str), return_inverse=True)
        # pandas' hash has a fixed key: the same partitions on every machine and in every run.
        home = (pd.util.hash_array(names.astype(object)) % np.uint64(self.partitions)).astype(np.int64)[of_row]
        employers = Pairs.of(self.employers.get_indexer(pd.Index(self.holder)), home, self.partitions)
        sites = Pairs.of(np.array([], dtype=np.int64), home[:0], self.partitions)
        if self.cohort.kind == "site":
            sites = Pairs.of(self.sites.get_indexer(pd.Index(self.cohort.entity)), home, self.partitions)
        rows: dict[str, Pairs] = {}
        if network and "links" in self.views:
            one, other = (self._codes("links", c) for c in ("employer_a", "employer_b"))
            at = np.arange(one.size)
            rows["links"] = self._chains("links", employers.to(at, one) | employers.to(at, other))
            employers = employers | employers.to(one, other) | employers.to(other, one)
        if "sites" in self.views:
            sites = sites | employers.to(self._codes("sites", "site_id"), self._codes("sites", "employer_id"))
        events = [name for name, view in self.views.items() if view.schema.kind == "event" and name != "links"]
        for name in sorted(events, key=lambda name: name != "inspections"):
            rows[name] = self._keyed(name, employers, sites, rows.get("inspections"))
        for name in events:
            if name != "inspections" and "inspections" in self.views:
                rows["inspections"] |= self._back(rows[name], self._visits(name))
        if "inspections" in rows:
            rows["inspections"] = self._chains("inspections", rows["inspections"])
        for name in events:
            sites = sites | self._back(rows[name], self._codes(name, "site_id"))
        rows |= self._registers(rows, employers, sites, events)
        nothing = Pairs(np.array([], dtype=np.int64), self.partitions)
        return Routes(home, {name: rows.get(name, nothing) for name in self.views})

    def _keyed(self, name: str, employers: Pairs, sites: Pairs, visits: Pairs | None) -> Pairs:
        at = np.arange(self.views[name].n)
        found = employers.to(at, self._codes(name, "employer_id")) | sites.to(at, self._codes(name, "site_id"))
        if visits is not None and name != "inspections":
            found = found | visits.to(at, self._visits(name))
        return self._chains(name, found)

    def _registers(
        self, rows: Mapping[str, Pairs], employers: Pairs, sites: Pairs, events: list[str]
    ) -> dict[str, Pairs]:
        """Return every version of the sites and employers that are served or named."""
        found = {}
        if "sites" in self.views:
            at = np.arange(self.views["sites"].n)
            found["sites"] = self._chains("sites", sites.to(at, self._codes("sites", "site_id")))
        if "employers" in self.views:
            for name, there in [(name, rows[name]) for name in events] + list(found.items()):
                employers = employers | self._back(there, self._codes(name, "employer_id"))
            at = np.arange(self.views["employers"].n)
            found["employers"] = self._chains("employers", employers.to(at, self._codes("employers", "employer_id")))
        return found

    def _codes(self, table: str, column: str) -> NDArray[np.integer]:
        view = self.views[table]
        if not view.has(column):
            return np.full(view.n, -1, dtype=np.int32)
        return positions(view.values(column), self.sites if column == "site_id" else self.employers)

    def _visits(self, table: str) -> NDArray[np.integer]:
        """Return the row of the visit that each row names, -1 where there is none."""
        view = self.views[table]
        if not view.has("inspection_id"):
            return np.full(view.n, -1, dtype=np.int32)
        return positions(view.values("inspection_id"), pd.Index(self.views["inspections"].ids))

    def _back(self, there: Pairs, thing: NDArray[np.integer]) -> Pairs:
        """Return where the things that rows name are needed: wherever the rows are."""
        return Pairs.of(thing[there.thing], there.partition, self.partitions)

    def _chains(self, name: str, there: Pairs) -> Pairs:
        """Return the pairs with all rows of every chain of corrections that is among them."""
        view = self.views[name]
        if view.until is None:
            return there
        return self._back(there, view.root).to(np.arange(view.n), view.root)


_EMPLOYERS = ("employer_id", "employer_a", "employer_b")


def _index(words: list[NDArray[np.object_]]) -> pd.Index[str]:
    there: pd.Index[str] = pd.Index(np.unique(np.concatenate(words).astype(str)).astype(object))
    return there

"""The shuffle on disk: rows of Parquet tables, read in pieces, go to the partitions that need them.

A place belongs to the partition to which the smallest of the employers that ever held it is hashed, an employer to the
one to which it is hashed itself. A partition then serves some sites and employers, and gets

1. every row that may be keyed to one of them: directly, by its visit, or by any version of its site;
2. for features of linked employers: every row of the employers linked to those that it serves, and the links;
3. all rows of one id, and every row of a chain of corrections of which it has one;
4. the visits, sites and employers that its rows name, since a definition may read them.

Things are known by 52 bits of their hash. Two things that share them travel together, which costs a copy and changes no
value: a partition may hold more than it needs. What is kept in memory are pairs (thing, partition), 8 bytes each: of
the sites, of the visits where another table names them, and of the rows of one table at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from riskscore.history.windows import Ints
from riskscore.parcels.files import TableFiles
from riskscore.parcels.pairs import Pairs, distinct
from riskscore.parcels.spill import Spill
from riskscore.records.schema import TABLES

if TYPE_CHECKING:
    import pyarrow as pa

_NOTHING = np.array([], dtype=np.int64)


@dataclass
class Serving:
    """The partitions in which everything of a thing is.

    The one to which it is hashed is always among them (``hashed``), or only where no pair names another.
    """

    pairs: Pairs
    hashed: bool

    def to(self, row: Ints, thing: Ints) -> Pairs:
        """Return where each row goes that goes wherever its thing does; a thing below 0 is none."""
        parts = self.pairs.partitions
        order = np.argsort(thing)  # neighbours in the search are then neighbours in memory
        row, thing = row[order], thing[order]
        found = self.pairs.to(row, thing)
        alone = np.ones(thing.size, dtype=bool) if self.hashed else ~self._named(thing)
        return found | Pairs.of(np.where(thing >= 0, row, -1)[alone], thing[alone] % parts, parts)

    def lacking(self, wanted: Pairs) -> Pairs:
        """Return those of the pairs (thing, partition) in which not everything of the thing is."""
        at = np.searchsorted(self.pairs.packed, wanted.packed)
        there = np.append(self.pairs.packed, -1)[at] == wanted.packed
        at_home = wanted.thing % wanted.partitions == wanted.partition
        if not self.hashed:
            at_home &= ~self._named(wanted.thing)
        return Pairs(wanted.packed[~there & ~at_home], wanted.partitions)

    def _named(self, thing: Ints) -> NDArray[np.bool_]:
        first = thing * self.pairs.partitions
        at = np.searchsorted(self.pairs.packed, first)
        return np.append(self.pairs.packed, np.iinfo(np.int64).max)[at] < first + self.pairs.partitions


@dataclass(frozen=True)
class Shuffled:
    """Every table on disk by partition, and the partition of each entity of a cohort."""

    spills: Mapping[str, Spill]
    places: Ints  # things of the sites that somebody held, ascending
    homes: Ints
    partitions: int

    def home(self, thing: Ints, kind: str) -> Ints:
        """Return the partition that answers for each site or employer."""
        home = thing % self.partitions
        if kind == "site" and self.places.size:
            at = np.minimum(np.searchsorted(self.places, thing), self.places.size - 1)
            home = np.where(self.places[at] == thing, self.homes[at], home)
        return home


def shuffle(
    files: Mapping[str, TableFiles], kind: str, partitions: int, folder: Path, say: Callable[[str], None]
) -> Shuffled:
    """Send every row of the tables to the partitions that need it.

    Parameters
    ----------
    files : mapping of table to TableFiles
        Without the table of links, nothing of linked employers is sent.
    kind : {"site", "employer"}
        What the rows of the cohort are.
    partitions : int
    folder : Path
        Where the rows are written.
    say : callable
        Is told which table is at work.
    """
    return _Shuffle(files, kind, partitions, folder, say).done()


class _Shuffle:
    def __init__(
        self, files: Mapping[str, TableFiles], kind: str, partitions: int, folder: Path, say: Callable[[str], None]
    ) -> None:
        self.files, self.kind, self.parts, self.folder, self.say = files, kind, partitions, folder, say
        self.spills: dict[str, Spill] = {}
        self.employers, self.sites, self.visits = (Serving(self._pairs([]), h) for h in (True, False, False))
        # what rows name beyond what is served: (thing, partition), by table
        self.named: dict[str, list[Ints]] = {name: [] for name in ("inspections", "sites", "employers")}

    def _pairs(self, packed: list[Ints]) -> Pairs:
        return Pairs(distinct(packed), self.parts)

    def done(self) -> Shuffled:
        """Follow the rules of the module, one after the other."""
        places, homes = self._hold()
        events = [name for name in self.files if name not in ("employers", "sites", "inspections", "links")]
        if "links" in self.files:
            self._send("links", *self._index("links"))
            self._link()
        self._hold_sites()
        visits, corrected = self._index("inspections")
        visits |= _chained(visits.to, corrected, self.parts)
        if any("inspection_id" in self.files[name].rules for name in events):
            self.visits.pairs = visits
        for name in events:
            self._send(name, *self._index(name))
        named = self._pairs(self.named.pop("inspections"))
        self._send("inspections", visits | named, corrected)
        for name, serving in (("sites", self.sites), ("employers", self.employers)):
            if name in self.files:
                self._send_register(name, serving)
        return Shuffled(self.spills, places, homes, self.parts)

    def _hold(self) -> tuple[Ints, Ints]:
        """Find out who ever held which site, and so the home of each."""
        register = self.files.get("sites", self.files["inspections"])
        found = [(_NOTHING, _NOTHING)]
        for rows in register.batches(("site_id", "employer_id")):
            things = register.things(rows, ("site_id", "employer_id"))
            both = (things["site_id"] >= 0) & (things["employer_id"] >= 0)
            found.append((things["site_id"][both], things["employer_id"][both]))
        site, employer = (np.concatenate([pair[i] for pair in found]) for i in (0, 1))
        order = np.lexsort((employer, site))
        self.held = site, employer = site[order], employer[order]
        first = np.append(True, site[1:] != site[:-1])[: site.size]
        homes = employer[first] % self.parts
        if self.kind == "site":
            home = homes[np.cumsum(first) - 1]
            away = home != employer % self.parts
            self.employers.pairs = Pairs.of(employer[away], home[away], self.parts)
        return site[first], homes

    def _link(self) -> None:
        """Serve the employers linked to those that a partition serves."""
        found = []
        files = self.files["links"]
        for rows in files.batches(("employer_a", "employer_b")):
            ends = files.things(rows, ("employer_a", "employer_b"))
            a, b = ends["employer_a"], ends["employer_b"]
            both = (a >= 0) & (b >= 0)
            for one, other in ((a[both], b[both]), (b[both], a[both])):
                there = self.employers.to(np.arange(one.size), one)
                found.append(Pairs.of(other[there.thing], there.partition, self.parts).packed)
        linked = self._pairs(found)
        away = linked.thing % self.parts != linked.partition
        self.employers.pairs = self.employers.pairs | Pairs(linked.packed[away], self.parts)

    def _hold_sites(self) -> None:
        site, employer = self.held
        del self.held
        there = self.employers.to(np.arange(employer.size), employer)
        self.sites.pairs = Pairs.of(site[there.thing], there.partition, self.parts)

    def _index(self, name: str) -> tuple[Pairs, tuple[Ints, Ints]]:
        """Return where each row's id goes, and the (id, corrected id) of the corrections."""
        files, key = self.files[name], TABLES[name].id
        columns = (key, *_NAMED, "employer_a", "employer_b", "replaces")
        packed, corrected = [], [(_NOTHING, _NOTHING)]
        for rows in files.batches(columns):
            things = files.things(rows, columns)
            where = self._own(name, things)
            packed.append(Pairs.of(things[key][where.thing], where.partition, self.parts).packed)
            some = (things["replaces"] >= 0) & (things[key] >= 0)
            corrected.append((things[key][some], things["replaces"][some]))
        one, other = (np.concatenate([pair[i] for pair in corrected]) for i in (0, 1))
        return self._pairs(packed), (one, other)

    def _own(self, name: str, things: Mapping[str, Ints]) -> Pairs:
        """Return where rows go by what they name; a row that names nothing goes where its id is hashed to."""
        at = np.arange(things["replaces"].size)
        if name == "links":
            return self.employers.to(at, things["employer_a"]) | self.employers.to(at, things["employer_b"])
        where = self.employers.to(at, things["employer_id"]) | self.sites.to(at, things["site_id"])
        if name != "inspections":
            where = where | self.visits.to(at, things["inspection_id"])
        key = things[TABLES[name].id]
        alone = np.ones(at.size, dtype=bool)
        alone[where.thing] = False
        return where | Pairs.of(at[alone & (key >= 0)], key[alone & (key >= 0)] % self.parts, self.parts)

    def _send(self, name: str, where: Pairs, corrected: tuple[Ints, Ints]) -> None:
        """Send the rows of an event table to wherever their ids go."""
        files, key = self.files[name], TABLES[name].id
        where |= _chained(where.to, corrected, self.parts)
        self.say(f"sending {name} to partitions")
        spill = self.spills[name] = Spill(self.folder / name, self.parts)
        for rows in files.batches():
            ids = files.things(rows, (key,))[key]
            order = np.argsort(ids)
            there = where.to(order, ids[order])
            spill.add(rows, there)
            if name != "links":
                self._note(name, rows, there)
        spill.flush()

    def _note(self, name: str, rows: pa.Table, there: Pairs) -> None:
        """Note what rows in several partitions name; in its only partition, a row is served with all that it names."""
        import pyarrow as pa

        row, partition = there.thing, there.partition
        several = np.flatnonzero(np.bincount(row, minlength=rows.num_rows) > 1)
        if not several.size:
            return
        some = np.isin(row, several)
        things = self.files[name].things(rows.take(pa.array(several)), _NAMED)
        at, partition = np.searchsorted(several, row[some]), partition[some]
        for column, table, serving in (
            ("inspection_id", "inspections", self.visits), ("site_id", "sites", self.sites),
            ("employer_id", "employers", self.employers),
        ):  # fmt: skip
            if table in self.named:
                wanted = Pairs.of(things[column][at], partition, self.parts)
                self.named[table].append(serving.lacking(wanted).packed)

    def _send_register(self, name: str, serving: Serving) -> None:
        """Send the versions of sites or employers to where these are served or named."""
        files, key = self.files[name], TABLES[name].id
        named = self._pairs(self.named.pop(name))

        def to(row: Ints, thing: Ints) -> Pairs:
            return serving.to(row, thing) | named.to(row, thing)

        named |= _chained(to, self._corrected(name), self.parts)
        self.say(f"sending {name} to partitions")
        spill = self.spills[name] = Spill(self.folder / name, self.parts)
        for rows in files.batches():
            ids = files.things(rows, (key,))[key]
            there = to(np.arange(ids.size), ids)
            spill.add(rows, there)
            self._note(name, rows, there)
        spill.flush()

    def _corrected(self, name: str) -> tuple[Ints, Ints]:
        files, key = self.files[name], TABLES[name].id
        if "replaces" not in files.rules:
            return _NOTHING, _NOTHING
        found = [files.things(rows, (key, "replaces")) for rows in files.batches((key, "replaces"))]
        some = [(f[key] >= 0) & (f["replaces"] >= 0) & (f[key] != f["replaces"]) for f in found]
        one, other = (
            np.concatenate([_NOTHING, *(f[c][s] for f, s in zip(found, some, strict=True))]) for c in (key, "replaces")
        )
        return one, other


_NAMED = ("inspection_id", "site_id", "employer_id")


def _chained(to: Callable[[Ints, Ints], Pairs], corrected: tuple[Ints, Ints], partitions: int) -> Pairs:
    """Return each id of a chain of corrections with every partition in which any row of the chain is."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ids, ends = np.unique(np.concatenate(corrected), return_inverse=True)
    one, other = ends.reshape(2, -1)
    graph = coo_array((np.ones(one.size, dtype=bool), (one, other)), shape=(ids.size, ids.size))
    chain = connected_components(graph, directed=False)[1] if ids.size else ids
    there = to(np.arange(ids.size), ids)
    whole = Pairs.of(chain[there.thing], there.partition, partitions).to(np.arange(ids.size), chain)
    return Pairs.of(ids[whole.thing], whole.partition, partitions)

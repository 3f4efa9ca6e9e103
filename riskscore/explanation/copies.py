"""The same entity many times over, each time with other documents, so that one build gives the features of all.

A copy's ids begin with its number. Windows, clocks, corrections, parents and linked firms work as in the records
themselves, because the same code reads them. Registers are whole in every copy; peers are others and are not copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.columns import expressions
from riskscore.cohorts import Cohort
from riskscore.definitions.feature import Family, Feature
from riskscore.explanation.papers import ATTACHED, Paper, Shelf, Whose
from riskscore.history.windows import Ints
from riskscore.records.model import Records, RecordTable
from riskscore.records.schema import PARENTS

_DIGITS = 6  # of a copy's number: as many for all, so that copied ids sort as the ids do


@dataclass(frozen=True)
class Original:
    """All rows that the features of one entity can rest on.

    ``rows`` are positions by table; ``paper`` says for each the document that it belongs to, -1 for none.
    """

    kind: str
    entity: str
    as_of: int
    tables: Mapping[str, RecordTable]
    rows: Mapping[str, Ints]
    paper: Mapping[str, Ints]


def moving(shelf: Shelf, papers: Sequence[Paper]) -> frozenset[str]:
    """Return the tables whose features can change with the documents; all others are the same in every copy.

    Without a register of sites the newest visit says whose a place is, so that then everything can change.
    """
    if shelf.engine.cohort.kind == "site" and "site" not in shelf.engine.index:
        return frozenset(shelf.engine.views)
    return frozenset(name for paper in papers for name in paper.rows)


def original_of(shelf: Shelf, row: int, whose: Whose, papers: Sequence[Paper]) -> Original:
    """Return the rows behind one row of the shelf's cohort: those of the tables that move, and what they refer to."""
    engine = shelf.engine
    rows: dict[str, Ints] = {}
    paper: dict[str, Ints] = {}
    for name in sorted({name for p in papers for name in p.rows}):
        parts = [(p.rows[name], i) for i, p in enumerate(papers) if name in p.rows]
        rows[name] = np.concatenate([part for part, _ in parts])
        paper[name] = np.concatenate([np.full(part.size, i) for part, i in parts])
    firms = [whose.employer, *whose.linked]
    if "contracts" in moving(shelf, papers):
        of_all = [shelf.about("contracts", "site", [whose.site]), shelf.about("contracts", "employer", firms)]
        rows["contracts"] = shelf.whole("contracts", np.concatenate(of_all))
    if "links" in engine.views:
        rows["links"] = shelf.whole("links", np.array(sorted(whose.linked.values()), dtype=np.int64))
    wanted: dict[str, set[int]] = {"site": {whose.site}, "employer": set(firms)}
    for key in ATTACHED:  # sites first: their rows name employers
        for name, at in rows.items():
            wanted[key] |= shelf.mentioned(name, key, at)
        table = PARENTS[key][1]
        if table in engine.views:
            rows[table] = shelf.versions_of(key, wanted[key])
    none = np.array([], dtype=np.int64)
    tables = {name: engine.records[name] for name in engine.views}
    return Original(
        engine.cohort.kind, str(engine.cohort.entity[row]), shelf.as_of, tables,
        {name: rows.get(name, none) for name in tables},
        {name: paper.get(name, np.full(rows.get(name, none).size, -1)) for name in tables},
    )  # fmt: skip


def copies(original: Original, among: NDArray[np.bool_]) -> tuple[Records, Cohort]:
    """Return records in which the entity is there once for each set of documents.

    Parameters
    ----------
    among : bool array, shape (k, n)
        Which of the n documents each of the k copies has.

    Returns
    -------
    Records, and the cohort of the k copies in their order
    """
    prefixes = np.array([f"{i:0{_DIGITS}d}" for i in range(len(among))], dtype=object)
    with_rest = np.concatenate([among, np.ones((len(among), 1), dtype=bool)], axis=1)  # paper -1: in every copy
    tables = {}
    for name, table in original.tables.items():
        copy, position = np.nonzero(with_rest[:, original.paper[name]])
        frame = _copied(table, original.rows[name], position, copy, prefixes)
        tables[name] = replace(table, frame=frame, origin=None)
    entity = prefixes + original.entity
    return Records(tables), Cohort(original.kind, entity, np.full(entity.shape, original.as_of, dtype=np.int32))


def moving_families(families: Sequence[Family], tables: frozenset[str]) -> tuple[Family, ...]:
    """Return the families with the features alone that read one of the tables of the entity itself.

    Peers are others, whom no document of the entity changes. A ratio is worked out afterwards from its two parts.
    """
    kept = []
    for family in families:
        features = [
            replace(f, by=tuple(key for key in f.by if key != "peers"))
            for f in family.features
            if f.kind not in ("ratio", "calendar") and tables & _read_by(f)
        ]
        kept.append(replace(family, features=tuple(f for f in features if f.by)))
    return tuple(kept)


def _read_by(feature: Feature) -> frozenset[str]:
    parents = {parent for e in expressions(feature).values() for parent, _ in e.parents}
    return frozenset({feature.table, feature.opportunity, *(PARENTS[parent][1] for parent in parents)})


def _copied(table: RecordTable, rows: Ints, position: Ints, copy: Ints, prefixes: NDArray[np.object_]) -> pd.DataFrame:
    """Return the rows once for each copy that has them; ids become categories, which the engine reads as they are."""
    once = table.frame.take(rows).reset_index(drop=True)
    changed = {
        column.name: _renamed(once[column.name], position, copy, prefixes)
        for column in table.schema.columns
        if column.refers is not None or column.name in (table.schema.id, "replaces")
    }
    return once.take(position).reset_index(drop=True).assign(**changed)


def _renamed(ids: pd.Series[Any], position: Ints, copy: Ints, prefixes: NDArray[np.object_]) -> pd.Categorical:
    """Return ids with their copy's number before them; the words stay sorted."""
    of_row, words = pd.factorize(ids.astype(object), sort=True)
    code = of_row[position]
    pair = np.where(code >= 0, copy * max(1, len(words)) + code, -1)
    used = np.flatnonzero(np.bincount(pair[pair >= 0]))
    of_copy, word = np.divmod(used, max(1, len(words)))
    names = pd.Index(prefixes[of_copy] + np.asarray(words, dtype=object)[word], dtype="str")
    place = np.full(int(pair.max(initial=-1)) + 2, -1, dtype=np.int32)  # the last is where -1 points
    place[used] = np.arange(used.size)
    return pd.Categorical.from_codes(place[pair], names)

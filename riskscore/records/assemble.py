"""Parts of a table put together: dates inherited from the visit, unusable rows set aside, doubles told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from riskscore.records.model import ALWAYS, Origin, RecordTable
from riskscore.records.part import Part, empty
from riskscore.records.rejects import Rejects, shown
from riskscore.records.replaced import in_cycle
from riskscore.records.schema import Column, TableSchema

Mask = NDArray[np.bool_]


@dataclass
class _Draft:
    """A table while it is put together; ``part`` and ``position`` lead each row back to its source."""

    schema: TableSchema
    frame: pd.DataFrame
    parts: list[Part]
    part: NDArray[np.int64]
    position: NDArray[np.int64]
    rejects: Rejects

    def keep(self, rows: Mask) -> None:
        if not rows.all():
            self.frame = self.frame[rows].reset_index(drop=True)
            self.part, self.position = self.part[rows], self.position[rows]

    def set_aside(self, rows: Mask, column: str, why: str, *, whole: bool = True, values: bool = True) -> None:
        """Note rows (or one cell of each) and remove them (or empty the cell)."""
        if not rows.any():
            return
        for k, part in enumerate(self.parts):
            mine = rows & (self.part == k)
            seen = self.frame.loc[mine, column] if column and values else None
            texts = [] if seen is None else shown(seen.astype("str").fillna(""), self.schema.column(column))
            self.rejects.add(part.source, self.position[mine], self.schema.name, column, texts, why, row=whole)
        if whole:
            self.keep(~rows)
        else:
            self.frame[column] = self.frame[column].mask(rows)


def assemble(parts: list[Part], inspections: RecordTable | None, rejects: Rejects) -> tuple[RecordTable, list[str]]:
    """Return one table of usable rows and what was noticed.

    A row is set aside without an id, without a required value (a date that is impossible counts as none) and where its
    id was there before. Other cells that do not fit are emptied and counted; the row stays.
    """
    draft = _stacked(parts, rejects)
    notes = [n for p in parts for n in p.notes]
    schema = draft.schema
    for part in parts:
        for bad in part.bad:
            column = schema.column(bad.column)
            rejects.add(
                part.source, bad.positions, schema.name, bad.column, shown(bad.values, column), bad.why, row=False
            )
    _empty_out_of_range(draft)
    present = set().union(*(p.present for p in parts))
    _inherit_dates(draft, inspections)
    for column in schema.columns:
        if column.required:
            draft.set_aside(draft.frame[column.name].isna().to_numpy(), column.name, f"no {column.name}", values=False)
    if any(p.rule.deduplicate for p in parts):
        _one_version_each(draft)
    as_of_now = any(p.rule.as_of_now for p in parts)
    if schema.kind == "entity" and not as_of_now and not present & {"valid_from", "known_on", "recorded_on"}:
        as_of_now = True
        notes.append(
            f"{schema.name}: no row bears a date, so the register is taken as it stands now. "
            "Say as_of_now = true in the mapping, or give valid_from."
        )
    _fill_known_on(draft)
    _refuse_doubles(draft)
    if schema.kind != "entity" and "replaces" in present:
        looped = in_cycle(draft.frame[schema.id], draft.frame["replaces"])
        draft.set_aside(looped, "replaces", "corrections replace each other in a circle", whole=False)
    covers = [p.rule.covers_from for p in parts if p.rule.covers_from is not None]
    for column in schema.columns:  # rows have gone: categories without rows go too
        if str(draft.frame[column.name].dtype) == "category":
            draft.frame[column.name] = draft.frame[column.name].cat.remove_unused_categories()
    files = ", ".join(dict.fromkeys(p.source.file for p in parts))
    present = present & set(schema.names)
    table = RecordTable(
        schema, draft.frame, max(covers, default=None), as_of_now, frozenset(present), files, _origin(draft)
    )
    return table, notes


def _origin(draft: _Draft) -> Origin:
    """Lay the parts' sources one after the other, so that one number leads a row to its file and line."""
    sizes = [p.source.data.num_rows for p in draft.parts]
    offsets = np.r_[0, np.cumsum(sizes)][:-1].astype(np.int64)
    pieces = [
        (file, start + int(offset), line)
        for part, offset in zip(draft.parts, offsets, strict=True)
        for file, start, line in part.source.pieces
    ]
    return Origin(tuple(pieces), draft.position + offsets[draft.part])


def _stacked(parts: list[Part], rejects: Rejects) -> _Draft:
    further: dict[str, Column] = {}
    for part in parts:
        for column in part.schema.columns:
            known = further.setdefault(column.name, column)
            if known.type != column.type:  # two sources disagree: text holds both
                further[column.name] = Column(column.name, "text", column.meaning)
    first = parts[0].schema
    schema = TableSchema(first.name, first.singular, first.meaning, first.kind, tuple(further.values()))
    if len(parts) == 1:
        frame = parts[0].frame
    else:
        frame = pd.DataFrame({c.name: _stacked_column(c, parts) for c in schema.columns})
    numbers = np.repeat(np.arange(len(parts), dtype=np.int64), [len(p.frame) for p in parts])
    return _Draft(schema, frame, parts, numbers, np.concatenate([p.positions for p in parts]), rejects)


def _stacked_column(column: Column, parts: list[Part]) -> Any:
    pieces = []
    for part in parts:
        if column.name not in part.frame:
            pieces.append(pd.Series(empty(column, len(part.frame))))
        elif part.schema.column(column.name).type != column.type:
            pieces.append(part.frame[column.name].astype("str"))
        else:
            pieces.append(part.frame[column.name])
    if str(pieces[0].dtype) == "category":
        return union_categoricals(pieces, sort_categories=True)
    return pd.concat(pieces, ignore_index=True)


def _empty_out_of_range(draft: _Draft) -> None:
    for column in draft.schema.columns:
        if column.minimum is None and column.maximum is None:
            continue
        values = draft.frame[column.name].to_numpy(dtype=np.float64, na_value=np.nan)
        with np.errstate(invalid="ignore"):
            if column.minimum is not None:
                why = "is negative" if column.minimum == 0 else f"is below {column.minimum:g}"
                draft.set_aside(values < column.minimum, column.name, why, whole=False)
            if column.maximum is not None:
                draft.set_aside(values > column.maximum, column.name, f"is above {column.maximum:g}", whole=False)


def _inherit_dates(draft: _Draft, inspections: RecordTable | None) -> None:
    """Give a row without a date of its own the date of its visit; it is known when both are."""
    if inspections is None or draft.schema.name == "inspections" or draft.schema.kind != "event":
        return
    if "inspection_id" not in draft.schema.names:
        return
    frame, visits = draft.frame, inspections.frame
    bare = frame["date"].isna().to_numpy() & frame["inspection_id"].notna().to_numpy()
    if not bare.any():
        return
    # the references are categories: the visit of each different one is looked up once
    references = frame["inspection_id"].cat
    at = pd.Index(visits["inspection_id"]).get_indexer(references.categories)
    rows = np.append(at, -1)[references.codes.to_numpy()][bare]
    found = rows >= 0
    taken = visits.iloc[rows[found]]
    places = np.flatnonzero(bare)[found]
    date = frame["date"].to_numpy().copy()
    known = frame["known_on"].to_numpy().copy()
    date[places] = taken["date"].to_numpy()
    known[places] = np.fmax(known[places], taken["known_on"].to_numpy())
    draft.frame = frame.assign(date=date, known_on=known)


def _fill_known_on(draft: _Draft) -> None:
    known = draft.frame["known_on"]
    instead = {"event": "date", "entity": "valid_from", "rule": "from"}[draft.schema.kind]
    known = known.fillna(draft.frame[instead])
    draft.frame = draft.frame.assign(known_on=known.fillna(pd.Timestamp(ALWAYS)).astype("datetime64[s]"))


def _one_version_each(draft: _Draft) -> None:
    """Keep one row per entity and change: of equal versions in a row the first, without dates the last row."""
    frame, key = draft.frame, draft.schema.id
    clocks = ("valid_from", "known_on", "recorded_on", "replaces")
    entity = pd.factorize(frame[key])[0]
    if frame["valid_from"].isna().all() and frame["known_on"].isna().all():
        draft.keep(~pd.Series(entity).duplicated(keep="last").to_numpy())
        return
    when = frame["valid_from"].fillna(frame["known_on"]).to_numpy()
    order = np.lexsort((np.arange(len(frame)), when, entity))
    codes = [pd.factorize(frame[c])[0][order] for c in draft.schema.names if c not in (key, *clocks)]
    same = np.zeros(len(frame), dtype=bool)
    same[1:] = entity[order][1:] == entity[order][:-1]
    for column in codes:
        same[1:] &= column[1:] == column[:-1]
    kept = np.empty(len(frame), dtype=bool)
    kept[order] = ~same
    draft.keep(kept)


def _refuse_doubles(draft: _Draft) -> None:
    frame, key = draft.frame, draft.schema.id
    if draft.schema.kind == "entity":
        keys = [frame[key], frame["valid_from"], frame["known_on"]]
        why = f"the {draft.schema.singular} has a version of the same days before this row"
    else:
        own = (frame["replaces"] == frame[key]).fillna(False).to_numpy(dtype=bool)
        draft.set_aside(own, key, f"the row replaces itself; a correction needs a {key} of its own")
        frame = draft.frame
        keys, why = [frame[key]], f"{key} was there before, and the row is no correction with an id of its own"
    draft.set_aside(_repeated(keys), key, why)


def _repeated(keys: list[pd.Series[Any]]) -> Mask:
    if len(keys) == 1:
        return np.asarray(keys[0].duplicated().to_numpy(dtype=bool))
    return np.asarray(pd.concat(keys, axis=1).duplicated().to_numpy(dtype=bool))

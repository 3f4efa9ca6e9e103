"""The margin of one entity by document: one share each, and where it would rank without each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build, ratio
from riskscore.asof.columns import parts_of
from riskscore.asof.engine import Engine
from riskscore.asof.matrix import FeatureMatrix
from riskscore.errors import ExplanationError
from riskscore.explanation.copies import copies, moving, moving_families, original_of
from riskscore.explanation.documents import document, link_says
from riskscore.explanation.dossier import Counterfactual, DocumentShare
from riskscore.explanation.papers import Paper, Reads, Shelf, Whose, papers_of
from riskscore.explanation.shares import Shares, shares
from riskscore.languages import Translator
from riskscore.learn.fit import Model

TOLERANCE = 1e-6  # of the margin: trees are summed in single precision
RankOf = Callable[[float], int]
"""From a margin to the rank that the entity would have with it."""


@dataclass(frozen=True)
class ByDocument:
    """The parts of one margin: ``base + place_share + sum of shares`` gives it."""

    shares: tuple[DocumentShare, ...]
    place_share: float
    method: str
    counterfactuals: tuple[Counterfactual, ...]


def by_document(
    model: Model, matrix: FeatureMatrix, row: int, base: float, margin: float, shelf: Shelf, mine: int, rank_of: RankOf,
    _: Translator, *, reports_in_full: bool = False,
) -> ByDocument:  # fmt: skip
    """Return what each document adds to the margin of one entity.

    Parameters
    ----------
    matrix : FeatureMatrix
        Of the whole list; ``row`` is the entity's.
    base, margin : float
        The model's base value, and the entity's margin.
    shelf : Shelf
        Of the records, its cohort of the same day; ``mine`` is the entity's row there.
    rank_of : callable
        The rank that a margin would have among the others of the list.

    Raises
    ------
    ExplanationError
        If the documents, put together again, do not give the margin.
    """
    reads, whose = Reads.of(matrix.columns[c] for c in model.columns), Whose.of(shelf, mine)
    papers = papers_of(shelf, whose, reads)
    read = [p for p in papers if _is_read(p, reads)]
    found = shares(len(read), _worth(model, matrix, row, shelf, mine, whose, read))
    if abs(found.all - margin) > TOLERANCE * max(1.0, abs(margin)):
        raise ExplanationError(
            f"its documents together give {found.all!r}, its margin is {margin!r}.",
            where=f"'{shelf.engine.cohort.entity[mine]}'",
            next="Explain it with the records and the run that ranked it.",
        )
    told = [_told(shelf, p, found, read, _, reports_in_full) for p in papers]
    order = sorted(range(len(papers)), key=lambda i: _place(told[i], shelf.engine, papers[i], reports_in_full))
    said = tuple(told[i] for i in order)
    return ByDocument(said, found.none - base, _method(found, len(read), _), _without(
        [(papers[i], told[i]) for i in order], read, found, rank_of
    ))  # fmt: skip


def _is_read(paper: Paper, reads: Reads) -> bool:
    """Say whether any feature of the model can rest on it; what none reads has no share."""
    keys = ("network",) if paper.link >= 0 else ("site", "employer", "network")
    return reads.any_of(paper.rows, keys)


def _worth(
    model: Model, matrix: FeatureMatrix, row: int, shelf: Shelf, mine: int, whose: Whose, read: Sequence[Paper]
) -> Callable[[NDArray[np.bool_]], NDArray[np.float64]]:
    original = original_of(shelf, mine, whose, read)
    families = moving_families(model.families, moving(shelf, read))
    as_it_is = matrix.frame.iloc[row]
    ratios = [c for name in model.columns if (c := matrix.columns[name]).feature.kind == "ratio" and not c.absent]

    def worth(sets: NDArray[np.bool_]) -> NDArray[np.float64]:
        records, cohort = copies(original, sets)
        own = build(records, families, cohort).frame
        found: dict[str, Any] = {str(name): values for name, values in own.items()}
        for c in ratios:
            halves = {part: found.get(part, np.full(len(own), as_it_is[part])) for part in parts_of(c)}
            found[c.name] = ratio(c, halves)
        held = matrix.frame.iloc[np.full(len(own), row)]  # what no document changes: peers, registers, the month
        frame = pd.DataFrame(
            {name: found[name] if name in found else held[name].array for name in model.columns}, index=own.index
        )
        return model.margin(FeatureMatrix(frame, matrix.columns))

    return worth


def _told(
    shelf: Shelf, paper: Paper, found: Shares, read: Sequence[Paper], _: Translator, in_full: bool
) -> DocumentShare:
    view = shelf.told[paper.table]
    said = document(view, paper.row, _, reports_in_full=in_full)
    texts = [said.says]
    for name in sorted(paper.rows):
        if name != paper.table:
            rows = [r for r in paper.rows[name].tolist() if _stands(shelf.engine, name, r)]
            texts += [document(shelf.told[name], r, _, within_visit=True).says for r in rows]
    at = read.index(paper) if paper in read else -1
    cells = view.frame.iloc[paper.row]
    site = str(cells["site_id"]) if not paper.own and view.has("site_id") and not pd.isna(cells["site_id"]) else ""
    link = ""
    if paper.link >= 0:
        link = link_says(shelf.told["links"], paper.link, shelf.called("employer", paper.other), _)
    return DocumentShare(
        id=said.id,
        table=said.table,
        kind=_KINDS.get(said.table, view.schema.singular),
        date=said.date if said.id else None,  # a report's text names its quarter
        known_on=said.known_on,
        text="; ".join(texts),
        share=float(found.values[at]) if at >= 0 else 0.0,
        error=float(found.errors[at]) if at >= 0 else 0.0,
        link=link,
        place=site,
    )


_KINDS = {"inspections": "visit", "findings": "finding", "penalties": "fine", "complaints": "report"}


def _stands(engine: Engine, table: str, row: int) -> bool:
    """Say whether a row is known on the day and not yet corrected."""
    view, as_of = engine.views[table], int(engine.cohort.as_of[0])
    gone = view.until is not None and bool(view.until[row] < as_of)
    return bool(view.start[row] < as_of) and not gone


def _place(told: DocumentShare, engine: Engine, paper: Paper, in_full: bool) -> tuple[int, int, str, float, str]:
    """Return the place of a document: own ones first, the newest first; a report as if on its quarter's first day."""
    day = engine.views[paper.table].date[paper.row]
    if told.table == "complaints" and not in_full:
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        day = (month - month % 3).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    # of two reports of a quarter the order must not tell which came first
    return int(paper.link >= 0), -int(day), told.table, -told.share if not told.id else 0.0, told.id


def _method(found: Shares, n: int, _: Translator) -> str:
    if found.orders:
        return _("sampled, {orders} orders of {n} documents", orders=_.number(found.orders), n=_.number(n))
    return _.plural("exact over {n} document", "exact over {n} documents", n)


def _without(
    told: Sequence[tuple[Paper, DocumentShare]], read: Sequence[Paper], found: Shares, rank_of: RankOf
) -> tuple[Counterfactual, ...]:
    rank, changed = rank_of(found.all), []
    for position, (paper, share) in enumerate(told):
        without = rank_of(float(found.without[read.index(paper)])) if paper in read else rank
        if without != rank:
            changed.append(Counterfactual(position, share.id, share.text, rank, without))
    return tuple(sorted(changed, key=lambda c: (-abs(c.rank_without - c.rank_with), c.position)))

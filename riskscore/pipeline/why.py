"""Why a place is, or is not, on the list; and where a place that is in no register would stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from riskscore.dates import as_date, day
from riskscore.pipeline.listing import absence, dossiers, rank_list
from riskscore.records.add import with_entity
from riskscore.records.model import Records
from riskscore.store import Run

SHOWN = 5


def why(
    run: Run, records: Records, entity: str, as_of: str | dt.date, added: Mapping[str, str], language: str = "en"
) -> Iterator[str]:
    """Give the lines of the answer.

    Parameters
    ----------
    added : mapping of column to value
        Not empty: the entity is in no register and is added by hand, known since the day before.
    """
    on = as_date(day(as_of))
    kind = run.model.recipe.entity
    if added:
        records = with_entity(records, kind, entity, added, as_date(day(on) - 1))
        yield f"{entity} is added by hand and scored as new; nothing is written."
    listed = rank_list(run, records, on, language=language)
    if entity not in set(listed.frame["entity"].astype(str)):
        yield f"{entity} is not on the list of {on}: {absence(listed, entity)}"
        return
    found = dossiers(listed, [entity], language)[0]
    urgent = "an urgent report names it: it heads the list; by score " if found.urgent else ""
    yield f"{found.entity} ({found.title}): {urgent}rank {found.rank:,} of {found.of:,}, band {found.band}, as of {on}."
    chance = f"{found.probability:.0%}" if found.probability is not None else found.probability_note
    yield f"Chance of '{found.sought}' within {found.horizon} if visited: {chance}."
    for headline, reasons in (
        ("What puts it higher:", found.reasons_for),
        ("What speaks against:", found.reasons_against),
    ):
        yield headline
        for reason in reasons[:SHOWN]:
            yield f"  {reason.contribution:+.2f}  {reason.sentence} (usual on this list: {reason.usual})"
        if not reasons:
            yield "  nothing"
    yield "What is not known:"
    yield from (f"  {line}" for line in found.not_known)
    for caution in found.cautions:
        yield f"Caution: {caution}"

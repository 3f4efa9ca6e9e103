"""Why a place is, or is not, on the list; and where a place that is in no register would stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from riskscore.dates import as_date, day
from riskscore.languages import translator
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
    language : {"en", "az", "ru"}
        Why an entity is missing is told in English, as errors are.
    """
    on, _ = as_date(day(as_of)), translator(language)
    kind = run.model.recipe.entity
    if added:
        records = with_entity(records, kind, entity, added, as_date(day(on) - 1))
        yield _("{entity} is added by hand and scored as new; nothing is written.", entity=entity)
    listed = rank_list(run, records, on, language=language)
    if entity not in set(listed.frame["entity"].astype(str)):
        yield f"{entity} is not on the list of {on}: {absence(listed, entity)}"
        return
    found = dossiers(listed, [entity], language)[0]
    yield f"{found.entity} ({found.title})"
    if found.urgent:
        yield _("An urgent report names it: it heads the list, whatever its score.")
    yield _("Rank {rank} of {all} by score, band {band}, as of {day}.",
            rank=_.number(found.rank), all=_.number(found.of), band=found.band, day=_.date(on))  # fmt: skip
    chance = _.percent(found.probability) if found.probability is not None else found.probability_note
    yield _("Chance of '{sought}' within {horizon} if visited: {chance}.",
            sought=found.sought, horizon=found.horizon, chance=chance.rstrip("."))  # fmt: skip
    for headline, reasons in (
        (_("What puts it higher:"), found.reasons_for),
        (_("What speaks against:"), found.reasons_against),
    ):
        yield headline
        for reason in reasons[:SHOWN]:
            usual = _("usual on this list: {value}", value=reason.usual)
            yield f"  {_.decimal(reason.contribution, 2, sign=True)}  {reason.sentence} ({usual})"
        if not reasons:
            yield "  " + _("nothing")
    yield _("What is not known:")
    yield from (f"  {line}" for line in found.not_known)
    for caution in found.cautions:
        yield _("Caution: {caution}", caution=caution)
    if not _.reviewed:
        yield _("This translation was not reviewed by a speaker of the language. The English text decides.")

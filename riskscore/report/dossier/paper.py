"""A dossier as a paper, in the order that its reader needs: the records first, the score last."""

from __future__ import annotations

from riskscore.explanation.audience import AUDIENCES
from riskscore.explanation.dossier import Dossier
from riskscore.languages import Translator, translator
from riskscore.report.dossier import closing, facts, indicators, score
from riskscore.report.paper import Block, Note, Paper, Section
from riskscore.report.sums import assert_adds_up


def paper_of(dossier: Dossier) -> Paper:
    """Return a dossier as a paper for its audience, in its language.

    Facts, records and indicators come first, so that a reader judges them before the ranking; reasons, rank and score
    stand on pages of their own after them, provenance on the last. A field sheet has no score.

    Raises
    ------
    ExplanationError
        Where a number is not finite, or base and contributions do not give the margin.
    """
    assert_adds_up(dossier)
    d, _ = dossier, translator(dossier.language)
    kind = facts.entity_kind(d, _)
    sections = [s for s in _SECTIONS[d.audience](d, _) if s is not None]
    return Paper(
        language=d.language,
        above=_title(d, _),
        title=d.title,
        below=f"{kind[:1].upper()}{kind[1:]} {d.entity}",
        blocks=_notes(d, _),
        sections=tuple(sections),
        foot=_foot(d, _),
        day=d.as_of.isoformat(),
    )


def _title(d: Dossier, _: Translator) -> str:
    titles = {
        "supervisor": _("Dossier, as the records stood on {day}", day=_.date(d.as_of)),
        "prosecutor": _("Dossier for the prosecutor, as the records stood on {day}", day=_.date(d.as_of)),
        "field": _("Sheet for a visit, as the records stood on {day}", day=_.date(d.as_of)),
        "employer": _("Copy for the employer, as the records stood on {day}", day=_.date(d.as_of)),
    }
    return titles[d.audience]


def _notes(d: Dossier, _: Translator) -> tuple[Block, ...]:
    head = _("What this paper is, and is not.")
    text = _("It says why a visit is proposed. It is no evidence, and says nothing about guilt.") + " "
    if d.audience == "field":
        text += _("What is found is what inspectors see and write down at the place.")
    else:
        text += _("A referral rests on what inspectors find and record at a visit. The score, on the last pages, only "
                  "tells how the visit was ranked among others.")  # fmt: skip
    notes: list[Block] = [Note(head, text)]
    if d.urgent:
        notes.insert(0, Note(_("Urgent report open."), _("It goes to a person at once, whatever the score."), "urgent"))
    if d.audience == "prosecutor":
        notes.append(Note(_("Handle with care."), _("Reports stand here in full. Day and topic can tell who made one: "
                          "keep this copy from the employer and from the place.")))  # fmt: skip
    return tuple(notes)


def _foot(d: Dossier, _: Translator) -> str:
    if _.reviewed:
        return d.entity
    return f"{d.entity} · " + _(
        "This translation was not reviewed by a speaker of the language. The English text decides."
    )


def _for_supervisor(d: Dossier, _: Translator) -> list[Section | None]:
    boxes = (_("yes"), _("no"), _("not known"))
    return [
        facts.facts(d, _), facts.cautions(d, _), facts.records(d, _), indicators.indicators(d, _, boxes),
        indicators.legal_test(d, _), facts.not_known(d, _), *_score(d, _), closing.decision(_),
        closing.provenance(d, _),
    ]  # fmt: skip


def _for_prosecutor(d: Dossier, _: Translator) -> list[Section | None]:
    return [
        facts.facts(d, _), facts.cautions(d, _), facts.records(d, _), indicators.indicators(d, _, ()),
        indicators.legal_test(d, _), facts.not_known(d, _), *_score(d, _), closing.provenance(d, _),
    ]  # fmt: skip


def _for_field(d: Dossier, _: Translator) -> list[Section | None]:
    boxes = (_("seen"), _("not seen"), _("not looked at"))
    return [
        facts.facts(d, _), facts.cautions(d, _), facts.records(d, _), score.to_look_at(d, _), facts.not_known(d, _),
        indicators.indicators(d, _, boxes), closing.seen_there(_),
    ]  # fmt: skip


def _for_employer(d: Dossier, _: Translator) -> list[Section | None]:
    return [
        facts.facts(d, _), facts.cautions(d, _), facts.records(d, _), indicators.indicators(d, _, ()),
        facts.not_known(d, _), closing.objection(_), *_score(d, _), closing.provenance(d, _),
    ]  # fmt: skip


def _score(d: Dossier, _: Translator) -> list[Section | None]:
    return [score.speaks_for(d, _), score.speaks_against(d, _), score.standing(d, _), score.what_would_change(d, _),
            score.stability(d, _)]  # fmt: skip


_SECTIONS = {
    "supervisor": _for_supervisor,
    "prosecutor": _for_prosecutor,
    "field": _for_field,
    "employer": _for_employer,
}
assert set(_SECTIONS) == set(AUDIENCES)

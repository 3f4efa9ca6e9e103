"""How the ranking came about: reasons, standing, what each document adds, what would change it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from riskscore.definitions.indicators import TITLES
from riskscore.explanation.dossier import DocumentShare, Dossier, Reason
from riskscore.languages import Translator
from riskscore.report.dossier.facts import line
from riskscore.report.paper import Argument, Arguments, Block, Cell, Figures, Points, Section, Table, Words
from riskscore.report.private import shown_records
from riskscore.report.sums import by_size, rounded_to_sum
from riskscore.report.table_titles import table_title
from riskscore.report.waterfall import Step, waterfall


def speaks_for(d: Dossier, _: Translator) -> Section:
    """Return the reasons that raise the score."""
    return _side(d, _, d.reasons_for, up=True)


def speaks_against(d: Dossier, _: Translator) -> Section:
    """Return the reasons that lower the score."""
    return _side(d, _, d.reasons_against, up=False)


def to_look_at(d: Dossier, _: Translator) -> Section | None:
    """Return the reasons as sentences alone, for a sheet that shows no score."""
    said = tuple(r.sentence for r in d.reasons_for)
    return Section(_("What to look at"), (Points(said),), together=True) if said else None


def standing(d: Dossier, _: Translator) -> Section:
    """Return rank, band and score, and the steps that make the score."""
    where = _("The list ranks by {sought}, within {horizon} from {day}. Recipe: {recipe}. Run: {run}.",
              sought=d.sought, horizon=d.horizon, day=_.date(d.as_of), recipe=d.recipe, run=d.run)  # fmt: skip
    rank = _("{rank} of {all}", rank=_.number(d.rank), all=_.number(d.of))
    if d.rank_range:
        low, high = (_.number(n) for n in d.rank_range)
        rank += " (" + _("between {low} and {high} in nine of ten refits", low=low, high=high) + ")"
    figures = Figures((
        (_("Rank"), rank),
        (_("Band"), d.band or _("none")),
        (_("Score (margin, in log-odds)"), _.decimal(d.margin, 3, sign=True)),
    ))  # fmt: skip
    chance = _("Probability: none is given.") if d.probability is None else _("Probability: {percent}.",
        percent=_.percent(d.probability, 1))  # fmt: skip
    blocks: list[Block] = [Words(where), figures, Words(d.probability_note, head=chance)]
    if d.shares:
        caption = _("From the base over the place and its peers to each document, in log-odds.")
        steps = [Step(_place(d, _), d.place_share), *(_step(share, _) for share in d.shares)]
        blocks += waterfall("documents", d.base, steps, caption, _)
        blocks.append(Words(_("How the shares were found: {method}.", method=d.shares_method), quiet=True))
    blocks += waterfall("families", d.base, [Step(n, v) for n, v in by_size(d.families) if v],
                        _("From the base to the score by what was measured, in log-odds."), _)  # fmt: skip
    return Section(_("How the ranking came about"), (*blocks, *_by_indicator(d, _)), new_page=True)


def what_would_change(d: Dossier, _: Translator) -> Section | None:
    """Return where the entity would rank without one document."""
    if not d.counterfactuals:
        return None
    said = tuple(
        _("Without this the place on the list would be {without} instead of {rank}: {document}.",
          without=_.number(c.rank_without), rank=_.number(c.rank_with), document=_named(d.shares[c.position], _))
        for c in d.counterfactuals
    )  # fmt: skip
    return Section(_("What would change the ranking"), (Points(said),), together=True)


def stability(d: Dossier, _: Translator) -> Section | None:
    """Return how many refits of the model agree on each group of reasons; None where there are no refits."""
    if not d.stability:
        return None
    rows = tuple(
        (Cell(s.family), *(Cell(_("{n} of {all}", n=n, all=s.refits)) for n in (s.sign, s.place))) for s in d.stability
    )
    caption = _("Refits of the model to other draws of employers that agree")
    head = (_("Measured"), _("Same direction"), _("Same place"))
    return Section(_("How steady the reasons are"), (Table(caption, head, rows, (0.6, 0.2, 0.2), frozenset({1, 2})),),
                   together=True)  # fmt: skip


def _side(d: Dossier, _: Translator, reasons: tuple[Reason, ...], *, up: bool) -> Section:
    title = _("What speaks for a visit") if up else _("What speaks against")
    working = {c: v for c, v in d.contributions.items() if (v > 0 if up else v < 0)}
    total = math.fsum(abs(v) for v in working.values())
    told = {r.column for r in reasons}
    others = [abs(v) for c, v in working.items() if c not in told]
    if not working:
        nothing = _("Nothing in the records raises the score.") if up else _("Nothing in the records lowers the score.")
        return Section(title, (Words(nothing),))
    blocks: list[Block] = [Arguments(tuple(_argument(d, r, total, _, up=up) for r in reasons))] if reasons else []
    if others:
        blocks.append(Words(_rest(len(others), _.decimal(math.fsum(others), 3), _, up=up), quiet=True))
    return Section(title, tuple(blocks), new_page=up)


def _rest(n: int, by: str, _: Translator, *, up: bool) -> str:
    if up:
        return _.plural(
            "{n} further value raises the score by {by}.", "{n} further values raise the score by {by}.", n, by=by
        )
    return _.plural(
        "{n} further value lowers the score by {by}.", "{n} further values lower the score by {by}.", n, by=by
    )


def _argument(d: Dossier, r: Reason, total: float, _: Translator, *, up: bool) -> Argument:
    share = round(100 * abs(r.contribution) / total) if total else 0
    by, percent = _.decimal(abs(r.contribution), 3), _.percent(share / 100)
    part = (
        _("raises the score by {by}: {percent} of all that raises it", by=by, percent=percent) if up else
        _("lowers the score by {by}: {percent} of all that lowers it", by=by, percent=percent)
    )  # fmt: skip
    below = _("Measured under: {family}", family=r.family)
    if r.indicator:
        below += "; " + _("bears on: {indicator}", indicator=_indicator(r.indicator, _))
    shown = shown_records(r.documents, _, reports_in_full=d.audience == "prosecutor")
    head = _.plural("The record behind it", "The {n} records behind it", len(shown)) if shown else _(
        "No single record stands behind it.")  # fmt: skip
    return Argument(
        sentence=r.sentence,
        values=(
            (_("Here"), r.value), (_("Usual on this list"), r.usual or _("not known")), (_("Part in the score"), part)
        ),
        share=share,
        raises=up,
        bar=_("Bar: {percent}", percent=percent),
        measured=below,
        records_head=head,
        records=tuple(line(x, _) for x in shown),
    )  # fmt: skip


def _by_indicator(d: Dossier, _: Translator) -> tuple[Table, ...]:
    """Return base, indicators and what belongs to none of them, as rows that sum to the score."""
    named: Mapping[str, float] = {name: value for name, value in d.indicators.items() if name and value}
    if not named:
        return ()
    ordered = by_size(named)
    neither = math.fsum([*d.contributions.values(), *(-v for v in named.values())])
    parts, total = rounded_to_sum([d.base, *(v for _name, v in ordered), neither])
    names = [_("Base: an average place in training"), *(_indicator(name, _) for name, _value in ordered),
             _("Neither: what the place is, its visits, comparable places")]  # fmt: skip
    rows = tuple((Cell(n), Cell(_.decimal(v, 3, sign=True))) for n, v in zip(names, parts, strict=True))
    caption = _("The same score by indicator. An enabling condition makes forced labour easier and is not itself one "
                "of the 11 indicators.")  # fmt: skip
    foot = (Cell(_("Score (margin)")), Cell(_.decimal(total, 3, sign=True)))
    return (Table(caption, (_("Indicator"), _("Log-odds")), rows, (0.8, 0.2), frozenset({1}), foot),)


def _indicator(name: str, _: Translator) -> str:
    return _(TITLES[name]) if name in TITLES else name.replace("_", " ")


def _place(d: Dossier, _: Translator) -> str:
    from riskscore.explanation.audience import AUDIENCES, all_else

    return _("The place and its peers") if AUDIENCES[d.audience].reports != "none" else all_else(_)


def _step(share: DocumentShare, _: Translator) -> Step:
    known = _.date(share.known_on) if share.known_on else ""
    said = [share.text] if share.id else []  # a report says no more than its name
    said += [_("site {site}", site=share.place)] if share.place else []
    said += [share.link] if share.link else []
    said += [_("standard error {error}", error=_.decimal(share.error, 3))] if share.error else []
    return Step(_named(share, _), share.share, known, "; ".join(said))


def _named(share: DocumentShare, _: Translator) -> str:
    """Return what a document is called: its day, kind and id; of a report the quarter."""
    if not share.id:
        return share.text
    name = f"{table_title(share.table, _)} {share.id}"
    return f"{_.date(share.date)}: {name}" if share.date else name

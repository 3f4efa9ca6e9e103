"""The gate: what a run must show before it comes into office, and by how much it failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import prod

import numpy as np
import pandas as pd

from riskscore.asof.build import build
from riskscore.audit.attributes import attributes
from riskscore.audit.audit import HARMS, Audit, audit
from riskscore.audit.steady import steady
from riskscore.cohorts import Cohort, cohort_of
from riskscore.dates import as_date, day, to_days
from riskscore.definitions.recipe import GateRule, Recipe
from riskscore.errors import FitError, StoreError
from riskscore.labels import days_to_first
from riskscore.learn.backtest import metrics_of, named
from riskscore.learn.paired import CORRECTED, VISITED, chance_to_pass, compared
from riskscore.pipeline.learn import past_rows
from riskscore.pipeline.paired import OURS, THEIRS, Pair, kind_of, pair
from riskscore.pipeline.work import Say
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records
from riskscore.score import eligible
from riskscore.store import Run
from riskscore.verdict import CHANGED, FIRST, RETRAIN, Part, Verdict, hash_of

_WAYS = {CORRECTED: "corrected for who was visited", VISITED: "on visited places"}


def gate(candidate: Run, champion: Run | None, records: Records, *, say: Say = lambda text: None) -> Verdict:
    """Return whether a run may come into office, part by part.

    A changed recipe must be better than the champion's, corrected for who was visited, and not worse by more than a
    margin on visited places. A retrain of the same recipe must not be worse by more than a margin on either. Where
    nobody is in office, the best of the simple rules stands in the champion's place, and the margins hold. Besides, the
    ranking must pass its audits: whom it burdens, whether it tells who the workers are, and how much of the list stays.
    What cannot be told is not passed. The limits are those of the recipe in office: a run does not bring its own.

    Parameters
    ----------
    candidate : Run
    champion : Run, optional
        Who is in office.
    records : Records
        Those that the candidate was made from.
    say : callable
        Told what is being done.

    Raises
    ------
    StoreError
        The candidate was made from other records.
    """
    marks, was = fingerprint(records), candidate.manifest["records"]
    if marks != was:
        other = ", ".join(sorted(name for name in {*marks, *was} if marks.get(name) != was.get(name)))
        raise StoreError(f"the run was made from other records ({other}).", where=candidate.id,
                         next="Give those, or fit again on these.")  # fmt: skip
    kind = kind_of(candidate, champion)
    recipe = (champion or candidate).model.recipe
    found, tested, rows = _measured(candidate, champion, records, say)
    say("comparing")
    parts = [_compared(way, found, rows, recipe, kind) for way in (CORRECTED, VISITED)]
    power, power_said = _power(parts, recipe.gate, kind)
    say("the audits")
    audits = [*_audited(candidate, tested, records, recipe), *_steady(candidate, champion, records, recipe)]
    return Verdict(
        kind=kind, run=candidate.id, run_hash=hash_of(candidate.manifest),
        champion=champion.id if champion else "", champion_hash=hash_of(champion.manifest) if champion else "",
        records=marks, parts=(*parts, *audits), rows=rows, better_by=recipe.gate.worthwhile, power=power,
        power_said=power_said,
    )  # fmt: skip


def _measured(
    candidate: Run, champion: Run | None, records: Records, say: Say
) -> tuple[Pair | None, pd.DataFrame | None, tuple[str, ...]]:
    """Return the rows to compare on, those of the candidate's backtest, and which they are or why there are none."""
    found, tested = None, None
    try:
        found = pair(candidate, champion, records, say)
        rows = found.said
        tested = found.tested
    except FitError as error:
        rows = (f"{error.what} {error.next}".strip(),)
    if tested is None:
        try:
            recipe, on = candidate.model.recipe, as_date(day(candidate.manifest["as_of"]))
            tested = past_rows(records, recipe, candidate.model.families, on, say).rows
        except FitError as error:
            rows = (*rows, f"no past date to audit: {error.what}")
    return found, tested, rows


def _compared(way: str, found: Pair | None, rows: tuple[str, ...], recipe: Recipe, kind: str) -> Part:
    """Return whether the candidate is good enough beside the champion, or the best simple rule, in one way."""
    rule = recipe.gate
    share = max(recipe.capacity) if rule.metric == "precision" else np.nan
    beside = "the best simple rule" if kind == FIRST else "the champion"
    margin = 0.0 if kind == CHANGED and way == CORRECTED else rule.corrected_margin if way == CORRECTED else rule.margin
    asked = f"at most {margin:.3f} worse than {beside}" if margin else f"better than {beside}"
    limit = 0.0 - margin
    part = Part(f"{named(rule.metric, share)}, {_WAYS[way]}", f"surely {asked} (95 %)", limit,
                f"cannot be told: {rows[0]}")  # fmt: skip
    if found is None:
        return part
    measures = [one for one in metrics_of(recipe) if one[0] == rule.metric and (np.isnan(share) or one[1] == share)]
    table = compared(measures, found.rows, [OURS, *found.rivals], OURS, ways=(way,))
    if table.empty:
        why = "; ".join(said for said in found.said if "correct" in said) if way == CORRECTED else "too few finds"
        return replace(part, said=f"cannot be told: {why or 'no place may be visited without a report'}")
    mine = table[table["model"] == OURS].iloc[0]
    if mine["finds"] < rule.minimum_positives:
        return replace(
            part, said=f"cannot be told: {mine['finds']:,} finds, at least {rule.minimum_positives} are needed"
        )
    best = table[table["model"] != OURS].sort_values("value", ascending=False, kind="stable").iloc[0]
    value, low, high = (float(best[name]) for name in ("difference", "difference_low", "difference_high"))
    if np.isnan([value, low, high]).any():
        return replace(part, said="cannot be told: the metric has no value there")
    rival = "champion" if best["model"] == THEIRS else f"'{best['model']}'"
    said = (f"{mine['value']:.3f}, {rival} {best['value']:.3f}: {value:+.3f} ({low:+.3f} to {high:+.3f}); "
            f"{mine['dates']} dates, {mine['places']:,} places, {mine['finds']:,} finds")  # fmt: skip
    passed = low > limit
    error = float(best["error"])  # 0 where both lists are the same: that says nothing of others
    chance = chance_to_pass(0.0 if kind == RETRAIN else rule.worthwhile, limit, error) if error > 0 else None
    said += "" if passed else f"; short by {limit - low:.3f}"
    return replace(part, value=value, low=low, high=high, passed=passed, said=said, chance=chance)


def _power(parts: list[Part], rule: GateRule, kind: str) -> tuple[float | None, str]:
    """Return how probably a good run passes what compares; the parts are taken as independent."""
    who = "A retrain that is truly as good as the champion" if kind == RETRAIN else (
        f"A run that is truly better by {rule.worthwhile:.3f}")  # fmt: skip
    if any(part.value is None for part in parts):
        return None, f"{who} could not pass either: what is asked cannot be told here."
    chances = [part.chance for part in parts if part.chance is not None]
    if len(chances) < len(parts):
        return None, "How probably a better run would pass cannot be told: the two lists do not differ."
    power = prod(chances)
    told = "less than 1%" if power < 0.01 else "more than 99%" if power > 0.99 else f"about {power:.0%}"
    return power, f"{who} would pass both comparisons in {told} of cases; the audits come on top."


def _audited(candidate: Run, tested: pd.DataFrame | None, records: Records, recipe: Recipe) -> Iterator[Part]:
    """Give the parts on whom the ranking burdens and passes over, and on what it tells of the workers."""
    limit, most = recipe.audit.difference_limit, recipe.audit.proxy_gain_limit
    none = "cannot be told: no past date to audit"
    fair = Part("fairness", f"no group surely worse off by more than {limit:.0%}", limit, none)
    proxy = Part("who the workers are", f"told at most {most:.3f} (AUC) better than by breaches alone", most, none)
    if tested is None:
        yield from (fair, proxy)
        return
    own, on = candidate.model.recipe, as_date(day(candidate.manifest["as_of"]))
    members = Cohort(own.entity, tested["entity"].to_numpy(dtype=object), to_days(tested["as_of"]))
    rows = tested.assign(days=days_to_first(records, own, members, on))
    groups = attributes(records, members, recipe.audit.high_foreign_share)
    found = audit(rows, groups, recipe.audit, max(recipe.capacity))
    yield _fair(fair, found, limit)
    yield _told(proxy, found)


def _fair(part: Part, found: Audit, limit: float) -> Part:
    harms = found.fairness
    judged = harms[harms["measure"].isin(HARMS) & harms["difference_low"].notna()] if len(harms) else harms
    if not len(judged):
        return replace(part, said="cannot be told: no group has enough visited places and finds")
    worst = judged.sort_values("difference_low", ascending=False, kind="stable").iloc[0]
    value, low, high = (float(worst[name]) for name in ("difference", "difference_low", "difference_high"))
    said = (f"{worst['measure']}, {str(worst['attribute']).replace('_', ' ')} '{worst['group']}': {value:+.0%} "
            f"({low:+.0%} to {high:+.0%}) beside everybody else, the most of {len(judged)} judged")  # fmt: skip
    passed = low <= limit
    return replace(part, value=value, low=low, high=high, passed=passed,
                   said=said if passed else f"{said}; beyond by {low - limit:.0%}")  # fmt: skip


def _told(part: Part, found: Audit) -> Part:
    told = found.proxy
    if told is None:
        return replace(part, passed=True, said="nothing to ask: no permits in the records")
    if told.refusal:
        return replace(part, said=f"cannot be told: {told.refusal}")
    gain, limit = told.gain, part.limit
    passed = not (gain.value > limit and gain.low > 0)
    said = (f"{gain.value:.3f} ({gain.low:.3f} to {gain.high:.3f}): AUC {told.with_score.value:.3f} with the score, "
            f"{told.breaches.value:.3f} without")  # fmt: skip
    return replace(part, value=gain.value, low=gain.low, high=gain.high, passed=passed,
                   said=said if passed else f"{said}; beyond by {gain.value - limit:.3f}")  # fmt: skip


def _steady(candidate: Run, champion: Run | None, records: Records, recipe: Recipe) -> Iterator[Part]:
    """Give the parts on how much of the list of the candidate's day stays: beside the champion's, and made again."""
    limit, capacity = recipe.gate.same_places, max(recipe.capacity)
    on = as_date(day(candidate.manifest["as_of"]))
    cohort = cohort_of(records, candidate.model.recipe, [on])
    cohort = cohort.pick(eligible(records, cohort)[0])
    model = candidate.model
    matrix = build(records, model.families, cohort)
    own, table = model.margin(matrix), model.estimator.encode(model.features(matrix))
    others = {}
    if champion is not None and kind_of(candidate, champion) == RETRAIN:  # a better recipe has to move places
        others["the champion's list"] = [champion.model.margin(matrix)]
    again = model.refits or (model.estimator.boosters_ if len(model.estimator.boosters_) > 1 else ())
    others[f"lists of {len(again)} {'refits' if model.refits else 'seeds'}"] = [b.margin(table) for b in again]
    for name, scores in others.items():
        part = Part(f"stability beside {name}", f"at least {limit:.0%} of the first places stay", limit, "")
        if not scores:
            yield replace(part, name="stability beside refits", passed=True,
                          said="nothing to ask: the recipe has one seed and no refits")  # fmt: skip
            continue
        kept = [steady(own, score, cohort.entity, capacity) for score in scores]
        value = float(np.mean([one.same for one in kept]))
        correlation = float(np.mean([one.correlation for one in kept]))
        said = (f"{value:.0%} of the first {kept[0].seats:,} of {kept[0].places:,} places; rank correlation of all "
                f"{correlation:.2f}")  # fmt: skip
        passed = value >= limit
        said += "" if passed else f"; short by {limit - value:.0%}"
        yield replace(part, value=value, passed=passed, said=said)

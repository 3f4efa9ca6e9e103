"""Rank, why, explain: a stored or fresh model on the records as they were known on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import Engine, window_of
from riskscore.asof.matrix import FeatureMatrix
from riskscore.asof.urgent import urgent
from riskscore.cohorts import Cohort, register
from riskscore.dates import as_date, day
from riskscore.definitions.catalog import load_catalog
from riskscore.definitions.phrases import Phrases
from riskscore.errors import RecordsError, RiskscoreError, nearest
from riskscore.explanation.audience import AUDIENCES, for_audience
from riskscore.explanation.compose import REBUILD, SHOWN_REASONS, Listed, compose
from riskscore.explanation.dossier import Dossier
from riskscore.explanation.origins import ORIGINS, OWN_VISITS, shares
from riskscore.explanation.papers import Shelf
from riskscore.explanation.reasons import main_reasons, sentence, usual
from riskscore.history.shared import keeps
from riskscore.learn.fit import Model
from riskscore.learn.selection.prior import prior_shift
from riskscore.learn.selection.visiting import visiting
from riskscore.pipeline.work import HERE, Work
from riskscore.records.fingerprint import fingerprint
from riskscore.records.model import Records
from riskscore.records.pseudonyms import Pseudonyms
from riskscore.score import Ranking, rank
from riskscore.store import Run

NOT_STORED = "(not stored)"


@dataclass(frozen=True)
class List:
    """A ranking with everything that explains it.

    ``frame`` has one row per entity: the columns of the ranking, from_own_visits (the share of its SHAP values, by
    size, that rests on visits to it or its employer), reason_1 to reason_3, and, where an earlier day is compared,
    moved and moved_because.
    """

    frame: pd.DataFrame
    model: Model
    phrases: Phrases
    run: str
    as_of: dt.date
    records: Records
    cohort: Cohort
    matrix: FeatureMatrix
    values: NDArray[np.float64]
    ranking: Ranking
    pseudonyms: Pseudonyms | None = None  # told in place of ids and names, where there are any
    ledger: Mapping[str, str] = field(
        default_factory=dict
    )  # head of the ledger in use, for dossiers; by LEDGER's names

    def called(self, kind: str, entity: str) -> str:
        """Return what a site or an employer is called in whatever leaves the list."""
        return entity if self.pseudonyms is None else self.pseudonyms.of(f"{kind}s", entity)

    def meant(self, name: str) -> str:
        """Return the entity that an id, or its pseudonym, names."""
        if self.pseudonyms is None or name in set(self.frame["entity"]):
            return name
        called = {self.called(self.cohort.kind, e): e for e in self.frame["entity"].astype(str)}
        return called.get(name, name)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the list as a whole."""
        left = tuple(f"left out: {n} of '{reason}'" for reason, n in self.ranking.left_out.items())
        return self.ranking.notes + self._resting() + left

    def _resting(self) -> tuple[str, ...]:
        """Return where the signals behind the scores of the first band come from."""
        if self.frame.empty:
            return ()
        first = self.frame["band"].iloc[int(self.frame["rank"].argmin())]
        rows = self.ranking.rows[(self.frame["band"] == first).to_numpy()]
        found = shares(self.values[rows, :-1], self.model.columns, self.matrix.columns)
        own, *others = (f"{found[o].mean():.0%} on {o}" for o in ORIGINS)
        return (f"visited because visited before: what moves the scores of band {first} rests to {own}, "
                f"{', '.join(others)}",)  # fmt: skip


@keeps
def rank_list(
    model: Model | Run,
    records: Records,
    as_of: str | dt.date,
    *,
    since: str | dt.date | None = None,
    language: str = "en",
    work: Work = HERE,
) -> List:
    """Return everybody of the register on a day, ranked and with reasons.

    Parameters
    ----------
    model : Model or Run
    records : Records
    as_of : date
        Exclusive: only what was known before it is used.
    since : date, optional
        An earlier day; each row then says how far it moved, and the reason that changed most.
    work : Work
        Where everybody is scored and explained: this machine, or an engine.

    Raises
    ------
    RecordsError
        If nobody was in the register on that day.

    Examples
    --------
    >>> import riskscore as rs
    >>> records = rs.sample_records()
    >>> model = rs.fit(records, recipe="site_risk", as_of="2024-01-01")
    >>> found = rs.rank(model, records, as_of="2025-01-01")
    >>> found.frame["rank"].is_unique
    True
    """
    made, phrases, run = _unpacked(model)
    on = as_date(day(as_of))
    members, matrix, values, ranking = _scored(made, records, on, work)
    frame = ranking.frame.copy()
    rows = ranking.rows
    reasons = main_reasons(made, _picked(matrix, rows), values[rows], phrases, language)
    resting = shares(values[rows, :-1], made.columns, matrix.columns)
    frame["from_own_visits"] = resting[OWN_VISITS].round(4)
    for i in range(3):
        frame[f"reason_{i + 1}"] = reasons[:, i]
    if since is not None:
        _add_moves(frame, made, records, as_date(day(since)), matrix, values, members, phrases, language, work)
    return List(frame, made, phrases, run, on, records, members, matrix, values, ranking)


def explain(
    model: Model | Run,
    records: Records,
    as_of: str | dt.date,
    entity: str,
    *,
    language: str = "en",
    audience: str = "supervisor",
) -> Dossier:
    """Return the dossier of one entity as of a day; for several, rank once and use `dossiers`.

    Parameters
    ----------
    language : {"en", "az", "ru"}
    audience : {"supervisor", "prosecutor", "field", "employer"}
        Whose copy it is: what it may say of reports depends on that.

    Raises
    ------
    RecordsError
        The entity is not on the list; the message says why.

    Examples
    --------
    >>> import riskscore as rs
    >>> records = rs.sample_records()
    >>> model = rs.fit(records, recipe="site_risk", as_of="2024-01-01")
    >>> dossier = rs.explain(model, records, as_of="2025-01-01", entity="S0487")
    >>> abs(dossier.base + sum(dossier.contributions.values()) - dossier.margin) < 1e-4
    True
    """
    return dossiers(rank_list(model, records, as_of, language=language), [entity], language, audience=audience)[0]


def dossiers(
    listed: List, entities: Sequence[str], language: str = "en", *, audience: str = "supervisor"
) -> list[Dossier]:
    """Return a dossier for each entity of a list, in the order asked for.

    Parameters
    ----------
    audience : {"supervisor", "prosecutor", "field", "employer"}
        Whose copies they are. Only a prosecutor sees day, channel and topic of reports; on the sheet for the field and
        in the employer's copy nothing is left of them.

    Raises
    ------
    RiskscoreError
        There is no such audience.
    RecordsError
        An entity is not on the list; the message says why.
    """
    if audience not in AUDIENCES:
        raise RiskscoreError(f"'{audience[:60]}' is no audience.", next=nearest(audience, [*AUDIENCES]))
    place = {str(e): i for i, e in enumerate(listed.frame["entity"])}
    entities = [listed.meant(entity) for entity in entities]
    for entity in entities:
        if entity not in place:
            raise RecordsError(f"'{entity}' is not on the list: {absence(listed, entity)}")
    at = [place[e] for e in entities]
    shelf = Shelf(Engine(listed.records, listed.cohort.pick(listed.ranking.rows[at])), listed.pseudonyms)
    shared = Listed(
        listed.model, listed.phrases, language, listed.matrix, listed.values,
        usual(_picked(listed.matrix, listed.ranking.rows)), listed.run, listed.as_of, _provenance(listed),
        listed.frame["entity"].to_numpy(), listed.frame["margin"].to_numpy(),
        AUDIENCES[audience].reports == "full",
    )  # fmt: skip
    rows = listed.ranking.rows
    places = [{str(k): v for k, v in listed.frame.iloc[i].items()} for i in at]
    whole = [compose(shared, shelf, int(rows[i]), place) for i, place in zip(at, places, strict=True)]
    return [for_audience(dossier, listed.matrix.columns, audience, SHOWN_REASONS) for dossier in whole]


def absence(listed: List, entity: str) -> str:
    """Return why an entity is not on a list, in a sentence."""
    kind = listed.cohort.kind
    if entity in set(listed.cohort.entity.astype(str)):
        return "private homes are never ranked, and a sole trader only after a visit or a report."
    table = listed.records.tables.get(f"{kind}s")
    if table is None:
        return "there is no register, and no visit to it was known on that day."
    rows = table.frame[table.frame[table.schema.id] == entity]
    if rows.empty:
        return f"the register has no such {kind}. {nearest(entity, list(listed.frame['entity'][:2000].astype(str)))}"
    if not table.as_of_now and bool((rows["known_on"] >= pd.Timestamp(listed.as_of)).all()):
        return f"it became known only on {rows['known_on'].min().date()}."
    closed = rows["closed_on"].dropna()
    if len(closed) and closed.max() < pd.Timestamp(listed.as_of):
        return f"it was closed on {closed.max().date()}."
    opened = rows["opened_on" if kind == "site" else "registered_on"].dropna()
    if len(opened) and opened.min() >= pd.Timestamp(listed.as_of):
        return f"it opened only on {opened.min().date()}."
    return "it was not valid in the register on that day."


def _unpacked(model: Model | Run) -> tuple[Model, Phrases, str]:
    if isinstance(model, Run):
        return model.model, model.phrases, model.id
    return model, load_catalog().phrases, NOT_STORED


def _scored(
    model: Model, records: Records, on: dt.date, work: Work
) -> tuple[Cohort, FeatureMatrix, NDArray[np.float64], Ranking]:
    rule = model.recipe.cohort
    members = register(records, model.recipe.entity, [on], rule.where if rule.kind == "register" else None)
    if not members.entity.size:
        raise RecordsError(f"nobody was in the register on {on}.", where=records.source,
                           next="Compare --as-of with known_on, opened_on and closed_on.")  # fmt: skip
    found = work.score(model, records, members)
    above, refitted = model.margins_above(found.matrix, found.margin), model.refitted_margins(found.matrix)
    visited = None if model.visits is None else visiting(model.visits, records, members, found.matrix)
    named = urgent(records, model.recipe, members)
    prior = model.recipe.world_prior
    shift = None if prior is None else prior_shift(prior, records, members)
    ranking = rank(model, found.margin, records, members, named, above, refitted, visited, shift)
    return members, found.matrix, found.values, ranking


def _picked(matrix: FeatureMatrix, rows: NDArray[Any]) -> FeatureMatrix:
    return FeatureMatrix(matrix.frame.iloc[rows], matrix.columns)


def _add_moves(
    frame: pd.DataFrame, model: Model, records: Records, since: dt.date, matrix: FeatureMatrix,
    values: NDArray[np.float64], members: Cohort, phrases: Phrases, language: str, work: Work,
) -> None:  # fmt: skip
    """Add how many places each entity rose since an earlier day, and the reason that changed most."""
    before, _, old_values, old = _scored(model, records, since, work)
    old_rank = pd.Series(old.frame["rank"].to_numpy(), index=old.frame["entity"].astype(str))
    old_row = pd.Series(np.arange(before.entity.size), index=before.entity.astype(str))
    row = pd.Series(np.arange(members.entity.size), index=members.entity.astype(str))
    features = model.features(matrix)
    moved: list[int | None] = []
    because: list[str] = []
    for entity, place in zip(frame["entity"].astype(str), frame["rank"], strict=True):
        if entity not in old_rank.index:
            moved.append(None)
            because.append("new on the list")
            continue
        change = values[row[entity], :-1] - old_values[old_row[entity], :-1]
        j = int(np.abs(change).argmax())
        rose = int(old_rank[entity] - place)
        moved.append(rose)
        if rose == 0 or change[j] == 0:
            because.append("")
            continue
        said = sentence(matrix.columns[model.columns[j]], features.iat[row[entity], j], language, phrases)
        because.append(f"{said} ({'raises' if change[j] > 0 else 'lowers'} more than before)")
    frame["moved"] = pd.array(moved, dtype="Int64")
    frame["moved_because"] = because


def _provenance(listed: List) -> Mapping[str, str]:
    from riskscore.definitions.fingerprint import fingerprint as of_definitions
    from riskscore.pipeline.learn import versions

    run = {} if listed.run == NOT_STORED else {"run": listed.run}
    known = f" --as-known-at {listed.records.as_known_at}" if listed.records.as_known_at else ""
    return {
        **run,
        "records": ", ".join(f"{table} {digest[:12]}" for table, digest in fingerprint(listed.records).items()),
        "definitions": of_definitions(listed.model.recipe, listed.model.families)[:16],
        "versions": ", ".join(f"{name} {v}" for name, v in versions().items()),
        **listed.ledger,
        REBUILD: f"riskscore explain RECORDS --run {listed.run} --as-of {listed.as_of}{known} --entity",
    }


def shown(listed: List, *, brief: bool = False) -> pd.DataFrame:
    """Return the list as people read it: percentages refused where they must be, moves, reasons.

    Parameters
    ----------
    brief : bool
        For a terminal: the narrow columns and the first two reasons.
    """
    frame, refused = listed.frame.copy(), bool(listed.model.refusal)
    if listed.pseudonyms is not None:
        frame["entity"] = [listed.called(listed.cohort.kind, str(e)) for e in frame["entity"]]
        if "employer" in frame:
            frame["employer"] = [None if pd.isna(e) else listed.called("employer", str(e)) for e in frame["employer"]]
    if not brief:
        frame["probability"] = frame["probability"].round(4)
        frame["margin"] = frame["margin"].round(6)
        return _without_refused(frame, listed.model)
    frame["chance"] = [
        f"{m:+.2f}" if refused else "–" if why else f"{p:.0%}"
        for m, p, why in zip(frame.margin, frame.probability, frame.percentage_refused, strict=True)
    ]
    frame["reasons"] = [
        "; ".join(part for part in ("URGENT REPORT" if urgent_ else "", *reasons) if part)
        for urgent_, *reasons in zip(frame.urgent, frame.reason_1, frame.reason_2, strict=True)
    ]
    if "extrapolation" in frame:
        frame["beyond_visits"] = ["yes" if beyond else "" for beyond in frame["extrapolation"]]
    names = {"employer_rank": "emp.", "chance": "score" if refused else "chance", "rank_with_prior": "with prior"}
    wanted = [
        "rank",
        "employer_rank",
        "entity",
        "band",
        "chance",
        "rank_with_prior",
        "beyond_visits",
        "moved",
        "reasons",
    ]
    return frame[[name for name in wanted if name in frame]].rename(columns=names)


def _without_refused(frame: pd.DataFrame, model: Model) -> pd.DataFrame:
    """Return the list without the percentages that may not be shown, the reason beside each."""
    row = (frame["percentage_refused"] != "").to_numpy()
    for name in ("probability", "probability_low", "probability_high", *(f"rung_{r.name}" for r in model.rungs)):
        frame[name] = frame[name].where(~row)
    for rung in model.rungs:
        why = f"rung_{rung.name}_refused"
        frame[why] = frame[why].where((frame[why] != "") | ~row, frame["percentage_refused"])
    return frame


def label_of(listed: List, column: str) -> str:
    """Return what a reader calls a column: its title, where, and when."""
    c = listed.matrix.columns[column]
    words = listed.phrases.of("en")
    when = "" if c.window == "now" else "" if window_of(c).everything else c.window
    where = words.where.get(c.key, "") if c.feature.kind not in ("attribute", "calendar") else ""
    title = c.feature.title or c.feature.name.replace("_", " ")
    return " ".join(part for part in (title, where, f"({when})" if when else "") if part)

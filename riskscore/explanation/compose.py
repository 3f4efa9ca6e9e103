"""The dossier of one row of a list, put together from the model, the matrix and the records."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.engine import Engine
from riskscore.asof.lineage import rows_behind
from riskscore.asof.matrix import FeatureMatrix
from riskscore.definitions.phrases import Phrases
from riskscore.errors import ExplanationError
from riskscore.explanation.audience import SOLE_TRADER, stands_apart
from riskscore.explanation.by_document import by_document
from riskscore.explanation.documents import document, documents_of
from riskscore.explanation.dossier import Document, Dossier, Reason
from riskscore.explanation.legal import indicators_found, legal_parts
from riskscore.explanation.papers import Shelf, Whose
from riskscore.explanation.reach import reach
from riskscore.explanation.reasons import dates_a_report, sentence
from riskscore.explanation.stability import stability
from riskscore.explanation.unknown import not_known
from riskscore.languages import Translator, marked, translator
from riskscore.learn.fit import Model
from riskscore.records.schema import PARENTS

ENABLING = "enabling condition"
SHOWN_REASONS, SHOWN_DOCUMENTS = 6, 12
LEDGER = ("ledger", "ledger entries", "ledger head", "ledger at", "ledger signature")  # its head, where one is in use
REBUILD = "to rebuild"  # the command; the entity is added to it
NOT_SHOWN = marked("not shown: it would date a report")


@dataclass(frozen=True)
class Listed:
    """All that the dossiers of one list share."""

    model: Model
    phrases: Phrases
    language: str
    matrix: FeatureMatrix
    values: NDArray[np.float64]  # SHAP values, shape (n, p + 1)
    usual: Mapping[str, Any]
    run: str
    as_of: dt.date
    provenance: Mapping[str, str]
    entities: NDArray[Any]  # everybody on the list, with their margins
    margins: NDArray[np.float64]
    reports_in_full: bool = False  # a prosecutor's copy

    def rank_of(self, entity: str, margin: float) -> int:
        """Return the rank that an entity would have with another margin, all others as they are."""
        before = (self.margins > margin) | ((self.margins == margin) & (self.entities < entity))
        return int((before & (self.entities != entity)).sum()) + 1


def compose(listed: Listed, shelf: Shelf, row: int, place: Mapping[str, Any]) -> Dossier:
    """Return the dossier of one row.

    Parameters
    ----------
    listed : Listed
    shelf : Shelf
        Of the same records; its cohort may be smaller, its ids decide.
    row : int
        Position in the matrix.
    place : mapping
        The row of the ranking: rank, of, band, margin, probability, urgent, sole_trader.

    Raises
    ------
    ExplanationError
        If what the dossier would show does not add up to the margin.
    """
    model, columns, engine = listed.model, listed.model.columns, shelf.engine
    _, in_full = translator(listed.language), listed.reports_in_full
    entity = str(listed.matrix.frame.index[row][0])
    mine = int(np.flatnonzero(engine.cohort.entity == entity)[0])
    parts = listed.values[row]
    margin = float(place["margin"])
    if abs(parts.sum() - margin) > 1e-5 * max(1.0, float(np.abs(parts).sum())):
        raise ExplanationError(f"the reasons of '{entity}' do not add up to its margin.")
    shown = model.features(listed.matrix).iloc[row]

    def reason(j: int) -> Reason:
        c = listed.matrix.columns[columns[j]]
        behind = rows_behind(engine, listed.matrix.columns, c.name, mine)[:SHOWN_DOCUMENTS]
        return Reason(
            column=c.name,
            family=c.family.called(listed.language),
            indicator=c.feature.indicator,
            sentence=sentence(c, shown.iloc[j], listed.language, listed.phrases),
            value=_(NOT_SHOWN) if dates_a_report(c) else _written(shown.iloc[j], _),
            usual=_(NOT_SHOWN) if dates_a_report(c) else _written(listed.usual[c.name], _),
            contribution=float(parts[j]),
            documents=tuple(document(shelf.told[table], i, _, reports_in_full=in_full) for table, i in behind),
        )

    order = np.argsort(-parts[:-1], kind="stable")
    raising = _largest([int(j) for j in order if parts[j] > 0], listed)
    lowering = _largest([int(j) for j in order[::-1] if parts[j] < 0], listed)
    refused = bool(place["percentage_refused"])
    site, employer = _registered(shelf, mine)
    papers = documents_of(engine, mine, _, reports_in_full=in_full, told=shelf.told)
    whose = Whose.of(shelf, mine)
    found = indicators_found(shelf, whose, _)
    parted = by_document(
        model, listed.matrix, row, float(parts[-1]), margin, shelf, mine,
        lambda other: listed.rank_of(entity, other), _, reports_in_full=in_full,
    )  # fmt: skip
    families = [listed.matrix.columns[c].family.called(listed.language) for c in columns]
    rung = model.recipe.rung(model.recipe.rank_by)
    called = shelf.called(engine.cohort.kind, entity)
    return Dossier(
        entity=called,
        entity_kind=model.recipe.entity,
        title=_title(site, employer) or called,
        facts=_facts(site, employer, _),
        as_of=listed.as_of,
        as_known_at=engine.records.as_known_at,
        recipe=model.recipe.called(listed.language),
        run=listed.run,
        sought=rung.called(listed.language),
        horizon=_horizon(model, _),
        rank=int(place["rank"]),
        of=int(place["of"]),
        band=str(place["band"]),
        margin=margin,
        base=float(parts[-1]),
        probability=None if refused else float(place["probability"]),
        probability_note=_refusal(model, _) or _beyond(place, _) or _calibrated(place, _),
        contributions={name: float(v) for name, v in zip(columns, parts[:-1], strict=True)},
        families=_summed(listed, parts, lambda c: c.family.called(listed.language)),
        indicators=_summed(listed, parts, lambda c: c.feature.indicator),
        reasons_for=tuple(reason(j) for j in raising),
        reasons_against=tuple(reason(j) for j in lowering),
        not_known=(
            *not_known(shelf, whose, papers, shown, listed.matrix.columns, {**employer, **site}, _),
            *reach(place, _),
        ),
        cautions=_cautions(listed, engine, parts, place, papers, _),
        urgent=bool(place["urgent"]),
        documents=papers,
        provenance={**listed.provenance, REBUILD: f"{listed.provenance[REBUILD]} {shlex.quote(called)}"},
        language=listed.language,
        rank_range=(int(place["rank_low"]), int(place["rank_high"])) if "rank_low" in place else None,
        shares=parted.shares,
        place_share=parted.place_share,
        shares_method=parted.method,
        counterfactuals=parted.counterfactuals,
        stability=stability(model, listed.matrix, row, parts[:-1], families),
        found=found,
        legal_test=legal_parts(found, _),
        similarity_to_visited=float(place["similarity_to_visited"]) if "extrapolation" in place else None,
        extrapolation=bool(place["extrapolation"]) if "extrapolation" in place else None,
    )


def _largest(columns: Sequence[int], listed: Listed) -> list[int]:
    """Return the first of some columns, going on until there are enough for a copy without reports too."""
    at = [n for n, j in enumerate(columns) if stands_apart(listed.matrix.columns[listed.model.columns[j]])]
    return list(columns[: at[SHOWN_REASONS - 1] + 1 if len(at) >= SHOWN_REASONS else len(columns)])


def _refusal(model: Model, _: Translator) -> str:
    """Return why there is no percentage; a model keeps the reason in English, with its counts."""
    if not model.refusal or _.language == "en":
        return model.refusal
    return _("No percentage: too few known outcomes support one, or the recipe does not calibrate.")


def _beyond(place: Mapping[str, Any], _: Translator) -> str:
    """Return why a place that visits cannot speak for has no percentage."""
    if not place["percentage_refused"]:
        return ""
    return _("No percentage: it would be of visited places, and hardly any visited place is like this one.")


def _calibrated(place: Mapping[str, Any], _: Translator) -> str:
    """Return what a percentage is, and between what the calibration leaves it."""
    low, high = (_.percent(float(place[f"probability_{end}"])) for end in ("low", "high"))
    return _(
        "Calibrated on visited places: how often such a margin was followed by it. The calibration itself leaves it "
        "open between {low} and {high} (Venn-Abers); how uncertain this place is in itself it does not say.",
        low=low,
        high=high,
    )


def _horizon(model: Model, _: Translator) -> str:
    h = model.recipe.horizon
    if h.months:
        return _.plural("{n} month", "{n} months", h.months)
    return _.plural("{n} day", "{n} days", h.days)


def _written(value: Any, _: Translator) -> str:
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return _("not known")
    return _.number(int(value)) if float(value) == int(value) else _.decimal(float(value), 2)


def _summed(listed: Listed, parts: NDArray[np.float64], of: Any) -> dict[str, float]:
    """Return contributions summed by what ``of`` says of a column; columns that it says nothing of are left out."""
    total: dict[str, float] = {}
    for name, part in zip(listed.model.columns, parts[:-1], strict=True):
        key = of(listed.matrix.columns[name])
        if key:
            total[key] = total.get(key, 0.0) + float(part)
    return dict(sorted(total.items(), key=lambda item: (-abs(item[1]), item[0])))


def _registered(shelf: Shelf, row: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the registers say of the place and of its employer, as known on the day."""
    site: dict[str, Any] = {}
    employer: dict[str, Any] = {}
    if shelf.engine.cohort.kind == "site" and "site" in shelf.engine.index:
        site = _newest(shelf, "site", row)
    if "employer" in shelf.engine.index:
        employer = _newest(shelf, "employer", row)
    return site, employer


def _facts(site: Mapping[str, Any], employer: Mapping[str, Any], _: Translator) -> dict[str, str]:
    labelled = (
        (_("Site"), site, "site_id"), (_("Kind of place"), site, "site_type"), (_("Region"), site, "region"),
        (_("District"), site, "district"), (_("Employer"), employer, "name"),
        (_("Employer id"), employer, "employer_id"), (_("Tax number"), employer, "tax_number"),
        (_("Kind of employer"), employer, "employer_kind"), (_("Sector"), employer, "sector"),
        (_("Region of the employer"), employer, "region"),
    )  # fmt: skip
    return {
        label: str(cells[column]).replace("_", " ") if column == "site_type" else str(cells[column])
        for label, cells, column in labelled
        if column in cells
    }


def _title(site: Mapping[str, Any], employer: Mapping[str, Any]) -> str:
    name, kind = str(employer.get("name", "")), str(site.get("site_type", "")).replace("_", " ")
    place = ", ".join(p for p in (kind, str(site.get("district", "")), str(site.get("region", ""))) if p)
    return " – ".join(p for p in (name, place) if p)


def _newest(shelf: Shelf, parent: str, row: int) -> dict[str, Any]:
    at = int(shelf.engine.newest(parent)[row])
    frame = shelf.told[PARENTS[parent][1]].frame
    return {} if at < 0 else {str(c): v for c, v in frame.iloc[at].items() if not pd.isna(v)}


def _cautions(
    listed: Listed,
    engine: Engine,
    parts: NDArray[np.float64],
    place: Mapping[str, Any],
    papers: tuple[Document, ...],
    _: Translator,
) -> tuple[str, ...]:
    said = []
    raising = {name: p for name, p in zip(listed.model.columns, parts[:-1], strict=True) if p > 0}
    enabling = sum(p for name, p in raising.items() if listed.matrix.columns[name].feature.indicator == ENABLING)
    if raising and enabling > 0.5 * sum(raising.values()):
        said.append(_("The place rests mostly on uncontracted work, which is an enabling condition and none of the "
                      "eleven indicators of forced labour."))  # fmt: skip
    if not any(p.table == "inspections" for p in papers):
        said.append(_("The model learned from visited places only; this one was never visited, so its place is a guess "
                      "from places that look alike."))  # fmt: skip
    if place["sole_trader"]:
        said.append(_(SOLE_TRADER))
    now = [name for name, view in engine.views.items() if view.table.as_of_now]
    if now:
        tables = ", ".join(sorted(now))
        said.append(_("Taken from registers as they stand today, not as they stood then: {tables}.", tables=tables))
    return tuple(said)

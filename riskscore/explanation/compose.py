"""The dossier of one row of a list, put together from the model, the matrix and the records."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping
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
from riskscore.explanation.documents import document, documents_of
from riskscore.explanation.dossier import Document, Dossier, Reason
from riskscore.explanation.reasons import dates_a_report, sentence
from riskscore.learn.fit import Model

ENABLING = "enabling condition"
SHOWN_REASONS, SHOWN_DOCUMENTS = 6, 12
REBUILD = "to rebuild"  # the command; the entity is added to it
NOT_SHOWN = "not shown: it would date a report"


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


def compose(listed: Listed, engine: Engine, row: int, place: Mapping[str, Any]) -> Dossier:
    """Return the dossier of one row.

    Parameters
    ----------
    listed : Listed
    engine : Engine
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
    model, columns = listed.model, listed.model.columns
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
            family=c.family.title,
            indicator=c.feature.indicator,
            sentence=sentence(c, shown.iloc[j], listed.language, listed.phrases),
            value=NOT_SHOWN if dates_a_report(c) else _written(shown.iloc[j]),
            usual=NOT_SHOWN if dates_a_report(c) else _written(listed.usual[c.name]),
            contribution=float(parts[j]),
            documents=tuple(document(engine.views[table], i) for table, i in behind),
        )

    order = np.argsort(-parts[:-1], kind="stable")
    raising = [int(j) for j in order[:SHOWN_REASONS] if parts[j] > 0]
    lowering = [int(j) for j in order[::-1][:SHOWN_REASONS] if parts[j] < 0]
    refused = bool(model.refusal)
    facts, title = _facts(engine, mine, entity)
    papers = documents_of(engine, mine)
    rung = model.recipe.rung(model.recipe.rank_by)
    return Dossier(
        entity=entity,
        entity_kind=model.recipe.entity,
        title=title,
        facts=facts,
        as_of=listed.as_of,
        as_known_at=None,
        recipe=model.recipe.title,
        run=listed.run,
        sought=rung.title,
        horizon=_horizon(model),
        rank=int(place["rank"]),
        of=int(place["of"]),
        band=str(place["band"]),
        margin=margin,
        base=float(parts[-1]),
        probability=None if refused else float(place["probability"]),
        probability_note=model.refusal or _calibrated(place),
        contributions={name: float(v) for name, v in zip(columns, parts[:-1], strict=True)},
        families=_summed(listed, parts, lambda c: c.family.title),
        indicators=_summed(listed, parts, lambda c: c.feature.indicator),
        reasons_for=tuple(reason(j) for j in raising),
        reasons_against=tuple(reason(j) for j in lowering),
        not_known=_not_known(listed, shown, papers),
        cautions=_cautions(listed, engine, parts, place, papers),
        urgent=bool(place["urgent"]),
        documents=papers,
        provenance={**listed.provenance, REBUILD: f"{listed.provenance[REBUILD]} {shlex.quote(entity)}"},
    )


def _calibrated(place: Mapping[str, Any]) -> str:
    """Return what a percentage is, and between what the calibration leaves it."""
    low, high = (f"{100 * float(place[f'probability_{end}']):.0f} %" for end in ("low", "high"))
    return (
        "Calibrated on visited places: how often such a margin was followed by it. The calibration itself leaves it "
        f"open between {low} and {high} (Venn-Abers); how uncertain this place is in itself it does not say."
    )


def _horizon(model: Model) -> str:
    h = model.recipe.horizon
    return f"{h.months} months" if h.months else f"{h.days} days"


def _written(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None or pd.isna(value):
        return "not known"
    return f"{value:,.0f}" if float(value) == int(value) else f"{value:,.2f}"


def _summed(listed: Listed, parts: NDArray[np.float64], of: Any) -> dict[str, float]:
    """Return contributions summed by what ``of`` says of a column; columns that it says nothing of are left out."""
    total: dict[str, float] = {}
    for name, part in zip(listed.model.columns, parts[:-1], strict=True):
        key = of(listed.matrix.columns[name])
        if key:
            total[key] = total.get(key, 0.0) + float(part)
    return dict(sorted(total.items(), key=lambda item: (-abs(item[1]), item[0])))


def _facts(engine: Engine, row: int, entity: str) -> tuple[dict[str, str], str]:
    """Return what the registers say of the place and of its employer, and the title made of it."""
    facts: dict[str, str] = {}
    site, employer = {}, {}
    as_of = engine.cohort.as_of[row : row + 1]
    if engine.cohort.kind == "site" and "site" in engine.index:
        site = _newest(engine, "site", engine.row_codes("site")[row : row + 1], as_of)
    if "employer" in engine.index:
        employer = _newest(engine, "employer", engine.row_codes("employer")[row : row + 1], as_of)
    for label, cells, column in (
        ("Site", site, "site_id"), ("Kind of place", site, "site_type"), ("Region", site, "region"),
        ("District", site, "district"), ("Employer", employer, "name"), ("Employer id", employer, "employer_id"),
        ("Tax number", employer, "tax_number"), ("Kind of employer", employer, "employer_kind"),
        ("Sector", employer, "sector"), ("Region of the employer", employer, "region"),
    ):  # fmt: skip
        if column in cells:
            facts[label] = str(cells[column]).replace("_", " ") if column == "site_type" else str(cells[column])
    name, kind = str(employer.get("name", "")), str(site.get("site_type", "")).replace("_", " ")
    place = ", ".join(p for p in (kind, str(site.get("district", "")), str(site.get("region", ""))) if p)
    return facts, " – ".join(p for p in (name, place) if p) or entity


def _newest(engine: Engine, parent: str, code: NDArray[np.int32], as_of: NDArray[np.int32]) -> dict[str, Any]:
    index = engine.index[parent]
    at = int(index.newest(code, as_of)[0])
    return {} if at < 0 else {str(c): v for c, v in index.view.frame.iloc[at].items() if not pd.isna(v)}


def _not_known(listed: Listed, shown: pd.Series[Any], papers: tuple[Document, ...]) -> tuple[str, ...]:
    said = []
    if not any(p.table == "inspections" for p in papers):
        said.append("Nobody has visited this place as far as the records tell: nothing found is not nothing there.")
    else:
        newest = max(p.date for p in papers if p.table == "inspections" and p.date is not None)
        said.append(f"What has happened there since the last visit on {newest}.")
    titles: dict[str, list[bool]] = {}
    for name, value in shown.items():
        titles.setdefault(listed.matrix.columns[str(name)].family.title, []).append(bool(pd.isna(value)))
    said += [f"Nothing is recorded of: {title}." for title, missing in titles.items() if all(missing)]
    absent = sorted(set(listed.matrix.absent.values()))
    return (*said, *(f"Not in the records at all: {reason}." for reason in absent))


def _cautions(
    listed: Listed, engine: Engine, parts: NDArray[np.float64], place: Mapping[str, Any], papers: tuple[Document, ...]
) -> tuple[str, ...]:
    said = []
    raising = {name: p for name, p in zip(listed.model.columns, parts[:-1], strict=True) if p > 0}
    enabling = sum(p for name, p in raising.items() if listed.matrix.columns[name].feature.indicator == ENABLING)
    if raising and enabling > 0.5 * sum(raising.values()):
        said.append("The place rests mostly on uncontracted work, which is an enabling condition and none of the "
                    "eleven indicators of forced labour.")  # fmt: skip
    if not any(p.table == "inspections" for p in papers):
        said.append("The model learned from visited places only; this one was never visited, so its place is a guess "
                    "from places that look alike.")  # fmt: skip
    if place["sole_trader"]:
        said.append("The employer is a sole trader: a person. It is listed only because of a visit or a report.")
    now = [name for name, view in engine.views.items() if view.table.as_of_now]
    if now:
        said.append(f"Taken from registers as they stand today, not as they stood then: {', '.join(sorted(now))}.")
    return tuple(said)

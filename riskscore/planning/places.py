"""The places that a plan chooses from: the list, with what the records and the rules say of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from riskscore.asof.build import build
from riskscore.asof.engine import Engine
from riskscore.cohorts import Cohort
from riskscore.dates import as_date, days_between
from riskscore.definitions.feature import Family, Feature
from riskscore.definitions.grammar import parse
from riskscore.definitions.recipe import Recipe
from riskscore.history.tables import take
from riskscore.learn.selection.circumstances import SUSPENDED, circumstances
from riskscore.planning.draw import Floats
from riskscore.planning.offices import Named, Offices, PlanError
from riskscore.planning.visit_value import visit_value
from riskscore.records.model import Records

URGENT, FOLLOW_UP, JOINT, DRAWN = "urgent report", "follow-up", "joint visit", "drawn at random"
CHOSEN = "worth a visit"
NO_OFFICE = "no office serves its region"
NO_REPORT = "visits to places of this kind need a report, and none is on file"
NO_PLACE = "neither it nor its region has coordinates"


@dataclass(frozen=True)
class Places:
    """Every place of a list as a plan sees it, in the order of the list.

    ``frame`` columns: entity, employer, region, district, sector, latitude, longitude, located (its own coordinates
    are known; else the middle of its region stands for them), rank, band, urgent, finding (chance that a visit finds
    what the list ranks by), value (of a visit), visited (ever before), days_since (the last visit), similarity,
    workers, demand (why it must be visited; empty otherwise), because, partner, out (why it may not be visited; empty
    otherwise).
    """

    frame: pd.DataFrame
    says: tuple[str, ...]  # how the value of a visit was found

    @property
    def open(self) -> NDArray[np.bool_]:
        """Places that may be chosen or drawn: nothing forbids a visit and nothing demands one; shape (n,)."""
        return np.asarray((self.frame["out"] == "") & (self.frame["demand"] == ""))


def places(listed: pd.DataFrame, records: Records, members: Cohort, recipe: Recipe, offices: Offices) -> Places:
    """Return the places of a list with what decides about visits to them, as known before the list's day.

    Parameters
    ----------
    listed : DataFrame, n rows
        The list; see `riskscore.score.Ranking`.
    records : Records
    members : Cohort of n rows
        The same places in the same order.
    recipe : Recipe
    offices : Offices

    Raises
    ------
    PlanError
        The recipe ranks employers, or a named place is not on the list.
    """
    if members.kind != "site" or not records.has("sites"):
        raise PlanError("a plan is made of places of work, and these come from a register of sites.",
                        where=f"recipe '{recipe.name}'", next="Take a run of a recipe for sites.")  # fmt: skip
    engine = Engine(records, members)
    frame = pd.DataFrame({
        "entity": listed["entity"].astype(str).to_numpy(dtype=object),
        "employer": _word(engine, "site", "employer_id"),
        "region": _word(engine, "site", "region"), "district": _word(engine, "site", "district"),
        "sector": _word(engine, "employer", "sector"), "site_type": _word(engine, "site", "site_type"),
        "latitude": _number(engine, "latitude"), "longitude": _number(engine, "longitude"),
        "rank": listed["rank"].to_numpy(), "band": listed["band"].to_numpy(dtype=object),
        "urgent": listed["urgent"].to_numpy(dtype=bool),
    })  # fmt: skip
    _locate(frame)
    workers, age = _of_tables(records, members)
    worth = visit_value(recipe, listed.reset_index(drop=True), workers, age)
    frame["finding"], frame["value"], frame["workers"] = worth.finding, worth.value, workers
    frame["visited"], frame["days_since"] = ~np.isnan(age), age
    frame["similarity"] = listed.get("similarity_to_visited", pd.Series(np.nan, index=listed.index)).to_numpy()
    _demand(frame, offices)
    how = circumstances(records, members)
    waits = offices.cool_down.before(members.as_of)
    recent = ~np.isnan(age) & (age <= days_between(waits, members.as_of))
    served = frame["region"].isin([region for o in offices.offices for region in o.regions]).to_numpy()
    named = {n.place: n.because for n in offices.leave_out}
    left = np.array([f"left out: {named[e]}" if e in named else "" for e in frame["entity"]], dtype=object)
    day = as_date(int(members.as_of[0])) if members.as_of.size else ""
    reasons = (
        (left != "", left),
        (how.rule == SUSPENDED, "visits to places of this kind are suspended"),
        (how.closed, NO_REPORT),
        (frame["latitude"].isna().to_numpy(), NO_PLACE),
        (~served, NO_OFFICE),
        (recent & (frame["demand"] == "").to_numpy(), f"visited shortly before {day} (cool-down)"),
    )
    out = np.full(len(frame), "", dtype=object)
    for holds, why in reasons:
        mask = (out == "") & holds
        out[mask] = why[mask] if isinstance(why, np.ndarray) else why
    frame["out"] = out
    return Places(frame, worth.says)


def _word(engine: Engine, kind: str, column: str) -> NDArray[Any]:
    if kind not in engine.index or not engine.index[kind].view.has(column):
        return np.full(engine.cohort.as_of.shape, "", dtype=object)
    values = take(engine.index[kind].view.values(column), engine.newest(kind))
    found: NDArray[Any] = np.array([*values.words, ""], dtype=object)[values.data]
    return found


def _number(engine: Engine, column: str) -> Floats:
    view = engine.index["site"].view
    if not view.has(column):
        return np.full(engine.cohort.as_of.shape, np.nan)
    frame, rows = view.frame[column].to_numpy(dtype=np.float64), engine.newest("site")
    return np.where(rows >= 0, frame[rows], np.nan)


def _locate(frame: pd.DataFrame) -> None:
    """Put places without coordinates in the middle of those of their district, or of their region."""
    frame["located"] = frame["latitude"].notna() & frame["longitude"].notna()
    for keys in (["region", "district"], ["region"]):
        for axis in ("latitude", "longitude"):
            frame[axis] = frame[axis].fillna(frame.groupby(keys)[axis].transform("mean"))


def _of_tables(records: Records, members: Cohort) -> tuple[Floats, Floats]:
    """Return how many people work at each place, as the newest record says, and the days since the last visit."""
    found: dict[str, Floats] = {}
    asked = {
        "contracts": ("latest_of", "registered_workers"),
        "inspections": ("latest_of", "workers_present"),
        "age": ("days_since", ""),
    }
    for name, (kind, value) in asked.items():
        table = "contracts" if name == "contracts" else "inspections"
        if not records.has(table) or (value and value not in records[table].present):
            found[name] = np.full(members.as_of.shape, np.nan)
            continue
        feature = Feature(name, kind, table, value=parse(value) if value else None, by=("site",))
        made = build(records, [Family("plan", "Plan", table, "", "", (feature,))], members).frame
        found[name] = made.iloc[:, 0].to_numpy(dtype=np.float64)
    workers = np.where(np.isnan(found["contracts"]), found["inspections"], found["contracts"])
    return workers, found["age"]


def _demand(frame: pd.DataFrame, offices: Offices) -> None:
    """Say which places must be visited and why; an urgent report comes before a follow-up or a joint visit."""
    frame["demand"], frame["because"], frame["partner"] = "", "", ""
    on_list = set(frame["entity"])
    wanted: Mapping[str, tuple[Named, ...]] = {JOINT: offices.joint, FOLLOW_UP: offices.follow_ups}
    for demand, names in wanted.items():
        for named in names:
            if named.place not in on_list:
                raise PlanError(f"'{named.place}' is not on the list ({demand}).", where=offices.file,
                                next="Ask riskscore why for the reason, or take it out of the file.")  # fmt: skip
            row = frame["entity"] == named.place
            frame.loc[row, ["demand", "because"]] = [demand, named.because]
            if named.partner:
                frame.loc[row, "partner"] = named.partner
    frame.loc[frame["urgent"], "demand"] = URGENT

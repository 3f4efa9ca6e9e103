"""What a plan promised, in a file that vouches for itself: results are held against it, not against what they say."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from riskscore.limits import PLANNED, read_whole
from riskscore.planning.offices import PlanError
from riskscore.planning.plan import Plan

FILE = "planned.json"
VISIT = ("visit", "place", "employer", "office", "team", "date", "trigger", "selection_probability", "stratum")
LETTER = ("letter", "employer")


@dataclass(frozen=True)
class Planned:
    """A plan as its file tells it: its id, its first day, and ``visits`` and ``letters`` by their ids."""

    id: str
    first: dt.date
    visits: dict[str, dict[str, Any]]
    letters: dict[str, dict[str, Any]]


def planned_of(plan: Plan, letters: pd.DataFrame) -> dict[str, Any]:
    """Return what the file of a plan holds; ``plan`` is a hash of all the rest, and so the same for the same plan."""
    asked = plan.asked
    said: dict[str, Any] = {
        "as_of": asked.as_of.isoformat(), "first": asked.first.isoformat(), "days": asked.days,
        "explore": asked.explore, "seed": asked.seed, "run": plan.run,
        "visits": [_told(row, VISIT) for row in plan.visits.to_dict("records")],
        "letters": [_told(row, LETTER) for row in letters.to_dict("records")],
    }  # fmt: skip
    return {"plan": _hash(said), **said}


def read_planned(folder: str | Path) -> Planned:
    """Return what a plan promised, read from its folder.

    Raises
    ------
    PlanError
        There is no such file, or it is not what the plan wrote.
    """
    path = Path(folder) / FILE
    try:
        said = json.loads(read_whole(path, PLANNED, PlanError))
        if said["plan"] == _hash({name: cell for name, cell in said.items() if name != "plan"}):
            return Planned(said["plan"], dt.date.fromisoformat(said["first"]), {v["visit"]: v for v in said["visits"]},
                           {w["letter"]: w for w in said["letters"]})  # fmt: skip
    except FileNotFoundError:
        raise PlanError(f"there is no {FILE}, in which the plan wrote what it promised.", where=str(folder),
                        next="Name the plan's folder: --plan FOLDER") from None  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass  # told below
    raise PlanError("the file is not what the plan wrote.", where=str(path),
                    next="Restore it from a copy, or make the same plan again.")  # fmt: skip


def _told(row: dict[Any, Any], names: tuple[str, ...]) -> dict[str, Any]:
    cells = {name: row[name] for name in names}
    return {
        name: None if cell != cell or cell == "" else cell.isoformat() if isinstance(cell, dt.date) else cell
        for name, cell in cells.items()
    }


def _hash(said: dict[str, Any]) -> str:
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # a word before the digits, so that no spreadsheet takes them for a number
    return "plan-" + hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]

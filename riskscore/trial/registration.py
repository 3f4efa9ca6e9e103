"""What is settled before a trial begins, as a file that shows whether anything in it was changed afterwards."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from riskscore.dates import as_date, day
from riskscore.trial.allocation import Codes, draw, generator
from riskscore.trial.size import ALPHA, Size, TrialError

FILE, ALLOCATION = "preregistration.json", "allocation.csv"
PLACE, OFFICE, WEEK = UNITS = ("place", "office", "week")
CHOSEN = ("planned", "model")  # triggers of visits that the office chose itself, the present way or by the list
BY_THE_LIST = "model"
DRAWS = 9_999  # of the allocation, for p-value and interval


@dataclass(frozen=True)
class Rarer:
    """A graver outcome, and how many visits per arm would show as large a ratio of shares there."""

    title: str
    reached: int  # visits of the past that led to it
    visits: int  # visits of the past
    share: float  # where none reached it: the upper end of what that can mean
    needed: int  # visits per arm, were places drawn one by one
    years: float  # of this trial's visits


@dataclass(frozen=True)
class Registration:
    """A trial as registered; dates are ISO texts, so that the file says what the object says."""

    as_of: str
    unit: str
    arms: tuple[str, str]  # the first follows the list
    first: str
    weeks: int
    recipe: str
    recipe_text: str
    run: str
    rung: int
    outcome: str
    delay: str  # after a visit; until then its outcome is open
    seed: int
    records: Mapping[str, str]
    allocation: str  # SHA-256 of the file
    units: int
    strata: int
    stratified_by: str
    share: float
    share_from: str
    detect: float
    size: Size
    capacity_from: str
    rho_low: float | None
    rho_high: float | None
    rho_from: str
    needed: int  # units per arm
    power: float
    smallest: float | None  # detectable share; None: not even 100 %
    smallest_p: float
    rarer: tuple[Rarer, ...]
    triggers: tuple[str, ...] = CHOSEN
    alpha: float = ALPHA
    draws: int = DRAWS

    @property
    def begins(self) -> dt.date:
        """The first day of the trial."""
        return dt.date.fromisoformat(self.first)

    @property
    def ends(self) -> dt.date:
        """The first day after the trial."""
        return as_date(day(self.first) + 7 * self.weeks)

    @property
    def visits_needed(self) -> float:
        """Visits per arm that give the power that was asked for."""
        return self.needed * self.size.visits

    @property
    def large_enough(self) -> bool:
        """Whether the trial has the visits that it needs, in enough units."""
        return self.size.units >= self.needed and self.smallest_p <= self.alpha


def allocate(units: pd.DataFrame, arms: tuple[str, str], seed: int, records: Mapping[str, str]) -> pd.DataFrame:
    """Return units with their arm, sorted by unit: the same for the same seed and records.

    Parameters
    ----------
    units : DataFrame
        Columns unit and stratum, both text.

    Examples
    --------
    >>> units = pd.DataFrame({"unit": ["b", "a"], "stratum": ["s", "s"]})
    >>> sorted(allocate(units, ("list", "present"), 1, {})["arm"])
    ['list', 'present']
    """
    ordered = units[["unit", "stratum"]].sort_values("unit", kind="stable").reset_index(drop=True)
    first = draw(codes(ordered), generator(seed, records, "allocation"))[0]
    ordered.insert(1, "arm", np.where(first, arms[0], arms[1]))
    return ordered


def codes(units: pd.DataFrame) -> Codes:
    """Return each unit's stratum as a code; strata in the order of their names."""
    return pd.factorize(units["stratum"], sort=True)[0].astype(np.int64)


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def as_json(registration: Registration) -> str:
    """Return the registration as the text of its file, with a hash of what it says."""
    says = asdict(registration)
    return json.dumps({"registration": says, "sha256": _hash(says)}, ensure_ascii=False, indent=1) + "\n"


def read_registration(path: str | Path) -> tuple[Registration, pd.DataFrame]:
    """Return a registration and its allocation, which lies beside it, after checking that neither was changed.

    Raises
    ------
    TrialError
        A file is missing, is no registration, or says something else than when it was written.
    """
    file = Path(path) / FILE if Path(path).is_dir() else Path(path)
    beside = file.parent / ALLOCATION
    try:
        held, listed = json.loads(file.read_bytes()), beside.read_bytes()
        says = held["registration"]
        found = Registration(**{
            **says, "arms": tuple(says["arms"]), "triggers": tuple(says["triggers"]), "size": Size(**says["size"]),
            "rarer": tuple(Rarer(**r) for r in says["rarer"]),
        })  # fmt: skip
        unchanged = held["sha256"] == _hash(says)
    except OSError as why:
        raise TrialError(f"cannot be read: {why.strerror}.", where=str(why.filename),
                         next=f"{FILE} and {ALLOCATION} lie in one folder.") from None  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError):
        raise TrialError("is no registration of a trial.", where=str(file),
                         next=f"Give the {FILE} that riskscore trial design wrote.") from None  # fmt: skip
    if not unchanged:
        raise TrialError("was changed after it was written: its hash differs.", where=str(file),
                         next="Take the file as it was registered.")  # fmt: skip
    if digest(listed) != found.allocation:
        raise TrialError("is not the allocation that was registered: its hash differs.", where=str(beside),
                         next="Take the file as it was registered.")  # fmt: skip
    units = pd.read_csv(beside, dtype=str, keep_default_na=False)
    units = units.replace(r"^'(?=\W)", "", regex=True)  # set before what a spreadsheet could take for a formula
    if not units.equals(allocate(units, found.arms, found.seed, found.records).astype(units.dtypes)):
        raise TrialError(f"does not follow from seed {found.seed}.", where=str(beside),
                         next="The arms were not drawn as registered, so this is no trial.")  # fmt: skip
    return found, units


def _hash(says: Mapping[str, object]) -> str:
    return digest(json.dumps(says, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())

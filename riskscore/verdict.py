"""What the gate said of a run, kept in the store: each part, by how much it failed, and what it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from riskscore.errors import StoreError

FOLDER = "verdicts"
MANIFEST = "manifest.json"
FIRST, RETRAIN, CHANGED = "first", "retrain", "changed"


@dataclass(frozen=True)
class Part:
    """One thing that a run must show.

    ``value``, ``low`` and ``high`` are None where they cannot be told: then the part is not passed, unless there is
    nothing to ask. ``limit`` is what the interval, or a value without one, is held against. ``chance`` is the
    probability that a run which is truly better by the verdict's ``better_by``, or a retrain as good as the champion,
    passes; None of an audit. ``said`` tells it in a sentence, and by how much the part failed.
    """

    name: str
    rule: str
    limit: float
    said: str
    passed: bool = False
    value: float | None = None
    low: float | None = None
    high: float | None = None
    chance: float | None = None


@dataclass(frozen=True)
class Verdict:
    """What was said of a run beside the champion, bound to both and to the records.

    Parameters
    ----------
    kind : "first", "retrain" or "changed"
        Nobody is in office; the champion was made from the same definitions; from others.
    run, run_hash, champion, champion_hash : str
        Ids with the hash of each manifest; empty where nobody is in office.
    records : mapping of table to hash
    parts : tuple of Part
    rows : tuple of str
        Which rows were used, and what could not be, in sentences.
    better_by : float
        For which true difference the power is stated.
    power : float or None
        Probability that a run truly better by that passes all parts that compare; None where that cannot be told.
    power_said : str
        The same in a sentence.
    """

    kind: str
    run: str
    run_hash: str
    champion: str
    champion_hash: str
    records: Mapping[str, str]
    parts: tuple[Part, ...]
    rows: tuple[str, ...]
    better_by: float
    power: float | None
    power_said: str

    @property
    def passed(self) -> bool:
        """Whether every part was passed."""
        return all(part.passed for part in self.parts)

    @property
    def failed(self) -> tuple[Part, ...]:
        """The parts that were not passed."""
        return tuple(part for part in self.parts if not part.passed)

    @property
    def digest(self) -> str:
        """The hash by which others cite the verdict."""
        return _digest({**asdict(self), "passed": self.passed})


def hash_of(manifest: Mapping[str, Any]) -> str:
    """Return the hash of a run: of its manifest, which holds the hash of each of its files."""
    return _digest(manifest)


def file_of(verdict: Verdict) -> tuple[str, str]:
    """Return the name below the store under which a verdict is kept, and what is written there."""
    said = {"verdict": {**asdict(verdict), "passed": verdict.passed}, "sha256": verdict.digest}
    text = json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
    return f"{FOLDER}/{verdict.run}.{verdict.digest[:8]}.json", text


def read_verdict(path: Path) -> Verdict:
    """Return a verdict that was kept.

    Raises
    ------
    StoreError
        The file is not what was written.
    """
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        said, mark = dict(kept["verdict"]), kept["sha256"]
        if _digest(said) != mark:
            raise ValueError
        passed = said.pop("passed")
        parts = tuple(Part(**part) for part in said.pop("parts"))
        verdict = Verdict(**said | {"parts": parts, "rows": tuple(said["rows"])})
        if verdict.passed != passed or verdict.digest != mark:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise StoreError("the verdict is not what was written.", where=str(path),
                         next="Restore it from a copy, or run the gate again.") from None  # fmt: skip
    return verdict


def verdicts_of(store: str | Path, run: str) -> list[Verdict]:
    """Return every verdict on a run that the store keeps, in the order of their hashes."""
    found = sorted(p for p in (Path(store) / FOLDER).glob("*.json") if p.name.rpartition(".")[0][:-9] == run)
    return [read_verdict(path) for path in found]


def check_bound(store: str | Path, verdict: Verdict, run: str, champion: str) -> None:
    """See that a verdict is of this run as it lies in the store, beside this champion, on the run's own records.

    Parameters
    ----------
    champion : str
        The run in office; empty where there is none.

    Raises
    ------
    StoreError
        It is not.
    """
    again = "Run the gate again: riskscore runs promote RUN RECORDS."
    if verdict.run != run:
        raise StoreError(f"the verdict is of {verdict.run}.", where=run, next=again)
    if verdict.champion != champion:
        beside = f"beside {verdict.champion}" if verdict.champion else "with nobody in office"
        now = f"{champion} is in office now" if champion else "nobody is in office now"
        raise StoreError(f"the verdict was given {beside}; {now}.", where=run, next=again)
    for name, mark in ((run, verdict.run_hash), (champion, verdict.champion_hash)):
        if name and hash_of(_manifest(store, name)) != mark:
            raise StoreError("the run is not the one that the verdict is of.", where=name, next=again)
    if dict(verdict.records) != _manifest(store, run)["records"]:
        raise StoreError("the verdict is of other records than the run was made from.", where=run, next=again)


def _manifest(store: str | Path, run: str) -> Mapping[str, Any]:
    path = Path(store) / run / MANIFEST
    try:
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise StoreError("the manifest cannot be read.", where=str(path), next="Restore it from a copy.") from None
    return found


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=True, allow_nan=False).encode()).hexdigest()

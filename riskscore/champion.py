"""Which run of a store is in office: named, taken back, and never lost by a crash or by two hands at once.

``champions.json`` holds every change since the first, so that it can be told later which run was in office on a day.
It is written beside itself and moved into place, under a lock that the system lets go of when a process dies.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from riskscore.errors import StoreError, nearest
from riskscore.lock import locked
from riskscore.verdict import Verdict, check_bound, file_of, verdicts_of

STANDING, LOCK = "champions.json", ".lock"
PROMOTED, ROLLED_BACK = "promoted", "rolled back"


def changes(store: str | Path) -> list[Mapping[str, str]]:
    """Return every change of champion, the oldest first: recipe, run, how, on and reason.

    A promotion that the gate was asked about also has verdict, its hash, and failed, the parts that were not passed.

    Raises
    ------
    StoreError
        The file is not what was written.
    """
    path = Path(store) / STANDING
    if not path.exists():
        return []
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        found, mark = said["changes"], said["sha256"]
    except (ValueError, KeyError, TypeError, RecursionError):
        found, mark = [], ""
    if mark != _mark(found):
        raise StoreError("the file is not what was written.", where=str(path), next="Restore it from a copy.")
    return list(found)


def champion(store: str | Path, recipe: str | None = None) -> str | None:
    """Return the run in office: of a recipe, or the one named last; None where none was ever named."""
    named = [c["run"] for c in changes(store) if recipe in (None, c["recipe"])]
    return named[-1] if named else None


def promote(store: str | Path, run: str, recipe: str, on: str, reason: str, verdict: Verdict | None = None) -> None:
    """Name the champion of a recipe, and keep why.

    Parameters
    ----------
    on : str
        The day of the decision.
    reason : str
        Why; it stays in the store. Only a verdict that was passed needs none.
    verdict : Verdict, optional
        What the gate said. It is kept, and cited by its hash; where it was not passed, so are the parts that failed.

    Raises
    ------
    StoreError
        The gate was not passed and there is no reason, the run is in office already, or the verdict is of another run,
        another champion or other records.
    """
    if not reason.strip() and (verdict is None or not verdict.passed):
        raise StoreError("a promotion that the gate did not let pass needs a reason.", where=run,
                         next='Ask it (riskscore runs promote RUN RECORDS), or say why: --override "...".')  # fmt: skip
    with _locked(Path(store)):
        before = champion(store, recipe)
        if before == run:
            raise StoreError(f"'{run}' is the champion of '{recipe}' already.", where=str(store))
        made = _change(recipe, run, PROMOTED, on, reason)
        if verdict is not None:
            check_bound(store, verdict, run, before or "")
            _keep(Path(store), verdict)
            made |= {"verdict": verdict.digest, "failed": ", ".join(part.name for part in verdict.failed)}
        _write(Path(store), [*changes(store), made])


def keep_verdict(store: str | Path, verdict: Verdict) -> Path:
    """Keep what the gate said, passed or not, and return its file; the same verdict has the same file."""
    with _locked(Path(store)):
        return _keep(Path(store), verdict)


def standing_verdict(store: str | Path, run: str, recipe: str) -> Verdict | None:
    """Return the kept verdict that holds for a run today, one that was not passed first; None where there is none."""
    found = []
    for verdict in verdicts_of(store, run):
        with suppress(StoreError):  # of an earlier champion
            check_bound(store, verdict, run, champion(store, recipe) or "")
            found.append(verdict)
    return min(found, key=lambda verdict: verdict.passed, default=None)


def rollback(store: str | Path, recipe: str, on: str, reason: str) -> str:
    """Put the champion before the present one back in office, and return it.

    Raises
    ------
    StoreError
        There is no reason, or there was no other champion before.
    """
    if not reason.strip():
        raise StoreError("a rollback needs a reason.", where=recipe, next='Say why: --reason "...".')
    with _locked(Path(store)):
        line: list[str] = []  # the champions that lead to the present one: a rollback takes the last away
        for change in changes(store):
            if change["recipe"] == recipe:
                line = line[:-1] if change["how"] == ROLLED_BACK else [*line, change["run"]]
        if len(line) < 2:
            raise StoreError(f"'{recipe}' had no champion before the present one.", where=str(store))
        _write(Path(store), [*changes(store), _change(recipe, line[-2], ROLLED_BACK, on, reason)])
    return line[-2]


def prune(store: str | Path, manifests: list[Mapping[str, Any]], keep: int) -> list[str]:
    """Delete runs that were never champion, all but the newest of each recipe, and return their ids.

    Parameters
    ----------
    manifests : list of mapping
        Of all runs, the newest first.
    keep : int
        How many of each recipe stay besides those that were ever champion.
    """
    root = Path(store)
    with _locked(root):
        ever = {change["run"] for change in changes(root)}
        left: dict[str, int] = {}
        gone = []
        for manifest in manifests:
            run, recipe = str(manifest["run"]), str(manifest["recipe"])
            if run in ever:
                continue
            left[recipe] = left.get(recipe, 0) + 1
            if left[recipe] > keep and (root / run).parent == root and (root / run).is_dir():
                away = Path(tempfile.mkdtemp(prefix=".gone-", dir=root))
                (root / run).rename(away / run)  # a run is there whole or not at all, whenever this is cut off
                shutil.rmtree(away)
                gone.append(run)
        return gone


def _change(recipe: str, run: str, how: str, on: str, reason: str) -> dict[str, str]:
    return {"recipe": recipe, "run": run, "how": how, "on": on, "reason": reason.strip()}


def _mark(found: Any) -> str:
    return hashlib.sha256(json.dumps(found, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _write(store: Path, found: list[Mapping[str, str]]) -> None:
    said = {"changes": found, "sha256": _mark(found)}
    _replace(store, STANDING, json.dumps(said, indent=1, ensure_ascii=False) + "\n")


def _keep(store: Path, verdict: Verdict) -> Path:
    name, text = file_of(verdict)
    (store / name).parent.mkdir(exist_ok=True)
    return _replace(store, name, text)


def _replace(store: Path, file: str, text: str) -> Path:
    """Write a file of the store whole or not at all."""
    number, name = tempfile.mkstemp(dir=store, prefix=".champions-")
    try:
        with os.fdopen(number, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, store / file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return store / file


@contextmanager
def _locked(store: Path) -> Iterator[None]:
    """Let one process at a time change a store; the others wait."""
    if not store.is_dir():
        raise StoreError("there is no such store.", where=str(store), next="Make a run: riskscore fit RECORDS.")
    with locked(store / LOCK):
        for left in (*store.glob(".champions-*"), *store.glob(".gone-*")):  # by a process that was killed
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        yield


def known(run: str, manifests: list[Mapping[str, Any]], store: str | Path) -> Mapping[str, Any]:
    """Return the manifest of a run.

    Raises
    ------
    StoreError
        There is no such run; the message names the nearest.
    """
    for manifest in manifests:
        if manifest["run"] == run:
            return manifest
    names = [str(m["run"]) for m in manifests]
    raise StoreError(f"there is no run '{run[:100]}'.", where=str(store), next=nearest(run[:100], names))

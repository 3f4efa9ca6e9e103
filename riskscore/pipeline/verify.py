"""Whether a dossier is what its run and its records give: made again, and compared value by value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from riskscore.errors import RiskscoreError
from riskscore.explanation.compose import LEDGER
from riskscore.limits import DOSSIER, is_nested_too_deep, read_whole
from riskscore.pipeline.listing import NOT_STORED, dossiers, rank_list
from riskscore.records.model import Records
from riskscore.records.pseudonyms import Pseudonyms
from riskscore.report.dossier_json import SHAPE, dossier_json
from riskscore.store import load_run

NOT_COMPARED = ("provenance.versions",)
"""Who made the dossier with which versions is told, not compared: others may make the same numbers."""
NEEDED = ("shape", "entity", "run", "as_of", "language", "audience", "provenance")
SHOWN = 20  # records that came or went; the rest is not named
_ABSENT = object()


@dataclass(frozen=True)
class Difference:
    """One place where a dossier is not what is made again."""

    where: str  # "shares[3].share"
    written: str
    rebuilt: str

    def __str__(self) -> str:
        return f"{self.where}: written {self.written}, made again {self.rebuilt}"


@dataclass(frozen=True)
class Verified:
    """The outcome: ``differences`` is empty where every number and every text is as it was written."""

    entity: str
    run: str
    values: int  # compared
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def verify(dossier: str | Path, records: Records, store: str | Path, pseudonyms: Pseudonyms | None = None) -> Verified:
    """Make a dossier again from the run that it names, with that run's own definitions, and compare.

    Parameters
    ----------
    dossier : str or Path
        A JSON dossier.
    records : Records
        The records that it was made from.
    store : str or Path
        Folder of runs.
    pseudonyms : Pseudonyms, optional
        Of the same key, for a dossier with pseudonyms.

    Raises
    ------
    RiskscoreError
        The file is no JSON dossier, or its run was never stored.
    StoreError
        The run is not in the store, or was altered.
    RecordsError
        The entity is not on the list of that day.
    """
    written = read_dossier(dossier)
    run = load_run(Path(store), str(written["run"]))
    head = {name: str(value) for name, value in _provenance(written).items() if name in LEDGER}
    listed = replace(rank_list(run, records, str(written["as_of"])), pseudonyms=pseudonyms, ledger=head)
    entity = listed.meant(str(written["entity"]))
    rebuilt = json.loads(dossier_json(
        dossiers(listed, [entity], str(written["language"]), audience=str(written["audience"]))[0]
    ))  # fmt: skip
    found = tuple(d for d in compared(written, rebuilt) if d.where not in NOT_COMPARED)
    return Verified(str(written["entity"]), run.id, _count(rebuilt), found, tuple(_notes(written, rebuilt)))


def read_dossier(path: str | Path) -> Mapping[str, Any]:
    """Return what a JSON dossier holds, after checking that it is one.

    Raises
    ------
    RiskscoreError
        It is not: another format, another shape, or a key that stands there twice.
    """
    try:
        text = read_whole(Path(path), DOSSIER, RiskscoreError).decode("utf-8")
        content = json.loads(text, object_pairs_hook=_once)
    except OSError as why:
        raise RiskscoreError(f"the dossier cannot be read: {why.strerror}.", where=str(path)) from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise RiskscoreError("is no JSON.", where=str(path),
                             next="Write the dossier with --type json; of a page only the signature "
                                  "can be checked.") from None  # fmt: skip
    except _Twice as why:
        raise RiskscoreError(f"the key '{str(why)[:60]}' stands there twice.", where=str(path)) from None
    except RecursionError:
        content = None
    if not isinstance(content, dict) or content.get("shape") != SHAPE or is_nested_too_deep(content):
        raise RiskscoreError(f"is no '{SHAPE}'.", where=str(path), next="Verify it with the version that wrote it.")
    lacking = [key for key in NEEDED if key not in content]
    if lacking:
        raise RiskscoreError(f"lacks {', '.join(lacking)}.", where=str(path))
    if content["run"] == NOT_STORED:
        raise RiskscoreError("was made by a model that is in no store, so nothing can make it again.", where=str(path))
    return content


class _Twice(Exception):
    """A key stands twice in one object: readers would disagree on which one counts."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def compared(written: Any, rebuilt: Any, where: str = "") -> Iterator[Difference]:
    """Give every place where two JSON values differ; numbers must be equal to the last digit.

    Examples
    --------
    >>> [str(d) for d in compared({"rank": 12, "notes": ["a"]}, {"rank": 13, "notes": ["a", "b"]})]
    ['rank: written 12, made again 13', "notes[1]: written nothing, made again 'b'"]
    """
    if isinstance(written, dict) and isinstance(rebuilt, dict):
        for key in [*rebuilt, *(k for k in written if k not in rebuilt)]:
            at = f"{where}.{key}" if where else str(key)
            yield from compared(written.get(key, _ABSENT), rebuilt.get(key, _ABSENT), at)
    elif isinstance(written, list) and isinstance(rebuilt, list):
        for i in range(max(len(written), len(rebuilt))):
            one, other = (part[i] if i < len(part) else _ABSENT for part in (written, rebuilt))
            yield from compared(one, other, f"{where}[{i}]")
    elif type(written) is not type(rebuilt) or written != rebuilt:
        yield Difference(where, _shown(written), _shown(rebuilt))


def _shown(value: Any) -> str:
    return "nothing" if value is _ABSENT else repr(value)[:120]


def _count(value: Any) -> int:
    if isinstance(value, dict | list):
        return sum(_count(part) for part in (value.values() if isinstance(value, dict) else value))
    return 1


def _notes(written: Mapping[str, Any], rebuilt: Mapping[str, Any]) -> Iterator[str]:
    was, now = (_provenance(content) for content in (written, rebuilt))
    if LEDGER[0] in was:
        yield "the head of the ledger is taken as written; riskscore ledger verify --anchor DOSSIER compares it"
    if was.get("versions") != now["versions"]:
        yield f"written with {str(was.get('versions'))[:200]}; made again with {now['versions']}"
    if was.get("records") != now["records"]:
        yield "the records are not those that it was made from; tables: " + ", ".join(_changed(was, now))
    one, other = (_papers(content) for content in (written, rebuilt))
    for ids, which in ((one - other, "in what was written"), (other - one, "in what is made again")):
        if ids:
            yield f"records only {which}: " + ", ".join(sorted(ids)[:SHOWN]) + (" ..." if len(ids) > SHOWN else "")


def _provenance(content: Mapping[str, Any]) -> Mapping[str, Any]:
    said = content["provenance"]
    return said if isinstance(said, dict) else {}


def _papers(content: Mapping[str, Any]) -> set[str]:
    """Return table and id of the records that a dossier shows."""
    papers = content.get("documents")
    named = [p for p in papers if isinstance(p, dict)] if isinstance(papers, list) else []
    return {f"{p.get('table')} {p.get('id')}"[:100] for p in named if p.get("id")}


def _changed(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the tables whose hash is another."""
    one, other = (set(str(part.get("records", "")).split(", ")) for part in (was, now))
    return sorted({entry.split(" ")[0][:60] for entry in one ^ other})

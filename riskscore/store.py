"""Runs on disk: a folder each, with everything that is needed to score again, and the hash of every file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskscore.champion import champion
from riskscore.definitions.family_file import family_from_text
from riskscore.definitions.fingerprint import fingerprint
from riskscore.definitions.phrases import Phrases, phrases_from_text
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.errors import StoreError, nearest
from riskscore.folders import MANIFEST, Folder, as_json, folders, hashes, open_folder, write_folder
from riskscore.learn.booster import Booster
from riskscore.learn.calibrate import Calibrator
from riskscore.learn.fit import Model
from riskscore.learn.ladder import UpperRung
from riskscore.learn.selection.propensity import Propensity

ALWAYS = ("estimator.json", "calibrator.json", "ladder.json")  # files without which no run is whole


@dataclass(frozen=True)
class Run:
    """A model with the definitions it was made from and what was noted when it was made.

    ``manifest`` holds: run, recipe, as_of, created, card, counts, refusal, records (hash per table), versions,
    definitions (fingerprint) and files (hash per file).
    """

    id: str
    model: Model
    phrases: Phrases
    manifest: Mapping[str, Any]


def save_run(store: Path, model: Model, phrases: Phrases, noted: Mapping[str, Any]) -> Run:
    """Write a run and return it; the same model from the same records gets the same id.

    Parameters
    ----------
    store : Path
        Folder of runs; made where it is missing.
    model : Model
    phrases : Phrases
    noted : mapping
        JSON data for the manifest: as_of, created, card, records, versions.
    """
    state, boosters = model.estimator.to_state()
    files = {f"model.{i}.ubj": raw for i, raw in enumerate(boosters)}
    files["estimator.json"] = as_json(state)
    files["calibrator.json"] = as_json(model.calibrator.to_state())
    upper = [rung.to_state() for rung in model.rungs]
    files["ladder.json"] = as_json([said for said, _ in upper])
    files |= {f"rung.{said['level']}.ubj": trees for said, trees in upper if trees is not None}
    if model.visits is not None:
        state, trees = model.visits.to_state()
        files |= {"visits.json": as_json(state), "visits.ubj": trees}
    files |= {f"refit.{i}.ubj": booster.to_bytes() for i, booster in enumerate(model.refits)}
    files[f"definitions/models/{model.recipe.name}.toml"] = model.recipe.text.encode()
    for family in model.families:
        files[f"definitions/features/{family.name}.toml"] = family.text.encode()
    for i, text in enumerate(phrases.texts):
        files[f"definitions/phrases.{i}.toml"] = text.encode()
    run = f"{model.recipe.name}-{noted['as_of']}-{_mark(hashes(files), noted)}"
    manifest = {
        "run": run, "recipe": model.recipe.name, "definitions": fingerprint(model.recipe, model.families),
        "counts": dict(model.counts), "refusal": model.refusal, **noted,
    }  # fmt: skip
    write_folder(store / run, manifest, files)
    return load_run(store, run)


def runs(store: Path) -> list[Mapping[str, Any]]:
    """Return the manifests of all runs, the newest first.

    Raises
    ------
    StoreError
        A manifest was altered or cut short; its name is in the message.
    """
    found = [_opened(folder).noted for folder in folders(store)]
    return sorted(found, key=lambda m: (m["created"], m["run"]), reverse=True)


def load_run(store: str | Path, run: str | None = None, recipe: str | None = None) -> Run:
    """Return a run by its id, or the champion, or the newest where none was named (of a recipe).

    Raises
    ------
    StoreError
        There is no such run, or a file is missing, altered or cut short; its name is in the message.
    """
    store = Path(store)
    if run is None:
        known = [m for m in runs(store) if recipe in (None, m["recipe"])] if store.is_dir() else []
        if not known:
            what = f"no run of '{recipe}'" if recipe else "no run"
            raise StoreError(
                f"there is {what} in the store.", where=str(store), next="Make one: riskscore fit RECORDS."
            )
        run = champion(store, recipe) or str(known[0]["run"])
    names = sorted(p.name for p in store.glob("*") if p.is_dir())
    if run not in names:
        raise StoreError(f"there is no run '{run[:100]}'.", where=str(store), next=nearest(run[:100], names))
    folder = _opened(store / run)
    manifest = folder.noted
    files = {name: folder.read(name) for name in manifest["files"]}
    for name in (*ALWAYS, f"definitions/models/{manifest['recipe']}.toml"):
        if name not in files:
            raise StoreError(f"the manifest names no '{name}'; another version wrote it, or it was altered.",
                             where=str(folder.path / MANIFEST), next="Fit again.")  # fmt: skip
    if not run.endswith(_mark(manifest["files"], manifest)):
        raise StoreError("the file is not what was written: the run's name says so.", where=str(store / run / MANIFEST),
                         next="Restore the run from a copy, or fit again.")  # fmt: skip
    from riskscore.learn.estimator import RiskClassifier

    boosters = [files[name] for name in sorted((n for n in files if n.startswith("model.")), key=_number)]
    refits = sorted((n for n in files if n.startswith("refit.")), key=_number)
    upper = json.loads(files["ladder.json"])
    features = sorted(n for n in files if n.startswith("definitions/features/"))
    texts = [files[n].decode() for n in sorted((n for n in files if n.startswith("definitions/phrases.")), key=_number)]
    name = manifest["recipe"]
    model = Model(
        recipe=recipe_from_text(files[f"definitions/models/{name}.toml"].decode(), name, f"{run}/{name}.toml"),
        families=tuple(family_from_text(files[n].decode(), Path(n).stem, f"{run}/{n}") for n in features),
        estimator=RiskClassifier.from_state(json.loads(files["estimator.json"]), boosters),
        calibrator=Calibrator.from_state(json.loads(files["calibrator.json"])),
        counts=manifest["counts"],
        refusal=manifest["refusal"],
        rungs=tuple(UpperRung.from_state(said, files.get(f"rung.{said['level']}.ubj")) for said in upper),
        refits=tuple(Booster.from_bytes(files[name]) for name in refits),
        visits=Propensity.from_state(json.loads(files["visits.json"]), files["visits.ubj"])
        if "visits.json" in files
        else None,  # runs of cohorts of visits, and those made before chances of a visit were kept, have none
    )
    return Run(run, model, phrases_from_text(*texts), manifest)


def _mark(hashed: Mapping[str, str], noted: Mapping[str, Any]) -> str:
    """Return what ends a run's name: it stands in ledgers and dossiers, and other files give another."""
    said = {k: noted[k] for k in ("as_of", "records")}
    return hashlib.sha256(as_json({"files": hashed, **said})).hexdigest()[:8]


def _number(name: str) -> int:
    return int(name.split(".")[1])


def _opened(folder: Path) -> Folder:
    found = open_folder(folder, StoreError, "Restore the run from a copy, or fit again.")
    if found.noted.get("run") != folder.name:  # or clearing one run would delete another
        raise StoreError("the file is of another run.", where=str(folder / MANIFEST), next=found.next)
    return found

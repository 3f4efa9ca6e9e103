"""Retrain in one command: import what came, fit, measure, ask the gate, and tell all of it; or leave all as it is."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from riskscore.champion import champion, keep_verdict, promote
from riskscore.definitions.fingerprint import fingerprint
from riskscore.errors import RecordsError, RiskscoreError, redacted
from riskscore.lock import Held, locked
from riskscore.pipeline.card import card_lines
from riskscore.pipeline.gate import gate
from riskscore.pipeline.learn import fit
from riskscore.pipeline.model_report import model_report
from riskscore.pipeline.prepare import Chosen, choose, default_day
from riskscore.pipeline.refresh.arrivals import take_in
from riskscore.pipeline.refresh.settings import NEWEST_VISIT, Settings
from riskscore.pipeline.refresh.stages import Stages, clear, mark_of, reports, tell
from riskscore.pipeline.watching import drift
from riskscore.pipeline.work import Say
from riskscore.records.imports.steps import Step, is_record_store, steps
from riskscore.records.imports.stored import read_stored
from riskscore.records.model import Records
from riskscore.report.model_html import model_html
from riskscore.report.refresh import refresh_html
from riskscore.report.watch.drift import drift_html, drift_json
from riskscore.store import Run, load_run
from riskscore.verdict import file_of, read_verdict
from riskscore.watch.drift import Drift

LOCK, LOG, PAGE = ".refresh", "refresh.log", "refresh.html"
PROMOTED, IN_OFFICE, NOTHING = "promoted", "in office already", "nothing new"
BY_CHECK, BY_GATE, FAILED = "refused by the check", "refused by the gate", "failed"
SHAPE = "riskscore refresh 1"  # raised when a reader of older reports would misread the new ones


@dataclass(frozen=True)
class Refreshed:
    """What came of a refresh: one of the outcomes above, why in sentences, and the folder of the report."""

    outcome: str
    why: tuple[str, ...]
    folder: Path

    @property
    def refused(self) -> bool:
        """Whether a check or the gate said no."""
        return self.outcome in (BY_CHECK, BY_GATE)


def refresh(settings: Settings, *, now: dt.datetime | None = None, say: Say = lambda text: None) -> Refreshed:
    """Import what is new, fit, measure, and promote the new run where the gate lets it pass.

    What was finished when an earlier call was cut off is not done again. Whatever fails leaves the champion in office.

    Parameters
    ----------
    settings : Settings
    now : datetime, optional
        The present, with a time zone: the day of import, of "first of month" and of the promotion.
    say : callable
        Told what is being done; so is the file ``refresh.log`` beside the reports.

    Raises
    ------
    Held
        Another refresh of the store is at work.
    RiskscoreError
        Something went wrong; it stands in a report too.
    """

    def tell(text: str) -> None:
        _log(settings.out, text)
        say(text)

    one = _Refresh(settings, now or dt.datetime.now().astimezone(), tell)
    settings.store.mkdir(parents=True, exist_ok=True)
    try:
        with locked(settings.store / LOCK, wait=False):
            return one.run()
    except Held as error:
        _log(settings.out, str(error))
        raise


class _Refresh:
    """One refresh: its settings, its moment, and who is told."""

    def __init__(self, settings: Settings, moment: dt.datetime, say: Say) -> None:
        self.settings, self.moment, self.say = settings, moment, say
        self.today = moment.date()

    def run(self) -> Refreshed:
        """Take in, then retrain; what was refused or failed is told in a report."""
        try:
            chosen = choose(self.settings.recipe, self.settings.definitions)  # a wrong recipe stops all of it
            refused = take_in(self.settings, self.today, self.say)
            return self.told({"outcome": BY_CHECK, "why": refused}, {}) if refused else self.retrained(chosen)
        except RiskscoreError as error:
            self.told({"outcome": FAILED, "why": [str(error)]}, {})
            raise

    def told(self, said: Mapping[str, Any], files: Mapping[str, Path]) -> Refreshed:
        """Leave the report: what came of it as data and as a page, and the files beside it."""
        settings, whole = self.settings, {"shape": SHAPE, "recipe": self.settings.recipe, **said}
        pages = {PAGE: refresh_html(whole).encode(), **{name: path.read_bytes() for name, path in files.items()}}
        folder = tell(settings.out, self.today.isoformat(), whole, pages)
        _log(settings.out, " ".join([f"{said['outcome']}:", *said["why"]]))
        return Refreshed(said["outcome"], tuple(said["why"]), folder)

    def retrained(self, chosen: Chosen) -> Refreshed:
        """Fit and measure, unless that was done for the same records, recipe and day."""
        settings = self.settings
        if not is_record_store(settings.records):
            raise RecordsError(
                "the extract holds no row, and nothing was imported before.", where=str(settings.records)
            )
        found, records = steps(settings.records), read_stored(settings.records)
        as_of = self.as_of(records)
        went_in = {"records": found[-1].folder.hash, "as of": as_of.isoformat(),
                   "definitions": fingerprint(chosen.recipe, chosen.families)}  # fmt: skip
        earlier = [told for told in reports(settings.out) if "went in" in told]
        for told in earlier:
            if told["went in"] == went_in:
                clear(settings.out)
                why = f"records, recipe and day are those of {told['folder']}: {told['outcome']}."
                _log(settings.out, f"{NOTHING}: {why}")
                return Refreshed(NOTHING, (why,), settings.out / told["folder"])
        stages = Stages(settings.out, mark_of(went_in))
        run = self.fitted(stages, records, as_of)
        since = max((told["records"]["step"] for told in earlier), default=0)
        came = {"step": found[-1].number, "came in": [_came_in(step) for step in found if step.number > since]}
        said = {"went in": went_in, "run": run.id, "card": list(card_lines(run.manifest)), "records": came}
        said |= self.judged(stages, run, records)
        beside = ("model.html", *(["drift.html", "drift.json"] if said["drift"] else []))
        done = self.told(said, {name: stages.folder / name for name in beside})
        clear(settings.out)
        return done

    def as_of(self, records: Records) -> dt.date:
        """Return the day of the new run."""
        rule = self.settings.as_of
        if isinstance(rule, dt.date):
            return rule
        return default_day(records) if rule == NEWEST_VISIT else self.today.replace(day=1)

    def fitted(self, stages: Stages, records: Records, as_of: dt.date) -> Run:
        """Return the new run."""
        settings = self.settings

        def train() -> str:
            self.say(f"fitting {settings.recipe} as of {as_of}")
            run = fit(records, settings.recipe, as_of, definitions=settings.definitions, store=settings.store,
                      say=self.say, now=self.moment)  # fmt: skip
            assert isinstance(run, Run)
            return run.id

        run = stages.once("run", train).read_text(encoding="utf-8")
        if not (settings.store / run).is_dir():  # pruned since
            stages.forget("run")
            run = stages.once("run", train).read_text(encoding="utf-8")
        return load_run(settings.store, run)

    def judged(self, stages: Stages, run: Run, records: Records) -> dict[str, Any]:
        """Report on the run, put it before the gate, promote it where it passes, and return what came of it."""
        store, recipe = self.settings.store, self.settings.recipe
        present = champion(store, recipe) or ""
        before = stages.once("champion", lambda: present).read_text(encoding="utf-8")
        if present not in (before, run.id):  # somebody else was promoted while this was cut off
            stages.forget("champion", "drift.html", "drift.json", "verdict.json")
            before = stages.once("champion", lambda: present).read_text(encoding="utf-8")
        stages.once("model.html", lambda: model_html(model_report(run, records, self.say)))
        said: dict[str, Any] = {"champion before": before or None, "drift": None, "verdict": None}
        if before == run.id:
            return said | {"outcome": IN_OFFICE, "why": [f"{run.id} was in office before."]}
        old = load_run(store, before) if before else None
        if old is not None and (then := old.manifest["as_of"]) < (on := run.manifest["as_of"]):
            said["drift"] = self.drifted(stages, old, records, then, on)
        verdict = read_verdict(stages.once("verdict.json", lambda: file_of(gate(run, old, records, say=self.say))[1]))
        keep_verdict(store, verdict)
        said["verdict"] = asdict(verdict) | {"passed": verdict.passed, "digest": verdict.digest}
        if not verdict.passed:
            return said | {"outcome": BY_GATE, "why": [f"{part.name}: {part.said}" for part in verdict.failed]}
        if champion(store, recipe) != run.id:
            promote(store, run.id, recipe, self.moment.astimezone(dt.UTC).date().isoformat(), "", verdict)
        return said | {"outcome": PROMOTED, "why": [f"{run.id} passed every part of the gate."]}

    def drifted(self, stages: Stages, old: Run, records: Records, then: str, on: str) -> dict[str, Any]:
        """Return what changed since the champion's day, as it sees the records; the page lies in the report."""

        @cache
        def compared() -> Drift:
            self.say(f"what changed from {then} to {on}")
            return drift(old, records, on, against=then)

        stages.once("drift.html", lambda: drift_html(compared(), then, on, old.id))
        kept = stages.once("drift.json", lambda: drift_json(compared(), then, on, old.id))
        found = json.loads(kept.read_text(encoding="utf-8"))
        told = ("kind", "name", "before", "after")
        over = [{name: one[name] for name in told} for one in found["differences"] if one["over"]]
        return {"against": then, "compared": len(found["differences"]), "over": over}


def _came_in(step: Step) -> dict[str, Any]:
    noted = step.noted
    tables = {
        name: {what: told[what] for what in ("new", "revised", "same", "gone")}
        for name, told in noted.get("tables", {}).items()
    }
    return {
        "step": step.number, "kind": noted["kind"], "recorded on": noted["recorded_on"],
        "source": noted.get("source", f"import {noted.get('undoes')}"), "why": noted.get("why"), "tables": tables,
        "set aside": noted.get("rejected", {}),
    }  # fmt: skip


def _log(out: Path, text: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOG).open("a", encoding="utf-8") as file:
        file.write(f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} {redacted(' '.join(text.split()))}\n")

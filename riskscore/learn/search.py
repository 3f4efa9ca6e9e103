"""The search for settings of the trees, by Optuna; what it has tried lies in a file, so that it can go on later.

With one worker it is deterministic: before each trial the sampler starts from the seed and the number of trials that
are done, so a search that was cut off and taken up again finds what an unbroken one finds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riskscore.definitions.recipe import ModelRule
from riskscore.errors import FitError, MissingExtra

if TYPE_CHECKING:
    import optuna

Tell = Callable[[str], None]

SPACE: Mapping[str, tuple[float, float, bool]] = {
    "rounds": (50, 600, True), "eta": (0.01, 0.3, True), "max_depth": (2, 8, False),
    "min_child_weight": (1.0, 200.0, True), "subsample": (0.4, 1.0, False), "colsample_bytree": (0.1, 1.0, False),
    "lambda": (0.5, 50.0, True),
}  # fmt: skip
"""Setting -> lowest, highest, and whether equal ratios count as equal steps."""

_WHOLE = ("rounds", "max_depth")
_SQLITE = b"SQLite format 3\0"  # how such a file begins
_DIGITS = 3  # a recipe is read by people; further digits change nothing that the folds could tell


@dataclass(frozen=True)
class Found:
    """The best settings of all trials, their mean over the folds, and how many trials were whole and cut short."""

    model: ModelRule
    value: float
    whole: int
    cut_short: int


def search(
    fold: Callable[[ModelRule, int], float], folds: int, start: ModelRule, *,
    trials: int, study: Path, about: Mapping[str, Any], seed: int = 1, tell: Tell = lambda text: None,
) -> Found:  # fmt: skip
    """Try settings until so many trials are done, those in the study's file included, and return the best.

    Parameters
    ----------
    fold : callable
        ``fold(settings, k)`` gives the metric on fold k, higher being better.
    folds : int
        A trial whose mean so far lies below the median of earlier trials at the same fold is cut short.
    start : ModelRule
        The first trial, where it lies within the space; parameters that are not searched, and the seeds, stay its.
    trials : int
    study : Path
        SQLite file; made where it is missing.
    about : mapping
        JSON data that must be the same whenever the study goes on: what the metric is measured on.
    seed : int
    tell : callable
        Told before each fold what is being tried.

    Raises
    ------
    MissingExtra
        Optuna is not installed.
    FitError
        The study's file was made for something else.
    """
    require()
    from optuna.samplers import TPESampler
    from optuna.trial import TrialState

    with _opened(study, {**about, "seed": seed, "space": {k: list(v) for k, v in SPACE.items()}}, seed) as found:
        for left in found.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
            found.tell(left.number, state=TrialState.FAIL)  # a cut-off run left it behind
        while (done := _done(found)) < trials:
            if not done and not found.get_trials(deepcopy=False, states=(TrialState.WAITING,)):
                _begin_with(found, start)
            found.sampler = TPESampler(seed=seed + done)
            trial = found.ask(_distributions())
            model, values = _settings(trial.params, start), list[float]()
            for k in range(folds):
                best = f", best so far {found.best_value:.3f}" if _done(found, whole=True) else ""
                tell(f"trial {done + 1} of {trials}, fold {k + 1} of {folds}{best}")
                values.append(fold(model, k))
                trial.report(float(np.mean(values)), k)
                if k + 1 < folds and trial.should_prune():
                    found.tell(trial, state=TrialState.PRUNED)
                    break
            else:
                found.tell(trial, float(np.mean(values)))
        whole = _done(found, whole=True)
        return Found(_settings(found.best_params, start), float(found.best_value), whole, _done(found) - whole)


def require() -> None:
    """Raise MissingExtra where Optuna is not installed."""
    if find_spec("optuna") is None:
        raise MissingExtra("'riskscore tune' needs optuna.", next="Type: pip install 'riskscore[tune]'.")


@contextmanager
def _opened(path: Path, about: Mapping[str, Any], seed: int) -> Iterator[optuna.Study]:
    """Open or make the study, and close its file in the end."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size and path.read_bytes()[: len(_SQLITE)] != _SQLITE:
        raise FitError("the file is no study.", where=str(path), next="Name another with --study.")
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    try:
        study = optuna.create_study(
            study_name="tune", storage=storage, direction="maximize", load_if_exists=True,
            pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
            sampler=optuna.samplers.TPESampler(seed=seed),
        )  # fmt: skip
        said = json.dumps(about, sort_keys=True)
        if study.user_attrs.setdefault("about", said) != said:
            raise FitError("the study was made for other records, another recipe or other folds.", where=str(path),
                           next="Name another file with --study, or remove this one.")  # fmt: skip
        study.set_user_attr("about", said)
        yield study
    finally:
        storage.remove_session()
        storage.engine.dispose()


def _done(study: optuna.Study, *, whole: bool = False) -> int:
    from optuna.trial import TrialState

    states = (TrialState.COMPLETE,) if whole else (TrialState.COMPLETE, TrialState.PRUNED)
    return len(study.get_trials(deepcopy=False, states=states))


def _begin_with(study: optuna.Study, start: ModelRule) -> None:
    given = {"rounds": start.rounds, **start.params}
    if all(name in given and low <= float(given[name]) <= high for name, (low, high, _) in SPACE.items()):
        study.enqueue_trial({name: given[name] for name in SPACE})


def _distributions() -> dict[str, Any]:
    from optuna.distributions import FloatDistribution, IntDistribution

    return {
        name: IntDistribution(int(low), int(high), log=log) if name in _WHOLE else FloatDistribution(low, high, log=log)
        for name, (low, high, log) in SPACE.items()
    }


def _settings(tried: Mapping[str, Any], start: ModelRule) -> ModelRule:
    params = {
        name: int(value) if name in _WHOLE else float(f"{value:.{_DIGITS}g}")
        for name, value in tried.items()
        if name != "rounds"
    }
    return replace(start, rounds=int(tried["rounds"]), params={**start.params, **params})

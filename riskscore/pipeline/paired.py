"""Two runs on the same places of past dates, so that what differs is the runs and not the places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from riskscore.asof.build import build
from riskscore.dates import as_date, day, to_dates, to_days
from riskscore.errors import FitError
from riskscore.learn.backtest import MODEL, metrics_of
from riskscore.learn.paired import compared
from riskscore.pipeline.beyond_visits import with_chances
from riskscore.pipeline.learn import past_rows
from riskscore.pipeline.prepare import groups_of, outcomes
from riskscore.pipeline.work import Say
from riskscore.records.model import Records
from riskscore.splits import ready
from riskscore.store import Run
from riskscore.verdict import CHANGED, FIRST, RETRAIN

OURS, THEIRS = "candidate", "champion"
CHANCES = ("visit_probability", "outcome_probability")


@dataclass(frozen=True)
class Pair:
    """Rows that two rankings share.

    ``rows`` has the columns that `riskscore.learn.paired.compared` wants, with the scores of the candidate and of its
    ``rivals``. ``tested`` are the rows of the candidate's backtest, None where none was made. ``said`` tells which rows
    these are, and what could not be done.
    """

    kind: str
    rows: pd.DataFrame
    rivals: tuple[str, ...]
    tested: pd.DataFrame | None
    said: tuple[str, ...]


def pair(candidate: Run, champion: Run | None, records: Records, say: Say) -> Pair:
    """Return the rows on which a run is compared: with the champion, or with simple rules where nobody is in office.

    A retrain is compared as it is stored, on dates whose outcomes the trees of neither run have seen. Where the
    definitions differ, both recipes are fitted again at past dates, each with its own definitions, and ranked side by
    side. Nothing known on the candidate's day or later is used.

    Raises
    ------
    FitError
        The two do not rank the same places by the same outcome, or no date is left to compare them on.
    """
    if champion is None:
        return _beside_rules(candidate, records, say)
    compare = _stored if kind_of(candidate, champion) == RETRAIN else _recipes
    return compare(candidate, champion, records, say)


def kind_of(candidate: Run, champion: Run | None) -> str:
    """Return whether a run is the first, a retrain of the champion's definitions, or made from changed ones."""
    if champion is None:
        return FIRST
    return RETRAIN if candidate.manifest["definitions"] == champion.manifest["definitions"] else CHANGED


def compare_runs(one: Run, other: Run, records: Records, say: Say) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return every metric of two runs on the same rows, as `compared` gives it, and which rows these are."""
    found = pair(one, other, records, say)
    return compared(metrics_of(one.model.recipe), found.rows, [OURS, THEIRS], OURS), found.said


def _on(run: Run) -> dt.date:
    return as_date(day(run.manifest["as_of"]))


def _beside_rules(candidate: Run, records: Records, say: Say) -> Pair:
    found = past_rows(records, candidate.model.recipe, candidate.model.families, _on(candidate), say)
    rivals = tuple(name for name in dict.fromkeys(found.frame["model"]) if name not in (MODEL, "random"))
    rows = _grouped(found.rows.rename(columns={MODEL: OURS}), records, _on(candidate))
    return Pair(FIRST, rows, rivals, found.rows, (_refitted(rows["origin"]), *found.notes))


def _recipes(candidate: Run, champion: Run, records: Records, say: Say) -> Pair:
    on = _on(candidate)
    ours, theirs = (
        past_rows(records, run.model.recipe, run.model.families, on, say) for run in (candidate, champion)
    )  # fmt: skip
    keys = ["origin", "entity", "as_of", "visit"]  # a place may have been visited twice on a day
    numbered = [found.rows.assign(visit=found.rows.groupby(keys[:3]).cumcount()) for found in (ours, theirs)]
    both = numbered[0].merge(numbered[1], on=keys, suffixes=("", "_theirs"))
    if both.empty:
        raise FitError("the two recipes share no place on any past date.", where=candidate.id)
    if not both["target"].equals(both["target_theirs"]):
        raise FitError("the two recipes do not count the same outcome as a find.", where=candidate.id,
                       next="They cannot be compared: look at the ladder, rank_by and horizon of both.")  # fmt: skip
    rows = _halved(both.rename(columns={MODEL: OURS, f"{MODEL}_theirs": THEIRS}))
    alone = [len(found.rows) - len(rows) for found in (ours, theirs)]
    said = [_refitted(rows["origin"]), *dict.fromkeys((*ours.notes, *theirs.notes))]
    if any(alone):
        said.append(f"left out: {alone[0]:,} places that only the candidate's recipe ranks, {alone[1]:,} that only the "
                    "champion's does")  # fmt: skip
    return Pair(CHANGED, _grouped(rows, records, on), (THEIRS,), ours.rows, tuple(said))


def _stored(candidate: Run, champion: Run, records: Records, say: Say) -> Pair:
    """Compare the two stored models where neither's trees have seen an outcome."""
    recipe, on = candidate.model.recipe, _on(candidate)
    dates = unseen([candidate, champion], records)
    known = outcomes(records, recipe, on)
    used = known.pick(np.isin(known.cohort.as_of, dates))
    say(f"features of {used.target.size:,} rows that neither run's trees have seen")
    matrix = build(records, candidate.model.families, used.cohort)
    visits = recipe.cohort.kind == "visits"
    rows = pd.DataFrame({
        "origin": as_date(int(dates[0])) if visits else [as_date(int(d)) for d in used.cohort.as_of],
        "entity": used.cohort.entity, "as_of": to_dates(used.cohort.as_of), "group": groups_of(records, used.cohort),
        "target": used.target, OURS: candidate.model.margin(matrix), THEIRS: champion.model.margin(matrix),
    })  # fmt: skip
    said = [
        f"stored models, {as_date(int(dates[0]))} to {as_date(int(dates[-1]))}: dates from the day on which the last "
        f"outcome that either run's trees learned from was known"
    ]
    (rows, notes), (theirs, _) = (
        with_chances(records, recipe, rows.assign(**{MODEL: rows[name]}), matrix, used, on, say)
        for name in (OURS, THEIRS)
    )  # fmt: skip
    rows = _halved(rows.join(theirs[["overlap", *CHANCES]].add_suffix("_theirs")))
    return Pair(RETRAIN, _grouped(rows, records, on), (THEIRS,), None, (*said, *notes))


def unseen(runs: Sequence[Run], records: Records) -> NDArray[np.int32]:
    """Return the dates of the first run's cohort whose outcomes were known on its day and seen by nobody's trees.

    Raises
    ------
    FitError
        There is none.
    """
    recipe, on = runs[0].model.recipe, day(_on(runs[0]))
    delay = recipe.rung(recipe.rank_by).delay
    ends = np.array([day(run.manifest["card"]["training"][1]) for run in runs], dtype=np.int32)
    first = int(ready(ends, recipe.horizon, delay).max())
    dates = np.unique(outcomes(records, recipe, _on(runs[0])).cohort.as_of)
    dates = dates[(dates >= first) & (ready(dates, recipe.horizon, delay) <= on)]
    if not dates.size:
        raise FitError(f"no date from {as_date(first)} on has outcomes that were known on {_on(runs[0])}: the trees of "
                       "one run have seen the rest.", where=runs[0].id)  # fmt: skip
    return dates


def _halved(rows: pd.DataFrame) -> pd.DataFrame:
    """Let the estimates of both rankings count half: each rests on its own ranking, and would favour it."""
    means = {name: (rows[name] + rows[f"{name}_theirs"]) / 2 for name in CHANCES}
    return rows.assign(**means, overlap=rows["overlap"].eq(True) & rows["overlap_theirs"].eq(True))


def _grouped(rows: pd.DataFrame, records: Records, on: dt.date) -> pd.DataFrame:
    """Return the rows with linked employers in one group: they are resampled together."""
    employer, names = pd.factorize(rows["group"].astype(str), sort=True)
    if not records.has("links"):
        return rows
    links = records["links"].frame
    links = links[to_days(links["known_on"]) < day(on)]
    ends = [names.get_indexer(pd.Index(links[side].astype(str))) for side in ("employer_a", "employer_b")]
    known = (ends[0] >= 0) & (ends[1] >= 0)
    tied = coo_array((np.ones(int(known.sum())), (ends[0][known], ends[1][known])), shape=(len(names),) * 2)
    return rows.assign(group=connected_components(tied, directed=False)[1][employer].astype(str))


def _refitted(origins: pd.Series[dt.date]) -> str:
    dates = ", ".join(str(origin) for origin in sorted(set(origins)))
    return f"fitted again at past dates, from what was known on each: {dates}"

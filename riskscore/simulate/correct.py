"""Rows that were wrong at first: the first row errs, a later one replaces it and holds what is true."""

from __future__ import annotations

import numpy as np

from riskscore.simulate.draws import Draws, Flags, Ints
from riskscore.simulate.register import NONE
from riskscore.simulate.results import Table

CORRECTED_SHARE = {"inspections": 12_000_000, "penalties": 25_000_000, "complaints": 6_000_000, "contracts": 3_000_000}
TOPIC_OTHER = 8


def corrected(draws: Draws, name: str, rows: Table) -> Table:
    """Return the rows with corrections appended; a row's ``id`` is its position, ``replaces`` that of another.

    Late rows are left alone, so that every correction of a year is known within a year of its end.
    """
    count = len(rows["date"])
    rows = rows | {"id": rows.get("id", np.arange(count)), "replaces": rows.get("replaces", np.full(count, NONE))}
    if name not in CORRECTED_SHARE:
        return rows
    prompt = rows["known_on"] - rows["date"] < 30
    wrong = np.flatnonzero(prompt & draws.happens(f"{name} corrected", CORRECTED_SHARE[name], np.arange(count)))
    if name == "complaints":
        wrong = wrong[rows["urgent"][wrong] == 0]
    both = {n: np.concatenate([v, v[wrong]]) for n, v in rows.items()}
    both["id"][count:] = count + np.arange(len(wrong))
    both["replaces"][count:] = rows["id"][wrong]
    both["known_on"][count:] += draws.between(f"{name} corrected after", 20, 180, wrong)
    _err(draws, name, both, wrong)
    return both


def _err(draws: Draws, name: str, rows: Table, wrong: Ints) -> None:
    """Write the mistake into the first rows."""
    if name == "inspections":
        people = rows["uncontracted_workers"]
        people[wrong] = np.where(people[wrong] > 0, people[wrong] + draws.between("error", -1, 3, wrong), 0)
        rows["workers_present"][wrong] = np.maximum(
            rows["workers_present"][wrong] + draws.between("error present", -2, 4, wrong), np.maximum(people[wrong], 1)
        )
    elif name == "penalties":  # reduced on appeal
        rows["amount_azn"][wrong] += 10_000 * draws.between("error fine", 5, 30, wrong)
        rows["paid_on"][wrong] = NONE
    elif name == "complaints":
        rows["topic"][wrong] = TOPIC_OTHER
    else:
        rows["registered_workers"][wrong] += draws.between("error register", 1, 5, wrong)


def known_by(rows: Table, end: int) -> Flags:
    """Say which rows are known on the last day; a payment to come is taken out of the others."""
    if "paid_on" in rows:
        rows["paid_on"][rows["paid_on"] > end] = NONE
        rows["paid_azn"] = np.where(rows["paid_on"] >= 0, rows["amount_azn"], NONE)
    return np.asarray(rows["known_on"] <= end, dtype=np.bool_)

"""The whole simulation: a population, its years, and the records that they leave."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from riskscore.dates import day
from riskscore.errors import RiskscoreError
from riskscore.records.model import Records
from riskscore.records.schema import STAGES, TRIGGERS
from riskscore.simulate import papers
from riskscore.simulate.correct import corrected, known_by
from riskscore.simulate.draws import Draws, Ints
from riskscore.simulate.entities import employer_rows, link_rows, regime_rows, site_rows
from riskscore.simulate.frames import PREFIX, Rows, ids, record_table
from riskscore.simulate.register import register
from riskscore.simulate.results import AUTHORITIES, FINDINGS, Results, Table, results
from riskscore.simulate.select import Past
from riskscore.simulate.world import FULL_SITES, published, world
from riskscore.simulate.year import CHANNELS, INSPECTORS, TOPICS, Setting, Year, live

SUSPENDED_FROM = 2020
PARENTS = {"inspection_id": "inspections"}


class Simulation(NamedTuple):
    """Records, and apart from them the truth: for each place and year the chance to reach each rung if visited."""

    records: Records
    truth: pd.DataFrame


def simulate(
    sites: int = FULL_SITES,
    years: tuple[int, int] = (2016, 2024),
    seed: int = 1,
    setting: Literal["ignorable", "hidden"] = "ignorable",
    suspended_from: int = SUSPENDED_FROM,
) -> Simulation:
    """Simulate the records of an inspectorate.

    Parameters
    ----------
    sites : int
        Places of work over all years; 20,000 is national size. Every national figure is scaled with it.
    years : (int, int)
        First and last year, both included. Rows not yet known at the end of the last are left out.
    seed : int
        The same seed gives the same values on every Python, numpy and processor.
    setting : "ignorable" or "hidden"
        Whether visits are chosen by what the records show alone, or also by tips that follow the latent risk.
    suspended_from : int
        The first year in which most businesses are visited after a report only, and some not at all.

    Returns
    -------
    Simulation
        ``records`` with all twelve tables; ``truth`` with ``site_id``, ``year`` and ``level_1`` .. ``level_5``.

    Examples
    --------
    >>> records, truth = simulate(sites=200, years=(2022, 2023))
    >>> sorted(records.tables)[:3], list(truth.columns[:3])
    (['cases', 'complaints', 'contracts'], ['site_id', 'year', 'level_1'])
    """
    first, last = years
    if sites < 1 or last < first or setting not in ("ignorable", "hidden"):
        raise RiskscoreError(
            f"cannot simulate sites={sites}, years={years}, setting='{setting}'.",
            next="Give sites >= 1, (first, last) with first <= last, and 'ignorable' or 'hidden'.",
        )
    draws, country = Draws(seed), world()
    people = register(draws, country, sites, first, last)
    run = Setting(draws, country, published(), people, first, sites, suspended_from, setting == "hidden")
    tables, truth = _years(run, first, last)
    return Simulation(_records(run, tables, first, last), _truth_frame(truth, sites))


def _years(run: Setting, first: int, last: int) -> tuple[dict[str, Table], Table]:
    """Live through the years and return all event rows and the truth."""
    count = len(run.register.sites.place)
    past = Past(np.full(count, -1, dtype=np.int64), np.zeros(count, dtype=np.int64))
    permit = papers.permits_before(run, first)
    parts: dict[str, list[Table]] = {n: [] for n in PREFIX}
    truths: list[Table] = []
    visits = 0
    for year in range(first, last + 1):
        lived = live(run, year, past)
        left = results(run, lived, visits)
        visits += len(lived.site)
        past = _remember(past, lived, left)
        for name, table in left.tables.items():
            parts[name].append(table)
        granted, permit = papers.permits(run, lived, permit)
        parts["permits"].append(granted)
        parts["complaints"].append(papers.complaints(run, lived))
        parts["contracts"].append(papers.contracts(run, lived))
        truths.append(left.truth)
    parts["complaints"].append(papers.urgent_reports(run, last))
    parts["cases"].append(papers.police_cases(run, first, last))
    tables = {n: _joined(p) for n, p in parts.items() if p}
    tables["cases"] = papers.stages(run, tables["cases"])
    return tables, _joined(truths)


def _joined(parts: list[Table]) -> Table:
    return {n: np.concatenate([p[n] for p in parts]) for n in parts[0]}


def _remember(past: Past, lived: Year, left: Results) -> Past:
    """Return what the office remembers at the next year's start."""
    found_on = past.found_on.copy()
    np.maximum.at(found_on, lived.site[lived.found], left.tables["inspections"]["known_on"][lived.found])
    return Past(found_on, np.bincount(lived.reports.site, minlength=len(found_on)))


def _records(run: Setting, tables: dict[str, Table], first: int, last: int) -> Records:
    """Return the canonical tables as they stand at the end of the last year."""
    end = day(f"{last}-12-31")
    offices = (*run.world.offices, "Monitoring Centre")
    inspectors = [f"i{n:03d}" for n in range(1, len(offices) * INSPECTORS + 1)]
    counted, indicators = papers.counts(run, first, last)
    rules, rule_labels = regime_rows(run.world, first, run.suspended_from, last)
    labels: dict[str, dict[str, Any]] = {
        "inspections": {"authority": AUTHORITIES, "trigger": TRIGGERS, "office": offices, "inspector_id": inspectors},
        "findings": {"indicator": FINDINGS}, "penalties": {"authority": AUTHORITIES},
        "complaints": {"channel": CHANNELS, "topic": TOPICS}, "permits": {"kind": ("issued", "extended")},
        "contracts": {}, "cases": {"stage": STAGES},
        "counts": {"indicator": indicators, "source": ("yearly report",)}, "regimes": rule_labels,
    }  # fmt: skip
    rows = {
        "employers": employer_rows(run.draws, run.world, run.register.employers),
        "sites": site_rows(run.draws, run.world, run.register.sites),
    }
    events = {n: Rows(t, labels[n]) for n, t in (*tables.items(), ("counts", counted), ("regimes", rules))}
    events["links"] = link_rows(run.register.links)
    renamed: dict[str, Ints] = {}
    for name in ("inspections", *(n for n in events if n != "inspections")):
        rows[name], renamed[name] = _numbered(run.draws, name, events[name], end, renamed)
    for name in ("employers", "sites"):
        known = rows[name].columns["known_on"] <= end
        rows[name] = rows[name].take(known)
        order = np.lexsort((rows[name].columns["valid_from"], rows[name].columns["id"]))
        rows[name] = rows[name].take(order)
    counts = {"employers": len(run.register.employers.kind), "sites": len(run.register.sites.place)}
    widths = {n: len(str(counts.get(n, len(r)))) for n, r in rows.items()}
    return Records({n: record_table(n, rows[n], widths) for n in PREFIX}, source="simulation")


def _numbered(draws: Draws, name: str, rows: Rows, end: int, renamed: dict[str, Ints]) -> tuple[Rows, Ints]:
    """Correct some rows, leave out what is not known yet, and number the rest in the order they became known."""
    table = corrected(draws, name, dict(rows.columns))
    kept = np.flatnonzero(known_by(table, end))
    for column, parent in PARENTS.items():
        if column in table:
            of = table[column]
            kept = kept[(of[kept] < 0) | (renamed[parent][np.maximum(of[kept], 0)] >= 0)]
    order = kept[np.lexsort((kept, table["date"][kept], table["known_on"][kept]))]
    number = np.full(int(table["id"].max()) + 1 if len(kept) else 1, -1)
    number[table["id"][order]] = np.arange(len(order))
    made = {n: v[order] for n, v in table.items()}
    made["id"] = np.arange(len(order))
    made["replaces"] = np.where(made["replaces"] >= 0, number[np.maximum(made["replaces"], 0)], -1)
    for column, parent in PARENTS.items():
        if column in made:
            made[column] = np.where(made[column] >= 0, renamed[parent][np.maximum(made[column], 0)], -1)
    return Rows(made, rows.labels), number


def _truth_frame(truth: Table, sites: int) -> pd.DataFrame:
    frame = {"site_id": ids(truth["site_id"], "sites", len(str(sites))), "year": truth["year"]}
    levels = {f"level_{k}": truth[f"level_{k}"] // 1000 / 1_000_000 for k in range(1, 6)}
    return pd.DataFrame(frame | levels)

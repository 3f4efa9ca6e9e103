"""A plan as files in a folder."""

from __future__ import annotations

from pathlib import Path

from riskscore.planning.plan import Plan
from riskscore.report.tables import write_table


def write_plan(plan: Plan, folder: Path) -> list[Path]:
    """Write the tables of a plan.

    ``plan.csv`` has a row per visit and stays in the office: it says which visits answer a report. ``left_out.csv``
    has everybody else with the reason, ``workload.csv`` a row per office, ``exploring.csv`` what drawing at random
    costs and buys, ``drawn_from.csv`` whom it reaches.

    Returns
    -------
    list of Path
    """
    tables = {
        "plan.csv": plan.visits, "left_out.csv": plan.left, "workload.csv": plan.workload,
        "exploring.csv": plan.shares, "drawn_from.csv": plan.strata,
    }  # fmt: skip
    for name, frame in tables.items():
        write_table(frame, "csv", folder / name)
    return [folder / name for name in tables]

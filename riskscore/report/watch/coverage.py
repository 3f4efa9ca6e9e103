"""Where nobody looks, as tables and a map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from riskscore.report.page import render
from riskscore.watch.coverage import ALL, GAMMA, LATE, TIMES, Coverage

WIDTH, MOST = 640, 16.0  # of the map, and the largest circle's radius, in units of the drawing


@dataclass(frozen=True)
class Circle:
    """The places of a tenth of a degree."""

    x: float
    y: float
    radius: float
    shade: float  # share of them without a visit in three years
    says: str


def coverage_table(found: Coverage) -> pd.DataFrame:
    """Return one row per group: its places, those without a visit in three years, and the risk that lies at these."""
    rows = []
    for (by, group), part in found.frame.groupby(["by", "group"], sort=False):
        late = part[part["time"].isin(LATE)]
        rows.append({
            "by": by, "group": group, "places": int(part["places"].sum()), "never": int(part["places"].iloc[-1]),
            "3+ years": int(late["places"].sum()), "closed": int(part["closed"].sum()),
            "risk": _share(part, "finds", "finds"), "at least": _share(part, "finds_low", "finds_high"),
            "at most": _share(part, "finds_high", "finds_low"),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _share(part: pd.DataFrame, mine: str, others: str) -> float:
    """Return the share of late places in the finds of a group; NaN where there are none, or percentages are refused."""
    late = part["time"].isin(LATE)
    a, b = float(part.loc[late, mine].sum(skipna=False)), float(part.loc[~late, others].sum(skipna=False))
    return round(a / (a + b), 3) if a + b > 0 else math.nan


def coverage_html(found: Coverage, run: str) -> str:
    """Return the page: the whole register, a map where coordinates are known, then every group."""
    table = coverage_table(found)
    circles, height = circles_of(found.points)
    return render(
        "watch/coverage.html", found=found, run=run, whole=found.frame[found.frame["by"] == ALL].to_dict("records"),
        rows=table[table["by"] != ALL].to_dict("records"), circles=circles, width=WIDTH, height=height, times=TIMES,
        gamma=GAMMA,
    )  # fmt: skip


def circles_of(points: pd.DataFrame) -> tuple[list[Circle], int]:
    """Return the map's circles, the largest first, and its height; a degree of longitude is drawn as short as it is."""
    if points.empty:
        return [], 0
    late = points["places"].where(points["time"].isin(LATE), 0)
    cells = points.assign(late=late).groupby(["latitude", "longitude"], as_index=False)[["places", "late"]].sum()
    middle = math.cos(math.radians(float(cells["latitude"].mean())))
    west, north = float(cells["longitude"].min()), float(cells["latitude"].max())
    wide = max((float(cells["longitude"].max()) - west) * middle, 0.1)
    scale = (WIDTH - 2 * MOST) / wide
    height = int((north - float(cells["latitude"].min())) * scale + 2 * MOST)
    most = float(cells["places"].max())
    ordered = cells.sort_values(["places", "latitude", "longitude"], ascending=[False, True, True])
    return [
        Circle(
            round((float(c.longitude) - west) * middle * scale + MOST, 1), round((north - float(c.latitude)) * scale + MOST, 1),  # type: ignore[arg-type]  # noqa: E501
            round(max(1.5, MOST * math.sqrt(float(c.places) / most)), 1), round(float(c.late) / float(c.places), 2),  # type: ignore[arg-type]
            f"{c.latitude:.1f} N, {c.longitude:.1f} E: {c.places:,} places, {c.late:,.0f} without a visit in 3 years",
        )
        for c in ordered.itertuples()
    ], height  # fmt: skip

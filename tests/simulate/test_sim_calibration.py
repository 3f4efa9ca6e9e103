"""The simulated country shows the published figures of 2019, 2022 and 2023.

Tolerance: visits, people, money and counts are exact (the simulation shares the figure out); numbers of employers
may be short by one, because two places of one employer can be drawn at random in a year.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from riskscore.records.model import Records
from riskscore.simulate import Simulation, simulate

CENTRE = "Labour Relations Monitoring Centre"

# name -> year -> (figure, how far off it may be)
PUBLISHED: Mapping[str, Mapping[int, tuple[int, int]]] = {
    "high-rises visited": {2019: (120, 0), 2023: (32, 0)},
    "people without a contract there": {2019: (351, 0), 2023: (47, 0)},
    "employers fined there": {2019: (39, 1), 2023: (13, 1)},
    "fines there, AZN": {2019: (454_000, 0), 2023: (123_000, 0)},
    "employers referred from there": {2019: (4, 0), 2023: (0, 0)},
    "uncontracted after appeals": {2022: (512 - 143, 0), 2023: (512, 0)},
    "fines after appeals, AZN": {2022: (2_374_000 - 591_900, 0), 2023: (2_374_000, 0)},
    "unrelated work": {2023: (1, 0)},
    "employed under 15": {2023: (2, 0)},
    "forced-labour facts": {2019: (4, 0), 2023: (3, 0)},
    "victims": {2019: (6, 0), 2023: (2, 0)},
    "victims abroad": {2019: (5, 0), 2023: (0, 0)},
    "criminal cases from police search": {2023: (2, 0)},
    "permits issued": {2023: (5_441, 0)},
    "permits extended": {2023: (4_773, 0)},
    "rise in contracts concluded": {2019: (153_000, 0)},
    "rise in contracts concluded, not public": {2019: (100_000, 0)},
    "children_found": {2019: (430, 0), 2023: (342, 0)},
    "parents_sanctioned": {2019: (180, 0), 2023: (345, 0)},
    "files_passed_on": {2019: (670, 0), 2023: (504, 0)},
    "hotline_calls": {2019: (6_845, 0), 2022: (9_626 + 197, 0), 2023: (9_626, 0)},
    "information_meetings": {2023: (60, 0)},
    "meeting_participants": {2023: (6_500, 0)},
}


def current(records: Records, name: str) -> pd.DataFrame:
    """Return a table's rows that no other row replaces, with the year of their date."""
    frame = records[name].frame
    own = frame[records[name].schema.id]
    return frame[~own.isin(frame["replaces"].dropna())].assign(year=frame["date"].dt.year)


def by_year(frame: pd.DataFrame, column: str | None = None) -> pd.Series:
    groups = frame.groupby("year")
    return groups.size() if column is None else groups[column].sum()


def figures(records: Records) -> dict[str, pd.Series]:
    """Return every published indicator, counted from the rows as a data officer would."""
    visits, cases = current(records, "inspections"), current(records, "cases")
    fines, permits = current(records, "penalties"), current(records, "permits")
    contracts, counts = current(records, "contracts"), current(records, "counts")
    findings, employers = current(records, "findings"), records["employers"].frame
    every_visit = records["inspections"].frame.set_index("inspection_id")
    asked = ["complaint", "hotline"]
    there = visits[visits["authority"] == CENTRE]
    high_rises = set(records["sites"].frame.query("site_type == 'high-rise'")["site_id"])
    assert set(there["site_id"].astype(str)) <= high_rises
    centre_fines = fines[fines["authority"] == CENTRE]
    appeal_fines = fines[fines["inspection_id"].astype(str).map(every_visit["trigger"].astype(str)).isin(asked)]
    referred = cases[cases["inspection_id"].astype(str).map(every_visit["authority"].astype(str)) == CENTRE]
    public = set(employers.query("employer_kind == 'public body'")["employer_id"])
    private = contracts[~contracts["employer_id"].astype(str).isin(public)]
    searched = cases[cases["inspection_id"].isna()]
    found = {
        "high-rises visited": by_year(there),
        "people without a contract there": by_year(there, "uncontracted_workers"),
        "employers fined there": centre_fines.groupby("year")["employer_id"].nunique(),
        "fines there, AZN": by_year(centre_fines, "amount_azn"),
        "employers referred from there": referred.groupby("year")["employer_id"].nunique(),
        "uncontracted after appeals": by_year(visits[visits["trigger"].isin(asked)], "uncontracted_workers"),
        "fines after appeals, AZN": by_year(appeal_fines, "amount_azn"),
        "unrelated work": by_year(findings[findings["indicator"] == "unrelated_work"]),
        "employed under 15": by_year(visits, "minors_found"),
        "forced-labour facts": by_year(cases, "facts"),
        "victims": by_year(cases, "victims"),
        "victims abroad": by_year(cases[cases["abroad"]], "victims"),
        "criminal cases from police search": by_year(searched),
        "permits issued": by_year(permits[permits["kind"] == "issued"], "workers"),
        "permits extended": by_year(permits[permits["kind"] == "extended"], "workers"),
        "rise in contracts concluded": by_year(contracts, "concluded").diff(),
        "rise in contracts concluded, not public": by_year(private, "concluded").diff(),
    }
    return found | {str(name): by_year(rows, "value") for name, rows in counts.groupby("indicator", observed=True)}


def deviations(records: Records) -> list[str]:
    """Return the published figures that the records miss by more than the tolerance."""
    seen, wrong = figures(records), []
    for name, years in PUBLISHED.items():
        for year, (figure, tolerance) in years.items():
            value = seen[name].get(year, 0)
            if not abs(float(value) - figure) <= tolerance:
                wrong.append(f"{name} {year}: {value}, published {figure}")
    return wrong


def test_the_national_simulation_shows_every_published_figure(national: Simulation) -> None:
    assert deviations(national.records) == []


def test_so_does_another_seed_and_the_setting_with_a_hidden_cause(national_hidden: Simulation) -> None:
    assert deviations(national_hidden.records) == []
    assert deviations(simulate(seed=12).records) == []


def test_a_country_of_another_size_does_not_pass() -> None:
    assert len(deviations(simulate(sites=15_000).records)) > 30


@pytest.mark.parametrize("sites", [5_000, 40_000])
def test_figures_grow_with_the_number_of_places(sites: int) -> None:
    seen = figures(simulate(sites=sites).records)
    assert seen["fines after appeals, AZN"][2023] == pytest.approx(2_374_000 * sites / 20_000, abs=100)
    assert seen["high-rises visited"][2019] == 120 * sites // 20_000

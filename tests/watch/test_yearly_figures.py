"""Yearly figures are exact, change when late rows come in, and say where they come from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from riskscore.errors import DefinitionError, RiskscoreError
from riskscore.languages import translator
from riskscore.records.model import Records
from riskscore.report.watch.yearly import written, yearly_html, yearly_table
from riskscore.simulate import simulate
from riskscore.watch.figures import load_figures
from riskscore.watch.yearly import YearlyIndicators, yearly_indicators

CENTRE, SERVICE = "Labour Relations Monitoring Centre", "State Labour Inspection Service"
RecordsOf = Callable[..., Records]
AS_OF = dt.date(2024, 6, 1)

# What the yearly reports of 2019 and 2023 print: figure -> year -> (value, change on the year before or None).
PUBLISHED: Mapping[str, Mapping[int, tuple[float, float | None]]] = {
    "sites_visited": {2019: (120, None), 2023: (32, None)},
    "found_without_contract": {2019: (351, None), 2023: (47, None)},
    "employers_fined": {2019: (39, None), 2023: (13, None)},
    "fines_azn": {2019: (454_000, None), 2023: (123_000, None)},
    "employers_referred": {2019: (4, None), 2023: (0, None)},
    "uncontracted_after_appeals": {2023: (512, 143)},
    "fines_after_appeals_azn": {2023: (2_374_000, 591_900)},
    "forced_unrelated_work": {2023: (1, None)},
    "employed_under_age": {2023: (2, None)},
    "forced_labour_facts": {2019: (4, None), 2023: (3, None)},
    "forced_labour_victims": {2019: (6, None), 2023: (2, None)},
    "victims_abroad": {2019: (5, None), 2023: (0, None)},
    "criminal_cases": {2023: (2, None)},
    "permits_issued": {2023: (5_441, None)},
    "permits_extended": {2023: (4_773, None)},
    "contracts_concluded": {2019: (453_000, 153_000)},
    "contracts_private": {2019: (320_000, 100_000)},
    "children_found": {2019: (430, None), 2023: (342, None)},
    "parents_sanctioned": {2019: (180, None), 2023: (345, None)},
    "files_passed_on": {2019: (670, None), 2023: (504, None)},
    "hotline_calls": {2019: (6_845, None), 2023: (9_626, -197)},
    "information_meetings": {2023: (60, None)},
    "meeting_participants": {2023: (6_500, None)},
}


def value(found: YearlyIndicators, figure: str, column: str = "value", by: str = "all", group: str = "") -> Any:
    frame = found.frame
    return frame[(frame["figure"] == figure) & (frame["by"] == by) & (frame["group"] == group)][column].item()


def shared(total: int, parts: int) -> list[int]:
    """Return whole numbers that add up to a total."""
    return [total // parts + (i < total % parts) for i in range(parts)]


@pytest.fixture
def office(records_of: RecordsOf) -> Records:
    """Return records written by hand that total to the published figures, with what must not count beside them."""
    visits: list[dict[str, Any]] = []
    fines: list[dict[str, Any]] = []
    cases: list[dict[str, Any]] = []
    for year, sites, people, fined, azn, sent in ((2019, 120, 351, 39, 454_000, 4), (2023, 32, 47, 13, 123_000, 0)):
        for i, found in enumerate(shared(people, sites)):
            visits.append(_visit(f"C{year}-{i}", f"{year}-05-02", CENTRE, "planned", f"S{i}", f"E{i}", found))
        visits.append(_visit(f"C{year}-again", f"{year}-09-02", CENTRE, "follow_up", "S0", "E0", 0))  # the same site
        for i, amount in enumerate(shared(azn, fined + 1)):  # one employer is fined twice
            fines.append(_row(f"C{year}-{i}", f"{year}-06-01", penalty_id=f"P{year}-{i}", authority=CENTRE,
                              employer_id=f"E{i % fined}", amount_azn=amount))  # fmt: skip
        for i in range(sent):
            cases.append(_case(f"R{year}-{i}", f"{year}-07-01", f"E{50 + i}", 0, 0, "referred", f"C{year}-{50 + i}"))
    for year, people, azn in ((2022, 369, 1_782_100), (2023, 512, 2_374_000)):
        for i, found in enumerate(shared(people, 60)):
            trigger = ("complaint", "hotline")[i % 2]
            minors = int(year == 2023 and i < 2)
            visits.append(_visit(f"A{year}-{i}", f"{year}-03-{i % 28 + 1:02}", SERVICE, trigger, f"T{i}", f"F{i}", found, minors))  # fmt: skip  # noqa: E501
        for i, amount in enumerate(shared(azn, 60)):
            fines.append(_row(f"A{year}-{i}", f"{year}-04-09", penalty_id=f"Q{year}-{i}", authority=SERVICE,
                              employer_id=f"F{i}", amount_azn=amount))  # fmt: skip
    visits.append(_visit("plan", "2023-03-03", SERVICE, "planned", "T1", "F1", 9))  # nobody appealed
    right = {**_visit("right", "2023-03-03", SERVICE, "hotline", "T1", "F1", 0), "replaces": "wrong"}
    visits += [_visit("wrong", "2023-03-03", SERVICE, "hotline", "T1", "F1", 77), {**right, "known_on": "2023-04-01"}]
    facts = ((2019, 3, 5, True, "F"), (2019, 1, 1, False, ""), (2023, 2, 1, False, "A"), (2023, 1, 1, False, "A"))
    for i, (year, n, victims, abroad, _) in enumerate(facts):
        first = _case(f"K{i}", f"{year}-08-01", "F9", n, victims, "opened", None, abroad)
        later = {**_case(f"K{i}b", f"{year}-08-01", "F9", n, victims, "charged", None, abroad), "replaces": f"K{i}"}
        cases += [first, {**later, "known_on": f"{year}-11-01"}]
    findings = [_row("A2023-5", "2023-03-06", finding_id="U1", indicator="unrelated_work", workers_affected=1)]
    permits = [_row(None, "2023-02-02", permit_id=f"{kind}{i}", kind=kind, workers=n, employer_id=f"F{i}")
               for kind, total in (("issued", 5_441), ("extended", 4_773))
               for i, n in enumerate(shared(total, 7))]  # fmt: skip
    contracts = [_row(None, f"{year}-02-02", contract_id=f"{who}{year}", employer_id=who, concluded=n)
                 for year, private, public in ((2018, 220_000, 80_000), (2019, 320_000, 133_000))
                 for who, n in (("F1", private), ("STATE", public))]  # fmt: skip
    employers = [{"employer_id": f"{k}{i}", "sector": "F construction" if k == "E" else "G trade", "region": "Bakı",
                  "employer_kind": "company", "known_on": "2015-01-01"} for k in "EF" for i in range(130)]  # fmt: skip
    employers.append({"employer_id": "STATE", "sector": "O public administration", "region": "Bakı",
                      "employer_kind": "public body", "known_on": "2015-01-01"})  # fmt: skip
    counted = [(name, year, one[0]) for name, years in PUBLISHED.items() for year, one in years.items()
               if name in COUNTED] + [("hotline_calls", 2022, 9_626 + 197)]  # fmt: skip
    counts = [_row(None, f"{year}-12-31", count_id=f"{name}{year}", indicator=name, value=n) | {
        "known_on": f"{year + 1}-03-01"} for name, year, n in counted]  # fmt: skip
    for rows in (visits, fines, cases):
        rows.append({**rows[0], _id(rows[0]): "not yet", "date": "2023-12-30", "known_on": AS_OF.isoformat()})
    return records_of(inspections=visits, penalties=fines, cases=cases, findings=findings, permits=permits,
                      contracts=contracts, employers=employers, counts=counts)  # fmt: skip


COUNTED = ("children_found", "parents_sanctioned", "files_passed_on", "hotline_calls", "information_meetings",
           "meeting_participants")  # fmt: skip


def _row(visit: str | None, date: str, **more: Any) -> dict[str, Any]:
    linked = {} if visit is None else {"inspection_id": visit}
    return {**linked, "date": date, "known_on": date, "replaces": None, **more}


def _visit(id: str, date: str, authority: str, trigger: str, site: str, employer: str, people: int, minors: int = 0) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    return _row(id, date, authority=authority, trigger=trigger, site_id=site, employer_id=employer,
                uncontracted_workers=people, minors_found=minors)  # fmt: skip


def _case(id: str, date: str, employer: str, facts: int, victims: int, stage: str, visit: str | None, abroad: bool = False) -> dict[str, Any]:  # fmt: skip  # noqa: E501
    return {**_row(None, date, case_id=id, employer_id=employer, facts=facts, victims=victims, stage=stage,
                   abroad=abroad), "inspection_id": visit}  # fmt: skip


def _id(row: Mapping[str, Any]) -> str:
    return next(key for key in ("case_id", "penalty_id", "inspection_id") if key in row)


@pytest.mark.parametrize("year", [2019, 2023])
def test_records_that_total_to_the_published_figures_give_exactly_those(office: Records, year: int) -> None:
    found = yearly_indicators(office, year, AS_OF)
    assert {figure.name for figure in found.figures} == set(PUBLISHED)
    for figure, years in PUBLISHED.items():
        if year in years:
            expected, change = years[year]
            assert value(found, figure) == expected, figure
            assert change is None or value(found, figure, "change") == change, figure


@pytest.mark.slow
def test_so_does_the_simulated_country() -> None:
    records = simulate(years=(2018, 2024)).records
    for year in (2019, 2023):
        found = yearly_indicators(records, year, dt.date(2025, 1, 1))
        for figure, years in PUBLISHED.items():
            if year in years:
                # two places of one employer may be drawn in a year
                assert abs(value(found, figure) - years[year][0]) <= (figure == "employers_fined"), (figure, year)
                assert years[year][1] in (None, value(found, figure, "change"))


def test_groups_add_up_to_the_whole_and_rows_behind_to_the_figure(office: Records) -> None:
    found = yearly_indicators(office, 2023, AS_OF)
    for figure in ("found_without_contract", "uncontracted_after_appeals", "fines_azn", "permits_issued"):
        frame = found.frame[found.frame["figure"] == figure]
        for by in set(frame["by"]) - {"all"}:
            assert frame[frame["by"] == by]["value"].sum() == value(found, figure), (figure, by)
        behind = found.rows[found.rows["figure"] == figure]
        assert behind["value"].sum() == value(found, figure)
        assert behind["row_id"].is_unique
        assert len(behind) == value(found, figure, "rows")
    assert value(found, "found_without_contract", by="sector", group="F construction") == 47
    assert value(found, "uncontracted_after_appeals", by="authority", group=SERVICE) == 512


def test_a_row_known_on_the_day_or_later_changes_nothing(office: Records) -> None:
    now = yearly_indicators(office, 2023, AS_OF)
    then = yearly_indicators(office, 2023, AS_OF + dt.timedelta(days=1))
    assert value(then, "found_without_contract") > value(now, "found_without_contract")
    assert "not yet" not in set(now.rows["row_id"])
    assert "not yet" in set(then.rows["row_id"])


def test_a_late_row_changes_a_figure_and_it_says_what_it_was(office: Records) -> None:
    found = yearly_indicators(office, 2023, AS_OF + dt.timedelta(days=1), since=AS_OF)
    extra = value(found, "found_without_contract") - 47
    assert extra > 0
    assert value(found, "found_without_contract", "was") == 47
    assert value(found, "found_without_contract", "rows_since") == 1
    page = yearly_html(found)
    assert "What changed since 1 Jun 2024" in page
    assert yearly_html(yearly_indicators(office, 2023, AS_OF, since=AS_OF)).count("What changed") == 0


def test_a_correction_counts_in_place_of_the_row_it_corrects(office: Records) -> None:
    found = yearly_indicators(office, 2023, AS_OF)
    assert "wrong" not in set(found.rows["row_id"])
    assert "right" in set(found.rows["row_id"])


def test_every_figure_says_where_it_comes_from(office: Records) -> None:
    found = yearly_indicators(office, 2023, AS_OF)
    source = found.frame[found.frame["by"] == "all"].set_index("figure")["table"]
    assert set(source[list(COUNTED)]) == {"counts"}
    assert source["fines_azn"] == "penalties"


def test_without_the_table_a_figure_comes_from_counts_and_without_both_it_is_not_known(records_of: RecordsOf) -> None:
    counts = [_row(None, "2023-12-31", count_id="N1", indicator="permits_issued", value=5_441)]
    found = yearly_indicators(records_of(inspections=[_visit("V", "2023-01-01", SERVICE, "raid", "S", "E", 1)],
                                         counts=counts), 2023, AS_OF)  # fmt: skip
    assert value(found, "permits_issued") == 5_441
    assert value(found, "permits_issued", "note") == "the records have no table 'permits': taken from 'counts'"
    assert value(found, "permits_extended", "note") == "the records have no table 'permits'"
    assert value(found, "hotline_calls", "note") == "counts has no such figure"
    table = yearly_table(found, brief=True).set_index("title")
    assert table.loc["Work permits extended", "written"] == "–"
    assert table.loc["Work permits extended", "source"] == "not known"


def test_a_year_before_the_table_is_complete_has_no_change(records_of: RecordsOf) -> None:
    visits = [_visit(f"V{y}", f"{y}-06-01", SERVICE, "hotline", "S", "E", 3) for y in (2022, 2023)]
    found = yearly_indicators(records_of(inspections=visits, covers_from={"inspections": "2022-03-01"}), 2023, AS_OF)
    assert value(found, "uncontracted_after_appeals") == 3
    assert value(found, "uncontracted_after_appeals", "change") != 0
    early = yearly_indicators(records_of(inspections=visits, covers_from={"inspections": "2022-03-01"}), 2022, AS_OF)
    assert value(early, "uncontracted_after_appeals", "note") == "'inspections' is complete only from 2022-03-01 on"


def test_figures_are_written_as_in_the_reports() -> None:
    en, az, ru = (translator(language) for language in ("en", "az", "ru"))
    assert written(512.0, 143.0, en) == "512 (+143)"
    assert [written(2_374_000.0, 591_900.0, _) for _ in (en, az)] == ["2,374,000 (+591,900)", "2.374.000 (+591.900)"]
    assert written(9_626.0, -197.0, ru).replace("\u00a0", " ") == "9 626 (−197)"
    assert written(3.0, 0.0, en) == "3 (0)"


@pytest.mark.parametrize("language", ["en", "az", "ru"])
def test_the_page_has_every_definition_and_ids_but_no_names(office: Records, language: str) -> None:
    found = yearly_indicators(office, 2023, AS_OF)
    page = yearly_html(found, language)
    for figure in found.figures:
        assert figure.title(language) in page
        assert language in figure.titles
        assert language in figure.definitions
    assert "C2023-3" in page
    assert "512 (+143)" in page
    assert ("reviewed" in page or "yoxlamayıb" in page or "не проверял" in page) == (language != "en")
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_ids_of_reports_never_leave(records_of: RecordsOf, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[figure]]\nname = "reports"\ntable = "complaints"\nkind = "count"\n'
                    'title.en = "Reports"\ndefinition.en = "All of them."\n', encoding="utf-8")  # fmt: skip
    rows = [{"complaint_id": "SECRET-1", "site_id": "S", "topic": "wages", "date": "2023-05-04"}]
    found = yearly_indicators(records_of(complaints=rows), 2023, AS_OF, figures=load_figures(file))
    assert value(found, "reports") == 1
    assert "SECRET" not in yearly_html(found) + found.rows.to_csv() + found.frame.to_csv()


def test_wrong_definitions_are_gathered_and_named(tmp_path: Path, records_of: RecordsOf) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[figure]]\nname = "Bad"\ntable = "visits"\nkind = "sum"\ntitle.az = "x"\ndefinition.en = "d"\n'
                    'wher = "1"\n', encoding="utf-8")  # fmt: skip
    with pytest.raises(DefinitionError) as error:
        load_figures(file)
    said = str(error.value)
    for part in ("'title.en' is missing", "'visits' is unknown", "the key 'value' is missing", "unknown key 'wher'"):
        assert part in said
    file.write_text('[[figure]]\nname = "ok"\ntable = "inspections"\nkind = "sum"\nvalue = "uncontracted_wrkers"\n'
                    'title.en = "x"\ndefinition.en = "d"\n', encoding="utf-8")  # fmt: skip
    visits = records_of(inspections=[_visit("V", "2023-01-01", SERVICE, "raid", "S", "E", 1)])
    with pytest.raises(DefinitionError, match="Did you mean 'uncontracted_workers'"):
        yearly_indicators(visits, 2023, AS_OF, figures=load_figures(file))


def test_a_year_that_had_not_begun_is_refused(office: Records) -> None:
    with pytest.raises(RiskscoreError, match="2025 had not begun"):
        yearly_indicators(office, 2025, AS_OF)

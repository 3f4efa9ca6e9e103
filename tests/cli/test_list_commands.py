"""rank, why, explain, runs: what comes out, opened again."""

from __future__ import annotations

import csv
import io
import json
import shutil

import openpyxl
import pandas as pd
import pytest

import riskscore as rs


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def listed(office, typed) -> list[dict[str, str]]:
    return rows(typed("rank", *office.asked("--format", "csv")).stdout)


def test_urgent_reports_head_the_list_and_the_rest_follows_by_rank(listed) -> None:
    urgent = [row["urgent"] == "true" for row in listed]
    assert 0 < sum(urgent) < 20
    assert urgent == sorted(urgent, reverse=True)
    ranks = [int(row["rank"]) for row in listed]
    assert ranks[sum(urgent) :] == sorted(ranks[sum(urgent) :])
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    margins = {int(row["rank"]): float(row["margin"]) for row in listed}
    assert [margins[r] for r in sorted(margins)] == sorted(margins.values(), reverse=True)


def test_rows_have_reasons_a_band_and_a_percentage_that_follows_the_margin(listed) -> None:
    # at the foot of a list nothing may raise the score
    assert all(row["reason_1"] for row in listed if row["band"] in "ABCD")
    assert {row["band"] for row in listed} == set("ABCDE")
    by_rank = sorted(listed, key=lambda row: int(row["rank"]))
    for row in by_rank:
        assert (row["probability"] == "") == (row["extrapolation"] == "true") == (row["percentage_refused"] != "")
    chances = [float(row["probability"]) for row in by_rank if row["probability"]]
    assert chances == sorted(chances, reverse=True)
    assert 0 < chances[-1] < chances[0] < 1


def test_words_go_to_standard_error_and_data_to_standard_output(office, typed) -> None:
    found = typed("rank", *office.asked("--format", "json", "--top", "3"))
    assert len(json.loads(found.stdout)) == 3
    assert "no evidence" in found.stderr
    assert typed("rank", *office.asked("--format", "json", "--top", "3", "--quiet")).stderr == ""


def test_json_csv_parquet_and_excel_hold_the_same_list(office, typed, listed, tmp_path) -> None:
    as_json = json.loads(typed("rank", *office.asked("--format", "json")).stdout)
    parquet, workbook = tmp_path / "list.parquet", tmp_path / "list.xlsx"
    typed("rank", *office.asked("--format", "parquet", "--out", str(parquet)))
    typed("rank", *office.asked("--format", "xlsx", "--out", str(workbook)))
    sheet = list(openpyxl.load_workbook(workbook).worksheets[0].iter_rows(values_only=True))
    header = next(i for i, row in enumerate(sheet) if "entity" in row)
    at = sheet[header].index("entity")
    order = [row["entity"] for row in listed]
    assert [row["entity"] for row in as_json] == order
    assert list(pd.read_parquet(parquet)["entity"].astype(str)) == order
    assert [row[at] for row in sheet[header + 1 :] if row[at]] == order
    assert [row["margin"] for row in as_json] == [float(row["margin"]) for row in listed]


def test_since_says_how_far_each_place_moved_and_what_changed(office, typed, listed) -> None:
    moved = rows(typed("rank", *office.asked("--since", "2024-07-01", "--format", "csv")).stdout)
    before = office.asked("--format", "csv")
    before[before.index("2025-01-01")] = "2024-07-01"
    old = {row["entity"]: int(row["rank"]) for row in rows(typed("rank", *before).stdout)}
    assert any(row["moved_because"] == "new on the list" for row in moved)
    for row in moved:
        if row["entity"] in old:
            assert int(row["moved"]) == old[row["entity"]] - int(row["rank"])
        else:
            assert (row["moved"], row["moved_because"]) == ("", "new on the list")


def test_no_name_of_an_inspector_or_office_is_in_the_list(office, typed) -> None:
    text = typed("rank", *office.asked("--format", "csv")).stdout
    visits = pd.read_csv(f"{office.records}/inspections.csv", dtype=str)
    assert not [who for who in set(visits["inspector_id"].dropna()) if who in text]


def test_why_tells_rank_reasons_what_speaks_against_and_what_is_not_known(office, typed, listed) -> None:
    first = next(row for row in listed if row["urgent"] == "false")
    text = typed("why", first["entity"], *office.asked()).stdout
    assert f"Rank {int(first['rank']):,} of {len(listed):,} by score, band {first['band']}" in text
    for part in ("What puts it higher:", "What speaks against:", "What is not known:", "uncontracted work found"):
        assert part in text
    assert first["reason_1"] in text


def test_why_says_of_an_urgent_place_that_it_heads_the_list(office, typed, listed) -> None:
    assert "it heads the list" in typed("why", listed[0]["entity"], *office.asked()).stdout


def absent(typed, office, entity: str, as_of: str = "2025-01-01") -> str:
    arguments = [entity, *office.asked()]
    arguments[arguments.index("2025-01-01")] = as_of
    return str(typed("why", *arguments).stdout)


def test_why_says_that_a_place_was_closed(office, typed) -> None:
    sites = pd.read_csv(f"{office.records}/sites.csv", dtype=str)
    closed = sites[sites["closed_on"].notna() & (sites["closed_on"] < "2024-01-01")].iloc[0]
    assert f"it was closed on {closed['closed_on']}" in absent(typed, office, closed["site_id"])


def test_why_says_that_a_place_was_not_yet_known(office, typed) -> None:
    sites = pd.read_csv(f"{office.records}/sites.csv", dtype=str)
    late = sites[sites["known_on"] > "2023-06-01"].drop_duplicates("site_id", keep=False).iloc[0]
    assert f"it became known only on {late['known_on']}" in absent(typed, office, late["site_id"], "2023-01-01")


def test_why_answers_an_unknown_id_with_the_nearest(office, typed, listed) -> None:
    known = listed[10]["entity"]
    said = absent(typed, office, known + "x")
    assert "the register has no such site" in said
    assert f"Did you mean '{known}'?" in said


def test_why_says_that_sole_traders_need_a_visit_or_a_report(office, typed) -> None:
    employers = pd.read_csv(f"{office.records}/employers.csv", dtype=str)
    sites = pd.read_csv(f"{office.records}/sites.csv", dtype=str)
    sole = set(employers.loc[employers["employer_kind"] == "sole trader", "employer_id"])
    visits, reports = (pd.read_csv(f"{office.records}/{t}.csv", dtype=str) for t in ("inspections", "complaints"))
    seen = set(visits["site_id"]) | set(reports["site_id"])
    seen_employers = set(visits["employer_id"]) | set(reports["employer_id"])
    open_ = sites[sites["closed_on"].isna() & (sites["opened_on"] < "2020-01-01")]
    quiet = open_[open_["employer_id"].isin(sole - seen_employers) & ~open_["site_id"].isin(seen)]
    assert "a sole trader only after a visit or a report" in absent(typed, office, quiet.iloc[0]["site_id"])


def test_a_place_in_no_register_is_added_by_hand_and_nothing_is_written(office, typed) -> None:
    employers = pd.read_csv(f"{office.records}/employers.csv", dtype=str)
    company = employers.loc[employers["employer_kind"] == "company", "employer_id"].iloc[0]
    places = [f"employer_id={company}", "site_type=high_rise", "region=Bakı"]
    arguments = office.asked(*(word for place in places for word in ("--place", place)))
    text = typed("why", "NEW-1", *arguments).stdout
    assert "NEW-1 is added by hand and scored as new; nothing is written." in text
    assert "NEW-1 (" in text
    assert "Rank " in text
    assert "Nobody has visited this place" in text
    assert "the register has no such site" in absent(typed, office, "NEW-1")


def test_a_place_added_by_hand_needs_columns_that_there_are(office, typed) -> None:
    found = typed("why", "NEW-1", *office.asked("--place", "site_tpye=farm"), code=1)
    assert "Did you mean 'site_type'?" in found.stderr
    assert "COLUMN=VALUE" in typed("why", "NEW-1", *office.asked("--place", "farm"), code=2).stderr


def test_explain_writes_dossiers_that_add_up_and_an_index(office, typed, listed, tmp_path) -> None:
    found = typed("explain", *office.asked("--top", "2", "--type", "json", "--out", str(tmp_path)))
    assert found.stdout.strip() == str(tmp_path / "index.html")
    for row in listed[:2]:
        made = json.loads((tmp_path / f"{row['entity']}.json").read_text(encoding="utf-8"))
        assert made["base"] + sum(made["contributions"].values()) == pytest.approx(made["margin"], abs=1e-5)
        assert made["margin"] == pytest.approx(float(row["margin"]), abs=1e-6)
        assert made["reasons_for"][0]["sentence"] == row["reason_1"]
        assert made["run"] == office.run
        assert row["entity"] in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_explain_by_id_writes_one_page_and_refuses_who_is_not_listed(office, typed, listed, tmp_path) -> None:
    entity = listed[5]["entity"]
    typed("explain", *office.asked("--entity", entity, "--out", str(tmp_path / "one")))
    page = (tmp_path / "one" / f"{entity}.html").read_text(encoding="utf-8")
    assert listed[5]["reason_1"].replace("'", "&#39;") in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    found = typed("explain", *office.asked("--entity", "nobody", "--out", str(tmp_path / "none")), code=1)
    assert "'nobody' is not on the list" in found.stderr
    assert not (tmp_path / "none").exists()


def test_runs_are_listed_and_shown(office, typed) -> None:
    listed = json.loads(typed("runs", "list", "--store", str(office.store), "--format", "json").stdout)
    assert [run["run"] for run in listed] == [office.run]
    shown = json.loads(typed("runs", "show", office.run, "--store", str(office.store)).stdout)
    assert shown["recipe"] == "quick"
    assert {"python", "xgboost", "pandas"} <= set(shown["versions"])


def test_an_unknown_run_is_answered_with_the_nearest(office, typed) -> None:
    found = typed("rank", *office.asked("--run", office.run[:-1]), code=1)
    assert f"Did you mean '{office.run}'?" in found.stderr
    assert "riskscore fit" in typed("rank", office.records, "--store", "no_such_store", code=1).stderr


@pytest.mark.parametrize("what", ["altered", "missing"])
def test_a_damaged_file_of_a_run_is_refused_by_name(what, office, typed, tmp_path) -> None:
    shutil.copytree(office.store, tmp_path / "runs")
    victim = tmp_path / "runs" / office.run / "model.0.ubj"
    victim.write_bytes(victim.read_bytes()[:-1] + b"?") if what == "altered" else victim.unlink()
    found = typed("rank", office.records, "--store", str(tmp_path / "runs"), code=1)
    assert "model.0.ubj" in found.stderr
    assert ("is missing" if what == "missing" else "is not what was written") in found.stderr


def test_the_same_fit_gives_the_same_run_and_the_same_bytes(office, tmp_path) -> None:
    again = rs.fit(rs.sample_records(), "quick", "2025-01-01", definitions=office.definitions, store=tmp_path)
    assert again.id == office.run
    one, other = office.store / office.run, tmp_path / office.run
    files = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(other) for p in other.rglob("*") if p.is_file())
    for name in files:
        a, b = (one / name).read_bytes(), (other / name).read_bytes()
        if name.name == "manifest.json":
            a, b = ({**json.loads(x), "created": "", "sha256": ""} for x in (a, b))
        assert a == b, name


def test_explain_writes_an_employers_copy_as_pdf_in_another_language(office, typed, listed, tmp_path) -> None:
    pytest.importorskip("typst", reason="wants Typst: pip install 'riskscore[pdf]'")
    entity = listed[0]["entity"]
    copy = ("--audience", "employer", "--type", "pdf", "--language", "az", "--out", str(tmp_path))
    typed("explain", *office.asked("--entity", entity, *copy))
    assert (tmp_path / f"{entity}.pdf").read_bytes().startswith(b"%PDF-")
    assert '<html lang="az">' in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_what_is_said_of_a_place_cannot_act_on_the_terminal(typed, office, monkeypatch) -> None:
    monkeypatch.setattr("riskscore.pipeline.why.why", lambda *asked: ["S0001 \x1b[2J is on the list"])
    said = typed("why", "S0001", office.records, "--store", office.store).stdout
    assert "\\x1b[2J is on the list" in said
    assert "\x1b" not in said

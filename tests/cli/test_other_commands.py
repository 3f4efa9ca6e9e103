"""demo, init, simulate, check, mapping, features, recipes, backtest: what they read and leave."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import riskscore as rs
from riskscore.definitions.catalog import load_catalog
from riskscore.pipeline.refresh.settings import read_settings
from riskscore.records.write import write_records


@pytest.fixture
def damaged(tmp_path, office) -> Path:
    """Return a copy of the sample records in which one visit has an impossible date, and one lost its id."""
    folder = tmp_path / "records"
    shutil.copytree(office.records, folder)
    lines = (folder / "inspections.csv").read_text(encoding="utf-8").splitlines()
    at = lines[0].split(",").index("date")
    cells = lines[1].split(",")
    cells[at] = "2023-02-30"
    lines[1] = ",".join(cells)
    lines[2] = "," + lines[2].partition(",")[2]
    (folder / "inspections.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_sound_records_are_said_to_be_sound(typed, office) -> None:
    found = typed("check", office.records)
    assert "nothing is wrong" in found.stdout


def test_a_check_that_finds_something_exits_with_3_and_says_where(typed, damaged) -> None:
    text = typed("check", str(damaged), code=3).stdout
    assert "inspections.csv" in text
    assert "2023-02-30" in text


def test_what_a_check_finds_can_be_read_by_programs(typed, damaged, tmp_path) -> None:
    found = json.loads(typed("check", str(damaged), "--format", "json", code=3).stdout)
    assert {str(p["row"]) for p in found} >= {"2", "3"}
    aside = tmp_path / "rejected.csv"
    typed("check", str(damaged), "--rejected", str(aside), "--quiet", code=3)
    rejected = pd.read_csv(aside, dtype=str)
    assert set(rejected["row"]) == {"2", "3"}


def test_a_draft_of_a_mapping_is_a_mapping(typed, office, tmp_path) -> None:
    export = tmp_path / "Ziyarətlər.csv"
    export.write_text("Tarix;İşəgötürən;Müqaviləsiz işçilər\n05.03.2023;1234567890;2\n", encoding="utf-8")
    out = tmp_path / "mapping.toml"
    typed("mapping", "suggest", str(export), "--out", str(out))
    assert "tables" in tomllib.loads(out.read_text(encoding="utf-8"))
    assert "already" in typed("mapping", "suggest", str(export), "--out", str(out), code=2).stderr


def test_features_are_listed_and_shown_as_they_stand(typed) -> None:
    listed = json.loads(typed("features", "list", "--format", "json").stdout)
    families = load_catalog().families
    assert {row["family"] for row in listed} == set(families)
    assert all(row["measures"] for row in listed)
    assert typed("features", "show", "uncontracted").stdout == families["uncontracted"].text
    assert "Did you mean 'uncontracted'?" in typed("features", "show", "uncontractd", code=1).stderr


def test_a_matrix_is_built_to_parquet(typed, office, tmp_path) -> None:
    out = tmp_path / "matrix.parquet"
    typed("features", "build", office.records, "--recipe", "quick", "--definitions", str(office.definitions),
          "--as-of", "2025-01-01", "--out", str(out))  # fmt: skip
    frame = pd.read_parquet(out)
    assert frame["entity"].is_unique
    assert "uncontracted.people.site.all" in frame
    assert len(frame) > 1000


def test_a_matrix_built_within_a_stated_memory_is_the_same(typed, office, tmp_path) -> None:
    write_records(rs.read_records(office.records), tmp_path / "records", "parquet")
    asked = ["features", "build", str(tmp_path / "records"), "--recipe", "quick", "--definitions",
             str(office.definitions), "--as-of", "2025-01-01", "--out"]  # fmt: skip
    typed(*asked, str(tmp_path / "matrix.parquet"))
    told = typed(*asked, str(tmp_path / "matrix"), "--memory", "600MB").stderr
    there, here = pd.read_parquet(tmp_path / "matrix"), pd.read_parquet(tmp_path / "matrix.parquet")
    pd.testing.assert_frame_equal(there.sort_values("entity", ignore_index=True), here, check_exact=True)
    assert f"matrix ({len(here):,} rows in" in told
    typed(*asked, str(tmp_path / "other"), "--memory", "600MB", "--engine", "local[2]", code=2)
    assert "'9' is no size" in typed(*asked, str(tmp_path / "other"), "--memory", "9", code=1).stderr


def test_the_rows_behind_a_value_are_those_of_the_source(typed, office) -> None:
    visits = pd.read_csv(f"{office.records}/inspections.csv", dtype=str)
    place = visits.loc[visits["uncontracted_workers"].astype(float) > 0, "site_id"].mode()[0]
    found = typed("features", "rows", "uncontracted.people.site.all", place, office.records, "--as-of", "2025-01-01",
                  "--format", "json")  # fmt: skip
    mine = visits[visits["site_id"] == place]
    shown = json.loads(found.stdout)
    assert {row["inspection_id"] for row in shown} <= set(mine["inspection_id"])
    total = sum(int(row["uncontracted_workers"]) for row in shown)
    assert f"uncontracted.people.site.all of {place}: {total}" in found.stderr.replace(".0", "")


def test_reports_behind_a_value_are_shown_by_quarter_alone(typed, office) -> None:
    reports = pd.read_csv(f"{office.records}/complaints.csv", dtype=str)
    place = reports.loc[reports["date"].between("2023-03-01", "2024-10-01"), "site_id"].mode()[0]
    text = typed("features", "rows", "reports.reports.site.24m", place, office.records, "--as-of",
                 "2025-01-01", "--format", "csv").stdout  # fmt: skip
    assert "a report, " in text
    mine = reports[reports["site_id"] == place]
    assert not [d for d in mine["date"] if d in text]
    assert not [i for i in mine["complaint_id"] if i in text]


def test_recipes_are_listed_with_those_of_ones_own(typed, office) -> None:
    listed = json.loads(typed("recipes", "list", "--definitions", str(office.definitions), "--format", "json").stdout)
    assert {row["recipe"] for row in listed} == {"site_risk", "employer_risk", "quick"}
    assert 'rank_by  = "uncontracted"' in typed("recipes", "show", "site_risk").stdout


def test_a_project_of_ones_own_has_an_example_of_everything(typed, tmp_path) -> None:
    folder = tmp_path / "our office"
    typed("init", str(folder))
    made = load_catalog(folder)
    assert "own_recipe" in made.recipes
    assert "own_family" in made.families
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert read_settings(folder / "refresh.toml").recipe == "own_recipe"
    for command in ("mapping suggest", "check", "fit", "rank", "refresh"):
        assert f"riskscore {command}" in text
    assert "not empty" in typed("init", str(folder), code=1).stderr


@pytest.mark.parametrize("room", ["features", "recipes"])
def test_a_scaffold_loads_and_is_not_overwritten(room, typed, tmp_path) -> None:
    typed(room, "new", "night_work", "--in", str(tmp_path))
    found = load_catalog(tmp_path)
    assert "night_work" in (found.families if room == "features" else found.recipes)
    assert "already" in typed(room, "new", "night_work", "--in", str(tmp_path), code=1).stderr
    assert typed(room, "new", "Night-Work", "--in", str(tmp_path), code=1).stdout == ""


def test_a_backtest_shows_every_rival_and_its_intervals(typed, office) -> None:
    asked = [office.records, "--recipe", "quick", "--definitions", str(office.definitions), "--as-of", "2025-01-01"]
    found = json.loads(typed("backtest", *asked, "--format", "json").stdout)
    assert {row["model"] for row in found["frame"]} == {
        "model",
        "random",
        "last finding",
        "prior rate",
        "newest report",
        "logistic",
    }
    auc = next(row for row in found["frame"] if row["model"] == "model" and row["metric"] == "auc")
    assert auc["low"] < auc["value"] < auc["high"]
    assert {row["metric"] for row in found["capacity"]} >= {"precision", "days earlier", "workers per visit"}


def test_a_backtest_for_a_person_fits_the_page_and_shows_coverage_when_asked(typed, office) -> None:
    asked = [office.records, "--recipe", "quick", "--definitions", str(office.definitions), "--as-of", "2025-01-01"]
    short, full = typed("backtest", *asked).stdout, typed("backtest", *asked, "--full").stdout
    assert max(map(len, full.splitlines())) <= 100
    assert "Lists as long as the offices' visits" in short
    assert "Shares of the register" in full
    assert "Shares of the register" not in short


def test_simulated_records_are_sound_and_the_truth_lies_apart(typed, tmp_path) -> None:
    folder = tmp_path / "made up"
    typed("simulate", str(folder), "--sites", "300", "--seed", "7", "--first", "2019", "--last", "2021")
    assert (folder / "truth").is_dir()
    found = json.loads(typed("check", str(folder), "--format", "json", code=3).stdout)
    assert {problem["why"] for problem in found} == {"has no rows"}, "so small a country may have no case"
    assert "not empty" in typed("simulate", str(folder), code=2).stderr


def test_the_demo_leaves_a_ranking_dossiers_and_a_run(typed, tmp_path) -> None:
    found = typed("demo", "--out", str(tmp_path / "demo"))
    named = dict(line.split(maxsplit=1) for line in found.stdout.splitlines() if str(tmp_path) in line)
    assert set(named) == {"ranking", "workbook", "dossiers", "picture", "model"}
    assert all(Path(path).exists() for path in named.values())
    assert "no evidence" in found.stdout
    ranking = pd.read_csv(named["ranking"])
    assert ranking["urgent"].iloc[0]
    pages = sorted(p.stem for p in Path(named["dossiers"]).parent.glob("S*.html"))
    assert pages == sorted(ranking["entity"].head(10))

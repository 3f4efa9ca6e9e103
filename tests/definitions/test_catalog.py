"""Where definitions are found, what replaces what, and what a recipe selects."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from riskscore.definitions import catalog as catalog_module
from riskscore.definitions.catalog import Catalog, load_catalog, select
from riskscore.definitions.family_file import family_from_text
from riskscore.definitions.fingerprint import fingerprint
from riskscore.definitions.recipe import Recipe
from riskscore.definitions.recipe_file import recipe_from_text
from riskscore.definitions.scaffold import FAMILY, RECIPE, new_feature, new_recipe
from riskscore.errors import DefinitionError

ROOT = Path(__file__).resolve().parents[2]


def catalog_of(*names: str) -> Catalog:
    families = {name: family_from_text(FAMILY, name) for name in sorted(names)}
    return Catalog(families, {}, load_catalog().phrases)


def recipe_with(*globs: str) -> Recipe:
    return replace(recipe_from_text(RECIPE, "mine"), families=globs)


def chosen(*globs: str) -> list[str]:
    return [family.name for family in select(recipe_with(*globs), catalog_of("fines", "peers_a", "peers_b", "visits"))]


def test_every_shipped_file_is_found_by_its_name() -> None:
    found = load_catalog()
    assert list(found.families) == sorted(
        path.stem for path in (ROOT / "features").glob("*.toml") if path.stem not in ("phrases", "legal_test")
    )
    assert list(found.recipes) == sorted(path.stem for path in (ROOT / "models").glob("*.toml"))


def test_every_shipped_recipe_selects_what_may_be_a_feature() -> None:
    found = load_catalog()
    for recipe in found.recipes.values():
        assert select(recipe, found)


def test_a_folder_adds_and_replaces_by_name(tmp_path: Path) -> None:
    new_feature(tmp_path, "moon")
    shipped = load_catalog()
    own = load_catalog(tmp_path)
    assert set(own.families) == {*shipped.families, "moon"}
    assert own.recipes == shipped.recipes
    second = tmp_path / "second"
    shutil.copytree(tmp_path / "features", second / "features")
    (second / "features" / "moon.toml").write_text(FAMILY.replace("NAME", "another moon"), encoding="utf-8")
    assert load_catalog(second).family("moon").title == "another moon"


def test_a_folder_with_recipes_alone_still_finds_the_shipped_families(tmp_path: Path) -> None:
    new_recipe(tmp_path, "mine")
    own = load_catalog(tmp_path)
    assert own.recipe("mine").entity == "site"
    assert own.families.keys() == load_catalog().families.keys()


def test_an_installed_package_reads_its_own_catalog_and_no_stranger_s_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "riskscore"
    package.mkdir(parents=True)
    monkeypatch.setattr(catalog_module, "_PACKAGE", package)
    new_feature(package.parent, "stranger")
    with pytest.raises(DefinitionError, match="the shipped definitions are gone"):
        load_catalog()
    shutil.copytree(ROOT / "features", package / "_catalog" / "features")
    assert "stranger" not in load_catalog().families


def test_a_folder_without_definitions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="holds neither features/ nor models/"):
        load_catalog(tmp_path)
    with pytest.raises(DefinitionError, match="there is no such folder"):
        load_catalog(tmp_path / "nowhere")


def test_the_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        new_feature(tmp_path, name)
        path = tmp_path / "features" / f"{name}.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("why ", "wy "), encoding="utf-8")
    new_recipe(tmp_path, "three")
    recipe = tmp_path / "models" / "three.toml"
    recipe.write_text(recipe.read_text(encoding="utf-8").replace("rank_by", "rang"), encoding="utf-8")
    (tmp_path / "features" / "four.toml").write_bytes("title = 'şəhər'".encode("cp1254", "replace"))
    with pytest.raises(DefinitionError) as caught:
        load_catalog(tmp_path)
    said = str(caught.value)
    for part in ("one.toml: unknown key 'wy'", "two.toml: unknown key 'wy'", "three.toml", "four.toml: byte 9"):
        assert part in said
    assert said.index("four.toml") < said.index("one.toml"), "what cannot be read at all comes first"


def test_a_reason_is_checked_against_the_phrases(tmp_path: Path) -> None:
    new_feature(tmp_path, "moon")
    path = tmp_path / "features" / "moon.toml"
    text = path.read_text(encoding="utf-8").replace("{visits:value} {where}", "{vists:value} {wher}")
    path.write_text(text + 'reason.xx = "nothing"\n', encoding="utf-8")
    with pytest.raises(DefinitionError) as caught:
        load_catalog(tmp_path)
    said = str(caught.value)
    assert "feature 'visits': reason: the slot {vists:value} of 'en' is unknown. Did you mean 'visits:value'?" in said
    assert "the slot {wher} of 'en' is unknown. Did you mean 'where'?" in said
    assert "there are no phrases in 'xx'" in said


def test_globs_choose_families_in_the_order_of_their_names() -> None:
    assert chosen("*") == ["fines", "peers_a", "peers_b", "visits"]
    assert chosen("*", "!peers*") == ["fines", "visits"]
    assert chosen("!peers*") == ["fines", "visits"]
    assert chosen("visits", "fines") == ["fines", "visits"]
    assert chosen("peers_?", "!peers_a") == ["peers_b"]


def test_a_glob_that_names_nothing_is_refused() -> None:
    for globs in (("fine",), ("*", "!fine")):
        with pytest.raises(DefinitionError, match=r"families: no family matches 'fine'\. Did you mean 'fines'"):
            chosen(*globs)


def test_a_name_that_is_not_there_offers_the_nearest() -> None:
    with pytest.raises(DefinitionError, match="Did you mean 'fines'"):
        catalog_of("fines").family("fine")
    with pytest.raises(DefinitionError, match="there is no recipe 'x'"):
        catalog_of("fines").recipe("x")


def features(table: str, *bodies: str) -> str:
    head = f'title = "T"\ntable = "{table}"\nwhy = "W"\nbasis = "B"\n'
    return head + "".join(f'[[feature]]\nname = "f{i}"\nnone = 0\n{body}\n' for i, body in enumerate(bodies))


@pytest.mark.parametrize(
    ("table", "body"),
    [
        ("employers", 'kind = "attribute"\nvalue = "main_nationality"'),
        ("employers", 'kind = "attribute"\nvalue = "ForeignShare"'),
        ("inspections", 'kind = "count"\nwhere = "workers_present > 0 and sex = \'f\'"'),
        ("inspections", 'kind = "rate"\nvalue = "foreign_workers"\nper = "workers_present"'),
        ("inspections", 'kind = "share"\nwhere = "minors_found > 0"\nof = "religion is missing"'),
        ("inspections", 'kind = "streak"\nholds = "worker_origin = \'x\'"'),
        ("inspections", 'kind = "count"\nby = "peers"\npeers = ["sector+ethnicity"]'),
        ("inspections", 'kind = "count"\nwhere = "office = \'north\'"'),
        ("findings", 'kind = "distinct"\nvalue = "inspection.inspector_id"'),
        ("permits", 'kind = "sum"\nvalue = "workers"\nwhere = "expires_on < \'2020-01-01\'"'),
        ("permits", 'kind = "count"'),
        ("employers", 'kind = "attribute"\nvalue = "гражданство"'),
        ("inspections", 'kind = "last"\nvalue = "year"'),
    ],
)
def test_what_may_not_be_a_feature_stops_the_recipe(table: str, body: str) -> None:
    family = family_from_text(features(table, body), "fines")
    with pytest.raises(DefinitionError) as caught:
        select(recipe_with("*"), Catalog({"fines": family}, {}, load_catalog().phrases))
    said = str(caught.value)
    assert "features/fines.toml: feature 'f0'" in said
    assert len(said.split(". ")) > 1, "the reason is given"


def test_what_a_ratio_is_made_of_may_not_be_forbidden_either() -> None:
    text = features(
        "inspections",
        'kind = "sum"\nvalue = "foreign_workers"',
        'kind = "sum"\nvalue = "workers_present"',
        'kind = "ratio"\nnumerator = "f0"\ndenominator = "f1"',
    )
    with pytest.raises(DefinitionError, match=r"feature 'f0': 'foreign_workers' may not be a feature"):
        select(recipe_with("*"), Catalog({"fines": family_from_text(text, "fines")}, {}, load_catalog().phrases))


def test_what_is_read_from_a_parent_may_not_be_forbidden_either() -> None:
    for body in ('kind = "count"\nwhere = "employer.owner_nationality = \'x\'"',
                 'kind = "count"\nwhere = "inspection.office = \'north\'"'):  # fmt: skip
        family = family_from_text(features("penalties", body), "fines")
        with pytest.raises(DefinitionError, match=r"may not be a feature"):
            select(recipe_with("*"), Catalog({"fines": family}, {}, load_catalog().phrases))


@pytest.mark.parametrize(
    ("table", "body"),
    [
        ("inspections", 'kind = "sum"\nvalue = "workers_without_permit"'),
        ("inspections", 'kind = "rate"\nvalue = "uncontracted_workers"\nper = "workers_present"'),
        ("permits", 'kind = "count"\nwhere = "expires_on is not missing"'),
        ("contracts", 'kind = "last"\nvalue = "registered_workers"'),
        ("sites", 'kind = "attribute"\nvalue = "site_type"'),
        ("penalties", 'kind = "count"\nwhere = "inspection.trigger = \'complaint\'"'),
    ],
)
def test_breaches_of_the_employer_may_be_features(table: str, body: str) -> None:
    family = family_from_text(features(table, body), "fines")
    assert select(recipe_with("*"), Catalog({"fines": family}, {}, load_catalog().phrases))


def test_who_is_scored_may_not_depend_on_who_the_workers_are() -> None:
    text = RECIPE.replace('every = "6 months"\n', 'every = "6 months"\nwhere = "main_nationality = \'x\'"\n', 1)
    with pytest.raises(DefinitionError, match="cohort: where: 'main_nationality' may not choose who is scored"):
        select(recipe_from_text(text, "mine"), catalog_of("fines"))


def test_a_fingerprint_changes_with_content_alone() -> None:
    recipe = recipe_from_text(RECIPE, "mine")
    fines, visits = (family_from_text(FAMILY, name) for name in ("fines", "visits"))
    base = fingerprint(recipe, [fines, visits])
    assert len(base) == 64
    assert base == fingerprint(recipe, [visits, fines])
    assert base == fingerprint(recipe, [family_from_text("# remark\n\n" + FAMILY, "fines"), visits])
    assert base != fingerprint(recipe, [fines])
    assert base != fingerprint(recipe, [family_from_text(FAMILY.replace("12 months", "6 months"), "fines"), visits])
    assert base != fingerprint(recipe_from_text(RECIPE.replace("300", "301"), "mine"), [fines, visits])


def test_a_fingerprint_is_the_same_everywhere() -> None:
    recipe = replace(recipe_with("*"), text='title = "ə"\nhorizon = "1 year"\nfirst = 2020-01-01\nshare = 0.1\n')
    family = replace(family_from_text(FAMILY, "fines"), text='title = "Fines"\n')
    assert fingerprint(recipe, [family]) == "5c71f89b7be277b8a25ecc0012de6af820041645e7d2003be1257729f04b5325"

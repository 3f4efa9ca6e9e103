"""What a wheel and an sdist hold, and that a wheel works with no checkout beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="wants hatchling: pip install -e '.[dev]'")
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(out)], cwd=CHECKOUT, check=True,
                   capture_output=True)  # fmt: skip
    return out


@pytest.fixture(scope="module")
def wheel(built: Path) -> zipfile.ZipFile:
    (path,) = built.glob("*.whl")
    return zipfile.ZipFile(path)


def test_the_top_level_of_the_wheel_is_the_package_and_its_dist_info(wheel) -> None:
    version = PROJECT["project"]["version"]
    assert {name.partition("/")[0] for name in wheel.namelist()} == {"riskscore", f"riskscore-{version}.dist-info"}


def test_the_wheel_holds_every_definition_and_every_sample_table(wheel) -> None:
    held = set(wheel.namelist())
    for room in ("features", "models", "sample_data"):
        files = [p.name for p in (CHECKOUT / room).iterdir() if p.is_file()]
        assert files
        assert not [name for name in files if f"riskscore/_catalog/{room}/{name}" not in held]


def test_the_wheel_holds_every_file_of_the_package_and_nothing_made_on_the_way(wheel) -> None:
    held = set(wheel.namelist())
    for path in (CHECKOUT / "riskscore").rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(CHECKOUT).as_posix() in held
    assert not [name for name in held if "__pycache__" in name or name.startswith("riskscore/runs")]


def test_the_sdist_lists_both_rooms_of_definitions_and_can_be_tested(built) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as sdist:
        held = {name.partition("/")[2] for name in sdist.getnames()}
    for wanted in ("features/fines.toml", "models/site_risk.toml", "sample_data/inspections.csv", "tests/conftest.py",
                   "Makefile", "LICENSE", "CONTRIBUTING.md", "docs/make_commands.py"):  # fmt: skip
        assert wanted in held


def test_an_unpacked_wheel_works_from_an_empty_folder_with_no_checkout_beside_it(wheel, tmp_path) -> None:
    site, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    wheel.extractall(site)
    code = (
        "import riskscore, sys; assert riskscore.__file__.startswith(sys.argv.pop(1)), riskscore.__file__; "
        "from riskscore.__main__ import main; main()"
    )
    for command in ("features list --format csv", "recipes list --format csv", "recipes show site_risk"):
        done = subprocess.run(
            [sys.executable, "-c", code, str(site), *command.split()], cwd=empty, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": str(site)},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "uncontracted" in done.stdout
    code = "import riskscore as rs; print(len(rs.sample_records()['inspections'].frame))"
    done = subprocess.run([sys.executable, "-c", code], cwd=empty, capture_output=True, text=True, check=True,
                          env={**os.environ, "PYTHONPATH": str(site)})  # fmt: skip
    assert int(done.stdout) > 1000


@pytest.mark.slow
def test_a_wheel_installed_by_pip_ranks_the_sample_records(built, tmp_path) -> None:
    (path,) = built.glob("*.whl")
    venv, empty = tmp_path / "venv", tmp_path / "empty"
    empty.mkdir()
    # The dependencies are those of the running environment; only the package itself is installed.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    (site,) = (venv / "lib").glob("python*/site-packages")
    subprocess.run([sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", str(site),
                    str(path)], check=True)  # fmt: skip
    others = os.pathsep.join(p for p in sys.path if p.endswith("site-packages"))
    done = subprocess.run(
        [venv / "bin" / "python", "-m", "riskscore", "demo"], cwd=empty, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), others])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (empty / "demo" / "ranking.csv").is_file()


def test_supported_pythons_and_the_licence_are_stated() -> None:
    project = PROJECT["project"]
    assert project["requires-python"] == ">=3.11"
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (CHECKOUT / "LICENSE").read_text(encoding="utf-8")


def test_every_dependency_is_imported_somewhere_and_has_its_reason_written_down() -> None:
    code = "\n".join(p.read_text(encoding="utf-8") for p in (CHECKOUT / "riskscore").rglob("*.py"))
    reasons = (CHECKOUT / "docs" / "decisions" / "0006-dependencies.md").read_text(encoding="utf-8")
    for line in PROJECT["project"]["dependencies"]:
        name = line.partition(">")[0]
        module = {"scikit-learn": "sklearn"}.get(name, name)
        assert f"import {module}" in code or f"from {module}" in code, name
        assert f"{name}" in reasons, name

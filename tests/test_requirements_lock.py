"""The lock file of deployments holds every dependency, pinned and with hashes, for each Python that is supported."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).resolve().parents[1]
LOCK = CHECKOUT / "requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS = {"linux": "Linux", "win32": "Windows", "darwin": "Darwin"}


def pinned() -> list[tuple[Requirement, list[str]]]:
    text = LOCK.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    return [(Requirement(line.split(" --hash=")[0]), re.findall(r"--hash=(\S+)", line)) for line in lines]


def project() -> dict[str, list[str]]:
    said = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {"": said["dependencies"], **said["optional-dependencies"]}


def extras() -> list[str]:
    found = re.search(r"^EXTRAS := (.+)$", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None
    return found[1].split()


def wanted() -> list[Requirement]:
    return [Requirement(text) for extra in ("", *extras()) for text in project()[extra]]


def holds(marker: Marker | None, python: str, system: str) -> bool:
    where = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system,
             "platform_system": SYSTEMS[system], "extra": ""}  # fmt: skip
    return marker is None or marker.evaluate({**default_environment(), **where})  # type: ignore[arg-type]


def test_every_line_is_one_release_with_its_hashes() -> None:
    for requirement, hashes in pinned():
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", found) for found in hashes)
        assert requirement.url is None


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_each_dependency_of_a_deployment_is_there_once_in_a_release_that_fits(python, system) -> None:
    there: dict[str, list[str]] = {}
    for requirement, _ in pinned():
        if holds(requirement.marker, python, system):
            there.setdefault(canonicalize_name(requirement.name), []).append(str(requirement.specifier)[2:])
    assert [name for name, releases in there.items() if len(releases) > 1] == []
    for requirement in wanted():
        assert requirement.specifier.contains(there[canonicalize_name(requirement.name)][0]), requirement


def test_what_the_dependencies_need_themselves_is_there_too() -> None:
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    there = {canonicalize_name(r.name) for r, _ in pinned() if holds(r.marker, python, sys.platform)}
    queue, seen = wanted(), set[str]()
    while queue:
        asked = queue.pop()
        name = canonicalize_name(asked.name)
        assert name in there, f"{name} is in no line; run: make lock"
        for extra in ("", *sorted(asked.extras)):
            if f"{name}[{extra}]" in seen:
                continue
            seen.add(f"{name}[{extra}]")
            try:
                needs = [Requirement(text) for text in requires(name) or ()]
            except PackageNotFoundError:  # an extra that is not installed here
                continue
            queue += [r for r in needs if r.marker is None or r.marker.evaluate({"extra": extra})]
    assert len(seen) > len(project()[""])


def test_every_extra_is_either_deployed_or_said_not_to_be() -> None:
    assert {*extras(), "spark", "dev"} == {*project()} - {""}
    page = (CHECKOUT / "docs" / "security.md").read_text(encoding="utf-8")
    for extra in extras():
        assert f"`{extra}`" in page


def test_pip_takes_the_file_for_one_with_hashes(tmp_path) -> None:
    """Without an index pip can say no more than that it found nothing; a fault in the file it would tell first."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--no-deps", "--ignore-installed",
         "--isolated", "--require-hashes", "--disable-pip-version-check", "-r", str(LOCK)],
        capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    if "No module named pip" in done.stderr:
        pytest.skip("pip is not installed")
    assert "No matching distribution found" in done.stderr, done.stderr
    for complaint in ("hashes are required", "Invalid requirement", "pinned with ==", "Unusual"):
        assert complaint.lower() not in done.stderr.lower()


@pytest.mark.slow
def test_the_hashes_are_those_of_the_releases(tmp_path) -> None:
    line = next(r for r in LOCK.read_text(encoding="utf-8").split("\n    # via") if "\net-xmlfile==" in r)
    (tmp_path / "one.txt").write_text(line[line.index("et-xmlfile==") :] + "\n")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--retries", "1",
         "-r", "one.txt"], capture_output=True, text=True, cwd=tmp_path,
    )  # fmt: skip
    if "No module named pip" in done.stderr or "Failed to establish" in done.stderr or "No matching" in done.stderr:
        pytest.skip("no package index can be reached from here")
    assert done.returncode == 0, done.stderr

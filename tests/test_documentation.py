"""Documents tell the truth: their commands and code run, their links lead somewhere, their tables are whole."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
PAGES = sorted([*CHECKOUT.glob("*.md"), *CHECKOUT.glob("docs/**/*.md"), CHECKOUT / "sample_data" / "README.md"])
PROGRAM = [sys.executable, "-m", "riskscore"]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def run_blocks(page: Path, folder: Path) -> int:
    """Run every console block in one folder, so that a later command finds what an earlier one wrote."""
    shutil.copytree(CHECKOUT / "sample_data", folder / "sample_data")
    run = 0
    for block in blocks(page, "console"):
        for line in block.splitlines():
            assert line.startswith("$ riskscore "), f"a console block holds commands alone: {line}"
            done = subprocess.run([*PROGRAM, *shlex.split(line)[2:]], cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
            run += 1
    return run


def test_every_command_of_the_readme_runs_and_leaves_what_it_says(tmp_path) -> None:
    assert run_blocks(CHECKOUT / "README.md", tmp_path) >= 7
    for made in ("mapping.toml", "list.xlsx", "dossiers/index.html", "runs"):
        assert (tmp_path / made).exists(), made


def test_every_command_of_contributing_runs_and_leaves_what_it_says(tmp_path) -> None:
    assert run_blocks(CHECKOUT / "CONTRIBUTING.md", tmp_path) == 2
    text = (CHECKOUT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    made = {str(p.relative_to(tmp_path)) for p in (tmp_path / "mine").rglob("*.*")}
    assert made == set(re.findall(r"`(mine/[^`]+)`", text)) | {"mine/tests/models/test_farm_risk.py"}


def test_the_python_of_the_readme_runs(tmp_path) -> None:
    shutil.copytree(CHECKOUT / "sample_data", tmp_path / "sample_data")
    found = blocks(CHECKOUT / "README.md", "python")
    assert found
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(found)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert re.match(r"\d+ [A-E] \S", done.stdout), done.stdout
    assert (tmp_path / "dossier.html").read_text(encoding="utf-8").startswith("<!")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(CHECKOUT)))
def test_every_link_leads_to_a_file(page) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    gone = [link for link in links if link and not (page.parent / link).exists()]
    assert not gone


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(CHECKOUT)))
def test_every_toml_block_can_be_read(page) -> None:
    import tomllib

    for block in blocks(page, "toml"):
        tomllib.loads(block)


def test_the_readme_names_the_two_commands_that_set_everything_up() -> None:
    text = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    targets = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    for command in ("demo", "test"):
        assert f"make {command} " in text
        assert f"\n{command}: " in targets


def test_every_decision_has_a_number_of_its_own_and_is_listed() -> None:
    folder = CHECKOUT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    found = sorted(p.name for p in folder.glob("[0-9]*.md"))
    assert len({name[:4] for name in found}) == len(found)
    assert re.findall(r"\((\d{4}-[a-z-]+\.md)\)", index) == found


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("wants a git checkout")
    telling = re.compile("/(?:root|home)/" + r"\w|/" + "work/")
    for name in filter(None, listed.stdout.split("\0")):
        path = CHECKOUT / name
        if path.suffix in (".py", ".md", ".toml", "") and path.is_file() and os.access(path, os.R_OK):
            assert not telling.search(path.read_text(encoding="utf-8")), name

"""The pages on one's own records say what works: commands, files and definitions in them are tried."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from riskscore.cli import commands
from riskscore.definitions.catalog import load_catalog, select

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "bring-your-own-records.md"
PAGES = (PAGE, ROOT / "docs" / "examples" / "nyc_food" / "README.md")


def blocks(language: str) -> Iterator[str]:
    """Yield the page's blocks of one language."""
    for found in re.finditer(rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.S | re.M):
        yield found[1]


def test_the_definitions_on_the_page_load_and_fit_each_other(tmp_path: Path) -> None:
    for text in blocks("toml"):
        path = tmp_path / text.splitlines()[0].removeprefix("# own/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    catalog = load_catalog(tmp_path)
    assert [family.name for family in select(catalog.recipe("bad_score"), catalog)] == ["scores"]


LINES = [line for block in blocks("console") for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES, ids=[" ".join(line.split()[1:3]) for line in LINES])
def test_commands_on_the_page_exist_with_their_options_and_files(line: str, tmp_path: Path) -> None:
    (tmp_path / "inspections.parquet").touch()
    words = shlex.split(line.replace("EXPORT", str(tmp_path)))
    assert words.pop(0) == "riskscore"
    words = [str(ROOT / word) if word.startswith("docs/") else word for word in words]
    command: click.Command = commands
    context = click.Context(command)
    while isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    command.make_context("riskscore", words)  # parses, and checks that the named files are there


def test_links_lead_to_files_and_tables_name_all_files_of_the_example() -> None:
    for page in PAGES:
        for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).is_file(), f"{page.name}: {link}"
    example = PAGES[1].parent
    named = set(re.findall(r"`(?:[a-z]+/)?([a-z_]+\.toml)`", PAGES[1].read_text(encoding="utf-8")))
    assert named == {path.name for path in example.rglob("*.toml")}

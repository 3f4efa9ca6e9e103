"""What holds of every command: help with an example, a page, exit codes, errors in words."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import click
import pytest

from riskscore.cli import commands

CHECKOUT = Path(__file__).resolve().parents[2]
HEAVY = (
    "numpy",
    "pandas",
    "pyarrow",
    "sklearn",
    "scipy",
    "xgboost",
    "shap",
    "matplotlib",
    "rich",
    "jinja2",
    "openpyxl",
)


def leaves() -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for name, command in commands.commands.items():
        found |= (
            {f"{name} {n}": c for n, c in command.commands.items()}
            if isinstance(command, click.Group)
            else {name: command}
        )
    return found


@pytest.mark.parametrize("path", leaves())
def test_help_says_what_it_does_and_ends_in_an_example_that_parses(path, typed) -> None:
    text = typed(*path.split(), "--help").stdout
    words = text.partition("\n\nOptions:")[0]
    example = words.splitlines()[-1].strip()
    assert example.startswith(f"riskscore {path}"), "the example stands last and on one line"
    command = leaves()[path]
    typed_after = example.removeprefix(f"riskscore {path}").split()
    # files of an example need not be there to see that its options are
    known = {name for p in command.params for name in p.opts}
    assert {word for word in typed_after if word.startswith("--")} <= known
    wanted = sum(1 for p in command.params if isinstance(p, click.Argument))
    assert len([w for w in typed_after if not w.startswith("--")]) >= wanted
    assert all(
        isinstance(p, click.Argument) or p.help or isinstance(p.type, click.Choice | click.IntRange)
        for p in command.params
    )


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    made = runpy.run_path(str(CHECKOUT / "docs" / "make_commands.py"))
    page = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert made["pages"]() == page, "run: python docs/make_commands.py"
    for path in leaves():
        assert f"# riskscore {path}\n" in page


def test_help_lists_commands_in_the_order_in_which_they_are_needed(typed) -> None:
    text = typed("--help").stdout
    places = [text.index(f"\n  {name} ") for name in ("demo", "check", "features", "fit", "rank", "explain", "runs")]
    assert places == sorted(places)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom click.testing import CliRunner\nfrom riskscore.cli import commands\n"
        "assert CliRunner().invoke(commands, ['--help']).exit_code == 0\n"
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "arguments",
    ["rnak", "rank", "rank x --as-of 31.01.2024", "rank x --top 0", "fit x --mapping none.toml", "explain x",
     "explain x --top 2 --entity S", "simulate x --first 2020 --last 2019"],
)  # fmt: skip
def test_a_wrongly_typed_command_exits_with_2_and_says_how_it_is_typed(arguments, typed, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = typed(*arguments.split(), code=2)
    assert found.stdout == ""
    assert "Usage: riskscore" in found.stderr or "Usage: commands" in found.stderr


def test_a_wrong_date_says_what_a_date_looks_like(typed) -> None:
    assert "2024-01-31" in typed("rank", "x", "--as-of", "31.01.2024", code=2).stderr


def test_an_error_goes_to_standard_error_in_words_with_code_1(typed, tmp_path) -> None:
    found = typed("fit", str(tmp_path / "nowhere"), code=1)
    assert found.stdout == ""
    assert found.stderr.startswith("Error: ")
    assert str(tmp_path / "nowhere") in found.stderr


def test_an_unknown_recipe_is_answered_with_the_nearest(typed, office) -> None:
    found = typed("fit", office.records, "--recipe", "site_rsk", code=1)
    assert "Did you mean 'site_risk'?" in found.stderr


def test_debug_shows_the_traceback(tmp_path) -> None:
    call = [sys.executable, "-m", "riskscore", "fit", str(tmp_path / "nowhere")]
    quiet = subprocess.run(call, capture_output=True, text=True)
    loud = subprocess.run([*call, "--debug"], capture_output=True, text=True)
    assert (quiet.returncode, loud.returncode) == (1, 1)
    assert "Traceback" not in quiet.stderr
    assert "Traceback" in loud.stderr
    assert "RecordsError" in loud.stderr


def test_version_is_that_of_the_package(typed) -> None:
    from importlib.metadata import version

    assert version("riskscore") in typed("--version").stdout

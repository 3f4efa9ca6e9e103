"""Write ``docs/commands.md`` from the commands themselves; a test fails where the page lags behind.

Run ``python docs/make_commands.py`` after a change of a command.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from riskscore.cli import commands

PAGE = Path(__file__).with_name("commands.md")
HEAD = """\
# Commands

Made from the commands' own help by `python docs/make_commands.py`. Data goes to standard output or to `--out`, words go
to standard error. Every command takes `--quiet` (say nothing on the way) and `--debug` (show the whole traceback of an
error).

| exit code | means |
|---|---|
| 0 | done |
| 1 | an error, told in words; `--debug` shows where in the code |
| 2 | the command was typed wrongly |
| 3 | a check found something |
| 4 | `riskscore refresh`: another refresh of the store is at work |

RECORDS is a folder of tables, a workbook, one file, a database URL, or a record store: see [records](records.md) and
[the record store](record-store.md).
"""


def pages() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *(part for name in commands.list_commands(_top()) for part in _of(name))])


def _top() -> click.Context:
    return click.Context(commands, info_name="riskscore")


def _of(name: str) -> Iterator[str]:
    command = commands.commands[name]
    if not isinstance(command, click.Group):
        yield _section(f"riskscore {name}", command)
        return
    yield f"## riskscore {name}\n\n{command.help}\n"
    for sub, one in command.commands.items():
        yield _section(f"riskscore {name} {sub}", one, level="###")


def _section(path: str, command: click.Command, level: str = "##") -> str:
    words, _, example = (command.help or "").partition("\n\n\b\n")
    arguments = " ".join(p.make_metavar(_top()) for p in command.params if isinstance(p, click.Argument))
    rows = [_row(p) for p in command.params if isinstance(p, click.Option) and p.name not in ("quiet", "debug")]
    usage = f"{path} {arguments}".rstrip()
    parts = [f"{level} {path}\n", f"`{usage}`\n", f"{words}\n", "```sh", example.strip(), "```\n"]
    return "\n".join([*parts, *(["| option | does |", "|---|---|", *rows, ""] if rows else [])])


def _row(option: click.Option) -> str:
    names = ", ".join(f"`{name}`" for name in option.opts)
    choice = " or ".join(f"`{c}`" for c in option.type.choices) if isinstance(option.type, click.Choice) else ""
    default = f"Default: `{option.default}`." if option.show_default and option.default is not None else ""
    says = " ".join(part for part in (option.help or "", choice and f"{choice}.", default) if part)
    return f"| {names} | {says} |"


if __name__ == "__main__":
    PAGE.write_text(pages(), encoding="utf-8")

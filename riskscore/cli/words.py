"""What commands say on the way, and how errors reach the user: in words, on standard error, with exit code 1."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

import click

from riskscore.errors import RiskscoreError, is_address, redacted


class Commands(click.Group):
    """A group that lists its commands in a stated order and turns the library's errors into messages."""

    def __init__(self, *args: Any, order: list[str | None] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order or []

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which a newcomer meets them."""
        return [name for name in self.order if name] or super().list_commands(ctx)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command; the example that ends its help stays on a line of its own, whatever the terminal's width."""
        for one in (cmd, *getattr(cmd, "commands", {}).values()):
            # click takes a paragraph that begins with a backspace as it is
            one.help = re.sub(r"\n\n *(riskscore .*)\Z", "\n\n\b\n  \\1", inspect.cleandoc(one.help or ""))
            for parameter in one.params:
                if isinstance(parameter.type, click.Path):
                    parameter.callback = _a_path
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of the library is told in words unless --debug asks for the traceback."""
        try:
            return super().invoke(ctx)
        except RiskscoreError as error:
            if ctx.meta.get("riskscore.debug"):
                raise
            raise click.ClickException(printable(str(error))) from error
        except click.UsageError as error:
            raise click.UsageError(printable(error.format_message()), error.ctx) from error


def _a_path(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """Refuse an address where a file is wanted: its folders would be made, with the password as a name."""
    for path in value if isinstance(value, tuple) else (value,):
        if path is not None and is_address(str(path)):
            raise click.BadParameter("an address; a file or folder is wanted.", context, parameter)
    return value


def printable(text: str) -> str:
    r"""Return a text as a terminal may get it: without credentials, and with nothing that acts on it.

    Examples
    --------
    >>> printable("no table 'a\x1b[2J' in postgresql://anna:s3cret@host/db")
    "no table 'a\\x1b[2J' in postgresql://***@host/db"
    """
    text = redacted(text)
    if text.replace("\n", "").isprintable():
        return text
    from riskscore.report.cells import visible  # brings numpy, which most messages do without

    return "\n".join(visible(line) for line in text.split("\n"))


def say(text: str) -> None:
    """Write a line of words to standard error, unless --quiet."""
    if not click.get_current_context().meta.get("riskscore.quiet"):
        click.echo(printable(text), err=True)


def say_notes(notes: Iterable[str]) -> None:
    """Write what a reader must know of a whole list or plan, each note folded to fit a terminal."""
    for note in notes:
        say(textwrap.fill(note, 100, subsequent_indent="  "))


def progress() -> Callable[[str], None]:
    """Return what writes progress over itself on a terminal, and nothing anywhere else."""
    quiet = click.get_current_context().meta.get("riskscore.quiet")
    if quiet or not sys.stderr.isatty():
        return lambda text: None

    def show(text: str) -> None:
        click.echo(f"\r\x1b[2K{text[:100]}", nl=False, err=True)

    click.get_current_context().call_on_close(lambda: click.echo("\r\x1b[2K", nl=False, err=True))
    return show

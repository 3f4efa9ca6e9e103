"""What commands say on the way, and how errors reach the user: in words, on standard error, with exit code 1."""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

import click

from riskscore.errors import RiskscoreError


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
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; an error of the library is told in words unless --debug asks for the traceback."""
        try:
            return super().invoke(ctx)
        except RiskscoreError as error:
            if ctx.meta.get("riskscore.debug"):
                raise
            raise click.ClickException(str(error)) from error


def say(text: str) -> None:
    """Write a line of words to standard error, unless --quiet."""
    if not click.get_current_context().meta.get("riskscore.quiet"):
        click.echo(text, err=True)


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

"""A table for a terminal, or for a text file 100 columns wide."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

from riskscore.report.cells import Plain, cut, visible

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100  # where there is no terminal to ask
LONG = 16  # a text beyond it may wrap
ROOM = 24  # columns of the terminal that a wrapping text needs
INDENT = 6  # of the lines below a row


def as_terminal_table(names: list[str], rows: list[list[Plain]], *, title: str = "", shown: bool = True) -> str:
    """Return rows as text that fits the terminal.

    Where the columns do not fit side by side, long texts stand on lines of their own below their row; where not even
    the short ones fit, each row becomes a block of lines. Nothing in a cell acts on the terminal: no markup, no control
    characters.

    Parameters
    ----------
    names, rows
        As ``plain_rows`` gives them.
    title : str
        Stands above.
    shown : bool
        Whether the text goes to standard output; bold heads are used only there, only where it is a terminal, and
        not where ``NO_COLOR`` is set.

    Examples
    --------
    >>> print(as_terminal_table(["rank", "site"], [[1, "S-12"]], shown=False), end="")
    rank  site
    ───────────
       1  S-12
    """
    from rich.console import Console
    from rich.text import Text

    terminal = shown and sys.stdout.isatty()
    out = io.StringIO()
    console = Console(file=out, width=None if terminal else WIDTH, force_terminal=terminal, highlight=False)
    heads = [visible(n).replace("_", " ") for n in names]
    columns = [_column([row[i] for row in rows]) for i in range(len(names))]
    numbers = [bool(rows) and all(_is_number(row[i]) for row in rows) for i in range(len(names))]
    if title:
        console.print(Text(visible(title), style=_bold()))
    long = [i for i, texts in enumerate(columns) if max(map(len, texts), default=0) > LONG and not numbers[i]]
    short = [i for i in range(len(names)) if i not in long]
    needed = sum(2 + _least(heads[i], columns[i]) for i in short)
    if needed + len(long) * ROOM <= console.width:
        _print_table(console, heads, columns, numbers)
    elif needed <= console.width:
        _print_with_lines_below(console, heads, columns, numbers, long)
    else:
        _print_blocks(console, heads, columns)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _print_table(console: Console, heads: list[str], columns: list[list[str]], numbers: list[bool]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, header_style=_bold(), show_edge=False, padding=(0, 1, 0, 0))
    for head, texts, is_number in zip(heads, columns, numbers, strict=True):
        least = _least(head, texts) if max(map(len, texts), default=0) <= LONG or is_number else None
        table.add_column(Text(head), justify="right" if is_number else "left", overflow="fold", min_width=least)
    for cells in zip(*columns, strict=True):
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def _print_with_lines_below(
    console: Console, heads: list[str], columns: list[list[str]], numbers: list[bool], long: list[int]
) -> None:
    from rich.padding import Padding
    from rich.text import Text

    short = [i for i in range(len(heads)) if i not in long]
    with console.capture() as captured:
        _print_table(console, [heads[i] for i in short], [columns[i] for i in short], [numbers[i] for i in short])
    lines = captured.get().splitlines()
    first = len(lines) - len(columns[0])  # short columns do not wrap, so that a row is a line
    for line in lines[:first]:
        console.out(line, highlight=False)
    for line, texts in zip(lines[first:], zip(*(columns[i] for i in long), strict=True), strict=True):
        console.out(line, highlight=False)
        for i, text in zip(long, texts, strict=True):
            if text:
                console.print(Padding(Text(f"{heads[i]}: {text}", overflow="fold"), (0, 0, 0, INDENT)))


def _print_blocks(console: Console, heads: list[str], columns: list[list[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    label = min(max(map(len, heads)), WIDTH // 3)
    for cells in zip(*columns, strict=True):
        block = Table.grid(padding=(0, 2))
        block.add_column(width=label, overflow="fold")
        block.add_column(overflow="fold")
        for head, text in zip(heads, cells, strict=True):
            if text:
                block.add_row(Text(head, style=_bold()), Text(text))
        console.print(block)
        console.print()


def _least(head: str, texts: list[str]) -> int:
    """Return the narrowest width of a column: its cells whole, its head wrapped between words."""
    return max([*map(len, head.split() or [""]), *map(len, texts)])


def _bold() -> str:
    return "" if os.environ.get("NO_COLOR") else "bold"


def _is_number(value: Plain) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _column(values: list[Plain]) -> list[str]:
    whole = all(v.is_integer() for v in values if isinstance(v, float))
    return [_cell(v, whole=whole) for v in values]


def _cell(value: Plain, *, whole: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0f}" if whole else f"{value:.3f}"
    return visible(cut(str(value)))

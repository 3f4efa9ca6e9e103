"""A table for a terminal, or for a text file 100 columns wide."""

from __future__ import annotations

import io
import os
import sys

from riskscore.report.cells import Plain, cut, visible

WIDTH = 100  # where there is no terminal to ask
TEXT_NEEDS = 14  # columns below which a text wraps into a ribbon


def as_terminal_table(names: list[str], rows: list[list[Plain]], *, title: str = "", shown: bool = True) -> str:
    """Return rows as text: a table where the columns fit side by side, else one block of lines per row.

    Parameters
    ----------
    names, rows
        As ``plain_rows`` gives them. Nothing in them acts on the terminal: no markup, no control characters.
    title : str
        Stands above.
    shown : bool
        Whether the text goes to standard output; bold heads are used only there, only where it is a terminal, and
        not where ``NO_COLOR`` is set.

    Examples
    --------
    >>> print(as_terminal_table(["rank", "site"], [[1, "S-12"]], shown=False), end="")
     rank   site
    ─────────────
        1   S-12
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = shown and sys.stdout.isatty()
    out = io.StringIO()
    console = Console(
        file=out,
        width=None if terminal else WIDTH,
        force_terminal=terminal,
        highlight=False,
    )
    cells = [_column([row[i] for row in rows]) for i in range(len(names))]
    numeric = [all(_is_number(row[i]) for row in rows) and bool(rows) for i in range(len(names))]
    if title:
        console.print(Text(visible(title), style=_bold()))
    if _needed(names, cells, numeric) > console.width:
        label = max(len(n) for n in names)
        for texts in zip(*cells, strict=True):
            block = Table.grid(padding=(0, 2))
            block.add_column(width=label)
            block.add_column(overflow="fold")
            for name, text in zip(names, texts, strict=True):
                if text:
                    block.add_row(Text(name, style=_bold()), Text(text))
            console.print(block, Text(""))
    else:
        table = Table(box=box.SIMPLE_HEAD, header_style=_bold(), show_edge=False)
        for name, is_number in zip(names, numeric, strict=True):
            table.add_column(Text(visible(name)), justify="right" if is_number else "left", overflow="fold",
                             no_wrap=is_number)  # fmt: skip
        for texts in zip(*cells, strict=True):
            table.add_row(*(Text(t) for t in texts))
        console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


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
    return cut(visible(str(value)))


def _needed(names: list[str], cells: list[list[str]], numeric: list[bool]) -> int:
    """Return the columns of the terminal below which a table is no longer readable."""
    total = 1
    for name, texts, is_number in zip(names, cells, numeric, strict=True):
        longest = max((len(t) for t in texts), default=0)
        total += 3 + max(len(name), longest if is_number else min(longest, TEXT_NEEDS))
    return total

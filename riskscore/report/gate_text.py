"""A verdict of the gate, and two runs side by side, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

import pandas as pd

from riskscore.learn.backtest import named
from riskscore.learn.paired import CORRECTED, VISITED
from riskscore.report.terminal import WIDTH
from riskscore.verdict import CHANGED, FIRST, RETRAIN, Verdict

_KINDS = {
    FIRST: "nobody is in office: beside the simple rules",
    RETRAIN: "a retrain of the same recipe, beside {}",
    CHANGED: "a changed recipe, beside {}",
}
_WAYS = {
    VISITED: "Places that somebody visited: what was found",
    CORRECTED: "Corrected for who was visited: estimates, of places that may be visited without a report",
}
_LINE = "{:24}{:>22}{:>22}  {}"


def verdict_text(verdict: Verdict) -> str:
    """Return a verdict as lines of at most 100 columns, what failed told apart by a word."""
    lines = [f"{verdict.run}: {'passed' if verdict.passed else 'not passed'}",
             f"  {_KINDS[verdict.kind].format(verdict.champion)}"]  # fmt: skip
    for row in verdict.rows:
        lines += _folded(row, "  ")
    for part in verdict.parts:
        lines += _folded(f"{'passed' if part.passed else 'FAILED':8}{part.name}: {part.rule}", "  ")
        lines += _folded(part.said, " " * 10)
    return "\n".join([*lines, *_folded(verdict.power_said, "  "), f"  verdict {verdict.digest}"]) + "\n"


def comparison_text(table: pd.DataFrame, one: str, other: str, said: tuple[str, ...]) -> str:
    """Return two runs side by side, what was found apart from what is estimated.

    Parameters
    ----------
    table : DataFrame
        As `riskscore.learn.paired.compared` gives it for both.
    one, other : str
        Their ids.
    said : tuple of str
        Which rows were used.
    """
    lines = [f"A  {one}", f"B  {other}"]
    for row in said:
        lines += _folded(row, "")
    for way, title in _WAYS.items():
        lines += ["", title]
        own = table[table["way"] == way]
        if own.empty:
            lines.append("  cannot be told")
            continue
        ours, theirs = (part for _, part in own.groupby("model", sort=True))
        first = ours.iloc[0]
        lines.append(f"  mean of {first['dates']} dates, {first['places']:,} places, {first['finds']:,} finds")
        lines.append(_LINE.format("", "A (95 %)", "B (95 %)", "A less B, paired (95 %)"))
        for (_, mine), (_, rival) in zip(ours.iterrows(), theirs.iterrows(), strict=True):
            name = named(mine["metric"], mine["share"]).replace(" in the top ", ", top ")
            both = (f"{r['value']:.3f} ({r['low']:.3f}-{r['high']:.3f})" for r in (mine, rival))
            gap = "{difference:+.3f} ({difference_low:+.3f} to {difference_high:+.3f})".format(**rival)
            lines.append(_LINE.format(name, *both, gap))
    return "\n".join(lines) + "\n"


def _folded(text: str, before: str) -> Iterator[str]:
    yield from wrap(text, WIDTH, initial_indent=before, subsequent_indent=before + "  ")
